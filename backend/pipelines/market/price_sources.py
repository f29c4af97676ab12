"""How each price source is read: daily bars, index levels and last trades behind one signature.

Sources of the same data stand in the order in which they are trusted. KIS and data.go.kr give the exchange's regular
close; Naver's daily close may be the 20:00 after-market price since 2026-09-14, so it comes last.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final

from backend.domain.market import DailyBar, IndexBar, Quote
from backend.pipelines.context import RunContext
from backend.pipelines.kis_access import open_kis
from backend.sources import kis, kis_prices, naver_prices, public_data
from backend.sources.http.client import SourceClient

INDEX_CODES: Final = naver_prices.INDEX_CODES
Bars = list[DailyBar] | list[IndexBar]
DailyReader = Callable[[RunContext, SourceClient, str, date, date], Awaitable[Bars]]
QuoteReader = Callable[[RunContext, SourceClient, Sequence[str]], Awaitable[list[Quote]]]


async def _kis_daily(context: RunContext, client: SourceClient, symbol: str, first: date, last: date) -> Bars:
    opened = open_kis(context.tools, client)
    if symbol in INDEX_CODES:
        return kis_prices.parse_index(await kis_prices.fetch_index(opened, symbol, first, last), symbol)
    return kis_prices.parse_daily(await kis_prices.fetch_daily(opened, symbol, first, last), symbol)


async def _public_daily(context: RunContext, client: SourceClient, symbol: str, first: date, last: date) -> Bars:
    """Stocks only: the indices are another service of data.go.kr."""
    key = context.settings.sources.public_data_key
    if symbol in INDEX_CODES or key is None:
        return []
    return public_data.parse_daily(await public_data.fetch_daily(client, key, symbol, first, last), symbol)


async def _naver_daily(_context: RunContext, client: SourceClient, symbol: str, first: date, last: date) -> Bars:
    answer = await naver_prices.fetch_daily(client, symbol, first, last)
    if symbol in INDEX_CODES:
        return naver_prices.parse_index(answer, symbol)
    return naver_prices.parse_daily(answer, symbol)


async def _kis_quotes(context: RunContext, client: SourceClient, codes: Sequence[str]) -> list[Quote]:
    return kis_prices.parse_quotes(await kis_prices.fetch_quotes(open_kis(context.tools, client), codes), codes)


async def _naver_quotes(_context: RunContext, client: SourceClient, codes: Sequence[str]) -> list[Quote]:
    return naver_prices.parse_quotes(await naver_prices.fetch_quotes(client, codes), codes)


DAILY: Final[dict[str, DailyReader]] = {
    kis.SOURCE: _kis_daily,
    public_data.SOURCE: _public_daily,
    naver_prices.CHART: _naver_daily,
}
QUOTES: Final[dict[str, QuoteReader]] = {kis.SOURCE: _kis_quotes, naver_prices.POLLING: _naver_quotes}
CODES_PER_CALL: Final = 30
