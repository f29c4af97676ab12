"""How long the job of reports takes beside 200 stocks: with one story each, and with no news at all."""

import asyncio
import json
import time
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

import asyncpg
from sqlalchemy import text

from backend import clock
from backend.config import DatabaseSettings, Settings
from backend.db.session import Database
from backend.domain.forecasts import HORIZONS
from backend.domain.reports import BriefKind
from backend.domain.runs import Origin
from backend.errors import NothingToDoError
from backend.internal import ReportTrigger
from backend.krx import KrxCalendar
from backend.pipelines.context import RunContext
from backend.pipelines.reports import generate_reports
from backend.reports import brief_facts, brief_template
from backend.services.reports import briefs, report_facts
from backend.services.runs import run_attempts, runs
from bench.harness.installation import Installation
from bench.reports.events import ROWS

STOCKS: Final = 200
BARS: Final = 250
_TRIGGER: Final[ReportTrigger] = "age"
Figures = dict[str, float]
_WORLD: Final = """
SET session_replication_role = replica;
INSERT INTO stocks (code, name, market)
SELECT lpad((n * 10)::text, 6, '0'), '종목 ' || n, CASE WHEN n % 3 = 0 THEN 'KOSDAQ' ELSE 'KOSPI' END
FROM generate_series(1, {stocks}) n;
INSERT INTO daily_bars
    (stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw, volume, source, is_final, known_at)
SELECT code, day, price, price + 3000, price - 3000, price + (hashint8extended(code::int * 1000 + n, 7) % 2500)::int,
       1000000, 'bench', true, day + time '15:30'
FROM stocks, unnest('{days}'::date[]) WITH ORDINALITY AS s (day, n),
     LATERAL (SELECT 50000 + (hashint8extended(code::int * 1000 + n, 1) % 5000)::int AS price) p;
INSERT INTO models (name, kind, is_shown) VALUES ('gated', 'gated', true);
INSERT INTO model_versions (model_id, version, data_hash, parameters) SELECT id, 'v', 'h', '{{}}' FROM models;
INSERT INTO predictions (model_version_id, stock_code, asof, trade_date, horizon, mode, base_price_krw, entry_ts,
    exit_trade_date, p_up, quantiles_krw, direction, verdict, confidence, sigma, explanation, features_hash)
SELECT v.id, s.code, '{before}', '{newest}', h, 'live', 50000, '2100-01-01Z', DATE '2100-01-01' + h, 0.5,
    '{{45000,46000,48000,50000,52000,54000,55000}}', 'hold', 'lean', 0.1, 0.02, '{{"p0": 0.46}}', 'h'
FROM model_versions v, stocks s, unnest('{horizons}'::int[]) h;
"""
_NEWS: Final = text("""
    WITH given AS (
        SELECT code, row_number() OVER (ORDER BY code) AS n, CAST(:events AS jsonb) -> (code::int / 10 - 1) AS event
        FROM stocks
    ),
    added AS (
        INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision,
                          first_seen_at, known_at)
        SELECT code, 'https://a.example/' || code, 'hankyung', '한강경제', 'article', event ->> 'title', :at, 'second',
               :at, :at FROM given ORDER BY n RETURNING id, url_key
    ),
    told AS (
        INSERT INTO stories (head_news_id, first_known_at, size, event_type, sign, stage, materiality, amount_krw,
                             counterparty)
        SELECT a.id, :at, 1, event ->> 'type', event ->> 'sign', event ->> 'stage', 2, (event ->> 'amount')::bigint,
               event ->> 'counterparty'
        FROM added a JOIN given g ON g.code = a.url_key RETURNING id, head_news_id
    ),
    versions AS (
        INSERT INTO news_versions (news_id, version, reading, source, title, story_id, reading_version, known_at,
                                   recorded_at, event_type, sign)
        SELECT a.id, 1, 1, 'hankyung', event ->> 'title', t.id, 1, :at, :at, event ->> 'type', event ->> 'sign'
        FROM added a JOIN told t ON t.head_news_id = a.id JOIN given g ON g.code = a.url_key RETURNING id, news_id
    )
    INSERT INTO version_links (version_id, stock_code, method, confidence, known_at)
    SELECT v.id, a.url_key, 'name', 1, :at FROM versions v JOIN added a ON a.id = v.news_id
""")


async def _fill(url: str, now: datetime) -> None:
    """200 stocks with a year of bars and a forecast at each horizon."""
    calendar = KrxCalendar()
    newest = calendar.last_closed(now).trade_date
    days = calendar.between(calendar.shift(newest, -BARS).trade_date, newest)
    script = _WORLD.format(
        stocks=STOCKS, days="{" + ",".join(str(day.trade_date) for day in days) + "}", newest=newest,
        before=calendar.last_closed(now).closes_at.isoformat(), horizons="{" + ",".join(map(str, HORIZONS)) + "}",
    )  # fmt: skip
    connection = await asyncpg.connect(url, command_timeout=600)
    try:
        await connection.execute(script)
        await connection.execute("VACUUM (ANALYZE, PARALLEL 0)")
    finally:
        await connection.close()


async def _context(database: Database, settings: Settings, kind: str) -> RunContext:
    async with database.write() as session:
        accepted = await runs.accept(session, kind=kind, arguments={}, origin=Origin.CLI)
    async with database.write() as session:
        claim = await run_attempts.claim(session, accepted.id, worker="bench", lease_s=3600)
    assert isinstance(claim, run_attempts.Claim)
    tools: Any = SimpleNamespace(settings=settings, database=database, calendar=KrxCalendar())
    return RunContext(tools, accepted.id, claim.attempt, kind, Origin.CLI, time.monotonic() + 3600)


async def _run(database: Database, settings: Settings) -> tuple[int, float]:
    """Reports written by one run of the job, and its seconds."""
    context = await _context(database, settings, "generate_reports")
    before = time.perf_counter()
    try:
        written = (await generate_reports.run(context, generate_reports.Arguments())).written
    except NothingToDoError:
        written = 0
    seconds = time.perf_counter() - before
    async with database.write() as session:
        await session.execute(text("UPDATE runs SET state = 'succeeded'"))
    return written, seconds


async def _brief(database: Database, now: datetime) -> float:
    """Seconds of a brief of all stocks after the last close, whatever the clock says."""
    closed, coming = KrxCalendar().last_closed(now), KrxCalendar().next_open(now)
    before = time.perf_counter()
    async with database.read() as session:
        watched = dict.fromkeys(await briefs.list_watched(session), _TRIGGER)
        sheets = await report_facts.list_fact_sheets(
            session, watched, asof=now, trade_date=closed.trade_date, with_cases=False
        )
    facts = brief_facts.choose(
        list(sheets.values()), kind=BriefKind.CLOSE, trade_date=closed.trade_date, asof=now, since=closed.opens_at,
        next_session=coming.trade_date,
    )  # fmt: skip
    brief_template.write(facts)
    return time.perf_counter() - before


def _events() -> list[Mapping[str, Any]]:
    names = ("type", "sign", "stage", "title", "amount", "counterparty")
    rows = [dict(zip(names, ROWS[n % len(ROWS)][:6], strict=True)) for n in range(STOCKS)]
    return [row | {"title": str(row["title"]).format(name=f"종목 {n + 1}")} for n, row in enumerate(rows)]


async def _measure(url: str) -> tuple[Figures, dict[str, str]]:
    now = clock.now()
    settings = Settings()
    settings.database = DatabaseSettings(url=url)
    await _fill(url, now)
    database = Database(settings, "bench")
    try:
        quiet, sql_s = await _run(database, settings)
        async with database.write() as session:
            await session.execute(
                _NEWS, {"events": json.dumps(_events()), "at": KrxCalendar().last_closed(now).closes_at}
            )
        written, seconds = await _run(database, settings)
        figures = {
            "without_news_reports": float(quiet), "without_news_s": sql_s, "one_story_reports": float(written),
            "one_story_s": seconds, "brief_s": await _brief(database, now),
        }  # fmt: skip
        async with database.read() as session:
            texts = await session.execute(text("SELECT stock_code, text_ko FROM reports"))
            return figures, {row.stock_code: row.text_ko for row in texts}
    finally:
        await database.close()


def measure() -> tuple[Figures, dict[str, str]]:
    """The figures, and the reports of the stocks with a story."""
    with Installation() as installation:
        return asyncio.run(_measure(installation.url))
