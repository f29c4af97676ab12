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


def _text(length: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": length}


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def schema() -> dict[str, Any]:
    """JSON schema of an Answer; shorter than an Answer may be, so that a small model ends before its token limit."""
    line = _text(110)
    statement = _object(text=line, cites=_list(_text(15), 2))
    prose = _object(
        headline=_text(80), why=_text(200), changes=_list(line, 2), drivers=_list(statement, 3),
        risks=_list(statement, 2), watch=_list(line, 2),
    )  # fmt: skip
    return _object(ko=prose, en=prose)
