"""The small question by which an endpoint shows how strictly it binds an answer to a form."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from backend.sources.llm.endpoint import Mode, Prompt

_TOKENS: Final = 200


class Town(BaseModel):
    """The form of the answer. Strict, so that nothing but the schema leads to it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    town: str
    people: int


_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"town": {"type": "string", "maxLength": 60}, "people": {"type": "integer"}},
    "required": ["town", "people"],
    "additionalProperties": False,
}
_FORM: Final = ' Answer with one JSON object of this form: {"town": "name", "people": 12345}'


def question(mode: Mode) -> Prompt:
    """With a schema the words do not tell the form, so that an endpoint that ignores the schema is found out."""
    asked = "Name one town in Korea and how many people live there."
    return Prompt("You answer briefly.", asked if mode == Mode.JSON_SCHEMA else asked + _FORM, _SCHEMA, _TOKENS)
