"""Dataclasses and vectors as JSON, the same on both sides of the model process.

Imports no numpy: the scheduler uses it too.
"""

import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(list[kind])  # type: ignore[valid-type]


def encode(kind: type[T], values: Sequence[T]) -> list[dict[str, Any]]:
    """Frozen dataclasses of one kind as JSON objects; dates as ISO text, enums as their values."""
    rows: list[dict[str, Any]] = _adapter(kind).dump_python(list(values), mode="json")  # type: ignore[arg-type]
    return rows


def decode(kind: type[T], rows: Sequence[Any]) -> list[T]:
    """The inverse of `encode`; raises pydantic.ValidationError where a row does not fit."""
    values: list[T] = _adapter(kind).validate_python(rows)  # type: ignore[arg-type]
    return values


def dump(kind: type[T], values: Sequence[T]) -> str:
    """`encode` as one JSON text, made without a Python object a value: a sixth of the time."""
    text: bytes = _adapter(kind).dump_json(list(values))  # type: ignore[arg-type]
    return text.decode()


def load(kind: type[T], text: str) -> list[T]:
    """The inverse of `dump`; raises pydantic.ValidationError where a value does not fit."""
    values: list[T] = _adapter(kind).validate_json(text)  # type: ignore[arg-type]
    return values


def encode_vectors(floats: bytes, dimension: int) -> dict[str, Any]:
    """Rows of `dimension` little-endian float32, laid end to end, as a JSON object."""
    return {"dimension": dimension, "float32": b64encode(floats).decode("ascii")}


def decode_vectors(encoded: dict[str, Any]) -> list[list[float]]:
    """The rows of `encode_vectors`."""
    values = array("f", b64decode(encoded["float32"]))
    if sys.byteorder == "big":
        values.byteswap()
    dimension = encoded["dimension"]
    return [values[start : start + dimension].tolist() for start in range(0, len(values), dimension)]
