"""Writes many rows with INSERT ... ON CONFLICT: sorted by the conflict key, in chunks, unchanged rows not touched.

Sorting matters: two writers that meet the same rows in different orders deadlock. The rows go over as one JSON
document, because compiling a VALUES list costs SQLAlchemy more than PostgreSQL needs to store it (2,448 outcomes of
19 columns: 2.2 s against 0.3 s) and a statement of fixed shape is compiled once.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import JSON, LargeBinary, Table, Text, bindparam, column, func, literal_column, or_, select
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.base import Base

_CHUNK = 5_000  # rows per statement


def _refuse(value: object) -> str:
    raise TypeError(f"A row for upsert holds {type(value).__name__}; convert it to a plain value first.")


def _document(rows: Sequence[Mapping[str, Any]], binary: Collection[str] = ()) -> str:
    """The rows as JSON, bytes as PostgreSQL reads them.

    pydantic's encoder takes an eighth of the time of json's, which calls Python for each date.
    """
    plain = [{**row, **{name: f"\\x{row[name].hex()}" for name in binary if row[name] is not None}} for row in rows]
    return to_json(plain, fallback=_refuse).decode()


async def upsert(
    session: AsyncSession,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
    also: Sequence[str] = (),
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert `rows`; where `key` exists already, set the columns of `update` if one of them differs,
    and with them those of `also`, which make no row different on their own.

    The columns of `also` are set with them, but do not make a row different.
    All rows have the same columns. Returns one tuple per row that was really inserted or changed: the
    `returning` columns, or the key. A second call with the same rows therefore returns nothing. Rows
    that repeat a key are written once, the last one wins.
    """
    unique = {tuple(row[name] for name in key): row for row in rows}
    ordered = [unique[identity] for identity in sorted(unique)]
    target = cast(Table, table.__table__)
    stored = target.c  # by column name, which may differ from the attribute's (metrics.metric_values)
    columns = [stored[name] for name in (returning or key)]
    names = list(ordered[0]) if ordered else []
    binary = [name for name in names if isinstance(stored[name].type, LargeBinary)]
    document = func.json_populate_recordset(
        literal_column(f"NULL::{target.name}"), cast_to(bindparam("rows", type_=Text), JSON)
    )
    source = document.table_valued(*(column(name, stored[name].type) for name in names), name="r")
    statement = insert(target).from_select(names, select(*source.c))
    if update:
        new = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: new[name] for name in (*update, *also)},
            where=or_(*(stored[name].is_distinct_from(new[name]) for name in update)),
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
    query = statement.returning(*columns)
    written: list[tuple[Any, ...]] = []
    for start in range(0, len(ordered), _CHUNK):
        result = await session.execute(query, {"rows": _document(ordered[start : start + _CHUNK], binary)})
        written.extend(tuple(row) for row in result)
    return written
