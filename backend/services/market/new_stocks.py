"""Which stock a person means who gives a code, a name or both, by the exchange's list of stocks.

The list comes with refresh_stocks. While it is empty, and for KONEX while its file was never read, a stock is taken as
it was given, if it was given whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import ListingRow
from backend.domain.market import Market, StockKind, fold_name
from backend.errors import InvalidInputError

MOST_CLOSE: Final = 3
_LOAD_LIST: Final = "load the list of stocks with 'azak jobs run refresh_stocks'"


@dataclass(frozen=True, slots=True)
class NamedStock:
    """The stock that was meant. `is_listed`: found in the exchange's list, else taken as it was given.

    `kind` and `listed_on` are the list's.
    """

    code: str
    name: str
    market: str
    is_listed: bool
    kind: str = StockKind.SHARE
    listed_on: date | None = None


def _told(rows: Sequence[ListingRow]) -> str:
    return ", ".join(f"{row.name} ({row.code})" for row in rows)


async def find_stock(session: AsyncSession, code: str | None, name: str | None, market: str | None) -> NamedStock:
    """Raises InvalidInputError, which names close ones, when no listed stock is meant or the parts disagree."""
    if code is None and name is None:
        told = "Give the code or the name of a stock, for example 005930 or 삼성전자."
        raise InvalidInputError(told, kind="no-stock", field="code")
    rows = (await session.scalars(select(ListingRow).where(ListingRow.delisted_on.is_(None)))).all()
    known = [row for row in rows if row.code == code or fold_name(row.name) == fold_name(name or "")]
    has_konex = any(row.market == Market.KONEX for row in rows)
    if not rows or (market == Market.KONEX and not known and not has_konex):
        return _as_given(code, name, market, has_list=bool(rows))
    row = _by_code(rows, code, name) if code is not None else _by_name(rows, name or "")
    if name is not None and fold_name(name) != fold_name(row.name):
        hint = _hint(_close(rows, name))
        raise InvalidInputError(
            f"{row.code} is {row.name}, not {name}; leave the name out, or correct the code{hint}.",
            kind="other-name", field="name", values={"code": row.code, "name": row.name},
        )  # fmt: skip
    if market not in (None, row.market):
        raise InvalidInputError(
            f"{row.name} ({row.code}) is listed on {row.market}, not {market}; leave the market out.",
            kind="other-market", field="market", values={"name": row.name, "market": row.market},
        )  # fmt: skip
    return NamedStock(row.code, row.name, row.market, is_listed=True, kind=row.kind, listed_on=row.listed_on)


def _as_given(code: str | None, name: str | None, market: str | None, *, has_list: bool) -> NamedStock:
    if code is not None and name is not None and market is not None:
        return NamedStock(code, name, market, is_listed=False)
    if has_list:
        told = "The list of stocks does not know KONEX; give the code and the name too."
        raise InvalidInputError(told, kind="konex-unlisted", field="code")
    told = f"The list of stocks is empty; give code, name and market, or {_LOAD_LIST}."
    raise InvalidInputError(told, kind="no-listings", field="market")


def _by_code(rows: Sequence[ListingRow], code: str, name: str | None) -> ListingRow:
    for row in rows:
        if row.code == code:
            return row
    hint = _hint(_close(rows, name or ""))
    raise InvalidInputError(
        f"No stock with the code {code} is listed{hint}; look it up by its name, or {_LOAD_LIST} if "
        "it is new.",
        kind="unlisted-code", field="code", values={"code": code},
    )  # fmt: skip


def _by_name(rows: Sequence[ListingRow], name: str) -> ListingRow:
    found = [row for row in rows if fold_name(row.name) == fold_name(name)]
    if len(found) == 1:
        return found[0]
    if found:
        told = f"Several stocks are named {name}: {_told(found)}; give the code."
        raise InvalidInputError(told, kind="ambiguous-name", field="code", values={"stocks": _told(found)})
    close = _close(rows, name)
    raise InvalidInputError(
        f"No stock named {name} is listed{_hint(close)}; azak follows Korean stocks only, by the "
        "name that the exchange uses.",
        kind="unlisted-name-close" if close else "unlisted-name", field="name",
        values={"name": name, "stocks": _told(close)},
    )  # fmt: skip


def _close(rows: Sequence[ListingRow], name: str) -> list[ListingRow]:
    """Stocks of like names, the shortest of those that hold `name` first; none for an empty one."""
    if not name:
        return []
    by_name = {fold_name(row.name): row for row in rows}
    holding = sorted((known for known in by_name if fold_name(name) in known), key=len)
    alike = get_close_matches(fold_name(name), by_name, n=MOST_CLOSE)
    return [by_name[known] for known in dict.fromkeys([*holding, *alike])][:MOST_CLOSE]


def _hint(close: Sequence[ListingRow]) -> str:
    return f" (close: {_told(close)})" if close else ""
