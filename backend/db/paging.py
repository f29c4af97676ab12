"""Keyset pages: rows after the last one seen, found by an index; never OFFSET, never COUNT."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

MAX_LIMIT = 200
# SQLAlchemy 2.1 types a row by its columns; these stand for any of them.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Keyset:
    """What a client asks for: at most `limit` rows behind the row whose sort key is `after`.

    `since` and `until` bound the first part of the key: a moment from `since` on and before `until`, a day from `since`
    to `until`, both included.
    """

    limit: int = 50
    after: tuple[Any, ...] | None = None
    since: Any = None  # a datetime or a date, as the key
    until: Any = None

    @property
    def bounds(self) -> tuple[tuple[str, Any], ...]:
        """The comparisons of the first part of the key."""
        before = "<" if isinstance(self.until, datetime) else "<="
        return tuple((sign, value) for sign, value in ((">=", self.since), (before, self.until)) if value is not None)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `next_key` is the sort key of the last one, None on the last page."""

    items: Sequence[Any]
    next_key: tuple[Any, ...] | None


def cut(rows: Sequence[Any], keyset: Keyset, key: Callable[[Any], tuple[Any, ...]]) -> Page:
    """The page of `rows`, which hold one more than the limit if there is another page."""
    items = rows[: keyset.limit]
    return Page(items, key(items[-1]) if len(rows) > keyset.limit else None)


def bounded(column: SQLColumnExpression[Any], keyset: Keyset) -> list[ColumnElement[bool]]:
    """The conditions of the keyset's range on a column."""
    return [column.op(sign, is_comparison=True)(value) for sign, value in keyset.bounds]


async def fetch_newest(
    session: AsyncSession,
    query: AnySelect,
    keyset: Keyset,
    *,
    by: Sequence[SQLColumnExpression[Any]],
    key: Callable[[AnyRow], tuple[Any, ...]],
) -> Page:
    """Run `query` newest first by the columns `by`, whose values `key` returns for a row."""
    if keyset.after is not None:
        query = query.where(tuple_(*by) < keyset.after)
    query = query.where(*bounded(by[0], keyset))
    query = query.order_by(*(column.desc() for column in by)).limit(keyset.limit + 1)
    return cut((await session.execute(query)).all(), keyset, key)
