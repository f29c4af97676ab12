"""How old a report may be follows the trading day, in the exchange's calendar and in the demo's."""

from datetime import datetime, timedelta

import pytest

from backend.clock import KST
from backend.krx import DemoCalendar, KrxCalendar
from backend.pipelines.reports.generate_reports import phase_at


@pytest.mark.parametrize(
    ("clock", "is_open", "hours"),
    [
        ("05:00", False, None),
        ("06:00", False, 3),
        ("09:00", True, 2),
        ("15:29", True, 2),
        ("15:45", False, 1),
        ("16:01", False, None),
    ],
)
def test_age_limits_of_a_trading_day(clock: str, is_open: bool, hours: int | None) -> None:
    phase = phase_at(KrxCalendar(), datetime.fromisoformat(f"2026-11-20T{clock}:00").replace(tzinfo=KST))
    assert (phase.is_open, phase.longest_age) == (is_open, None if hours is None else timedelta(hours=hours))


def test_the_demo_has_an_open_phase_and_a_close_in_every_hour() -> None:
    start = datetime(2026, 11, 21, 3, 0, tzinfo=KST)
    phases = [phase_at(DemoCalendar(start, 60), start + timedelta(minutes=minutes)) for minutes in (0, 49, 51, 60)]
    assert [phase.is_open for phase in phases] == [True, True, False, True]
    assert phases[2].longest_age == timedelta(hours=1)
