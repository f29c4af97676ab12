"""A small world for job tests: two feeds, a news search, daily bars and quotes, and a run to execute them in."""

import json
import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from backend import clock
from backend.cli.environment import STANDIN_KEYS, STANDIN_SOURCES
from backend.clock import KST
from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.krx import Calendar, DemoCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import RunContext, Tools
from backend.pipelines.sources import catalogue
from tests.sources.outside import Outside, Request, http

KEY = "s3cret-of-the-search"
CONFIGURED = ("rss_hankyung", "rss_mk", "naver_search", "naver_chart", "naver_polling")
STOCKS = (("005930", "삼성전자"), ("000660", "SK하이닉스"))


def configure(settings: Settings, outside: Outside) -> None:
    """Point the five sources of `CONFIGURED` to `outside`; the others are off."""
    sources = settings.sources
    for host in ("hankyung", "mk"):
        setattr(sources, f"{host}_url", f"{outside.url}/{host}")
    sources.naver_hub_url = f"{outside.url}/naver-hub"
    sources.naver_hub_key_id, sources.naver_hub_key = SecretStr("id"), SecretStr(KEY)
    sources.naver_chart_url, sources.naver_polling_url = f"{outside.url}/naver-chart", f"{outside.url}/naver-polling"
    sources.naver_prices, sources.naver_prices_per_s, sources.timeout_s = True, 1_000, 5.0
    sources.off = ",".join(info.id for info in catalogue.list_source_infos(sources) if info.id not in CONFIGURED)


def configure_standin(settings: Settings, url: str) -> None:
    """Point every source of `settings` to the stand-in at `url`, with keys no log may show; Naver's prices are off."""
    for name in STANDIN_SOURCES:
        setattr(settings.sources, f"{name.lower()}_url", f"{url}/{name.lower().replace('_', '-')}")
    for name in STANDIN_KEYS:
        setattr(settings.sources, name.lower(), SecretStr(f"s3cret-{name.lower()}"))


async def add_stocks(database: Database, stocks: tuple[tuple[str, str], ...] = STOCKS) -> None:
    async with database.write() as session:
        for code, name in stocks:
            statement = text("INSERT INTO stocks (code, name, market) VALUES (:code, :name, 'KOSPI')")
            await session.execute(statement, {"code": code, "name": name})


async def new_context(settings: Settings, database: Database, calendar: Calendar, kind: str) -> RunContext:
    """The first attempt of a new run that is already running."""
    run_id = uuid.uuid4()
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO runs (id, kind, active_key, origin, state, attempt, lease_until)"
                " VALUES (:id, :kind, :key, 'cli', 'running', 1, now() + interval '1 hour')"
            ),
            {"id": run_id, "kind": kind, "key": str(run_id)},
        )
    tools = Tools(settings, database, calendar, ModelClient(settings))
    return RunContext(tools, run_id, 1, kind, Origin.CLI, deadline=time.monotonic() + 60)


async def execute(database: Database, statement: str) -> None:
    async with database.write() as session:
        await session.execute(text(statement))


async def fetch_all(database: Database, statement: str) -> list[tuple[Any, ...]]:
    async with database.read() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


def calendar_open_since(minutes: float) -> DemoCalendar:
    """A demo whose first session (open 50 minutes of 60) opened `minutes` ago."""
    return DemoCalendar(clock.now() - timedelta(minutes=minutes), 60)


def mail_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(KST))


def rss_body(items: Mapping[str, str], published_at: datetime) -> bytes:
    """A feed with a title per address."""
    entries = "".join(
        f"<item><title><![CDATA[{title}]]></title><link> {url} </link>"
        f"<pubDate>{mail_date(published_at)}</pubDate></item>"
        for url, title in items.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{entries}</channel></rss>'.encode()


def conditional(body: bytes, etag: str) -> Any:
    """A reply that answers 304 to its own ETag."""

    def reply(request: Request) -> bytes:
        if request.headers.get("if-none-match") == etag:
            return http(b"", status=304, ETag=etag)
        return http(body, content_type="text/xml", ETag=etag)

    return reply


def search_reply(articles: Mapping[str, list[tuple[str, str, datetime]]]) -> Any:
    """Search results per query: (address, title, time), newest first, in pages."""

    def reply(request: Request) -> bytes:
        if request.headers.get("x-ncp-apigw-api-key") != KEY:
            return http(b'{"error":{"errorCode":"200","message":"Authentication Failed"}}', status=401)
        start, display = int(request.query["start"]), int(request.query["display"])
        page = articles.get(request.query["query"], [])[start - 1 : start - 1 + display]
        items = [
            {"title": f"<b>{title}</b>", "originallink": url, "link": url, "description": "", "pubDate": mail_date(at)}
            for url, title, at in page
        ]
        return http(json.dumps({"total": len(items), "items": items}).encode())

    return reply


def sise_reply(rows: Mapping[str, list[tuple[Any, ...]]]) -> Any:
    """siseJson per symbol; rows are (date, open, high, low, close, volume)."""

    def reply(request: Request) -> bytes:
        first, last = request.query["startTime"], request.query["endTime"]
        found = [row for row in rows.get(request.query["symbol"], []) if first <= f"{row[0]:%Y%m%d}" <= last]
        lines = "".join(f'["{row[0]:%Y%m%d}", {", ".join(map(str, row[1:]))}, 46.7],\n' for row in found)
        return http(f"\n\t[['날짜', '시가', '고가', '저가', '종가', '거래량', '외국인소진율'],\n{lines}]".encode())

    return reply


def quotes_body(price: int, volume: int, at: datetime) -> bytes:
    return json.dumps(
        {
            "datas": [
                {
                    "itemCode": code,
                    "closePriceRaw": str(price),
                    "compareToPreviousClosePriceRaw": "-500",
                    "accumulatedTradingVolumeRaw": str(volume),
                    "localTradedAt": at.astimezone(KST).isoformat(timespec="seconds"),
                }
                for code, _ in STOCKS
            ]
        }
    ).encode()
