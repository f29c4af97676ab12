"""Windows between an entry and an exit by hand: what counts as closed, waited for, void, and split-adjusted."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from backend.domain.price_windows import PATIENCE, Bar, PriceHistory, PriceWindow, Timetable, WindowRequest
from backend.krx import KrxCalendar
from backend.pipelines.record.scoring import MarketModel

CODE = "005930"
DAYS = KrxCalendar().between(date(2026, 3, 2), date(2026, 3, 31))
NOW = DAYS[15].closes_at
TABLE = Timetable(DAYS, NOW)


def tape(halted: tuple[int, ...] = (), *, now: datetime = NOW, uncollected: tuple[int, ...] = ()) -> PriceHistory:
    """Session n opens at 1000 + n and closes at 2000 + n; a split makes the factor 1 from session 8 on, 0.5 before."""
    bars = {
        (CODE, day.trade_date): Bar(1000 + n, 2000 + n, 1.0 if n >= 8 else 0.5, is_final=True)
        for n, day in enumerate(DAYS)
        if n not in (*halted, *uncollected)
    }
    collected = frozenset(day.trade_date for n, day in enumerate(DAYS) if n not in uncollected)
    return PriceHistory(Timetable(DAYS, now), bars, collected, {DAYS[3].trade_date: 0.01})


def request(base: int, entry: int, exit_: int) -> WindowRequest:
    return WindowRequest(CODE, base, DAYS[entry].opens_at, DAYS[exit_].trade_date)


def test_a_moment_belongs_to_the_session_that_opened_last() -> None:
    opened = DAYS[3].opens_at
    assert [TABLE.base(opened + timedelta(seconds=s)) for s in (-1, 0, 1)] == [2, 3, 3]
    assert TABLE.base(DAYS[3].closes_at + timedelta(hours=5)) == 3
    with pytest.raises(IndexError, match="hand in earlier sessions"):
        TABLE.base(DAYS[0].opens_at - timedelta(seconds=1))


def test_a_day_on_which_the_exchange_closed_after_all_is_the_next_session() -> None:
    saturday = date(2026, 3, 14)
    assert TABLE.sessions[TABLE.position(saturday)].trade_date == date(2026, 3, 16)
    assert TABLE.position(DAYS[4].trade_date) == 4


def test_the_rule_of_the_scoring_edge_a_session_is_closed_from_its_last_moment_on() -> None:
    early = Timetable(DAYS, NOW - timedelta(seconds=1))
    assert (TABLE.is_closed(15), TABLE.is_closed(16), early.is_closed(15)) == (True, False, False)
    assert TABLE.is_closed(len(DAYS)) is False
    assert (TABLE.closed_through(), early.closed_through()) == (DAYS[15].trade_date, DAYS[14].trade_date)
    assert Timetable(DAYS, DAYS[0].opens_at).closed_through() is None


def test_a_window_from_an_opening_to_a_close() -> None:
    window = tape().measure(request(2, 3, 5))
    assert window == PriceWindow(
        entry_position=3, exit_position=5, entry_ts=DAYS[3].opens_at, entry_price_krw=1003, exit_price_krw=2005,
        first_leg=0.01,
    )  # fmt: skip
    assert window is not None
    assert window.raw_return == pytest.approx(2005 / 1003 - 1)
    unknown = tape().measure(request(3, 4, 5))
    assert unknown is not None
    assert unknown.first_leg is None


def test_a_split_inside_a_window_is_taken_out_of_its_return() -> None:
    """Entered at 1007 before a 1:2 split, left at 2009 after it: the money doubled in shares."""
    window = tape().measure(request(6, 7, 9))
    assert window is not None
    assert (window.adjust_ratio, window.base_ratio) == (2.0, 2.0)
    assert window.raw_return == pytest.approx(2009 * 2 / 1007 - 1)
    after = tape().measure(request(7, 8, 9))
    assert after is not None
    assert (after.adjust_ratio, after.base_ratio) == (1.0, 2.0)


def test_a_window_is_not_due_before_its_exit_has_closed() -> None:
    assert tape().measure(request(14, 15, 16)) is None
    assert tape(now=NOW - timedelta(seconds=1)).measure(request(13, 14, 15)) is None
    assert tape().measure(request(13, 14, 15)) is not None


def test_the_rule_of_void_a_halt_at_the_exit_is_waited_for_five_sessions() -> None:
    """The stock trades again on the fifth session after its exit, or on the sixth: that is too late."""
    assert PATIENCE == 5
    waited = tape(halted=(5, 6, 7, 8, 9)).measure(request(2, 3, 5))
    assert waited is not None
    assert (waited.exit_position, waited.exit_price_krw, waited.void_reason) == (10, 2010, None)
    void = tape(halted=(5, 6, 7, 8, 9, 10)).measure(request(2, 3, 5))
    assert void == PriceWindow(3, 5, DAYS[3].opens_at, 1003, void_reason="halt")


def test_a_halt_that_may_still_end_or_that_nobody_collected_is_not_decided() -> None:
    assert tape(halted=(12, 13, 14, 15, 16, 17)).measure(request(9, 10, 12)) is None
    assert tape(halted=(5, 6, 7, 8, 9, 10), uncollected=(7,)).measure(request(2, 3, 5)) is None


def test_an_exit_whose_bar_is_not_final_is_waited_for() -> None:
    found = tape()
    bars = dict(found.bars) | {(CODE, DAYS[5].trade_date): Bar(1, 2, 1.0, is_final=False)}
    assert PriceHistory(found.timetable, bars, found.collected, {}).measure(request(2, 3, 5)) is None


def test_the_rule_of_void_no_price_at_the_entry_is_void_once_five_sessions_have_closed() -> None:
    window = tape(halted=(3,)).measure(request(2, 3, 5))
    assert window == PriceWindow(3, 5, DAYS[3].opens_at, exit_price_krw=2005, void_reason="no_price")
    assert tape(halted=(10,)).measure(request(9, 10, 12)) is not None  # 10 + 5 closed at this very moment
    assert tape(halted=(10,), now=NOW - timedelta(seconds=1)).measure(request(9, 10, 12)) is None


def test_an_entry_inside_a_session_is_the_minute_that_was_found() -> None:
    inside = DAYS[3].opens_at + timedelta(hours=1)
    asked = WindowRequest(CODE, 3, inside, DAYS[4].trade_date)
    found = tape()
    assert found.measure(asked) == PriceWindow(3, 4, inside, exit_price_krw=2004, void_reason="no_price")
    found = replace(found, minute_prices={(CODE, inside): (inside + timedelta(minutes=2), 1500)})
    entered = found.measure(asked)
    assert entered is not None
    assert (entered.entry_ts, entered.entry_price_krw, entered.first_leg) == (inside + timedelta(minutes=2), 1500, 0.0)
    entered = replace(found, minute_returns={inside: 0.03}).measure(asked)
    assert entered is not None
    assert entered.first_leg == 0.03


def test_the_market_model_gives_what_was_known_at_a_close() -> None:
    days = [day.trade_date for day in DAYS[:4]]
    model = MarketModel(
        {CODE: (days, [0.5, 0.6, 0.7, 0.8], [0.01, 0.02, 0.03, 0.04])}, {"KOSPI": (days, [0.0, 0.1, 0.0, 0.2])},
    )  # fmt: skip
    assert model.at(CODE, days[1]) == (0.6, 0.02)
    assert model.at(CODE, days[0] - timedelta(days=1)) == (1.0, 0.02)
    assert model.at(CODE, days[3] + timedelta(days=9)) == (0.8, 0.04)
    assert model.growth("KOSPI", days[0], days[3]) == pytest.approx(1.1 * 1.2)
    assert model.growth("KOSPI", days[1], days[2]) == 1
    assert model.growth("KOSPI", days[0], days[1]) == pytest.approx(1.1)


def tape_with(position: int, **changes: Any) -> PriceHistory:
    """The tape with one bar changed."""
    whole = tape()
    key = (CODE, DAYS[position].trade_date)
    return replace(whole, bars={**whole.bars, key: replace(whole.bars[key], **changes)})


@pytest.mark.parametrize(
    ("position", "void"), [(2, None), (3, "unknown_action"), (5, "unknown_action"), (6, None)]
)  # fmt: skip
def test_a_window_across_an_action_that_nobody_told_is_void(position: int, void: str | None) -> None:
    """Known after session 2, entered at the open of 3, left at the close of 5: a price of 2 is in the units of 2."""
    window = tape_with(position, is_break=True).measure(request(2, 3, 5))
    assert window is not None
    assert window.void_reason == void


def test_a_session_without_a_trade_and_a_bar_that_lies_are_neither_entry_nor_exit() -> None:
    unusable = {"is_usable": False, "open_krw": None}
    later = tape_with(5, **unusable).measure(request(2, 3, 5))
    assert later is not None
    assert (later.exit_position, later.exit_price_krw) == (6, 2006)
    void = tape_with(3, **unusable).measure(request(2, 3, 5))
    assert void is not None
    assert void.void_reason == "no_price"
    units = tape_with(2, **unusable).measure(request(2, 3, 9))
    assert units is not None
    assert units.base_ratio == 2.0  # a carried close still says in which units the base price was
