"""How each price source is read: daily bars, index levels and last trades behind one signature.

Which source has which reader, and in which order they are asked, is in catalogue.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final

from backend.domain.market import DailyBar, IndexBar, Quote
from backend.pipelines.sources.kis_access import open_kis
from backend.pipelines.sources.visits import Visit
from backend.sources import kis_prices, naver_prices, public_data

INDEX_CODES: Final = naver_prices.INDEX_CODES
CODES_PER_CALL: Final = 30
Bars = list[DailyBar] | list[IndexBar]
# (visit, stock or index code, first and last date) -> bars of both dates and between, oldest first.
DailyReader = Callable[[Visit, str, date, date], Awaitable[Bars]]
# (visit, at most CODES_PER_CALL stock codes) -> quotes of those that have traded.
QuoteReader = Callable[[Visit, Sequence[str]], Awaitable[list[Quote]]]


async def read_kis_daily(visit: Visit, symbol: str, first: date, last: date) -> Bars:
    kis = open_kis(visit.context.tools, visit.client)
    if symbol in INDEX_CODES:
        return kis_prices.parse_index(await kis_prices.fetch_index(kis, symbol, first, last), symbol)
    return kis_prices.parse_daily(await kis_prices.fetch_daily(kis, symbol, first, last), symbol)


async def read_public_daily(visit: Visit, symbol: str, first: date, last: date) -> Bars:
    """Stocks only: the indices are another service of data.go.kr."""
    key = visit.settings.public_data_key
    if symbol in INDEX_CODES or key is None:
        return []
    return public_data.parse_daily(await public_data.fetch_daily(visit.client, key, symbol, first, last), symbol)


async def read_naver_daily(visit: Visit, symbol: str, first: date, last: date) -> Bars:
    answer = await naver_prices.fetch_daily(visit.client, symbol, first, last)
    if symbol in INDEX_CODES:
        return naver_prices.parse_index(answer, symbol)
    return naver_prices.parse_daily(answer, symbol)


async def read_kis_quotes(visit: Visit, codes: Sequence[str]) -> list[Quote]:
    kis = open_kis(visit.context.tools, visit.client)
    return kis_prices.parse_quotes(await kis_prices.fetch_quotes(kis, codes), codes)


async def read_naver_quotes(visit: Visit, codes: Sequence[str]) -> list[Quote]:
    return naver_prices.parse_quotes(await naver_prices.fetch_quotes(visit.client, codes), codes)
