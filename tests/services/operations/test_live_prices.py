"""When prices of a session are told to be old: nobody read them, or nobody traded."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.services.operations.live_prices import LivePrices
from backend.services.operations.overdue import _span

OPENED = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
NOW = OPENED + timedelta(hours=3)


def told(
    read_s: int | None,
    traded_s: int | None,
    *,
    stocks: int = 5,
    interval_s: float | None = 60,
    paused: str | None = None,
) -> list[str]:
    """Reasons at NOW, when the last read and the last trade were so many seconds ago."""
    read_at, traded_at = (None if age is None else NOW - timedelta(seconds=age) for age in (read_s, traded_s))
    return LivePrices(read_at, traded_at, stocks, interval_s, paused).list_reasons(NOW, since=OPENED, sources="kis")


UNREAD = "No live price came for {} min while the exchange is open: kis; ask the sources with 'azak sources check'."
STILL = "The newest live price is {} min old in a session (kis); ask with 'azak sources check'."


@pytest.mark.parametrize(
    ("read_s", "traded_s", "expected"),
    [
        (180, 900, []),
        (181, 900, [UNREAD.format(3)]),
        (180, 901, [STILL.format(15)]),
        (600, 9_000, [UNREAD.format(10)]),
        (None, 10, [UNREAD.format(180)]),
        (10, None, [STILL.format(180)]),
        (86_400, 10, [UNREAD.format(180)]),  # yesterday's: due since the opening only
        (10, 86_400, [STILL.format(180)]),
    ],
)
def test_prices_are_old_after_three_ticks_unread_or_fifteen_minutes_untraded(
    read_s: int | None, traded_s: int | None, expected: list[str]
) -> None:
    assert told(read_s, traded_s) == expected


def test_few_stocks_may_stand_still_and_none_are_not_asked_for() -> None:
    assert told(10, 901, stocks=4) == []
    assert told(181, 901, stocks=4) == [UNREAD.format(3)]
    assert told(None, None, stocks=0) == []


def test_a_slower_job_is_waited_for_longer() -> None:
    assert told(900, 10, interval_s=300) == []
    assert told(901, 10, interval_s=300) == [UNREAD.format(15)]
    assert told(181, 10, interval_s=None) == [UNREAD.format(3)]


def test_a_paused_job_is_told_with_who_paused_it() -> None:
    (reason,) = told(240, 10, paused="kim")
    assert reason.endswith("kim has paused collect_prices; go on with 'azak jobs resume collect_prices'.")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 min"), (119, "2 min"), (7_199, "120 min"), (7_200, "2 h"), (90_000, "25 h")]
)
def test_a_span_is_told_in_minutes_below_two_hours(seconds: float, text: str) -> None:
    assert _span(seconds) == text
