"""The one way to write many rows: sorted by their conflict key, in chunks, unchanged rows left alone.

Sorting matters: two writers that meet the same rows in different orders deadlock.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.base import Base

_MAX_PARAMETERS = 30_000  # PostgreSQL allows 32,767 a statement


async def upsert(
    session: AsyncSession,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert `rows`; where `key` exists already, set the columns of `update` if one of them differs.

    All rows have the same columns. Returns one tuple per row that was really inserted or changed: the
    `returning` columns, or the key. A second call with the same rows therefore returns nothing. Rows
    that repeat a key are written once, the last one wins.
    """
    unique = {tuple(row[name] for name in key): row for row in rows}
    ordered = [unique[identity] for identity in sorted(unique)]
    target = cast(Table, table.__table__)
    stored = target.c  # by column name, which may differ from the attribute's (metrics.metric_values)
    columns = [stored[name] for name in (returning or key)]
    written: list[tuple[Any, ...]] = []
    size = max(1, _MAX_PARAMETERS // max(1, len(ordered[0]))) if ordered else 1
    for start in range(0, len(ordered), size):
        statement = insert(target).values(ordered[start : start + size])
        if update:
            new = statement.excluded
            changed = or_(*(stored[name].is_distinct_from(new[name]) for name in update))
            statement = statement.on_conflict_do_update(
                index_elements=list(key),
                set_={name: new[name] for name in update},
                where=changed,
            )
        else:
            statement = statement.on_conflict_do_nothing(index_elements=list(key))
        result = await session.execute(statement.returning(*columns))
        written.extend(tuple(row) for row in result)
    return written
