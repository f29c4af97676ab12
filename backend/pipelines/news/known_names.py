"""The names that articles are read with: those of the watched stocks among all that are listed."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from backend.domain.market import ListedStock, WatchedStock
from backend.pipelines.context import RunContext
from backend.services.market import stock_names
from backend.text.linking import StockNames


async def read_names(context: RunContext, stocks: Sequence[WatchedStock]) -> StockNames:
    """Names of `stocks`, and of every listed one, so that a longer company keeps its titles.

    Made in a thread, and once for the same names: thousands of them take some tenths of a second.
    """
    async with context.read() as session:
        listed = await stock_names.list_listed(session)
    return await asyncio.to_thread(_make_names, tuple(stocks), tuple(listed))


@lru_cache(maxsize=2)  # those of a crawl, and those of reports that a language model writes
def _make_names(stocks: tuple[WatchedStock, ...], listed: tuple[ListedStock, ...]) -> StockNames:
    return StockNames(stocks, listed)
