"""Rows for tests, one call a domain. Only the database and plain Python: the API's tests have nothing else."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.base import Base
from backend.db.tables.ab_test import AbTest
from backend.db.tables.bars import DailyBarRow, IndexBarRow, QuoteRow
from backend.db.tables.evaluations import Metric, Outcome
from backend.db.tables.impacts import Impact
from backend.db.tables.models import Model, ModelVersion
from backend.db.tables.moves import Move
from backend.db.tables.news import News, NewsStock, Story
from backend.db.tables.predictions import Prediction
from backend.db.tables.processes import Heartbeat
from backend.db.tables.reports import Rating, Report
from backend.db.tables.runs import Job
from backend.db.tables.sources import Source
from backend.db.tables.stocks import ListingRow, Stock
from backend.domain.record import ENGINE_VERSION, METRIC_VERSION

SAMSUNG, HYNIX = "005930", "000660"


async def add(session: AsyncSession, table: type[Base], **values: Any) -> Any:
    """Insert one row; returns its first primary key column."""
    key = inspect(table).primary_key[0]
    return await session.scalar(insert(table).values(**values).returning(key))


async def add_stock(session: AsyncSession, code: str = SAMSUNG, name: str = "삼성전자", **values: Any) -> str:
    await add(session, Stock, code=code, name=name, **{"market": "KOSPI"} | values)
    return code


async def add_listing(session: AsyncSession, code: str, name: str, market: str = "KOSPI", **values: Any) -> str:
    """A stock of the exchange's list."""
    await add(session, ListingRow, code=code, name=name, market=market, **values)
    return code


async def add_quote(
    session: AsyncSession, code: str = SAMSUNG, price_krw: int = 72_600, before_krw: int = 72_000
) -> None:
    await add(
        session,
        QuoteRow,
        stock_code=code,
        last_price_krw=price_krw,
        previous_close_krw=before_krw,
        volume=1_000,
        ts=clock.now(),
        source="test",
    )


async def add_bar(session: AsyncSession, day: date, code: str = SAMSUNG, close_krw: int = 72_000) -> None:
    prices = {"open_krw": close_krw, "high_krw": close_krw, "low_krw": close_krw, "regular_close_krw": close_krw}
    await add(session, DailyBarRow, stock_code=code, trade_date=day, volume=10, source="test", is_final=True, **prices)
    await session.execute(insert(IndexBarRow).values(index_code=f"I{day}", trade_date=day, close=1.0, source="test"))


async def add_news(
    session: AsyncSession, *codes: str, title: str = "반도체 수주", ago_s: float = 60, **values: Any
) -> int:
    """A news item about `codes`, known `ago_s` seconds ago."""
    known_at = clock.now() - timedelta(seconds=ago_s)
    news_id: int = await add(
        session,
        News,
        title=title,
        known_at=known_at,
        first_seen_at=known_at,
        published_at=known_at,
        **{
            "url_key": uuid.uuid4().hex,
            "url": "https://example.com/1",
            "source": "hankyung",
            "publisher": "한국경제",
            "kind": "article",
            "published_precision": "second",
        }
        | values,
    )
    for code in codes:
        await add(
            session, NewsStock, news_id=news_id, stock_code=code, method="name", confidence=0.9, known_at=known_at
        )
    return news_id


async def add_story(session: AsyncSession, *codes: str, title: str = "반도체 수주", ago_s: float = 60) -> int:
    """A story of one news item."""
    news_id = await add_news(session, *codes, title=title, ago_s=ago_s)
    known_at = clock.now() - timedelta(seconds=ago_s)
    story_id: int = await add(
        session, Story, head_news_id=news_id, first_known_at=known_at, size=1, event_type="contract", materiality=2
    )
    await session.execute(update(News).where(News.id == news_id).values(story_id=story_id))
    return story_id


async def add_impact(session: AsyncSession, story_id: int, code: str = SAMSUNG) -> None:
    await add(session, Impact, story_id=story_id, stock_code=code, horizon=1, state="pending")


async def add_move(session: AsyncSession, day: date, code: str = SAMSUNG, **values: Any) -> None:
    """A final move of 3 %: market 1 %, industry .5 %, own part 1.5 %, which is 1.5 sigmas."""
    parts = {"move": 0.03, "market_return": 0.01, "market_part": 0.01, "industry_part": 0.005, "own_part": 0.015}
    told = {"is_final": True, "industry_stocks": 4, "own_sigmas": 1.5, "story_ids": [], "known_at": clock.now()}
    await add(session, Move, stock_code=code, trade_date=day, **parts | told | values)


async def add_version(session: AsyncSession, name: str = "gated", version: str = "v1") -> int:
    """A model of the built-in kind `name` (made if it is new) and one version of it."""
    model_id = await session.scalar(select(Model.id).where(Model.name == name))
    if model_id is None:
        kind = name if name in ("base", "price", "knn") else "gated"
        model_id = await add(session, Model, name=name, kind=kind, is_shown=name == "gated")
    version_id: int = await add(
        session, ModelVersion, model_id=model_id, version=version, data_hash="0" * 8, parameters={}
    )
    return version_id


async def add_prediction(
    session: AsyncSession, version_id: int, code: str = SAMSUNG, *, horizon: int = 1, ago_s: float = 60, **values: Any
) -> int:
    """A live forecast made `ago_s` seconds ago whose return begins in an hour."""
    asof = clock.now() - timedelta(seconds=ago_s)
    day: date = values.pop("trade_date", asof.date())
    prediction_id: int = await add(
        session,
        Prediction,
        model_version_id=version_id,
        stock_code=code,
        trade_date=day,
        horizon=horizon,
        base_price_krw=72_600,
        confidence=0.2,
        sigma=0.02,
        features_hash="f",
        **{
            "asof": asof,
            "entry_ts": clock.now() + timedelta(hours=1),
            "exit_trade_date": day + timedelta(days=horizon),
            "mode": "live",
            "p_up": 0.56,
            "quantiles_krw": [70_000, 71_000, 72_000, 72_600, 73_000, 74_000, 75_000],
            "verdict": "call",
            "direction": "up",
            "explanation": {"state": {"state": "learning", "done": 23, "wanted": 60, "unit": "sessions"}},
        }
        | values,
    )
    return prediction_id


async def add_outcome(session: AsyncSession, prediction_id: int, **values: Any) -> None:
    await add(
        session,
        Outcome,
        prediction_id=prediction_id,
        engine_version=ENGINE_VERSION,
        input_hash="i",
        evaluated_at=clock.now(),
        **{"state": "final", "adjusted_return": 0.01, "y": 1} | values,
    )


async def add_metric(session: AsyncSession, version_id: int, day: date, *, n: int = 120, **values: Any) -> int:
    accuracy = {"value": 0.53, "low": 0.48, "high": 0.58, "baseline": 0.51, "n": n, "n_days": 30, "n_blocks": 30}
    metric_id: int = await add(
        session,
        Metric,
        model_version_id=version_id,
        trade_date=day,
        metric_version=METRIC_VERSION,
        n=n,
        input_hash="i",
        **{
            "horizon": 1,
            "mode": "live",
            "window_name": "all",
            "n_days": 30,
            "values": {"accuracy": accuracy, "brier_skill": None},
        }
        | values,
    )
    return metric_id


async def add_report(
    session: AsyncSession, version_id: int, code: str = SAMSUNG, *, ago_s: float = 60, **values: Any
) -> int:
    texts = {"text_ko": "# 삼성전자", "text_en": "# Samsung Electronics"}
    report_id: int = await add(
        session,
        Report,
        run_id=uuid.uuid4(),
        stock_code=code,
        model_version_id=version_id,
        asof=clock.now() - timedelta(seconds=ago_s),
        trigger="person",
        fact_sheet={"price_krw": 72_600},
        fact_hash="h",
        writer="template",
        citations=[1],
        **texts | values,
    )
    return report_id


async def add_rating(session: AsyncSession, report_id: int, *, score: int, rater: str = "kim") -> None:
    await add(session, Rating, report_id=report_id, rater=rater, score=score, comment="")


async def add_ab_test(session: AsyncSession, version_a: int, version_b: int, **values: Any) -> int:
    test_id: int = await add(
        session,
        AbTest,
        model_version_a=version_a,
        model_version_b=version_b,
        **{"name": uuid.uuid4().hex, "state": "draft"} | values,
    )
    return test_id


async def add_job(session: AsyncSession, job_id: str = "crawl_news", **values: Any) -> None:
    await add(session, Job, id=job_id, cron="*/10 * * * *", **values)


async def add_heartbeat(
    session: AsyncSession, state: str = "active", ago_s: float = 1, market_until_s: float = 60
) -> None:
    now = clock.now()
    ts = now - timedelta(seconds=ago_s)
    market = {"state": "open", "until": (now + timedelta(seconds=market_until_s)).isoformat()}
    details = {"models": {"state": "ready"}, "market": market}
    await add(session, Heartbeat, component="scheduler", instance=uuid.uuid4().hex, state=state, details=details, ts=ts)


async def add_source(session: AsyncSession, source_id: str = "hankyung", **values: Any) -> None:
    await add(session, Source, id=source_id, **{"kind": "news"} | values)


@dataclass(frozen=True, slots=True)
class World:
    """Ids of `add_world`."""

    news: int
    story: int
    prediction: int
    scored: int
    report: int
    version: int
    other_version: int
    day: date
    now: datetime


async def add_world(session: AsyncSession) -> World:
    """One of everything: two stocks, news, forecasts with an outcome, metrics, a report, a job, a scheduler."""
    await add_stock(session)
    await add_stock(session, HYNIX, "SK하이닉스")
    await add_quote(session)
    day = clock.now().date()
    await add_bar(session, day)
    story = await add_story(session, SAMSUNG)
    news = await add_news(session, HYNIX, title="<script>alert(1)</script> & 하이닉스", ago_s=30)
    await add_impact(session, story)
    version, other = await add_version(session), await add_version(session, "base")
    scored = await add_prediction(session, version, ago_s=90_000, trade_date=day - timedelta(days=1))
    await add_outcome(session, scored)
    prediction = await add_prediction(session, version, trade_date=day, evidence=[{"news_id": news, "weight": 0.4}])
    await add_metric(session, version, day)
    report = await add_report(session, version)
    await add_job(session)
    await add_heartbeat(session)
    await add_source(session, newest_item_at=clock.now())
    return World(news, story, prediction, scored, report, version, other, day, clock.now())
