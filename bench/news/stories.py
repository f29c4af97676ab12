"""`python -m bench.news.stories [--articles N] [--quick] [--json FILE]`: placing articles among those that are stored.

- load_s, load_cpu_s: the index of the last days from a database of `articles` (10,000 a day); indexed: articles in it.
- place_ms_cpu: processor time of this process for each new article, its reading of what was stored since included;
  place_ms_max: the worst batch's, each article.
- stall_ms: the longest time that the loop could not run meanwhile, load included; idle_ms: the same while nothing is
  done, which a busy machine adds.
- found: share of the copies among the new ones that came into their story.
"""

import argparse
import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from backend import clock
from backend.db.session import Database
from backend.pipelines.stories.live_stories import LiveStories
from backend.services.news import stories
from backend.text.stories.candidate import Candidate
from backend.web.server import keep_imports
from bench.harness.command import Figures, publish, say
from bench.harness.installation import Installation

A_DAY, STOCKS, BATCHES, BATCH = 10_000, 2_000, 25, 40
TICK_S, IDLE_S = 0.002, 10
_SUBJECTS = (
    "반도체",
    "배터리",
    "조선",
    "바이오",
    "플랜트",
    "물류센터",
    "데이터센터",
    "신약",
    "철강",
    "항공",
    "게임",
    "보험",
    "원전",
    "방산",
)
_THINGS = (
    "공급계약",
    "유상증자",
    "전환사채",
    "임상",
    "합작법인",
    "공장",
    "자사주",
    "배당",
    "특허",
    "소송",
    "인수",
    "수출",
    "증설",
    "출시",
)
_VERBS = (
    "체결",
    "결정",
    "발표",
    "착수",
    "완료",
    "추진",
    "확대",
    "승인",
    "돌입",
    "공개",
    "검토",
    "선정",
    "확정",
    "예고",
)
_FILL = """
SET synchronous_commit = off;
SET session_replication_role = replica;  -- without triggers and foreign keys
INSERT INTO stocks (code, name, market) SELECT lpad(n::text, 6, '0'), '가상' || n, 'KOSPI'
  FROM generate_series(1, {stocks}) n;
CREATE TEMP TABLE made AS SELECT n, now() - n * interval '{seconds} seconds' AS at,
       lpad((1 + floor({stocks} * random() ^ 3))::int::text, 6, '0') AS code, floor(random() * 9000)::int AS eok,
       ({subjects})[1 + floor(random() * {many})::int] AS subject,
       ({things})[1 + floor(random() * {many})::int] AS thing,
       ({verbs})[1 + floor(random() * {many})::int] AS verb
  FROM generate_series(1, {articles}) n;
INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision, first_seen_at,
                  known_at, story_id) OVERRIDING USER VALUE
SELECT 'k' || n, 'https://example.com/' || n, 'rss', '한국경제', 'article',
       '가상' || code::int || ', ' || subject || ' '
       || eok || '억 규모 ' || thing || ' ' || verb, at, 'second', at, at, n FROM made ORDER BY n DESC;
INSERT INTO news_versions (news_id, version, reading, source, title, story_id, reading_version, known_at, recorded_at)
SELECT id, 1, 1, source, title, story_id, 1, known_at, known_at FROM news ORDER BY id;
INSERT INTO version_links (version_id, stock_code, method, confidence, known_at)
SELECT v.id, m.code, 'name', 0.9, v.known_at FROM news_versions v JOIN made m ON m.n = v.story_id WHERE m.n % 3 > 0;
INSERT INTO stories (id, head_news_id, first_known_at, size) OVERRIDING SYSTEM VALUE
SELECT story_id, id, known_at, 1 FROM news;
ANALYZE news, news_versions, version_links, stories, stocks;
"""


def _array(words: tuple[str, ...]) -> str:
    return "ARRAY[" + ", ".join(f"'{word}'" for word in words) + "]"


async def _fill(url: str, articles: int) -> None:
    script = _FILL.format(
        articles=articles, stocks=STOCKS, seconds=86_400 / A_DAY, subjects=_array(_SUBJECTS), things=_array(_THINGS),
        verbs=_array(_VERBS), many=len(_VERBS),
    )  # fmt: skip
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


@asynccontextmanager
async def _watch(longest: list[float]) -> AsyncIterator[None]:
    """Adds to `longest` how late the loop was at worst, in seconds."""

    async def tick() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK_S)
            longest.append(time.perf_counter() - begun - TICK_S)

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()


async def _draw(database: Database, rng: random.Random, now: datetime) -> tuple[list[Candidate], dict[str, int]]:
    """A batch of new articles, half of them copies of recent ones, and the stories of the copies by key."""
    async with database.read() as session:
        recent = await stories.list_story_members(session, now - timedelta(hours=3), now, timedelta(0))
        names = await stories.list_names(session)
    new, copies = [], {}
    for place in range(BATCH):
        key, code = f"new{place}", f"{1 + int(STOCKS * rng.random() ** 3):06}"
        if place % 2:
            known = rng.choice(recent)
            copies[key] = known.story_id
            new.append(Candidate(key, f"[속보] {known.title}(종합)", now, frozenset(known.stock_codes),
                                 frozenset(known.names)))  # fmt: skip
        else:
            what = f"{rng.choice(_SUBJECTS)} {rng.randrange(9000)}억 {rng.choice(_THINGS)} {rng.choice(_VERBS)}"
            title = f"{max(names[code])}, {what}"
            new.append(Candidate(key, title, now, frozenset({code}), names[code]))
    return new, copies


async def _measure(database: Database, articles: int) -> Figures:
    rng, late, idle, now = random.Random(17), [0.0], [0.0], clock.now()
    keep_imports()  # as the scheduler service does
    async with _watch(idle):
        await asyncio.sleep(IDLE_S)
    index = LiveStories(database)
    begun, cpu = time.perf_counter(), time.process_time()
    async with _watch(late):
        await index.place([], now)
    figures: Figures = {
        "articles": articles, "load_s": time.perf_counter() - begun, "load_cpu_s": time.process_time() - cpu,
        "indexed": len(index),
    }  # fmt: skip
    spent, found, asked = [], 0, 0
    for _ in range(BATCHES):
        new, copies = await _draw(database, rng, now)
        async with _watch(late):
            cpu = time.process_time()
            placed = await index.place(new, now)
            spent.append((time.process_time() - cpu) / len(new))
        asked += len(copies)
        found += sum(placed[key] == story for key, story in copies.items())
    return figures | {
        "place_ms_cpu": 1000 * sum(spent) / len(spent), "place_ms_max": 1000 * max(spent), "stall_ms": 1000 * max(late),
        "idle_ms": 1000 * max(idle),
        "found": found / asked,
    }  # fmt: skip


def main() -> None:
    """Measure in an installation of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="50,000 articles")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()

    async def measure(articles: int) -> Figures:
        begun = time.perf_counter()
        await _fill(settings.database_url(), articles)
        say(f"{articles:,} articles stored in {time.perf_counter() - begun:.0f} s")
        database = Database(settings, "bench")
        try:
            return await _measure(database, articles)
        finally:
            await database.close()

    with Installation() as installation:
        settings = installation.settings()
        figures = asyncio.run(measure(50_000 if given.quick else given.articles))
        publish({name: round(value, 3) for name, value in figures.items()}, given.json)


if __name__ == "__main__":
    main()
