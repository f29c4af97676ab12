"""`python -m bench.crawl [--quick] [--json FILE]`: what reading the outside world costs, against the stand-in.

- history_s: load_history of 60 stocks over two years of sessions, from an empty database (must stay under 60 s);
  history_news, history_bars: what it stored; history_cpu_s: processor time of the reader itself.
- crawl_s: one crawl of all sources with 60 stock searches after that; again_s: the same once more, nothing new.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta

from pydantic import SecretStr
from sqlalchemy import text

from backend import clock
from backend.cli.environment import STANDIN_KEYS, STANDIN_SOURCES
from backend.config import Settings
from backend.db.session import Database
from backend.demo.world.stocks import ALL_STOCKS
from backend.domain.runs import Counts
from backend.internal import HistoryArguments, NoArguments
from backend.krx import DemoCalendar
from backend.pipelines.context import Body
from backend.pipelines.market import load_history
from backend.pipelines.news import crawl_news
from bench.harness.command import Figures, run, say
from bench.harness.installation import Installation, free_port
from tests.sources.world import new_context

TWO_YEARS_OF_SESSIONS = 490


def _point_to(settings: Settings, url: str) -> None:
    for name in STANDIN_SOURCES:
        setattr(settings.sources, f"{name.lower()}_url", f"{url}/{name.lower().replace('_', '-')}")
    for name in STANDIN_KEYS:
        setattr(settings.sources, name.lower(), SecretStr("bench"))


async def _add_stocks(database: Database, count: int) -> None:
    async with database.write() as session:
        for stock in ALL_STOCKS[:count]:
            values = {"code": stock.code, "name": stock.name, "market": stock.market.value}
            await session.execute(
                text("INSERT INTO stocks (code, name, market) VALUES (:code, :name, :market)"), values
            )


@contextlib.asynccontextmanager
async def _timed(figures: Figures, name: str) -> AsyncIterator[None]:
    begun, cpu = time.perf_counter(), time.process_time()
    yield
    figures |= {f"{name}_s": time.perf_counter() - begun, f"{name}_cpu_s": time.process_time() - cpu}
    say(f"{name}: {figures[f'{name}_s']:.1f} s, of which {figures[f'{name}_cpu_s']:.1f} s computing")


async def _crawl(settings: Settings, calendar: DemoCalendar, *, stocks: int, days: int) -> Figures:
    figures: Figures = {}
    database = Database(settings, "bench")
    await _add_stocks(database, stocks)

    async def job(kind: str, body: Body, arguments: object) -> Counts:
        return await body(await new_context(settings, database, calendar, kind), arguments)

    async with _timed(figures, "history"):
        counts = await job("load_history", load_history.run, HistoryArguments(days=days))
    if counts.failed:
        raise RuntimeError(f"the history is not whole: {counts}")
    figures |= {"history_news": counts.detail["news"], "history_bars": counts.detail["daily_bars"]}
    for name in ("crawl", "again"):
        async with _timed(figures, name):
            await job("crawl_news", crawl_news.run, NoArguments())
    await database.close()
    return figures


def measure(quick: bool) -> Figures:
    """All of it on free ports, in a folder of its own."""
    stocks, sessions, days = (20, 120, 180) if quick else (60, TWO_YEARS_OF_SESSIONS, 730)
    port, start = free_port(), (clock.now() - timedelta(minutes=10)).replace(second=0, microsecond=0)
    arguments = ("--port", str(port), "--start", start.isoformat(), "--stocks", str(stocks), "--history", str(sessions))
    frozen = ("--frozen-at", (start + timedelta(minutes=10)).isoformat())
    with Installation() as installation, installation.serving("backend.demo", port, "/livez", *arguments, *frozen):
        settings = installation.settings()
        _point_to(settings, f"http://127.0.0.1:{port}")
        return asyncio.run(_crawl(settings, DemoCalendar(start, 60), stocks=stocks, days=days))


if __name__ == "__main__":
    run("crawl", __doc__, measure)
