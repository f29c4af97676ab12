"""Naver's unofficial price endpoints (opt-in): daily bars from siseJson, last trades from polling.

siseJson is not JSON: it has single quotes, tabs and a trailing comma. Its prices are adjusted for splits as of the
answer, its volumes are not. Polling answers in any order and may leave stocks out. Settings:
AZAK_SOURCES_NAVER_PRICES, AZAK_SOURCES_NAVER_CHART_URL, AZAK_SOURCES_NAVER_POLLING_URL.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from backend.domain.market import Basis, DailyBar, IndexBar, Quote
from backend.domain.news import Precision
from backend.errors import SourceChangedError
from backend.sources.http.client import Answer, SourceClient
from backend.text.cleaning import decode
from backend.text.daily_rows import read_daily_row
from backend.text.dates import parse_published
from backend.text.numbers import MAX_PRICE_KRW, read_number

CHART: Final = "naver_chart"
POLLING: Final = "naver_polling"
CODES_PER_CALL: Final = 30
INDEX_CODES: Final = ("KOSPI", "KOSDAQ")
_TRAILING_COMMA: Final = re.compile(r",(\s*\])")


@dataclass(frozen=True, slots=True)
class _Row:
    """One session of siseJson: name, open, high, low, close, volume."""

    trade_date: date
    prices: tuple[float | None, float | None, float | None, float | None]
    volume: float | None


async def fetch_daily(client: SourceClient, symbol: str, first: date, last: date) -> Answer:
    """Daily bars of a stock code or of KOSPI / KOSDAQ, both dates included."""
    return await client.get(
        "siseJson.naver",
        params={
            "symbol": symbol,
            "requestType": "1",
            "startTime": first.strftime("%Y%m%d"),
            "endTime": last.strftime("%Y%m%d"),
            "timeframe": "day",
        },
    )


def parse_daily(answer: Answer, stock_code: str) -> list[DailyBar]:
    """Adjusted bars, one per date, oldest first."""
    found = (
        read_daily_row(stock_code, row.trade_date, (*row.prices, row.volume), CHART, basis=Basis.ADJUSTED)
        for row in _rows(answer)
    )
    return [bar for bar in found if bar is not None]


def parse_index(answer: Answer, index_code: str) -> list[IndexBar]:
    """Closing levels of an index, oldest first."""
    levels = ((row.trade_date, row.prices[3]) for row in _rows(answer))
    return [IndexBar(index_code, day, level, CHART) for day, level in levels if level and level > 0]


def _rows(answer: Answer) -> list[_Row]:
    text = _TRAILING_COMMA.sub(r"\1", decode(answer.body, answer.content_type).strip().replace("'", '"'))
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, list) or not table or not isinstance(table[0], list) or table[0][:1] != ["날짜"]:
        raise SourceChangedError(f"{CHART} sent no price table; look at siseJson.naver in a browser.")
    rows = {row.trade_date: row for row in map(_row, table[1:]) if row is not None}
    return [rows[day] for day in sorted(rows)]


def _row(values: Any) -> _Row | None:
    if not isinstance(values, list) or len(values) < 6:
        return None
    name = str(values[0])
    if not re.fullmatch(r"\d{8}", name):
        return None
    opened, high, low, close, volume = (read_number(value) for value in values[1:6])
    try:
        day = date(int(name[:4]), int(name[4:6]), int(name[6:]))
    except ValueError:
        return None
    return _Row(day, (opened, high, low, close), volume)


async def fetch_quotes(client: SourceClient, codes: Sequence[str]) -> Answer:
    """Last trades of at most `CODES_PER_CALL` stocks."""
    return await client.get(f"api/realtime/domestic/stock/{','.join(codes)}")


def parse_quotes(answer: Answer, codes: Sequence[str]) -> list[Quote]:
    """Quotes of the stocks asked for, in any order; stocks without a trade or without a price are left out."""
    try:
        body = json.loads(decode(answer.body, answer.content_type))
        items = body["datas"]
    except (ValueError, KeyError, TypeError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise SourceChangedError(f"{POLLING} sent no quotes; look at its address in a browser.")
    quotes = [_quote(item, answer.fetched_at) for item in items if isinstance(item, dict)]
    found = {quote.stock_code: quote for quote in quotes if quote is not None}
    return [found[code] for code in codes if code in found]


def _quote(item: dict[str, Any], fetched_at: datetime) -> Quote | None:
    last = read_number(item.get("closePriceRaw", item.get("closePrice")))
    change = read_number(item.get("compareToPreviousClosePriceRaw", item.get("compareToPreviousClosePrice")))
    volume = read_number(item.get("accumulatedTradingVolumeRaw", item.get("accumulatedTradingVolume")))
    traded = parse_published(str(item.get("localTradedAt") or ""), fetched_at)
    if last is None or change is None or traded.at is None or traded.precision is Precision.DAY:
        return None
    if not 0 < last < MAX_PRICE_KRW or not 0 < last - change < MAX_PRICE_KRW:
        return None
    code = str(item.get("itemCode", ""))
    return Quote(code, round(last), round(last - change), round(volume or 0), traded.at, POLLING)
