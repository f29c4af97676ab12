"""The names that an installation gives its stocks beside those of the exchange, of DART and of the shipped file."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import ListingRow, Stock
from backend.domain.market import GROUPS, fold_name
from backend.errors import ConflictError, InvalidInputError, NotFoundError

SHORTEST = 2  # letters; headlines hold every single one


async def set_aliases(session: AsyncSession, code: str, aliases: Sequence[str]) -> None:
    """Let a stock go by these names alone, beside its own.

    Raises NotFoundError, InvalidInputError for one that cannot name a company, and ConflictError for one that another
    stock has.
    """
    stock = await session.get(Stock, code)
    if stock is None:
        raise NotFoundError(f"The stock {code} is not watched; add it with 'azak stocks add {code}'.")
    given = {fold_name(alias): alias for alias in aliases}
    added = {key: alias for key, alias in given.items() if key not in map(fold_name, stock.aliases)}
    for key, alias in added.items():
        if len(key) < SHORTEST:
            raise InvalidInputError(f"'{alias}' is too short; give a name of {SHORTEST} letters or more.")
        if key in GROUPS:
            raise InvalidInputError(
                f"'{alias}' is the name of a group of companies; give a name of {stock.name} alone."
            )
        if key == fold_name(stock.name):
            raise InvalidInputError(f"'{alias}' is the stock's own name; give another one.")
    taken = await _find_taken(session, code, added)
    if taken is not None:
        raise ConflictError(taken)
    stock.aliases = list(given.values())
    await session.flush()


async def _find_taken(session: AsyncSession, code: str, added: dict[str, str]) -> str | None:
    """The sentence about the first of these names that is another stock's, watched or listed."""
    watched = await session.execute(select(Stock.code, Stock.name, Stock.aliases).where(Stock.code != code))
    names = [(row.code, row.name, (row.name, *row.aliases)) for row in watched]
    listed = select(ListingRow.code, ListingRow.name).where(ListingRow.code != code, ListingRow.delisted_on.is_(None))
    names += [(row.code, row.name, (row.name,)) for row in await session.execute(listed)]
    for other, name, own in names:
        for key in map(fold_name, own):
            if key in added:
                return f"'{added[key]}' is a name of {name} ({other}); give one that no other stock has."
    return None
