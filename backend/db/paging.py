"""Keyset pages: rows after the last one seen, found by an index; never OFFSET, never COUNT."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Row, Select, SQLColumnExpression, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

MAX_LIMIT = 200
# SQLAlchemy 2.1 types a row by its columns; these stand for any of them.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Keyset:
    """What a client asks for: at most `limit` rows behind the row whose sort key is `after`."""

    limit: int = 50
    after: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `next_key` is the sort key of the last one, None on the last page."""

    items: Sequence[Any]
    next_key: tuple[Any, ...] | None


def cut(rows: Sequence[Any], keyset: Keyset, key: Callable[[Any], tuple[Any, ...]]) -> Page:
    """The page of `rows`, which hold one more than the limit if there is another page."""
    items = rows[: keyset.limit]
    return Page(items, key(items[-1]) if len(rows) > keyset.limit else None)


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
    query = query.order_by(*(column.desc() for column in by)).limit(keyset.limit + 1)
    return cut((await session.execute(query)).all(), keyset, key)
