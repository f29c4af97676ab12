"""A small seeded market with stories and predictions, and the run in which jobs score them.

`Models` answers the two operations of scoring in this process, through frames as the real pipe does.
"""

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.config import Settings
from backend.db.session import Database
from backend.db.tables.bars import DailyBarRow, IndexBarRow
from backend.db.tables.models import Model, ModelVersion
from backend.db.tables.predictions import Prediction
from backend.db.tables.stocks import Stock
from backend.db.upsert import upsert
from backend.domain.runs import Origin
from backend.krx import KrxCalendar, TradingDay
from backend.models.fitting import market_model
from backend.pipelines.context import RunContext, Tools
from backend.pipelines.stories.live_stories import LiveStories
from backend.services.runs import run_attempts, runs
from backend.stats.ab_test import compare
from backend.stats.event_study import study_events
from backend.stats.metrics import summarise_metrics
from backend.stats.ranking import equal_forecasts
from backend.stats.sizes.record import summarise_sizes
from tests.services.forecasts.forecasting_world import framed

CALENDAR = KrxCalendar()
SESSIONS = CALENDAR.between(date(2025, 12, 1), date(2026, 6, 30))
NOW = datetime.fromisoformat("2026-06-30T18:00:00+09:00")
CODES = [f"{100 + k:04}00" for k in range(12)]


class Models:
    """What a context needs of the model client here."""

    async def call(self, operation: str, payload: dict[str, Any]) -> Any:
        known = {
            "market_days": market_model.market_days,
            "stock_days": market_model.stock_days,
            "summarise_metrics": summarise_metrics,
            "compare_versions": compare,
            "equal_forecasts": equal_forecasts,
            "study_events": study_events,
            "summarise_sizes": summarise_sizes,
        }
        return framed(known[operation](framed(payload)))


async def context_for(database: Database, settings: Settings) -> RunContext:
    """An attempt that owns a running run."""
    async with database.write() as session:
        accepted = await runs.accept(session, kind="evaluate_predictions", arguments={}, origin=Origin.CLI)
    async with database.write() as session:
        claim = await run_attempts.claim(session, accepted.id, worker="test", lease_s=600)
    assert isinstance(claim, run_attempts.Claim)
    tools: Any = SimpleNamespace(
        settings=settings, database=database, calendar=CALENDAR, models=Models(), stories=LiveStories(database)
    )
    deadline = time.monotonic() + 600
    assert set(vars(tools)) == set(Tools.__dataclass_fields__)
    return RunContext(tools, accepted.id, claim.attempt, "evaluate_predictions", Origin.CLI, deadline)


def bar(code: str, day: date, opened: int, closed: int, **changes: Any) -> dict[str, Any]:
    return {
        "stock_code": code, "trade_date": day, "open_krw": opened, "high_krw": max(opened, closed),
        "low_krw": min(opened, closed), "regular_close_krw": closed, "volume": 1000, "source": "test",
        "adjust_factor": 1.0, "is_final": True,
    } | changes  # fmt: skip


async def build_market(session: AsyncSession, codes: Sequence[str] = CODES, days: Sequence[TradingDay] = ()) -> None:
    """Stocks, daily bars and both indices over `days` (default: all sessions)."""
    rng = np.random.default_rng(11)
    days = days or SESSIONS
    stocks = [{"code": c, "name": c, "market": "KOSDAQ" if k % 3 == 0 else "KOSPI"} for k, c in enumerate(codes)]
    await upsert(session, Stock, stocks, key=["code"])
    market = rng.normal(0, 0.01, len(days))
    bars = []
    for code in codes:
        close = 50_000.0
        for day, move in zip(days, market, strict=True):
            opened = close * (1 + rng.normal(0, 0.004))
            close = opened * (1 + move + rng.normal(0, 0.015))
            moments = {"known_at": day.closes_at, "recorded_at": day.closes_at}
            bars.append(bar(code, day.trade_date, round(opened), round(close), **moments))
    await upsert(session, DailyBarRow, bars, key=["stock_code", "trade_date"])
    levels = (1000 * np.cumprod(1 + market)).tolist()
    index = [
        {
            "index_code": name,
            "trade_date": day.trade_date,
            "close": level,
            "source": "test",
            "known_at": day.closes_at,
            "recorded_at": day.closes_at,
        }
        for name in ("KOSPI", "KOSDAQ")
        for day, level in zip(days, levels, strict=True)
    ]
    await upsert(session, IndexBarRow, index, key=["index_code", "trade_date"])


async def build_models(session: AsyncSession, kinds: Sequence[str] = ("base", "price")) -> dict[str, int]:
    """One version of each model; returns version ids."""
    await upsert(session, Model, [{"name": kind, "kind": kind} for kind in kinds], key=["name"])
    ids = {row.name: row.id for row in await session.execute(text("SELECT name, id FROM models"))}
    rows = [{"model_id": ids[kind], "version": "1", "data_hash": "x", "parameters": {}} for kind in kinds]
    await upsert(session, ModelVersion, rows, key=["model_id", "version"])
    query = "SELECT m.name, v.id FROM model_versions v JOIN models m ON m.id = v.model_id"
    return {row.name: row.id for row in await session.execute(text(query))}


def prediction(version: int, code: str, base: TradingDay, horizon: int = 1, **changes: Any) -> dict[str, Any]:
    """A replayed prediction ten minutes after the close of `base`."""
    entry = CALENDAR.shift(base.trade_date, 1)
    return {
        "model_version_id": version, "stock_code": code, "asof": base.closes_at + timedelta(minutes=10),
        "trade_date": base.trade_date, "horizon": horizon, "mode": "backtest", "base_price_krw": 50_000,
        "entry_ts": entry.opens_at, "exit_trade_date": CALENDAR.shift(base.trade_date, horizon).trade_date,
        "p_up": 0.55, "quantiles_krw": [45_000, 47_000, 49_000, 50_000, 51_000, 53_000, 55_000],
        "verdict": "call", "direction": "up", "confidence": 0.1, "sigma": 0.02, "features_hash": "x",
    } | changes  # fmt: skip


async def add_predictions(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Prediction, rows, key=["model_version_id", "stock_code", "asof", "horizon", "mode"])


async def replay(session: AsyncSession, days: Sequence[TradingDay], codes: Sequence[str] = CODES) -> None:
    """Predictions of two models for all stocks and horizons on each of `days`."""
    versions = await build_models(session)
    rng = np.random.default_rng(4)
    rows = [
        prediction(version, code, day, horizon, p_up=0.52 if name == "base" else float(rng.uniform(0.4, 0.6)))
        for name, version in versions.items()
        for day in days
        for code in codes
        for horizon in (1, 3, 5)
    ]
    await add_predictions(session, rows)


async def fetch(database: Database, query: str, **bound: Any) -> list[dict[str, Any]]:
    async with database.read() as session:
        return [dict(row) for row in (await session.execute(text(query), bound)).mappings()]


async def execute(database: Database, statement: str, **bound: Any) -> None:
    async with database.write() as session:
        await session.execute(text(statement), bound)
