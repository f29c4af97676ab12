"""Composes an example of every schema and answer of the OpenAPI document from the examples of their fields."""

from typing import Any, Final

from backend.api.document.meanings import Node, operations

_REF: Final = "#/components/schemas/"
_BY_FORMAT: Final = {
    "date-time": "2026-11-26T06:30:00Z",
    "date": "2026-11-26",
    "time": "10:00:00",
    "uuid": "0193a1f0-0000-7000-8000-000000000000",
    "binary": "%PDF-1.7",
}
_BY_TYPE: Final = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "null": None}


def compose(document: Node) -> None:
    """Give every schema, body and answer an example; bodies and answers share them in `components.examples`."""
    components = document["components"]
    made = _Examples(components["schemas"])
    for name, schema in components["schemas"].items():
        schema["examples"] = [made.of_schema(name)]
    shared = components.setdefault("examples", {})
    for operation in operations(document):
        for message in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in message.get("content", {}).values():
                if "examples" not in content and "example" not in content:
                    content["examples"] = {"typical": _refer(content.get("schema", {}), made, shared)}


def _refer(schema: Node, made: "_Examples", shared: Node) -> Node:
    name = schema.get("$ref", "").removeprefix(_REF)
    if not name:
        return {"value": made.of(schema)}
    shared[name] = {"value": made.of_schema(name)}
    return {"$ref": f"#/components/examples/{name}"}


class _Examples:
    def __init__(self, schemas: Node) -> None:
        self._schemas = schemas
        self._done: dict[str, Any] = {}
        self._open: set[str] = set()

    def of_schema(self, name: str) -> Any:
        """The example of a named schema; where it leads back to itself, text."""
        if name in self._open:
            return "text"
        if name not in self._done:
            self._open.add(name)
            self._done[name] = self.of(self._schemas[name])
            self._open.remove(name)
        return self._done[name]

    def of(self, schema: Node) -> Any:
        """The schema's own example, else one of the first thing that it may be."""
        if schema.get("examples"):
            return schema["examples"][0]
        if "$ref" in schema:
            return self.of_schema(schema["$ref"].removeprefix(_REF))
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0])
        return self._of_type(schema)

    def _of_type(self, schema: Node) -> Any:
        kind = schema.get("type", "")
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if kind == "array":
            return [self.of(schema["items"])]
        return self._of_object(schema) if kind == "object" else _plain(schema.get("format", ""), kind)

    def _of_object(self, schema: Node) -> Node:
        if "properties" not in schema:
            more = schema.get("additionalProperties")
            return {"name": self.of(more)} if isinstance(more, dict) else {}
        return {name: self.of(node) for name, node in schema["properties"].items()}


def _plain(form: str, kind: str) -> Any:
    return _BY_FORMAT.get(form, _BY_TYPE.get(kind, "text"))
