"""Keyset pages whose items PostgreSQL writes as JSON (see backend.db.reader)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from backend.db.paging import Keyset
from backend.db.reader import Reader


@dataclass(frozen=True, slots=True)
class JsonPage:
    """One page: each item as JSON text; `next_key` is the sort key of the last one, None on the last page."""

    items: Sequence[str]
    next_key: tuple[Any, ...] | None


@dataclass
class Filters:
    """Conditions of a WHERE and the values of their numbered parameters."""

    texts: list[str] = field(default_factory=lambda: ["true"])
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        """A condition with a `{}` for each value."""
        first = len(self.values) + 1
        self.texts.append(condition.format(*(f"${first + index}" for index in range(len(values)))))
        self.values += values


@dataclass(frozen=True, slots=True)
class JsonList:
    """A list that can be paged: `columns` FROM `source`, ordered by the columns `order`, which the items name `key`."""

    columns: str
    source: str
    order: tuple[str, ...]
    key: tuple[str, ...]
    descending: bool = True

    async def fetch(self, reader: Reader, keyset: Keyset, filters: Filters) -> JsonPage:
        """One page, with one row more than the limit to see whether there is a next one."""
        if keyset.after is not None:
            comparison = "<" if self.descending else ">"
            places = ", ".join("{}" for _ in self.order)
            filters.add(f"({', '.join(self.order)}) {comparison} ({places})", *keyset.after)
        for sign, value in keyset.bounds:
            filters.add(f"{self.order[0]} {sign} {{}}", value)
        statement = _statement(self, tuple(filters.texts), len(filters.values) + 1)
        rows = await reader.fetch(statement, *filters.values, keyset.limit + 1)
        page = rows[: keyset.limit]
        more = len(rows) > keyset.limit
        return JsonPage([row[0] for row in page], tuple(page[-1])[1:] if more else None)


@cache
def _statement(listed: JsonList, conditions: tuple[str, ...], limit: int) -> str:
    """There are as many as combinations of filters: text from outside stands in the values only."""
    direction = "DESC" if listed.descending else "ASC"
    return (
        f"SELECT row_to_json(item)::text AS body, {', '.join(listed.key)} FROM ("  # noqa: S608
        f"SELECT {listed.columns} FROM {listed.source} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {', '.join(f'{column} {direction}' for column in listed.order)} LIMIT ${limit}) AS item"
    )
