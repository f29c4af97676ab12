"""A small market in a real database: bars, stories with vectors and known effects, and a run to work in."""

import json
import time
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.config import Settings
from backend.db.session import Database
from backend.domain import HORIZONS, Forecast, Origin, PredictionItem, TrainedModel
from backend.krx import KrxCalendar
from backend.llm import codec
from backend.llm.operations import OPERATIONS
from backend.scheduler.context import RunContext, Tools

CALENDAR = KrxCalendar()
EMBEDDER = "test"


class InProcessModels:
    """The operations of the model process, called here, with the same JSON on the way in and out."""

    embedder_name = EMBEDDER

    async def call(self, operation: str, payload: dict[str, Any]) -> Any:
        return json.loads(json.dumps(OPERATIONS[operation](json.loads(json.dumps(payload)))))

    async def predict(self, models: list[TrainedModel], items: list[PredictionItem]) -> list[Forecast]:
        payload = {"models": codec.encode(TrainedModel, models), "items": codec.encode(PredictionItem, items)}
        return codec.decode(Forecast, (await self.call("predict", payload))["forecasts"])

    async def train(self, payload: dict[str, Any]) -> list[TrainedModel]:
        return codec.decode(TrainedModel, (await self.call("train", payload))["models"])


async def make_context(database: Database, settings: Settings, kind: str = "test") -> RunContext:
    """A running attempt, as the runner would hand it to a body."""
    run_id = uuid.uuid4()
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO runs (id, kind, active_key, origin, state, attempt, lease_until)"
                " VALUES (:id, :kind, :key, 'cli', 'running', 1, now() + interval '1 hour')"
            ),
            {"id": run_id, "kind": kind, "key": str(run_id)},
        )
    tools = Tools(settings, database, CALENDAR, InProcessModels())  # type: ignore[arg-type]
    return RunContext(tools, run_id, 1, kind, Origin.CLI, time.monotonic() + 600)


async def add_stocks(session: AsyncSession, stocks: int) -> list[str]:
    codes = [f"{n + 1:06d}" for n in range(stocks)]
    await session.execute(
        text(
            "INSERT INTO stocks (code, name, market)"
            " SELECT c, 'stock ' || c, 'KOSPI' FROM unnest(CAST(:codes AS text[])) AS c"
        ),
        {"codes": codes},
    )
    return codes


async def add_bars(session: AsyncSession, codes: list[str], last: date, days: int, *, seed: int = 3) -> list[date]:
    """Final bars of the last `days` sessions up to `last`, and the index."""
    dates = [CALENDAR.shift(last, n - days + 1).trade_date for n in range(days)]
    random = np.random.default_rng(seed)
    market = random.normal(0, 0.01, days)
    rows = []
    for code in codes:
        closes = 50_000 * np.exp(np.cumsum(market + random.normal(0, 0.02, days)))
        opens = closes * np.exp(random.normal(0, 0.005, days))
        for day, opened, close in zip(dates, opens.astype(int).tolist(), closes.astype(int).tolist(), strict=True):
            rows.append({"code": code, "day": day, "open": opened, "close": close,
                         "high": max(opened, close), "low": min(opened, close)})  # fmt: skip
    await session.execute(
        text(
            "INSERT INTO daily_bars (stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw, volume,"
            " source, is_final) VALUES (:code, :day, :open, :high, :low, :close, 1000, 'test', true)"
        ),
        rows,
    )
    levels = (2500 * np.exp(np.cumsum(market))).tolist()
    await session.execute(
        text("INSERT INTO index_bars (index_code, trade_date, close, source) VALUES ('KOSPI', :day, :close, 'test')"),
        [{"day": day, "close": close} for day, close in zip(dates, levels, strict=True)],
    )
    return dates


async def add_story(
    session: AsyncSession, code: str, known_at: datetime, vector: list[float], *, flags: tuple[str, ...] = ()
) -> int:
    """One article that is its own story, linked to one stock, with a vector; returns the story's id."""
    news_id = await session.scalar(
        text(
            "INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision,"
            " first_seen_at, known_at, flags) VALUES (:key, :key, 'test', 'test', 'article', 'title', :at, 'second',"
            " :at, :at, :flags) RETURNING id"
        ),
        {"key": str(uuid.uuid4()), "at": known_at, "flags": list(flags)},
    )
    arguments = {"news": news_id, "at": known_at, "code": code, "vector": json.dumps(vector), "embedder": EMBEDDER}
    story_id: int = await session.scalar(
        text("INSERT INTO stories (head_news_id, first_known_at, size) VALUES (:news, :at, 1) RETURNING id"), arguments
    )
    await session.execute(text("UPDATE news SET story_id = :s WHERE id = :news"), {"s": story_id, "news": news_id})
    await session.execute(
        text("INSERT INTO news_stocks (news_id, stock_code, method, confidence, known_at)"
             " VALUES (:news, :code, 'name', 1, :at)"),
        arguments,
    )  # fmt: skip
    await session.execute(
        text("INSERT INTO embeddings (news_id, embedder, vector)"
             " VALUES (:news, :embedder, CAST(CAST(:vector AS text) AS halfvec))"),
        arguments,
    )  # fmt: skip
    return story_id


async def add_effect(session: AsyncSession, story_id: int, code: str, known_at: datetime, *, rose: bool) -> None:
    """The final effect of a story at every horizon."""
    base = CALENDAR.last_opened(known_at).trade_date
    for horizon in HORIZONS:
        await session.execute(
            text(
                "INSERT INTO impacts (story_id, stock_code, horizon, state, exit_trade_date, adjusted_return, z, y)"
                " VALUES (:story, :code, :horizon, 'final', :exit, :z, :z, :y)"
            ),
            {"story": story_id, "code": code, "horizon": horizon, "y": 1 if rose else 0,
             "exit": CALENDAR.shift(base, horizon).trade_date, "z": 0.5 if rose else -0.5},
        )  # fmt: skip


async def add_stories(
    session: AsyncSession, codes: list[str], dates: list[date], stories: int, *, dimension: int = 16, seed: int = 5
) -> None:
    """Stories spread over the sessions, of a few themes; those old enough have an effect."""
    random = np.random.default_rng(seed)
    themes = random.normal(0, 1, (4, dimension))
    for n in range(stories):
        day = dates[n * len(dates) // stories]
        code = codes[int(random.integers(len(codes)))]
        vector = themes[n % 4] + random.normal(0, 0.5, dimension)
        known_at = CALENDAR.day(day).closes_at + timedelta(minutes=5)
        story_id = await add_story(session, code, known_at, (vector / np.linalg.norm(vector)).tolist())
        if day < dates[-6]:
            await add_effect(session, story_id, code, known_at, rose=bool(random.integers(2)))
