"""Minute bars of a session, page by page from KIS, by hand."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

from backend import clock
from backend.errors import SourceError
from backend.krx import KrxCalendar, TradingDay
from backend.pipelines.market.collect_minute_bars import fetch_session
from backend.sources.http.client import Answer
from backend.sources.kis import KisClient
from tests.sources.answers import json_answer

DAY = KrxCalendar().day(date(2026, 10, 2))


class Pages:
    """KIS: the 30 minutes up to the one asked for; the stock does not trade in `silent`."""

    def __init__(self, day: TradingDay, silent: tuple[datetime, datetime]) -> None:
        self.day, self.silent, self.calls = day, silent, 0

    async def get(self, call: str, tr_id: str, params: Mapping[str, str]) -> Answer:
        self.calls += 1
        asked = datetime.strptime(params["FID_INPUT_HOUR_1"], "%H%M%S").time()  # noqa: DTZ007  (KST, as the day below)
        last = datetime.combine(self.day.trade_date, asked, clock.KST)
        minutes = [last - timedelta(minutes=back) for back in range(30)]
        return json_answer({"rt_cd": "0", "output2": [self._row(at) for at in minutes if at >= self.day.opens_at]})

    def _row(self, at: datetime) -> dict[str, Any]:
        prices = dict.fromkeys(("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_prpr"), "1000")
        volume = "0" if self.silent[0] <= at < self.silent[1] else "7"
        return {"stck_bsop_date": f"{at:%Y%m%d}", "stck_cntg_hour": f"{at:%H%M%S}", "cntg_vol": volume, **prices}


async def test_an_hour_without_a_trade_is_no_end_of_the_day() -> None:
    """Halted from 14:00 to 15:00: 391 minutes from 09:00 to 15:30 less 60."""
    hour = DAY.closes_at - timedelta(minutes=90)
    pages, errors = Pages(DAY, (hour, hour + timedelta(hours=1))), list[SourceError]()
    bars = await fetch_session(cast(KisClient, pages), "005930", DAY, errors)
    assert (len(bars), bars[0].ts, errors) == (331, DAY.opens_at, [])
    assert pages.calls <= 15


async def test_a_day_without_a_trade_ends_at_its_opening() -> None:
    pages = Pages(DAY, (DAY.opens_at, DAY.closes_at + timedelta(minutes=1)))
    assert await fetch_session(cast(KisClient, pages), "005930", DAY, []) == []
    assert pages.calls == 14
