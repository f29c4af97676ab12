"""The record of a stock on its own, as its report tells it."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.evaluations import Outcome
from backend.db.tables.models import Model, ModelVersion
from backend.domain.record import ENGINE_VERSION
from backend.reports.sheet_parts import OwnRecord
from tests.services.reports.report_world import NOW, TODAY, add, add_prediction, facts_of


async def add_scored(session: AsyncSession, version: int, day: int, outcome: dict[str, Any], **changes: Any) -> None:
    """A forecast of `day` sessions ago that has come out."""
    asof = NOW - timedelta(days=day)
    exit_day = TODAY - timedelta(days=day - 1)
    days: dict[str, Any] = {"trade_date": asof.date(), "exit_trade_date": exit_day}
    prediction = await add_prediction(session, version, asof=asof, **days, **changes)
    outcome = {"adjusted_return": 0.01} | outcome
    came = {"prediction_id": prediction, "engine_version": ENGINE_VERSION, "state": "final", "input_hash": "h"}
    scored = {"entry_ts": asof, "exit_trade_date": exit_day, "evaluated_at": asof + timedelta(days=1)}
    await add(session, Outcome, came | scored | outcome)


async def test_the_record_of_the_stock_alone_counts_each_session_once_by_its_newest_forecast(
    session: AsyncSession, version: int
) -> None:
    (size,) = await add(session, Model, {"name": "size", "kind": "size"})
    (sized,) = await add(session, ModelVersion, {"model_id": size, "version": "1", "data_hash": "d", "parameters": {}})
    up: dict[str, Any] = {"y": 1.0, "in_band": True}
    down, tie = {"y": 0.0, "in_band": False}, {"y": 0.5, "in_band": True}
    said = {"lean": 0.02}
    await add_scored(session, version, 9, up, verdict="call", direction="up", explanation=said, mode="backtest")
    await add_scored(session, version, 6, up, verdict="lean", explanation=said)
    await add_scored(session, version, 5, down, verdict="lean", explanation=said)
    await add_scored(session, version, 4, down, verdict="call", direction="down", explanation={"lean": -0.03})
    await add_scored(session, version, 3, up, verdict="none", explanation={"lean": 0.0})
    await add_scored(session, version, 2, tie, verdict="lean", explanation={"lean": -0.01})
    await add_scored(session, version, 3, up, verdict="none", horizon=3, mode="backtest", explanation={"lean": 0.0})
    for day, move in ((5, 0.031), (4, -0.05), (3, 0.03)):
        await add_scored(session, sized, day, up | {"size_move": move}, size={"p_3pct": 0.25})
    # Of a session that is asked again an hour later the later word counts; of the running one nothing is known yet.
    asof, again = NOW - timedelta(days=6, hours=-1), TODAY - timedelta(days=6)
    exit_day = TODAY - timedelta(days=5)
    later = await add_prediction(
        session, version, asof=asof, verdict="none", trade_date=again, exit_trade_date=exit_day
    )
    await add(
        session,
        Outcome,
        {
            "prediction_id": later, "engine_version": ENGINE_VERSION, "state": "final", "input_hash": "h",
            "entry_ts": NOW, "exit_trade_date": exit_day, "evaluated_at": NOW,
            "adjusted_return": -0.01, **down,
        },
    )  # fmt: skip
    await add_scored(session, version, 1, up | {"evaluated_at": NOW + timedelta(hours=3)}, verdict="none")
    assert (await facts_of(session)).own_record == (
        OwnRecord(1, "live", 5, 2, 1, 1, 2, 0, 3, 2, 0.75),
        OwnRecord(3, "backtest", 1, 1, 0, 0, 0, 0, 0, 0, 0.0),
    )
