"""`/docs`: the OpenAPI document as an HTML page without script, style or requests to other hosts.

Swagger UI is 1.5 MB from a CDN, which neither an offline machine nor our Content-Security-Policy allows. The page is
made for each request.
"""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import URL

router = APIRouter(include_in_schema=False)
Node = Mapping[str, Any]


@router.get("/docs")
async def reference(request: Request) -> HTMLResponse:
    """Every route with its parameters, bodies and answers."""
    return HTMLResponse("".join(_page(request.app.openapi(), request.base_url)))


def _page(document: Node, base: URL) -> Iterator[str]:
    title = escape(document["info"]["title"])
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{title}: REST API</title><h1>{title}: REST API</h1>"
    yield f"<p>{escape(document['info'].get('description', ''))}</p>"
    yield f'<p><a href="{escape(base.path)}openapi.json">openapi.json</a> (OpenAPI 3.1, for generators of clients). '
    yield "Writing needs <code>Authorization: Bearer &lt;key&gt;</code>; "
    yield "every error is <code>application/problem+json</code>.</p>"
    tag = None
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"][0] != tag:
                tag = operation["tags"][0]
                yield f'<h2 id="{escape(tag)}">{escape(tag)}</h2>'
            yield from _operation(path, method.upper(), operation, str(base).rstrip("/"))
    yield "<h2>schemas</h2>"
    for name, schema in document["components"]["schemas"].items():
        yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>{_json(schema)}</details>'


def _operation(path: str, method: str, operation: Node, address: str) -> Iterator[str]:
    yield f"<details><summary><code>{method} {escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    if operation.get("parameters"):
        yield "<h4>Parameters</h4><ul>"
        for given in operation["parameters"]:
            words = f"{given['in']}{', required' if given.get('required') else ''}. {given.get('description', '')}"
            yield f"<li><code>{escape(given['name'])}</code> ({escape(words)}){_json(given.get('schema', {}))}</li>"
        yield "</ul>"
    body = operation.get("requestBody")
    if body:
        yield f"<h4>Body</h4>{_schema(body)}"
    yield "<h4>Answers</h4><ul>"
    for status, answer in operation["responses"].items():
        yield f"<li>{escape(status)} {escape(answer['description'])} {_schema(answer)}</li>"
    key = "" if method == "GET" else " -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' -d '{}'"
    yield f"</ul><pre>curl -X {method}{escape(key)} {escape(address + path)}</pre></details>"


def _schema(message: Node) -> str:
    """What a body holds: a link to its schema, or the schema itself."""
    for content in message.get("content", {}).values():
        schema = content.get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        return f'<a href="#{escape(name)}">{escape(name)}</a>' if name else _json(schema)
    return ""


def _json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, ensure_ascii=False, indent=1))}</pre>" if value else ""
