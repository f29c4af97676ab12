"""Adds to the OpenAPI document what fields.toml says: the meaning of every field and parameter, and an example of it.

A name means the same wherever it stands, so it is described once; where a model says it better its own words win.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FIELDS: Final = Path(__file__).with_name("fields.toml")
Node = dict[str, Any]


def describe(document: Node) -> None:
    """Fill in meanings and examples of all properties and parameters that have none."""
    words = tomllib.loads(FIELDS.read_text())
    for name, schema in document["components"]["schemas"].items():
        for field, node in schema.get("properties", {}).items():
            _complete(node, *_find(words, name, field))
    for operation in operations(document):
        for parameter in operation.get("parameters", []):
            meaning, example = _find(words, operation["operationId"], parameter["name"])
            parameter.setdefault("description", meaning)
            if "examples" not in parameter["schema"] and example is not None and not _is_named(parameter["schema"]):
                parameter["schema"]["examples"] = [example]


def operations(document: Node) -> Iterator[Node]:
    """Every operation of the document."""
    for methods in document["paths"].values():
        yield from methods.values()


def _find(words: Mapping[str, Any], owner: str, name: str) -> tuple[str, Any]:
    found = words.get(f"{owner}.{name}", words.get(name, [""]))
    return found[0], found[1] if len(found) > 1 else None


def _complete(node: Node, meaning: str, example: Any) -> None:
    node.pop("title", None)  # the name once more
    if not node.get("description") and meaning:
        node["description"] = meaning
    if example is not None and "examples" not in node and not _is_named(node):
        node["examples"] = [example]


def _is_named(node: Node) -> bool:
    """Whether the values of a node are told by another schema or by itself: an enumeration, or other objects."""
    if "enum" in node or "const" in node or "$ref" in node:
        return True
    if "anyOf" in node:
        return any(_is_named(part) for part in node["anyOf"] if part.get("type") != "null")
    return node.get("type") == "array" and _is_named(node["items"])
