"""What studies of events rest on: outcomes and readings as they were known at a moment, and kept as whole snapshots."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.knowledge import Knowledge
from backend.domain.stock_days import FEATURE_SET, FEATURES
from backend.domain.understanding.event_studies import StoryEvent, Study
from backend.services.forecasts import forecasting
from backend.services.forecasts.forecasting import NewsWindow
from backend.services.record import event_studies
from tests.services.forecasts.forecasting_world import CALENDAR, add_stocks, add_stories, make_story

CODE = "000001"
NEWS_DAY = date(2026, 3, 10)
CLOSE = CALENDAR.day(NEWS_DAY).closes_at
LATER = CALENDAR.shift(NEWS_DAY, 30).closes_at
READING = "event_type = 'contract', sign = '+', scope = 'company'"


@pytest.fixture
async def story(session: AsyncSession) -> int:
    """One story, read as a contract, whose stock then rose."""
    await add_stocks(session, 1)
    (story_id,) = await add_stories(session, [make_story(CODE, CLOSE - timedelta(hours=1), [1.0, 0.0], rose=True)])
    await read_as(session, READING)
    return story_id


async def read_as(session: AsyncSession, columns: str, **bound: Any) -> None:
    await session.execute(text(f"UPDATE news_versions SET {columns}"), bound)


async def found(session: AsyncSession, known_by: datetime, recorded_by: datetime | None = None) -> dict[str, int]:
    """Horizon -> observations."""
    knowledge = Knowledge(known_by, recorded_by or known_by)
    columns = await event_studies.list_observations(session, knowledge)
    return {horizon: len(rows["moves"]) for horizon, rows in columns.items()}


async def test_an_observation_is_the_move_after_the_story_and_what_it_was_read_to_tell(
    session: AsyncSession, story: int
) -> None:
    await read_as(session, "share = 0.25")
    await session.execute(text("UPDATE impacts SET z = 1.5"))
    knowledge = Knowledge.newest(LATER)
    exits = str(CALENDAR.shift(NEWS_DAY, 1).trade_date)
    assert (await event_studies.list_observations(session, knowledge))["1"] == {
        "types": ["contract"], "signs": ["+"], "sizes": ["large"], "stocks": [CODE], "days": [exits],
        "moves": [0.5], "drifts": [None],
    }  # fmt: skip
    assert (await event_studies.list_observations(session, knowledge, in_sigmas=True))["5"]["moves"] == [1.5]


async def test_an_outcome_counts_from_the_close_of_its_exit_on(session: AsyncSession, story: int) -> None:
    after_three = CALENDAR.shift(NEWS_DAY, 3).closes_at
    assert await found(session, after_three) == {"1": 1, "3": 1}
    assert await found(session, after_three - timedelta(seconds=1)) == {"1": 1}
    assert await found(session, after_three, recorded_by=CLOSE) == {}


async def test_a_reading_counts_from_when_it_was_made_until_another_took_its_place(
    session: AsyncSession, story: int
) -> None:
    at = LATER - timedelta(days=1)
    await read_as(session, "recorded_at = :at", at=at)
    assert await found(session, LATER) == {"1": 1, "3": 1, "5": 1}
    assert await found(session, LATER, recorded_by=at - timedelta(seconds=1)) == {}
    await read_as(session, "retired_at = :at", at=LATER)
    assert await found(session, LATER) == {}


@pytest.mark.parametrize("reading", ["event_type = 'other'", "event_type = 'price_move'", "scope = 'fund'",
                                     "scope = 'market'", "scope = 'sector'"])  # fmt: skip
async def test_what_tells_no_event_of_a_company_is_not_studied(session: AsyncSession, story: int, reading: str) -> None:
    await read_as(session, reading)
    assert await found(session, LATER) == {}
    window = NewsWindow(CODE, CLOSE - timedelta(days=1), CLOSE)
    ((one,),) = await forecasting.list_window_stories(session, [window], recorded_by=CLOSE)
    assert (one.story_id, one.event) == (story, None)


async def test_only_final_outcomes_of_the_last_three_years_count(session: AsyncSession, story: int) -> None:
    assert await found(session, CLOSE + timedelta(days=3 * 365)) == {"1": 1, "3": 1, "5": 1}
    assert await found(session, CLOSE + timedelta(days=3 * 365 + 8)) == {}
    await session.execute(text("UPDATE impacts SET state = 'void', void_reason = 'halt'"))
    assert await found(session, LATER) == {"1": 1, "3": 1, "5": 1}  # as azak had it then
    assert await found(session, LATER, recorded_by=Knowledge.newest(LATER).recorded_by) == {}


async def test_the_drift_is_that_of_the_last_close_before_the_news(session: AsyncSession, story: int) -> None:
    """Of the day of the news only the close before it was known."""
    rows = []
    for back, ar5 in ((0, 0.9), (-1, 0.04), (-2, 0.8)):
        day = CALENDAR.shift(NEWS_DAY, back)
        features = [ar5 if name == "ar5" else 0.0 for name in FEATURES]
        rows.append({"day": day.trade_date, "at": day.closes_at, "features": features, "code": CODE})
    await session.execute(
        text("""
            INSERT INTO stock_days (stock_code, trade_date, bars, sessions_since_bar, close_krw, beta, sigma, features,
                                    feature_set, known_at, recorded_at)
            VALUES (:code, :day, 200, 0, 100, 1, 0.02, CAST(:features AS float8[]), :feature_set, :at, :at)
        """),
        [row | {"feature_set": FEATURE_SET} for row in rows],
    )
    columns = await event_studies.list_observations(session, Knowledge.live(LATER), with_drift=True)
    assert columns["1"]["drifts"] == [0.04]


async def test_a_forecast_sees_the_events_of_its_new_stories(session: AsyncSession, story: int) -> None:
    await read_as(session, "sign = 'reversed', surprise = -0.05")
    window = NewsWindow(CODE, CLOSE - timedelta(days=1), CLOSE)
    ((one,),) = await forecasting.list_window_stories(session, [window], recorded_by=CLOSE)
    assert one.event == StoryEvent(story, "contract", "reversed", "small")


STUDY = Study("contract", "+", "any", "all", 5, 30, 25, 0.01, 0.002, 0.018, 0.008, None, "effect")


async def test_a_snapshot_is_stored_once_and_stands_until_the_next(session: AsyncSession) -> None:
    own = replace(STUDY, stock_code="005930")
    assert await event_studies.list_newest(session) == (None, [])
    assert await event_studies.record_snapshot(session, CLOSE, [STUDY, own]) == 2
    assert await event_studies.record_snapshot(session, LATER, [own, STUDY]) == 0
    changed = replace(STUDY, n=31)
    assert await event_studies.record_snapshot(session, LATER, [changed]) == 1
    assert await event_studies.list_newest(session) == (LATER, [changed])
    assert await event_studies.list_newest(session, stock_code="005930") == (LATER, [])
    assert await event_studies.list_newest(session, by=LATER - timedelta(seconds=1)) == (CLOSE, [STUDY])
    assert await event_studies.list_newest(session, by=CLOSE - timedelta(seconds=1)) == (None, [])
