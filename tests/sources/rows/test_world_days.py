"""Closes of the world's markets on hand-written bytes, and when each is known."""

from datetime import UTC, date, datetime

import pytest

from backend.domain.outside.world import WorldDay, WorldSymbol, closes_at
from backend.errors import SourceChangedError, SourceTemporaryError
from backend.krx import DemoCalendar, KrxCalendar
from backend.pipelines.market.world_days import known_at
from backend.sources.world import kis_world, naver_world
from tests.sources.answers import answer, json_answer

SOX, USDKRW = WorldSymbol.SOX, WorldSymbol.USDKRW


def kis_row(day: str, close: str) -> dict[str, str]:
    return {"stck_bsop_date": day, "ovrs_nmix_prpr": close, "ovrs_nmix_oprc": "1", "acml_vol": "0", "mod_yn": "N"}


def test_kis_lists_days_newest_first_with_empty_and_broken_rows() -> None:
    rows = [
        kis_row("20261002", "6812.44"),
        {},
        kis_row("20261001", "6,750.10"),
        kis_row("20260930", "0.00"),
        kis_row("20261399", "1"),
        kis_row("", "5"),
        kis_row("20260929", "-"),
        kis_row("20261001", "6751.10"),
    ]
    found = kis_world.parse_days(json_answer({"rt_cd": "0", "output1": {}, "output2": rows}), SOX)
    assert found == [
        WorldDay(SOX, date(2026, 10, 1), 6751.10, "kis_world"),
        WorldDay(SOX, date(2026, 10, 2), 6812.44, "kis_world"),
    ]
    assert kis_world.parse_days(json_answer({"rt_cd": "0"}), SOX) == []
    with pytest.raises(SourceTemporaryError):
        kis_world.parse_days(json_answer({"rt_cd": "1", "msg_cd": "EGW00201"}, status=500), SOX)


def test_naver_lists_days_with_commas_in_two_forms_of_a_day() -> None:
    rows = [
        {"localTradedAt": "2026-10-02T16:00:00-04:00", "closePrice": "6,812.44"},
        {"localTradedAt": "2026-10-01", "closePrice": "1,391.50"},
        {"localTradedAt": "yesterday", "closePrice": "1"},
        {"localTradedAt": "2026-09-30", "closePrice": None},
    ]
    found = naver_world.parse_days(json_answer(rows), USDKRW)
    assert [(day.trade_date.day, day.close) for day in found] == [(1, 1391.5), (2, 6812.44)]
    for body in (b"{}", b"<html>", b""):
        with pytest.raises(SourceChangedError, match="naver_world sent no list"):
            naver_world.parse_days(answer(body), USDKRW)


@pytest.mark.parametrize(
    ("symbol", "day", "known"),
    [
        (SOX, date(2026, 10, 2), datetime(2026, 10, 2, 20, 15, tzinfo=UTC)),  # summer in New York
        (SOX, date(2026, 11, 25), datetime(2026, 11, 25, 21, 15, tzinfo=UTC)),  # winter
        (USDKRW, date(2026, 11, 25), datetime(2026, 11, 25, 17, 0, tzinfo=UTC)),  # two in the morning in Seoul
    ],
)
def test_a_close_is_known_when_its_own_market_has_closed(symbol: WorldSymbol, day: date, known: datetime) -> None:
    assert closes_at(symbol, day) == known
    assert known_at(KrxCalendar(), WorldDay(symbol, day, 1.0, "x")) == known


def test_in_the_demo_a_close_is_known_at_the_close_of_the_session() -> None:
    start = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
    calendar = DemoCalendar(start, 60)
    first = calendar.last_opened(start)
    assert known_at(calendar, WorldDay(SOX, first.trade_date, 1.0, "x")) == start.replace(minute=50)
