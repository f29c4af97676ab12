"""Daily closes of US indices and of the dollar from Naver's unofficial lists (opt-in), newest first.

An index: /index/.INX/price, the dollar: /marketindex/exchange/FX_USDKRW/prices. Rows have `localTradedAt` and
`closePrice` with commas; the newest one may be of a running day. Settings: AZAK_SOURCES_NAVER_PRICES,
AZAK_SOURCES_NAVER_WORLD_URL.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from backend.domain.outside.world import WorldDay, WorldSymbol
from backend.sources.http.client import Answer, SourceClient
from backend.sources.http.json_bodies import list_objects, read_list
from backend.text.numbers import read_number

SOURCE: Final = "naver_world"
PAGE: Final = 60
_PATHS: Final = {
    WorldSymbol.SP500: "index/.INX/price",
    WorldSymbol.NASDAQ: "index/.IXIC/price",
    WorldSymbol.SOX: "index/.SOX/price",
    WorldSymbol.USDKRW: "marketindex/exchange/FX_USDKRW/prices",
}


async def fetch_days(client: SourceClient, symbol: WorldSymbol) -> Answer:
    """The newest PAGE days."""
    return await client.get(_PATHS[symbol], params={"page": "1", "pageSize": str(PAGE)})


def parse_days(answer: Answer, symbol: WorldSymbol) -> list[WorldDay]:
    """One close a day, oldest first. Raises SourceChangedError if the body is no list."""
    rows = list_objects(read_list(SOURCE, answer))
    days = {day.trade_date: day for day in (_day(row, symbol) for row in rows) if day is not None}
    return [days[key] for key in sorted(days)]


def _day(row: Mapping[str, Any], symbol: WorldSymbol) -> WorldDay | None:
    close = read_number(row.get("closePrice"))
    try:
        day = date.fromisoformat(str(row.get("localTradedAt"))[:10])
    except ValueError:
        return None
    return WorldDay(symbol, day, close, SOURCE) if close is not None and close > 0 else None
