"""What a language model must answer: the same parts in Korean and in English, bound by a schema."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

MOST_ITEMS: Final = 3


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_Line = Annotated[str, Field(max_length=300)]
_Id = Annotated[str, Field(max_length=30)]


class Statement(_Strict):
    """A sentence or two with the ids of the facts that they rest on."""

    text: _Line
    cites: list[_Id] = Field(max_length=6)


class Prose(_Strict):
    """The parts of one language."""

    headline: Annotated[str, Field(max_length=160)]
    why: Annotated[str, Field(max_length=500)]
    changes: list[_Line] = Field(max_length=MOST_ITEMS)
    drivers: list[Statement] = Field(max_length=MOST_ITEMS)
    risks: list[Statement] = Field(max_length=MOST_ITEMS)
    watch: list[_Line] = Field(max_length=MOST_ITEMS)


class Answer(_Strict):
    """A whole answer."""

    ko: Prose
    en: Prose


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": MOST_ITEMS}


def schema() -> dict[str, Any]:
    """JSON schema of an Answer in the part of the standard that every endpoint with schemas takes."""
    text = {"type": "string"}
    statement = _object(text=text, cites=_list(text))
    prose = _object(
        headline=text,
        why=text,
        changes=_list(text),
        drivers=_list(statement),
        risks=_list(statement),
        watch=_list(text),
    )
    return _object(ko=prose, en=prose)
