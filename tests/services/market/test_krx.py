"""Sessions: what a Korean trading day is, and how the demo's short ones go on (docs/nasty-cases.md: 74-76, 79)."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from backend.clock import KST
from backend.domain.market import SpecialDay
from backend.krx import DemoCalendar, KrxCalendar, price_limits_krw, tick_size_krw

KRX = KrxCalendar()


@pytest.mark.parametrize(
    "closed", [date(2026, 6, 3), date(2026, 7, 17), date(2026, 12, 31), date(2026, 5, 1), date(2026, 10, 3)]
)
def test_case_74_exchange_holidays_are_closed(closed: date) -> None:
    with pytest.raises(KeyError):
        KRX.day(closed)


def test_case_75_csat_day_and_the_first_session_of_a_year_open_late() -> None:
    csat, first = KRX.day(date(2026, 11, 19)), KRX.day(date(2026, 1, 2))
    assert (csat.opens_at.time(), csat.closes_at.time()) == (time(10), time(16, 30))
    assert (first.opens_at.time(), first.closes_at.time()) == (time(10), time(15, 30))


def test_case_79_friday_night_belongs_to_monday() -> None:
    friday_night = datetime(2026, 11, 20, 21, 0, tzinfo=KST)
    assert KRX.next_open(friday_night).trade_date == date(2026, 11, 23)
    assert KRX.last_closed(friday_night).trade_date == date(2026, 11, 20)
    assert KRX.at(friday_night) is None


def test_case_79_news_of_the_chuseok_gap_meets_the_session_after_it() -> None:
    eve = datetime(2026, 9, 23, 20, 0, tzinfo=KST)  # Chuseok 2026: Thursday 24 to Saturday 26 September
    assert KRX.next_open(eve).trade_date == date(2026, 9, 28)
    assert KRX.shift(date(2026, 9, 23), 1).trade_date == date(2026, 9, 28)


def test_case_76_a_closure_announced_the_same_week_is_followed_and_taken_back() -> None:
    calendar = KrxCalendar()
    election = date(2026, 11, 25)
    assert calendar.day(election).opens_at.time() == time(9)
    closed = SpecialDay(election, None, None, "보궐선거")
    assert calendar.follow([closed])
    assert not calendar.follow([closed])
    assert calendar.shift(date(2026, 11, 24), 1).trade_date == date(2026, 11, 26)
    assert calendar.at(datetime(2026, 11, 25, 10, 0, tzinfo=KST)) is None
    assert calendar.next_open(datetime(2026, 11, 24, 16, 0, tzinfo=KST)).trade_date == date(2026, 11, 26)
    calendar.follow([])
    assert calendar.day(election).trade_date == election


def test_case_75_hours_that_nobody_can_compute_come_from_the_database() -> None:
    calendar = KrxCalendar()
    assert not calendar.knows_exam_day(2027)
    calendar.follow([SpecialDay(date(2027, 11, 18), time(10), time(16, 30), "수능")])
    day = calendar.day(date(2027, 11, 18))
    assert (day.opens_at, day.closes_at.time()) == (datetime(2027, 11, 18, 10, 0, tzinfo=KST), time(16, 30))
    assert calendar.knows_exam_day(2027)
    assert calendar.between(date(2027, 11, 17), date(2027, 11, 19))[1] == day


def test_shift_counts_sessions_over_holidays_and_years() -> None:
    assert KRX.shift(date(2026, 12, 30), 1).trade_date == date(2027, 1, 4)
    assert KRX.shift(KRX.shift(date(2026, 10, 7), 250).trade_date, -250).trade_date == date(2026, 10, 7)


def test_demo_continues_the_real_sessions_without_gap_or_overlap() -> None:
    start = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    demo = DemoCalendar(start, session_minutes=60)
    assert demo.last_closed(start).trade_date == date(2026, 11, 20)
    assert demo.at(start + timedelta(minutes=1)) == demo.day(date(2026, 11, 23))
    assert demo.at(start + timedelta(minutes=55)) is None
    days = demo.between(date(2026, 11, 18), date(2026, 11, 26))
    assert all(earlier.closes_at <= later.opens_at for earlier, later in pairwise(days))
    moment = start + timedelta(hours=5, minutes=10)
    assert demo.shift(demo.last_opened(moment).trade_date, -5) == demo.last_opened(start)


def test_limits_follow_the_tick_grid_and_are_not_symmetric() -> None:
    assert price_limits_krw(24_650) == (17_300, 32_000)
    assert [tick_size_krw(price) for price in (1_999, 2_000, 49_950, 200_000, 500_000)] == [1, 5, 50, 500, 1_000]
