"""Stored predictions come out again as they were said, unless a feature looked ahead; a backtest's report."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.db.tables.predictions import Prediction
from backend.errors import InvalidInputError, NotFoundError
from backend.models.fitting import features
from backend.models.fitting.features import Features
from backend.models.fitting.panel import Panel
from backend.pipelines.context import NoArguments, RunContext
from backend.pipelines.forecasts import generate_predictions, train_models
from backend.pipelines.forecasts.replay import list_moments
from backend.pipelines.record import audit_predictions, backtest
from tests.services.forecasts.forecasting_world import (
    CALENDAR,
    add_bars,
    add_stocks,
    add_stories,
    make_context,
    make_stories,
    make_story,
)

SESSIONS = 6
NEWS = [1.0] + [0.0] * 15


@pytest.fixture
async def context(database: Database, settings: Settings) -> RunContext:
    """Three stocks with 180 sessions of bars up to the last close, and 200 stories."""
    last = CALENDAR.last_closed(clock.now()).trade_date
    async with database.write() as session:
        codes = await add_stocks(session, 3)
        dates = await add_bars(session, codes, last, 180)
        await add_stories(session, make_stories(codes, dates, 200))
    return await make_context(database, settings)


def leak(monkeypatch: pytest.MonkeyPatch) -> None:
    """The return of the day to come, known a day too early: the classic mistake of a joined table."""
    honest = features.compute_features

    def leaking(panel: Panel) -> Features:
        found = honest(panel)
        values = found.values.copy()
        values[:, :-1, 0] += np.nan_to_num(panel.raw_returns[:, 1:])
        return replace(found, values=values)

    monkeypatch.setattr(features, "compute_features", leaking)


async def audit(context: RunContext, mode: str) -> Any:
    return await audit_predictions.run(context, audit_predictions.Arguments(mode=mode, sample=12))


async def test_replayed_and_live_predictions_come_out_again(context: RunContext) -> None:
    await backtest.run(context, backtest.Arguments(sessions=SESSIONS))
    await train_models.run(context, NoArguments())
    await generate_predictions.run(context, generate_predictions.Arguments())
    for mode in ("backtest", "live"):
        counts = await audit(context, mode)
        assert (counts.read, counts.detail) == (12, {"reproduced": 12, "differ": 0})
    async with context.read() as session:
        sized = await session.scalar(text("SELECT count(*) FROM predictions WHERE size ->> 'p_3pct' IS NOT NULL"))
        (size_id,) = await session.scalars(text("SELECT max(id) FROM predictions WHERE size IS NOT NULL"))
    assert sized  # by the model of size, which the audit makes again, too
    again = await audit_predictions.run(context, audit_predictions.Arguments(prediction_ids=[size_id]))
    assert again.detail == {"reproduced": 1, "differ": 0}


async def test_a_round_before_the_bars_and_effects_of_its_day_comes_out_again_once_they_are_in(
    context: RunContext,
) -> None:
    """As at 15:40: the session has closed, its bars come at 15:50, and what they say about older news at 15:55."""
    last = CALENDAR.last_closed(clock.now()).trade_date
    late = {"daily_bars": "trade_date", "index_bars": "trade_date", "impacts": "exit_trade_date"}
    async with context.write() as session:
        codes = list(await session.scalars(text("SELECT code FROM stocks ORDER BY code")))
        dates = list(await session.scalars(text("SELECT DISTINCT trade_date FROM daily_bars ORDER BY trade_date")))
        await add_stories(session, make_stories(codes, dates, 300))  # more, so that neighbours speak
        for table, column in late.items():
            await session.execute(text(f"CREATE TABLE late_{table} AS SELECT * FROM {table} WHERE {column} = '{last}'"))
            await session.execute(text(f"DELETE FROM {table} WHERE {column} = '{last}'"))
        await add_stories(session, [make_story(code, clock.now() - timedelta(seconds=1), NEWS) for code in codes])
    await train_models.run(context, NoArguments())
    await generate_predictions.run(context, generate_predictions.Arguments())
    async with context.write() as session:
        for table in late:
            await session.execute(text(f"UPDATE late_{table} SET recorded_at = clock_timestamp()"))
            await session.execute(text(f"INSERT INTO {table} SELECT * FROM late_{table}"))
        with_neighbours = await session.scalar(
            text("SELECT count(*) FROM predictions p JOIN model_versions v ON v.id = p.model_version_id"
                 " JOIN models m ON m.id = v.model_id AND m.kind = 'knn' WHERE p.explanation ? 'neighbours'")
        )  # fmt: skip
    assert with_neighbours
    assert (await audit(context, "live")).detail == {"reproduced": 12, "differ": 0}


async def test_a_row_from_before_there_were_words_keeps_its_own_and_a_newer_one_must_have_it(
    context: RunContext,
) -> None:
    """The same prediction with another word: as it would be said now, and as rows once were."""
    await backtest.run(context, backtest.Arguments(sessions=SESSIONS))
    columns = [column.name for column in Prediction.__table__.columns if column.name != "id"]
    other = {"mode": "'backfill'", "direction": "'up'", "verdict": "'call'"}
    older = {"mode": "'backfill'", "direction": "'up'", "verdict": "NULL"}

    def copy(first: int, changed: dict[str, str]) -> str:
        values = ", ".join(changed.get(name, name) for name in columns)
        return f"""INSERT INTO predictions ({", ".join(columns)})
            SELECT {values} FROM predictions WHERE mode = 'backtest' ORDER BY id LIMIT 1 OFFSET {first} RETURNING id"""

    async with context.write() as session:
        now = await session.scalar(text(copy(0, other)))
        then = await session.scalar(text(copy(1, older)))
    assert now is not None
    assert then is not None
    counts = await audit_predictions.run(context, audit_predictions.Arguments(prediction_ids=[now, then]))
    assert counts.detail == {"reproduced": 1, "differ": 1}
    async with context.read() as session:
        said = set(await session.scalars(text("SELECT message FROM run_events WHERE message LIKE 'prediction %'")))
    assert said == {
        f"prediction {now}: the same facts give another word",
        f"prediction {then}: as it was said, with a word of an earlier rule",
    }


async def test_a_feature_that_looks_ahead_is_caught(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every prediction but those of the last session, which have no day to come to look at."""
    leak(monkeypatch)
    await backtest.run(context, backtest.Arguments(sessions=SESSIONS))
    newest = list_moments(CALENDAR, SESSIONS)[-1].base
    async with context.read() as session:
        ids = list(await session.scalars(text(f"SELECT id FROM predictions WHERE trade_date < '{newest}' LIMIT 12")))
    counts = await audit_predictions.run(context, audit_predictions.Arguments(prediction_ids=ids))
    assert counts.detail == {"reproduced": 0, "differ": 12}
    async with context.read() as session:
        said = set(await session.scalars(text("SELECT message FROM run_events WHERE level = 'warning'")))
    assert {message.partition(": ")[2] for message in said} == {
        "what the model looked at is not what it looked at then"
    }


async def test_a_restated_price_changes_nothing_said_before_and_a_lost_one_is_told(context: RunContext) -> None:
    await backtest.run(context, backtest.Arguments(sessions=SESSIONS))
    async with context.write() as session:
        await session.execute(text("UPDATE daily_bars SET open_krw = open_krw + 1000, high_krw = high_krw + 2000"))
    assert (await audit(context, "backtest")).detail == {"reproduced": 12, "differ": 0}
    async with context.write() as session:
        await session.execute(text("DELETE FROM daily_bars_replaced"))
        await session.execute(text("UPDATE daily_bars SET recorded_at = known_at"))
        await session.execute(text("DELETE FROM daily_bars_replaced"))
    assert (await audit(context, "backtest")).detail["differ"] == 12
    with pytest.raises(NotFoundError, match="no prediction 999999"):
        await audit_predictions.run(context, audit_predictions.Arguments(prediction_ids=[999_999]))


async def test_a_backtest_of_two_dates_reports_those_sessions_alone(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    context.settings.general.data_dir = tmp_path
    moments = list_moments(CALENDAR, 12)
    first, last = moments[2].base, moments[5].base
    await backtest.run(context, backtest.Arguments(sessions=12))
    arguments = backtest.Arguments(first=first, last=last, models=["base", "gated"], report=True)
    counts = await backtest.run(context, arguments)
    assert counts.detail["predictions"] == 0
    (directory,) = (tmp_path / "backtests").glob("[!.]*")
    rows = json.loads((directory / "result.json").read_text())
    assert {row["model"] for row in rows} == {"base", "gated"}
    assert {row["n_days"] for row in rows} == {4}
    assert "<svg" in (directory / "reliability.svg").read_text()
    assert (directory / "reliability.png").read_bytes().startswith(b"\x89PNG")
    async with context.read() as session:
        data = await session.scalar(text("SELECT data FROM run_events WHERE message = 'result'"))
    assert (data["first"], data["last"], len(data["rows"])) == (str(first), str(last), len(rows))


async def test_dates_without_a_finished_session_are_refused(context: RunContext) -> None:
    newest = list_moments(CALENDAR, 1)[0].base
    later = newest.replace(year=newest.year + 1)
    with pytest.raises(InvalidInputError, match="the newest that can be replayed"):
        await backtest.run(context, backtest.Arguments(first=later, last=later))
