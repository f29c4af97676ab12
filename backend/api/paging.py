"""Pagination by keyset: `limit`, an opaque `cursor`, and `{items, next_cursor}`."""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from backend.api.schemas import INTEGER, IsoDate, IsoMoment, to_utc
from backend.db.json_pages import JsonPage
from backend.db.paging import MAX_LIMIT, Keyset, Page
from backend.errors import InvalidInputError
from backend.internal import BIGINT

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items of one page.")]
SinceMoment = Annotated[IsoMoment | None, Query(description="From this moment on.", examples=["2026-11-26T00:00:00Z"])]
UntilMoment = Annotated[IsoMoment | None, Query(description="Before this moment.", examples=["2026-11-27T00:00:00Z"])]
SinceDay = Annotated[IsoDate | None, Query(description="From this day on.", examples=["2026-11-01"])]
UntilDay = Annotated[IsoDate | None, Query(description="Up to this day, which is included.", examples=["2026-11-26"])]
Cursor = Annotated[str | None, Query(max_length=300, description="`next_cursor` of the page before.")]


class SmallInt(int):
    """Type of a sort key that PostgreSQL keeps as `integer`; `int` is its `bigint`."""


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return to_utc(moment)


def _bounded(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not -most <= number <= most:
            raise ValueError(text)
        return number

    return read


def _read_text(text: str) -> str:
    text.encode()  # half a surrogate pair is no text: ValueError
    if "\x00" in text:
        raise ValueError(text)
    return text


_PARSERS: dict[type, Callable[[str], Any]] = {
    datetime: _read_moment,
    date: date.fromisoformat,
    UUID: UUID,
    int: _bounded(BIGINT),
    SmallInt: _bounded(INTEGER),
    str: _read_text,
}


class PageOf(BaseModel, Generic[T]):
    """One page; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None


def encode_cursor(key: tuple[Any, ...] | None) -> str | None:
    """Text for a sort key; None stays None."""
    if key is None:
        return None
    parts = [part.isoformat() if isinstance(part, date) else str(part) for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _texts(parts: Any) -> list[str]:
    """`parts` if it is what encode_cursor writes: a list of texts."""
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise TypeError(parts)
    return parts


def decode_cursor(cursor: str, types: tuple[type, ...]) -> tuple[Any, ...]:
    """The sort key of `cursor`. Raises InvalidInputError when it is not one of ours, or no row can have it."""
    try:
        parts = _texts(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))))
        return tuple(_PARSERS[kind](part) for kind, part in zip(types, parts, strict=True))
    except (ValueError, TypeError) as error:
        raise InvalidInputError("The cursor is not one of this list; take next_cursor of its last answer.") from error


def keyset(*types: type) -> Any:
    """Dependency of a list whose sort key has these types; one that begins with a time takes a range of it, too."""

    def asked(limit: int, cursor: str | None, since: date | None = None, until: date | None = None) -> Keyset:
        if since is not None and until is not None and since > until:
            raise InvalidInputError("Correct since: it lies after until.")
        return Keyset(limit, None if cursor is None else decode_cursor(cursor, types), since, until)

    async def read(limit: Limit = 50, cursor: Cursor = None) -> Keyset:
        return asked(limit, cursor)

    async def read_moments(
        limit: Limit = 50, cursor: Cursor = None, since: SinceMoment = None, until: UntilMoment = None
    ) -> Keyset:
        return asked(limit, cursor, since, until)

    async def read_days(
        limit: Limit = 50, cursor: Cursor = None, since: SinceDay = None, until: UntilDay = None
    ) -> Keyset:
        return asked(limit, cursor, since, until)

    if types[0] is datetime:
        return Depends(read_moments)
    return Depends(read_days if types[0] is date else read)


ByMoment = Annotated[Keyset, keyset(datetime, int)]
ByMomentAlone = Annotated[Keyset, keyset(datetime)]
ByMomentAndUuid = Annotated[Keyset, keyset(datetime, UUID)]
ByDate = Annotated[Keyset, keyset(date)]
ByCode = Annotated[Keyset, keyset(str)]
ById = Annotated[Keyset, keyset(int)]
BySmallId = Annotated[Keyset, keyset(SmallInt)]
ByDateAndSmallId = Annotated[Keyset, keyset(date, SmallInt)]


def json_body(page: JsonPage, *more: str) -> str:
    """The body of a list whose items are JSON already; `more` are further members of the object."""
    cursor = "null" if page.next_key is None else f'"{encode_cursor(page.next_key)}"'
    members = (f'"items":[{",".join(page.items)}]', f'"next_cursor":{cursor}', *more)
    return "{" + ",".join(members) + "}"


def answer(page: Page) -> dict[str, Any]:
    """The body of a list, for a response model with `items` and `next_cursor`."""
    return {"items": page.items, "next_cursor": encode_cursor(page.next_key)}
