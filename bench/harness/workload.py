"""What keeps azak busy while bench.isolation reads: crawl, 2,000 texts to embed, training, reports and evaluation.

Each is started again as soon as it has ended, with the traces of its last run removed, so that it has all to do again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from backend.demo.world.stocks import DEMO_STOCKS

TEXTS = 2000
STARTED_WITHIN_S = 30
_CODES = [stock.code for stock in DEMO_STOCKS]
# Without triggers: reports are append-only to everybody else.
_FORGET = "SET session_replication_role = replica; {}; SET session_replication_role = DEFAULT"


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of run with its arguments, and the statement that makes it have all to do again."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    forget: str = "SELECT"


WORK = (
    Work("crawl_news"),
    Work("embed_news", forget="DELETE FROM embeddings USING news WHERE news_id = news.id AND news.source = 'bench'"),
    Work("train_models"),
    Work("generate_reports", {"stock_codes": _CODES}, forget="DELETE FROM reports"),
    Work("aggregate_performance", forget="DELETE FROM metrics; DELETE FROM outcomes"),
)
_ALL_UNDER_WAY = "SELECT count(DISTINCT kind) >= $1 FROM runs WHERE finished_at IS NULL"
_TEXTS = """
WITH added AS (
    INSERT INTO news (url_key, url, source, publisher, kind, title, snippet, published_at, published_precision,
                      first_seen_at, known_at)
    SELECT 'bench' || n, 'https://example.com/' || n, 'bench', '한국경제', 'article',
           (ARRAY['삼성전자', 'SK하이닉스', '현대차', 'NAVER'])[1 + n % 4] || ' ' || n || '억원 규모 '
           || (ARRAY['공급 계약 체결', '유상증자 결정', '영업이익 시장 기대 웃돌아', '소송 제기'])[1 + n / 4 % 4],
           '회사는 이번 결정이 ' || n || '분기 실적에 미칠 영향을 검토하고 있다고 밝혔다. '
           || '시장에서는 수요 회복과 원가 부담을 함께 지켜보고 있으며 ' || n % 97
           || '개 증권사가 목표주가를 조정했다. 기관과 외국인은 이날 순매수를 이어 갔다.',
           now() - n * interval '1 minute', 'minute', now() - n * interval '1 minute', now() - n * interval '1 minute'
    FROM generate_series(1, $1::int) n RETURNING id, known_at, source, title, snippet), texts AS (
    INSERT INTO news_versions (news_id, version, reading, source, title, snippet, reading_version, known_at,
                               recorded_at)
    SELECT id, 1, 1, source, title, snippet, 1, known_at, known_at FROM added)
INSERT INTO stories (head_news_id, first_known_at, size, event_type, materiality)
SELECT id, known_at, 1, 'other', 0 FROM added
"""
Execute = Callable[[Work], Awaitable[str]]
"""Executes one run of the work to its end; returns the state it ended in."""


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def add_texts(url: str) -> None:
    """Stories of their own that embed_news has to embed."""
    async with _connected(url) as connection:
        await connection.execute(_TEXTS, TEXTS)


async def end_runs(url: str) -> None:
    """Nobody works any more: what is still open would stand in the way of equal work (one open run each)."""
    async with _connected(url) as connection:
        await connection.execute(
            "UPDATE runs SET state = 'cancelled', finished_at = now() WHERE state IN ('queued', 'running', 'retry')"
        )


async def wait_for_work(url: str) -> None:
    """Until every kind of it is under way, or waits for its turn."""
    async with _connected(url) as connection, asyncio.timeout(STARTED_WITHIN_S):
        while not await connection.fetchval(_ALL_UNDER_WAY, len(WORK)):  # noqa: ASYNC110  (another process's doing)
            await asyncio.sleep(0.05)


async def count_ended(url: str, seconds: float) -> Counter[str]:
    """How many runs of each kind succeeded in the last `seconds`."""
    async with _connected(url) as connection:
        rows = await connection.fetch(
            "SELECT kind, count(*) FROM runs"
            " WHERE state = 'succeeded' AND finished_at > now() - make_interval(secs => $1) GROUP BY kind",
            seconds,
        )
    return Counter(dict(rows))


async def repeat(work: Work, execute: Execute, url: str) -> None:
    """One kind of work without end. Raises RuntimeError when a run does not succeed."""
    async with _connected(url) as connection:
        while True:
            await connection.execute(_FORGET.format(work.forget))
            state = await execute(work)
            if state != "succeeded":
                raise RuntimeError(f"{work.kind} ended as {state}; start it alone to see why")


async def repeat_all(execute: Execute, url: str) -> None:
    """Every kind of work at the same time, without end."""
    async with asyncio.TaskGroup() as group:
        for work in WORK:
            group.create_task(repeat(work, execute, url))
