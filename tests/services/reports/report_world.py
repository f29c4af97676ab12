"""Rows that reports are made of: stories, forecasts, and the sheet of one stock at a moment."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.base import Base
from backend.db.tables.news import News, NewsStock, Story
from backend.db.tables.predictions import Prediction
from backend.internal import ReportTrigger
from backend.reports.fact_sheet import FactSheet
from backend.services.reports import report_facts
from tests.fixtures.news_rows import remember

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
CODES = [f"{number:06d}" for number in range(10, 130, 10)]
CODE = CODES[0]
QUANTILES = [9_000, 9_200, 9_600, 10_000, 10_400, 10_800, 11_000]


async def add(session: AsyncSession, table: type[Base], *rows: dict[str, Any]) -> list[int]:
    """Insert rows; returns their ids where the table has some."""
    statement = insert(table).values(list(rows))
    if "id" not in table.__table__.columns:
        await session.execute(statement)
        return []
    return list(await session.scalars(statement.returning(table.__table__.columns["id"])))


async def add_story(
    session: AsyncSession, title: str, known_at: datetime, *, codes: Sequence[str] = (CODE,), **story: Any
) -> int:
    moment = {"published_at": known_at, "first_seen_at": known_at, "known_at": known_at}
    text = {
        "url": "https://a.example",
        "source": "hankyung",
        "publisher": "한국경제",
        "kind": "article",
        "title": title,
    }
    row = {"url_key": uuid.uuid4().hex, "published_precision": "second", **moment, **text}
    (news_id,) = await add(session, News, row)
    values = {"size": 1, "event_type": "contract", "sign": "+", "materiality": 2} | story
    (story_id,) = await add(session, Story, {"head_news_id": news_id, "first_known_at": known_at, **values})
    await session.execute(News.__table__.update().where(News.id == news_id).values(story_id=story_id))  # type: ignore[attr-defined]
    links = [
        {"news_id": news_id, "stock_code": c, "method": "name", "confidence": 1, "known_at": known_at} for c in codes
    ]
    await add(session, NewsStock, *links)
    await remember(session)
    return story_id


async def add_prediction(session: AsyncSession, version: int, *, asof: datetime = NOW, **changes: Any) -> int:
    row = {
        "model_version_id": version,
        "stock_code": CODE,
        "asof": asof,
        "trade_date": TODAY,
        "horizon": 1,
        "mode": "live",
        "base_price_krw": 10_000,
        "entry_ts": datetime(2100, 1, 1, tzinfo=UTC),
        "exit_trade_date": TODAY,
        "p_up": 0.52,
        "quantiles_krw": QUANTILES,
        "verdict": "lean",
        "direction": "hold",
        "confidence": 0.04,
        "sigma": 0.02,
        "features_hash": "x",
        "explanation": {
            "p0": 0.5,
            "proof": {"n": 30, "n_days": 9, "blocks": 9, "net": -0.001, "low": None},
            "state": {"state": "learning", "done": 23, "wanted": 60, "unit": "sessions"},
            "weights": {"knn": 0.0},
        },
    }
    (made,) = await add(session, Prediction, row | changes)
    return made


async def facts_of(session: AsyncSession, asof: datetime = NOW, trigger: ReportTrigger = "first") -> FactSheet:
    return (await report_facts.list_fact_sheets(session, {CODE: trigger}, asof=asof, trade_date=TODAY))[CODE]
