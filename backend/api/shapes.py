"""How an answer names the shape of stored JSON, which is passed on as it is: by its place, read with the document."""

import pkgutil
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True)
class Shape:
    """Annotation of a value that only the document describes, by the type at `of`, such as "package.module:Name".

    It is imported when the document is asked for, and not with the API: no answer is checked against it.
    """

    of: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.dict_schema(keys_schema=core_schema.str_schema())

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = TypeAdapter(pkgutil.resolve_name(self.of)).core_schema
        if "ref" in described:  # a schema with a name of its own, not one written out at each use
            name = core_schema.definition_reference_schema(str(described["ref"]))
            described = core_schema.definitions_schema(name, [described])
        return handler(described)
