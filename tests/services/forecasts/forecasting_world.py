"""A small market in a real database: bars, stories with vectors and known effects, and a run to work in."""

import json
import time
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import codec
from backend.config import Settings
from backend.db.session import Database
from backend.domain.forecasts import HORIZONS, Forecast, PredictionItem, TrainedModel
from backend.domain.runs import Origin
from backend.krx import KrxCalendar
from backend.models.process import frames
from backend.models.process.operations import OPERATIONS
from backend.pipelines.context import RunContext, Tools
from tests.fixtures.news_rows import remember

CALENDAR = KrxCalendar()
EMBEDDER = "test"


def framed(content: Any) -> Any:
    """What the other side of the socket reads of it."""
    return frames.parse(frames.pack({"content": content})[frames.HEADER.size :])["content"]


class InProcessModels:
    """The operations of the model process, called here, with the same frames on the way in and out."""

    embedder_name = EMBEDDER

    async def call(self, operation: str, payload: dict[str, Any]) -> Any:
        return framed(OPERATIONS[operation](framed(payload)))

    async def predict(
        self, models: list[TrainedModel], items: list[PredictionItem]
    ) -> tuple[list[Forecast], dict[str, str]]:
        payload = {"models": codec.dump(TrainedModel, models), "items": codec.dump(PredictionItem, items)}
        result = await self.call("predict", payload)
        return codec.load(Forecast, result["forecasts"]), result["failed"]

    async def train(self, payload: dict[str, Any]) -> tuple[list[TrainedModel], dict[str, str]]:
        result = await self.call("train", payload)
        return codec.load(TrainedModel, result["models"]), result["failed"]


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
    rows: list[dict[str, Any]] = []
    for code in codes:
        closes = 50_000 * np.exp(np.cumsum(market + random.normal(0, 0.02, days)))
        opens = closes * np.exp(random.normal(0, 0.005, days))
        for day, opened, close in zip(dates, opens.astype(int).tolist(), closes.astype(int).tolist(), strict=True):
            rows.append({"code": code, "day": day, "open": opened, "close": close,
                         "high": max(opened, close), "low": min(opened, close)})  # fmt: skip
    await session.execute(
        text(
            "INSERT INTO daily_bars (stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw, volume,"
            " source, is_final, recorded_at) SELECT code, day, open, high, low, close, 1000, 'test', true,"
            " (day + time '15:30') AT TIME ZONE 'Asia/Seoul'"
            " FROM jsonb_to_recordset(CAST(:rows AS jsonb))"
            " AS r (code text, day date, open int, high int, low int, close int)"
        ),
        {"rows": json.dumps(rows, default=str)},
    )
    levels = (2500 * np.exp(np.cumsum(market))).tolist()
    await session.execute(
        text(
            "INSERT INTO index_bars (index_code, trade_date, close, source, recorded_at) VALUES ('KOSPI', :day, :close,"
            " 'test', (CAST(:day AS date) + time '15:30') AT TIME ZONE 'Asia/Seoul')"
        ),
        [{"day": day, "close": close} for day, close in zip(dates, levels, strict=True)],
    )
    return dates


_RECORDS = """jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (key text, at timestamptz, code text, vector text, flags text[], y float8, exits date[])"""
_STATEMENTS = (
    f"""INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision,
            first_seen_at, known_at, flags)
        SELECT key, key, 'test', 'test', 'article', 'title', at, 'second', at, at, flags FROM {_RECORDS} ORDER BY at""",
    f"""INSERT INTO stories (head_news_id, first_known_at, size)
        SELECT n.id, r.at, 1 FROM {_RECORDS} JOIN news n ON n.url_key = r.key ORDER BY n.id""",
    f"""UPDATE news SET story_id = s.id FROM {_RECORDS}, stories s
        WHERE news.url_key = r.key AND s.head_news_id = news.id""",
    f"""INSERT INTO news_stocks (news_id, stock_code, method, confidence, known_at)
        SELECT n.id, r.code, 'name', 1, r.at FROM {_RECORDS} JOIN news n ON n.url_key = r.key""",
    f"""INSERT INTO embeddings (news_id, embedder, vector, known_at, recorded_at)
        SELECT n.id, '{EMBEDDER}', CAST(r.vector AS halfvec), r.at, r.at
        FROM {_RECORDS} JOIN news n ON n.url_key = r.key""",
    f"""INSERT INTO impacts (story_id, stock_code, horizon, state, exit_trade_date, adjusted_return, z, y, news_id,
            version, known_at, recorded_at)
        SELECT n.story_id, r.code, (ARRAY[1, 3, 5])[h], 'final', r.exits[h], r.y - 0.5, r.y - 0.5, r.y, n.id, 1,
               closed, closed
        FROM {_RECORDS} JOIN news n ON n.url_key = r.key CROSS JOIN generate_series(1, 3) AS h
        CROSS JOIN LATERAL (SELECT (r.exits[h] + time '15:30') AT TIME ZONE 'Asia/Seoul') AS c (closed)
        WHERE r.y IS NOT NULL""",
)


def make_story(
    code: str, known_at: datetime, vector: list[float], *, flags: tuple[str, ...] = (), rose: bool | None = None
) -> dict[str, Any]:
    """One article that is its own story, linked to one stock, with a vector and perhaps a final effect."""
    base = CALENDAR.last_opened(known_at).trade_date
    return {
        "key": str(uuid.uuid4()), "at": known_at, "code": code, "vector": json.dumps(vector), "flags": flags,
        "y": None if rose is None else float(rose),
        "exits": [CALENDAR.shift(base, horizon).trade_date for horizon in HORIZONS],
    }  # fmt: skip


async def add_stories(session: AsyncSession, stories: list[dict[str, Any]]) -> list[int]:
    """Store what `make_story` made; returns the stories' ids."""
    arguments = {"rows": json.dumps(stories, default=str)}
    for statement in _STATEMENTS:
        await session.execute(text(statement), arguments)
    await remember(session)
    found = await session.execute(
        text(f"SELECT r.key, n.story_id FROM {_RECORDS} JOIN news n ON n.url_key = r.key"), arguments
    )
    ids = {row.key: row.story_id for row in found}
    return [ids[story["key"]] for story in stories]


def make_stories(
    codes: list[str], dates: list[date], count: int, *, dimension: int = 16, seed: int = 5
) -> list[dict[str, Any]]:
    """Stories spread over the sessions, of four themes; those old enough have an effect."""
    random = np.random.default_rng(seed)
    themes = random.normal(0, 1, (4, dimension))
    stories = []
    for n in range(count):
        day = dates[n * len(dates) // count]
        code = codes[int(random.integers(len(codes)))]
        vector = themes[n % 4] + random.normal(0, 0.5, dimension)
        rose = bool(random.integers(2)) if day < dates[-6] else None
        known_at = CALENDAR.day(day).closes_at + timedelta(minutes=5)
        stories.append(make_story(code, known_at, (vector / np.linalg.norm(vector)).tolist(), rose=rose))
    return stories
