"""Daily rows in which nothing was traded, as senders really write them (docs/nasty-cases.md: 62)."""

from collections.abc import Callable
from datetime import date

import pytest

from backend.domain.market import DailyBar
from backend.sources import kis_prices, public_data
from tests.sources.answers import json_answer

# Open, high, low, close, volume. Each has one sign of a session without trades, and no other.
ROWS = {
    "closed all day, its close copied": (260_500, 260_500, 260_500, 260_500, 0),
    "no open and no low": (0, 262_500, 0, 260_500, 7),
    "no price at all": (0, 0, 0, 0, 7),
    "traded": (256_500, 262_500, 254_000, 260_500, 7),
}
DAYS = {name: date(2026, 10, number) for number, name in enumerate(ROWS, start=1)}


def read_kis() -> list[DailyBar]:
    names = ("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr", "acml_vol")
    rows = [
        {"stck_bsop_date": f"{DAYS[row]:%Y%m%d}", **dict(zip(names, map(str, values), strict=True))}
        for row, values in ROWS.items()
    ]
    return kis_prices.parse_daily([json_answer({"rt_cd": "0", "output2": rows})], "005930")


def read_public_data() -> list[DailyBar]:
    names = ("mkp", "hipr", "lopr", "clpr", "trqu")
    rows = [
        {"basDt": f"{DAYS[row]:%Y%m%d}", "srtnCd": "005930", **dict(zip(names, map(str, values), strict=True))}
        for row, values in ROWS.items()
    ]
    body = {"response": {"header": {"resultCode": "00"}, "body": {"items": {"item": rows}}}}
    return public_data.parse_daily(json_answer(body), "005930")


@pytest.mark.parametrize("read", [read_kis, read_public_data])
def test_case_62_a_session_without_trades_has_no_price_to_trade_at(read: Callable[[], list[DailyBar]]) -> None:
    assert [bar.trade_date for bar in read() if bar.open_krw or bar.volume] == [DAYS["traded"]]
