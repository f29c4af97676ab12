"""The event member in training and forecast: from the stored stories, walk-forward."""

from datetime import timedelta

from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.forecasts import Mode
from backend.pipelines.forecasts.replay import Replay, list_moments, run_replay
from tests.services.forecasts.forecasting_world import (
    CALENDAR,
    add_bars,
    add_stocks,
    add_stories,
    make_context,
    make_story,
)

SESSIONS = 3
# Every story of the first stock is a contract, followed by a rise of about one sigma; every one of the second is taken
# back, followed by a fall.
_READ = """
    UPDATE news_versions v SET event_type = 'contract', scope = 'company',
           sign = CASE WHEN l.stock_code = :first THEN '+' ELSE 'reversed' END
      FROM version_links l WHERE l.version_id = v.id
"""
_MOVE = """
    UPDATE impacts SET z = CASE WHEN stock_code = :first THEN 1 ELSE -1 END + 0.3 * sin(story_id)
"""
_SAID = """
    SELECT v.sign, p.horizon, (p.p_up > (p.explanation ->> 'p0')::float8) AS above,
           p.explanation -> 'abstained' ->> 'state' AS silent
      FROM predictions p JOIN model_versions n ON n.id = p.model_version_id JOIN models m ON m.id = n.model_id
      LEFT JOIN news_versions v ON v.story_id = p.story_id
     WHERE m.name = 'event' ORDER BY p.asof, p.stock_code, p.horizon
"""


async def test_a_replay_forecasts_events_from_those_that_had_ended(database: Database, settings: Settings) -> None:
    """A contract each evening, one of another stock taken back a little later; the effect is learned from the past."""
    context = await make_context(database, settings)
    moments = list_moments(CALENDAR, SESSIONS)
    last = moments[-1].base
    async with database.write() as session:
        codes = await add_stocks(session, 3)
        dates = await add_bars(session, codes, last, 200)
        stories = []
        for number, day in enumerate(dates[60:]):
            close = CALENDAR.day(day).closes_at
            rose = number % 2 == 0 if day < dates[-8] else None
            stories.append(make_story(codes[0], close + timedelta(minutes=5), [1.0, 0.0], rose=rose))
            stories.append(make_story(codes[1], close + timedelta(minutes=10), [0.0, 1.0], rose=rose))
        await add_stories(session, stories)
        await session.execute(text(_READ), {"first": codes[0]})
        await session.execute(text("ALTER TABLE impacts DISABLE TRIGGER keep_replaced"))
        await session.execute(text(_MOVE), {"first": codes[0]})
    await run_replay(context, SESSIONS, Replay(codes, Mode.BACKTEST))
    async with database.read() as session:
        said = (await session.execute(text(_SAID))).all()
    assert len(said) == SESSIONS * 3 * 3
    assert {(row.sign, row.above) for row in said if row.sign} == {("+", True), ("reversed", False)}
    assert {row.silent for row in said if row.sign is None} == {"no_new_story"}
    assert {row.silent for row in said if row.sign} == {None}
