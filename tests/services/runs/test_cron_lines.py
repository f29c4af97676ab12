"""Whatever cron line azak takes from a person, the clock takes too, and it comes true."""

import contextlib
from datetime import datetime

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import KST
from backend.errors import InvalidInputError
from backend.services.runs.cron_lines import check_cron_line

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=KST)


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low - 1, high + 1).map(str)
    spread = st.tuples(number, number).map("-".join)
    step = st.tuples(st.one_of(st.just("*"), spread), st.integers(0, high + 2).map(str)).map("/".join)
    return st.lists(st.one_of(st.just("*"), number, spread, step), min_size=1, max_size=3).map(",".join)


_DAY = st.sampled_from(("mon", "tue", "wed", "thu", "fri", "sat", "sun", "0", "xyz", ""))
WEEKDAYS = st.one_of(st.just("*"), _DAY, st.tuples(_DAY, _DAY).map("-".join), st.lists(_DAY, max_size=3).map(",".join))
LINES = st.tuples(fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), WEEKDAYS).map(" ".join)


@given(LINES)
def test_what_is_accepted_the_clock_takes_and_fires(line: str) -> None:
    with contextlib.suppress(InvalidInputError):
        check_cron_line(line)
        assert CronTrigger.from_crontab(line, timezone=KST).get_next_fire_time(None, NOW) is not None


@pytest.mark.parametrize(
    "line",
    ["* * * * *", "*/10 * * * *", "5-59/10 * * * *", "30 8 * * mon-fri", "0,30 9-15 1,15 2,6 sat,sun", "0 0 29 2 *"],
)
def test_what_people_write_is_accepted(line: str) -> None:
    check_cron_line(line)
    assert CronTrigger.from_crontab(line, timezone=KST).get_next_fire_time(None, NOW) is not None


@pytest.mark.parametrize(
    "line",
    ["", "* * * *", "* * * * * *", "*  * * * *", "0 0 31 2 *", "0 24 * * *", "*/0 * * * *", "*/60 * * * *",
     "5/10 * * * *", "1-1/1 * * * *", "9-5 * * * *", "٣ * * * *", "* * * * fri-mon", "* * * * 0", "@daily * * * *"],
)  # fmt: skip
def test_what_is_ambiguous_or_never_comes_is_refused(line: str) -> None:
    with pytest.raises(InvalidInputError, match="for example"):
        check_cron_line(line)


@pytest.mark.parametrize(
    ("line", "is_taken"),
    [("0 0 1 1 *", True), ("59 23 31 12 sun", True), ("60 * * * *", False), ("* 24 * * *", False),
     ("* * 0 * *", False), ("* * 32 * *", False), ("* * * 0 *", False), ("* * * 13 *", False), ("0 0 31 4 *", False),
     ("0 0 31 1,4 *", True), ("0 0 30 2 *", False), ("0 0 31 6,9,11 *", False), ("0-59/59 * * * *", True),
     ("0-59/60 * * * *", False), ("*/59 */23 * * *", True), ("5-5/1 * * * *", False), ("* * * * mon-sun", True)],
)  # fmt: skip
def test_each_field_ends_where_the_calendar_does(line: str, is_taken: bool) -> None:
    with contextlib.nullcontext() if is_taken else pytest.raises(InvalidInputError, match="Not a cron line: "):
        check_cron_line(line)
