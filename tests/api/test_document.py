"""The OpenAPI document explains itself: everything is described, typed and shown by an example that fits."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from backend.api.document.meanings import FIELDS, operations
from backend.api.schema import render

Node = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Node:
    document: Node = json.loads(render())
    return document


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every schema below a node; examples are data."""
    if isinstance(node, dict):
        yield path, node
        for name, part in node.items():
            if name not in ("examples", "example"):
                yield from nodes(part, f"{path}/{name}")
    elif isinstance(node, list):
        for place, part in enumerate(node):
            yield from nodes(part, f"{path}/{place}")


def errors_of(document: Node, schema: Node, value: Any) -> list[str]:
    """Why a value does not fit a schema of the document."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": document["components"]}
    return [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(value)]


def is_free(schema: Node) -> bool:
    """Whether a schema lets everything pass, or is an object of which nothing is said."""
    if not schema.keys() - {"title", "description", "default", "examples"}:
        return True
    if schema.get("type") != "object" or schema.get("properties"):
        return False
    more = schema.get("additionalProperties")
    return more is not False and (not isinstance(more, dict) or is_free(more))


def test_every_property_and_parameter_is_described(document: Node) -> None:
    schemas = document["components"]["schemas"].items()
    fields = {f"{n}.{f}": p for n, schema in schemas for f, p in schema.get("properties", {}).items()}
    given = {f"{o['operationId']}.{p['name']}": p for o in operations(document) for p in o.get("parameters", [])}
    assert sorted(name for name, node in (fields | given).items() if not node.get("description")) == []
    assert len(fields) > 1200
    assert len(given) > 100


def test_every_schema_parameter_and_answer_has_an_example(document: Node) -> None:
    missing = [name for name, schema in document["components"]["schemas"].items() if not schema.get("examples")]
    for operation in operations(document):
        name = operation["operationId"]
        missing += [f"{name} {p['name']}" for p in operation.get("parameters", []) if not has_example(document, p)]
        for status, answer in operation["responses"].items():
            contents = answer.get("content", {}).values()
            missing += [f"{name} {status}" for content in contents if not has_example(document, content)]
    assert missing == []


def has_example(document: Node, node: Node) -> bool:
    """An enumeration is its own example, and so is a schema with a name."""
    schema = node.get("schema", {})
    told = node.get("examples") or node.get("example") or schema.get("examples")
    return bool(told) or "enum" in str(schema) or "$ref" in str(schema)


def test_every_example_fits_its_schema(document: Node) -> None:
    wrong = []
    for name, schema in document["components"]["schemas"].items():
        for example in schema["examples"]:
            wrong += [(name, error) for error in errors_of(document, schema, example)]
    for path, node in nodes(document["paths"]):
        for example in node.get("schema", {}).get("examples", []) if "schema" in node else []:
            wrong += [(path, error) for error in errors_of(document, node["schema"], example)]
        for shown in (node.get("examples") or {}).values() if "schema" in node else []:
            value = document["components"]["examples"][shown["$ref"].rpartition("/")[2]] if "$ref" in shown else shown
            wrong += [(path, error) for error in errors_of(document, node["schema"], value["value"])]
    assert wrong == []


def test_no_object_is_free_form(document: Node) -> None:
    inside = {"schema", "items", "additionalProperties"}
    places = [
        (path, node)
        for path, node in nodes(document)
        if path.rpartition("/")[2] in inside or path.split("/")[-2:-1] == ["properties"]
        or path.split("/")[-2:-1] in (["anyOf"], ["oneOf"], ["schemas"])
    ]  # fmt: skip
    assert len(places) > 2000
    assert [path for path, node in places if is_free(node)] == []


def test_no_words_are_left_over(document: Node) -> None:
    """A meaning of which no field is left is deleted with the field."""
    named = {p["name"] for o in operations(document) for p in o.get("parameters", [])}
    owned = {f"{o['operationId']}.{p['name']}" for o in operations(document) for p in o.get("parameters", [])}
    for name, schema in document["components"]["schemas"].items():
        named |= schema.get("properties", {}).keys()
        owned |= {f"{name}.{field}" for field in schema.get("properties", {})}
    assert sorted(tomllib.loads(FIELDS.read_text()).keys() - named - owned) == []
