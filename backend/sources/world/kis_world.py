"""Daily closes of US indices and of the dollar from KIS: a real account's, the newest hundred days of a span.

Path, parameters and names of fields are those of KIS's samples (open-trading-api, inquire_daily_chartprice). Nobody was
seen to ask for the code of the semiconductor index. The row of a running day holds its last price.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from backend.clock import KST
from backend.domain.outside.world import WorldDay, WorldSymbol
from backend.sources.http.client import Answer
from backend.sources.http.json_bodies import list_objects
from backend.sources.kis import KisClient, read_success
from backend.text.numbers import read_number

SOURCE: Final = "kis_world"
_ROOM: Final = "uapi/overseas-price/v1/quotations/"
# Kind of market (N: indices, X: currencies) and code.
_CODES: Final = {
    WorldSymbol.SP500: ("N", "SPX"),
    WorldSymbol.NASDAQ: ("N", "COMP"),
    WorldSymbol.SOX: ("N", "SOX"),
    WorldSymbol.USDKRW: ("X", "FX@KRW"),
}


async def fetch_days(kis: KisClient, symbol: WorldSymbol, first: date, last: date) -> Answer:
    """The days from `first` to `last`, newest first."""
    market, code = _CODES[symbol]
    params = {
        "FID_COND_MRKT_DIV_CODE": market,
        "FID_INPUT_ISCD": code,
        "FID_INPUT_DATE_1": f"{first:%Y%m%d}",
        "FID_INPUT_DATE_2": f"{last:%Y%m%d}",
        "FID_PERIOD_DIV_CODE": "D",
    }
    return await kis.get("inquire-daily-chartprice", "FHKST03030100", params, room=_ROOM)


def parse_days(answer: Answer, symbol: WorldSymbol) -> list[WorldDay]:
    """One close a day, oldest first; rows without a day or a positive price are left out. Raises a SourceError."""
    rows = list_objects(read_success(answer).get("output2"))
    days = {day.trade_date: day for day in (_day(row, symbol) for row in rows) if day is not None}
    return [days[key] for key in sorted(days)]


def _day(row: Mapping[str, Any], symbol: WorldSymbol) -> WorldDay | None:
    close = read_number(row.get("ovrs_nmix_prpr"))
    try:
        day = datetime.strptime(str(row.get("stck_bsop_date"))[:20].strip(), "%Y%m%d").replace(tzinfo=KST).date()
    except ValueError:
        return None
    return WorldDay(symbol, day, close, SOURCE) if close is not None and close > 0 else None
