"""Adds `format` and the two tables to every operation that answers a list."""

from typing import Final

from backend.api.document.meanings import Node, operations

_REF: Final = "#/components/schemas/"
_PARAMETER: Final = {
    "name": "format",
    "in": "query",
    "required": False,
    "description": "json: one page; csv or ndjson: the whole list as rows, or with `limit` one page of them.",
    "schema": {"type": "string", "enum": ["json", "csv", "ndjson"], "default": "json"},
}


def add_formats(document: Node) -> None:
    """Every list is answered as JSON, CSV and NDJSON."""
    schemas = document["components"]["schemas"]
    for operation in operations(document):
        content = operation["responses"].get("200", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").removeprefix(_REF)
        item = schemas.get(name, {}).get("properties", {}).get("items", {}).get("items", {}).get("$ref")
        if item is None:
            continue
        columns = list(schemas[item.removeprefix(_REF)]["properties"])
        operation.setdefault("parameters", []).append(_PARAMETER)
        content["text/csv"] = {"schema": {"type": "string"}, "example": ",".join(columns) + "\r\n"}
        content["application/x-ndjson"] = {"schema": {"type": "string"}, "example": "{}\n"}
