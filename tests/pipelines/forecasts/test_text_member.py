"""The text member in training and forecast: from the stored titles, walk-forward, and made again by the audit."""

from datetime import timedelta

from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.forecasts import Mode
from backend.domain.knowledge import Knowledge
from backend.pipelines.forecasts.replay import Replay, list_moments, run_replay
from backend.pipelines.record import audit_predictions
from backend.services.news import labelled_texts
from tests.services.forecasts.forecasting_world import (
    CALENDAR,
    EMBEDDER,
    add_bars,
    add_stocks,
    add_stories,
    make_context,
    make_story,
)

SESSIONS = 3
# The stories of the first stock beat what was expected, and it beat the market; those of the second missed it.
_TITLES = """
    UPDATE news_versions v SET title = '3분기 영업이익 ' || v.id || '억, 기대 ' ||
           CASE WHEN l.stock_code = :first THEN '웃돌아' ELSE '밑돌아' END
      FROM version_links l WHERE l.version_id = v.id
"""
_SAID = """
    SELECT p.stock_code, p.horizon, (p.p_up > (p.explanation ->> 'p0')::float8) AS above,
           p.explanation ->> 'abstained' AS silent
      FROM predictions p JOIN model_versions n ON n.id = p.model_version_id JOIN models m ON m.id = n.model_id
     WHERE m.name = 'text' ORDER BY p.asof, p.stock_code, p.horizon
"""


async def test_a_replay_reads_titles_whose_effect_had_ended_and_the_audit_reads_the_same(
    database: Database, settings: Settings
) -> None:
    context = await make_context(database, settings)
    last = list_moments(CALENDAR, SESSIONS)[-1].base
    async with database.write() as session:
        codes = await add_stocks(session, 2)
        dates = await add_bars(session, codes, last, 220)
        stories = []
        for day in dates[30:]:
            close = CALENDAR.day(day).closes_at
            for minutes, (code, rose) in enumerate(zip(codes, (True, False), strict=True), start=5):
                known = rose if day < dates[-8] else None
                stories.append(make_story(code, close + timedelta(minutes=minutes), [1.0, 0.0], rose=known))
        await add_stories(session, stories)
        await session.execute(text(_TITLES), {"first": codes[0]})
    await run_replay(context, SESSIONS, Replay(codes, Mode.BACKTEST))
    async with database.read() as session:
        said = (await session.execute(text(_SAID))).all()
        ids = list(await session.scalars(text("SELECT id FROM predictions ORDER BY id")))
        asof = CALENDAR.day(dates[100]).closes_at
        found = await labelled_texts.list_labelled(session, Knowledge.newest(asof), embedder=EMBEDDER)
        other = await labelled_texts.list_labelled(session, Knowledge.newest(asof), embedder="another")
    assert len(said) == SESSIONS * 2 * 3
    above = {(row.stock_code, row.above, row.silent) for row in said}
    assert above == {(codes[0], True, None), (codes[1], False, None)}
    again = await audit_predictions.run(context, audit_predictions.Arguments(prediction_ids=ids))
    assert again.detail == {"reproduced": len(ids), "differ": 0}
    ended = {horizon: len(columns["y"]) for horizon, columns in found["horizons"].items()}
    assert ended == {"1": 2 * 70, "3": 2 * 68, "5": 2 * 66}  # of stories since session 30, effects ended by session 100
    assert len(found["titles"]) == len(found["vectors"]) == 2 * 70
    assert other == {"titles": [], "vectors": [], "horizons": {}}
