"""Daily prices from data.go.kr: official closes under an open licence, published at 13:00 of the next day.

Errors are XML even where JSON was requested; an empty answer has `items` "". A key pasted in its percent-encoded form
is decoded first, or it would be encoded twice. Settings: AZAK_SOURCES_PUBLIC_DATA_{URL,KEY}.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote

from pydantic import SecretStr

from backend.domain.market import DailyBar
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.sources.http.client import Answer, SourceClient, seconds_to_midnight
from backend.sources.http.json_bodies import list_objects, read_object
from backend.text.cleaning import decode
from backend.text.daily_rows import read_daily_row
from backend.text.numbers import read_number

SOURCE: Final = "public_data"
ROWS_A_CALL: Final = 1_000
_REASON: Final = re.compile(r"<returnReasonCode>\s*(\d{1,3})\s*</returnReasonCode>")
_KEY_REFUSED: Final = frozenset({"20", "30", "31", "32"})
_LATER: Final = frozenset({"01", "02", "04", "05", "99"})


async def fetch_daily(client: SourceClient, key: SecretStr, stock_code: str, first: date, last: date) -> Answer:
    """Daily bars of one stock, both dates included (1,000 rows: four years)."""
    given = key.get_secret_value()
    params = {
        "serviceKey": unquote(given) if "%" in given else given,
        "resultType": "json",
        "numOfRows": str(ROWS_A_CALL),
        "pageNo": "1",
        "likeSrtnCd": stock_code,
        "beginBasDt": f"{first:%Y%m%d}",
        "endBasDt": f"{last + timedelta(days=1):%Y%m%d}",  # its end is exclusive
    }
    return await client.get("1160100/service/GetStockSecuritiesInfoService/getStockPriceInfo", params=params)


def parse_daily(answer: Answer, stock_code: str) -> list[DailyBar]:
    """Unadjusted bars, one per date, oldest first. The API matches similar codes; rows of other codes are left out."""
    if answer.body.lstrip()[:1] == b"<":
        raise _error(answer, _REASON.findall(decode(answer.body[:4_000])))
    response = read_object(SOURCE, answer).get("response")
    header, body = _part(response, "header"), _part(response, "body")
    if str(header.get("resultCode")) != "00":
        raise _error(answer, [str(header.get("resultCode"))])
    if "items" not in body:
        raise SourceChangedError(f"{SOURCE} sent no items; its layout has changed.")
    items = body["items"]
    rows = list_objects(items.get("item") if isinstance(items, dict) else None)
    bars = {bar.trade_date: bar for bar in (_bar(row) for row in rows if row.get("srtnCd") == stock_code) if bar}
    return [bars[day] for day in sorted(bars)]


def _part(value: Any, name: str) -> dict[str, Any]:
    part = value.get(name) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _bar(row: dict[str, Any]) -> DailyBar | None:
    """One row. `vs` is the change from the exchange's base price of the session (전일 대비), so the close tells it."""
    numbers = [read_number(row.get(name)) for name in ("mkp", "hipr", "lopr", "clpr", "trqu")]
    close, change = numbers[3], read_number(row.get("vs"))
    base = close - change if close is not None and change is not None else None
    try:
        day = datetime.strptime(str(row.get("basDt")), "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return read_daily_row(str(row["srtnCd"]), day, numbers, SOURCE, base_price_krw=base)


def _error(answer: Answer, codes: Sequence[str]) -> SourceError:
    code = codes[0][:10] if codes else ""
    if code in _KEY_REFUSED:
        return SourceRefusedError(f"{SOURCE} refused the key (code {code}); check AZAK_SOURCES_PUBLIC_DATA_KEY.")
    if code == "22":
        return SourceTemporaryError(
            f"{SOURCE} has no quota left today (code {code}); it is asked again after midnight.",
            retry_after_s=seconds_to_midnight(answer.fetched_at),
        )
    if code in _LATER:
        return SourceTemporaryError(f"{SOURCE} is out of order (code {code}); it is asked again at the next run.")
    return SourceChangedError(f"{SOURCE} sent no prices (code {code}); check AZAK_SOURCES_PUBLIC_DATA_URL.")
