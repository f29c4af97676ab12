"""What an item to predict holds, by hand: prices, quotes, sessions behind, stories; the replay's time budget."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.forecasts import HORIZONS, Direction, Forecast, Mode, Neighbour, Verdict
from backend.domain.stock_days import FEATURES, StockDay
from backend.errors import InvalidInputError
from backend.pipelines.forecasts import replay
from backend.pipelines.forecasts.forecasts import Known, KnownNews, build_items, build_row
from backend.pipelines.forecasts.moments import AsOf, plan_moment
from backend.pipelines.forecasts.prices import Prices
from backend.pipelines.forecasts.replay import Replay, list_moments_between, run_replay
from backend.services.forecasts.forecasting import WindowStory
from tests.services.forecasts.forecasting_world import CALENDAR, add_bars, add_stocks, make_context

CODE, OTHER = "000001", "000002"
FRIDAY = date(2026, 3, 20)
ASOF = CALENDAR.day(FRIDAY).closes_at + timedelta(minutes=10)
DAYS = [CALENDAR.shift(FRIDAY, back).trade_date for back in range(-6, 1)]
SIGMAS = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]


def prices(raw_close: list[int | None], days: list[date] = DAYS) -> Prices:
    """One stock whose features of session n are n / 3; `days`: the sessions whose prices are in."""
    rows = {}
    for n, day in enumerate(DAYS):
        last = max((k for k in range(n + 1) if raw_close[k] is not None), default=None)
        if last is not None and day in days:
            close = float(raw_close[last] or 0)
            rows[CODE, day] = StockDay(CODE, day, 200 + n, n - last, close, SIGMAS[n], [n / 3] * len(FEATURES))
    return Prices(days, rows)


def known(found: Prices, moment: AsOf, quotes: Mapping[str, int] | None = None) -> Known:
    neighbours = {h: [Neighbour(h, OTHER, 0.9, 3, 1.0, 0.1)] for h in HORIZONS}
    news = KnownNews([WindowStory(7, 70, 70, 1), WindowStory(5, 50, 50, 1)], neighbours)
    return Known(found, {(moment.asof, CODE): news}, 0.4, quotes or {})


def test_an_item_holds_what_was_known_at_its_moment() -> None:
    moment = plan_moment(CALENDAR, ASOF)
    items = build_items(CALENDAR, moment, CODE, known(prices([100, 101, 102, 103, 104, 105, 106]), moment))
    assert [item.horizon for item in items] == [1, 3, 5]
    first = items[0]
    assert (first.stock_code, first.asof, first.trade_date) == (CODE, ASOF, FRIDAY)
    assert (first.base_price_krw, first.sigma, first.background_similarity) == (106, 0.07, 0.4)
    assert first.features == {**dict.fromkeys(FEATURES, 2.0), "sessions_behind": 0.0}
    assert (first.story_id, list(first.evidence)) == (7, [70, 50])
    assert [item.neighbours[0].story_id for item in items] == [1, 3, 5]


def test_sessions_behind_counts_the_closed_sessions_that_have_no_prices_yet() -> None:
    """Prices end on Wednesday, Friday has closed: two sessions behind."""
    moment = plan_moment(CALENDAR, ASOF)
    found = prices([100, 101, 102, 103, 104, 105, 106], [DAYS[4]])
    (item, *_) = build_items(CALENDAR, moment, CODE, known(found, moment))
    assert (item.features["sessions_behind"], item.base_price_krw, item.sigma) == (2.0, 104, 0.05)


@pytest.mark.parametrize(
    ("newest", "quotes", "expected"),
    [(5, {CODE: 111}, 111), (5, {OTHER: 111}, 105), (6, {CODE: 111}, 106), (6, {}, 106)],
)
def test_an_item_starts_from_the_last_quote_until_the_bar_of_its_session_is_in(
    newest: int, quotes: dict[str, int], expected: int
) -> None:
    """After the close on Friday, with prices up to Thursday (5) and up to Friday (6)."""
    moment = plan_moment(CALENDAR, ASOF)
    found = prices([100, 101, 102, 103, 104, 105, 106], [DAYS[newest]])
    items = build_items(CALENDAR, moment, CODE, known(found, moment, quotes))
    assert [item.base_price_krw for item in items] == [expected] * 3


@pytest.mark.parametrize(
    ("raw_close", "expected"),
    [
        ([100, 101, 102, 103, 104, 105, None], 105),
        ([100, 101, 102, None, None, None, None], 102),
        ([100, 101, None, None, None, None, None], None),
    ],
)
def test_a_stock_without_a_bar_in_five_sessions_is_not_predicted(
    raw_close: list[int | None], expected: int | None
) -> None:
    moment = plan_moment(CALENDAR, ASOF)
    items = build_items(CALENDAR, moment, CODE, known(prices(raw_close), moment))
    assert [item.base_price_krw for item in items] == ([] if expected is None else [expected] * 3)


def test_a_stock_outside_of_the_panel_or_without_sigma_is_not_predicted() -> None:
    moment = plan_moment(CALENDAR, ASOF)
    found = prices([100, 101, 102, 103, 104, 105, 106])
    assert build_items(CALENDAR, moment, OTHER, known(found, moment)) == []
    early = replace(found.days[CODE, FRIDAY], bars=20)
    assert build_items(CALENDAR, moment, CODE, known(replace(found, days={(CODE, FRIDAY): early}), moment)) == []
    own = replace(early, bars=21)
    assert build_items(CALENDAR, moment, CODE, known(replace(found, days={(CODE, FRIDAY): own}), moment)) != []
    assert build_items(CALENDAR, moment, CODE, known(replace(found, sessions=[]), moment)) == []


def test_the_newest_prices_are_those_of_a_session_that_had_closed() -> None:
    found = prices([1] * 7, DAYS[2:5])
    assert [found.newest(day) for day in DAYS[1:6]] == [None, *DAYS[2:5], DAYS[4]]


def test_a_row_says_what_the_forecast_said() -> None:
    moment = plan_moment(CALENDAR, ASOF)
    item = build_items(CALENDAR, moment, CODE, known(prices([100] * 7), moment))[1]
    forecast = Forecast(
        model="gated", stock_code=CODE, asof=ASOF, horizon=3, p_up=0.56, lean=0.06, verdict=Verdict.CALL,
        direction=Direction.UP, confidence=0.13,
        quantiles_krw=(1, 2, 3, 4, 5, 6, 7), story_id=7, evidence=[{"news_id": 70, "weight": 0.5}],
        explanation={"p0": 0.5}, features_hash="abc",
    )  # fmt: skip
    assert build_row(moment, item, forecast, 12, Mode.BACKFILL) == {
        "model_version_id": 12, "stock_code": CODE, "asof": ASOF, "trade_date": FRIDAY, "horizon": 3,
        "mode": "backfill", "story_id": 7, "base_price_krw": 100,
        "entry_ts": CALENDAR.shift(FRIDAY, 1).opens_at, "exit_trade_date": CALENDAR.shift(FRIDAY, 3).trade_date,
        "p_up": 0.56, "quantiles_krw": [1, 2, 3, 4, 5, 6, 7], "verdict": "call", "direction": "up",
        "confidence": 0.13, "sigma": 0.07,
        "evidence": [{"news_id": 70, "weight": 0.5}], "explanation": {"p0": 0.5}, "features_hash": "abc",
        "recorded_by": ASOF,
        "size": None,
    }  # fmt: skip


def test_an_moment_looks_back_to_the_close_before_its_base_session() -> None:
    """In session the base is the running one, whose prices are not known yet; quotes count then."""
    running = CALENDAR.day(FRIDAY)
    inside = plan_moment(CALENDAR, running.opens_at + timedelta(hours=1))
    before = CALENDAR.shift(FRIDAY, -1)
    assert (inside.base, inside.closed, inside.news_since) == (FRIDAY, before.trade_date, before.closes_at)
    after = plan_moment(CALENDAR, ASOF)
    assert (after.base, after.closed, after.news_since) == (FRIDAY, FRIDAY, before.closes_at)


def test_moments_between_two_dates_end_with_the_newest_session_whose_entry_has_happened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On Friday at noon Thursday's close has been entered, and nothing after it."""
    noon = CALENDAR.day(FRIDAY).opens_at + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: noon)
    found = list_moments_between(CALENDAR, date(2026, 3, 17), date(2026, 3, 31))
    assert [str(moment.base) for moment in found] == ["2026-03-17", "2026-03-18", "2026-03-19"]
    assert found[0].asof == CALENDAR.day(date(2026, 3, 17)).closes_at + timedelta(minutes=27)
    assert len(list_moments_between(CALENDAR, date(2026, 3, 19), date(2026, 3, 19))) == 1
    with pytest.raises(InvalidInputError, match="newest that can be replayed is 2026-03-19"):
        list_moments_between(CALENDAR, FRIDAY, FRIDAY)


async def test_a_replay_without_time_for_a_block_stops_and_says_what_is_left(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block may take 20 s; with fewer left none is begun, with time for one exactly one is."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 31, 12, tzinfo=UTC))
    async with database.write() as session:
        codes = await add_stocks(session, 2)
        await add_bars(session, codes, date(2026, 3, 31), 160)
    context = await make_context(database, settings)
    late = replace(context, deadline=time.monotonic() + replay._BLOCK_S - 1)
    counts = await run_replay(late, 30, Replay(codes, Mode.BACKTEST))
    assert (counts.written, counts.detail["sessions_left"]) == (0, 30)
    left: list[Any] = [25.0, 15.0]
    once = replace(context)
    monkeypatch.setattr(type(once), "seconds_left", lambda _: left.pop(0))
    counts = await run_replay(once, 30, Replay(codes, Mode.BACKTEST))
    assert 0 < counts.detail["sessions_left"] < 30
    done = 30 - counts.detail["sessions_left"]
    assert counts.detail["predictions"] == done * len(codes) * len(HORIZONS) * counts.detail["model_versions"]
    assert counts.read == counts.detail["predictions"]
    assert once.status.progress == pytest.approx(done / 30)
