"""The names that articles are read with: those of the watched stocks among all that are listed."""

import asyncio
from collections.abc import Sequence

from backend.domain.market import WatchedStock
from backend.pipelines.context import RunContext
from backend.services.market import stock_names
from backend.text.linking import StockNames


async def read_names(context: RunContext, stocks: Sequence[WatchedStock]) -> StockNames:
    """Names of `stocks`, and of every listed one, so that a longer company keeps its titles.

    Made in a thread: thousands of names take some tenths of a second.
    """
    async with context.read() as session:
        listed = await stock_names.list_listed(session)
    return await asyncio.to_thread(StockNames, stocks, listed)
