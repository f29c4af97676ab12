"""`/docs`: the OpenAPI document as one HTML page, with a form beside each operation that tries it.

Swagger UI is 1.5 MB from a CDN, which neither an offline machine nor our Content-Security-Policy allows. The page reads
without a script; docs.js adds the sending. It is made for each request.
"""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Node = Mapping[str, Any]


def render_page(document: Node, address: str, base: str) -> str:
    """The page of the document; `address` is where the API answers, `base` the path that it is served under."""
    return "".join(_page(document, address, base))


def _page(document: Node, address: str, base: str) -> Iterator[str]:
    title = escape(document["info"]["title"])
    by_tag: dict[str, list[tuple[str, str, Node]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f'<link rel="stylesheet" href="{escape(base)}/docs/docs.css">'
    yield f'<script type="module" src="{escape(base)}/docs/docs.js"></script><title>{title}: REST API</title>'
    yield f'<nav aria-label="Resources"><strong>{title}</strong><ul>'
    yield "".join(f'<li><a href="#{escape(tag)}">{escape(tag)}</a></li>' for tag in by_tag)
    yield '<li><a href="#schemas">schemas</a></li></ul></nav><main>'
    yield f"<h1>{title}: REST API</h1><p>{escape(document['info'].get('description', ''))}</p>"
    yield f'<p><a href="{escape(base)}/openapi.json">openapi.json</a> (OpenAPI 3.1, for generators of clients). '
    yield "Writing needs <code>Authorization: Bearer KEY</code>; every error is "
    yield "<code>application/problem+json</code>, whose <code>type</code> "
    yield f'<a href="{escape(base)}/problems">answers</a>.'
    yield '</p><p class="key" hidden><label>Key for trying <input id="key" type="password" autocomplete="off"></label> '
    yield "It stays in this tab, and is forgotten with it.</p>"
    for tag, operations in by_tag.items():
        yield f'<section><h2 id="{escape(tag)}">{escape(tag)}</h2>'
        for method, path, operation in operations:
            yield from _operation(method, path, operation, address, document["components"]["schemas"])
        yield "</section>"
    yield '<section><h2 id="schemas">schemas</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield from _schema(name, schema)
    yield "</section></main></html>"


def _operation(method: str, path: str, operation: Node, address: str, schemas: Node) -> Iterator[str]:
    yield f'<details class="operation" id="{escape(operation["operationId"])}"><summary><b class="{method.lower()}">'
    yield f"{method}</b> <code>{escape(path)}</code> <span>{escape(operation.get('summary', ''))}</span></summary>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    given = operation.get("parameters", [])
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    yield f'<form data-method="{method}" data-path="{escape(path)}">'
    if given:
        yield "<table><thead><tr><th>Parameter</th><th>Type</th><th>Meaning</th><th>Value</th></tr></thead><tbody>"
        yield from (_parameter(one, f"{operation['operationId']}-{one['name']}") for one in given)
        yield "</tbody></table>"
    if body:
        label = f"{operation['operationId']}-body"
        yield f'<p><label for="{escape(label)}">Body:</label> {_type(body)}</p>'
        yield f'<textarea id="{escape(label)}" rows="6" spellcheck="false">{_example(body, schemas)}</textarea>'
    if "text/event-stream" not in operation["responses"].get("200", {}).get("content", {}):
        yield "<p><button hidden>Send</button></p>"
    yield "<output></output></form><table><thead><tr><th>Answer</th><th>Meaning</th><th>Body</th></tr></thead><tbody>"
    for status, answer in operation["responses"].items():
        yield f"<tr><td>{escape(status)}</td><td>{escape(answer['description'])}</td><td>{_content(answer)}</td></tr>"
    key = "" if method == "GET" else " -H 'Authorization: Bearer KEY'"
    data = " -H 'Content-Type: application/json' -d '{}'" if body else ""
    shown = f"curl{'' if method == 'GET' else f' -X {method}'}{key}{data} '{address}{path}'"
    yield f"</tbody></table><pre>{escape(shown)}</pre></details>"


def _parameter(given: Node, label: str) -> str:
    schema = given.get("schema", {})
    hint = escape(str(next(iter(schema.get("examples", [])), "")))
    filled = f' value="{hint}" required' if given.get("required") else f' placeholder="{hint}"'
    named = f'id="{escape(label)}" name="{escape(given["name"])}" data-in="{given["in"]}"'
    field = f'<input {named}{filled} autocomplete="off">'
    name = f'<label for="{escape(label)}"><code>{escape(given["name"])}</code></label>'
    return f"<tr><td>{name}</td><td>{_type(schema)}</td><td>{escape(given['description'])}</td><td>{field}</td></tr>"


def _example(body: Node, schemas: Node) -> str:
    told = schemas[body["$ref"].rpartition("/")[2]]["examples"][0]
    return escape(json.dumps(told, ensure_ascii=False, indent=1))


def _content(answer: Node) -> str:
    return ", ".join(
        _type(content["schema"]) if content.get("schema", {}).get("$ref") else f"<code>{escape(media)}</code>"
        for media, content in answer.get("content", {}).items()
    )


def _schema(name: str, schema: Node) -> Iterator[str]:
    yield f'<details class="schema" id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
    yield f"<p>{escape(schema.get('description', ''))}</p>"
    if "properties" in schema:
        yield "<table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>"
        for field, node in schema["properties"].items():
            meaning = escape(node.get("description", ""))
            yield f"<tr><td><code>{escape(field)}</code></td><td>{_type(node)}</td><td>{meaning}</td></tr>"
        yield "</tbody></table>"
    else:
        yield f"<p>{_type(schema)}</p>"
    example = json.dumps(next(iter(schema.get("examples", [])), None), ensure_ascii=False, indent=1)
    yield f"<pre>{escape(example)}</pre></details>"


def _type(schema: Node) -> str:
    """A schema in a few words, with links to those that have a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(f"<code>{escape(str(one))}</code>" for one in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"{_type(schema['additionalProperties'])} by name"
    return escape(schema.get("format") or schema.get("type", "anything"))
