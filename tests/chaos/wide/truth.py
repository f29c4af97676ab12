"""The stand-in's journal as the truth: which articles it has really handed out, and which of them azak has not.

The world is told in quick motion, so that 50 articles have passed through a feed within minutes: what azak took and did
not store is not shown to it again.
"""

import asyncio
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import asyncpg
from starlette.requests import Request

from backend import clock
from backend.demo.wire.more_feeds import FEEDS
from backend.demo.world.newsroom import DemoArticle
from backend.demo.world.world import World
from backend.domain.feeds import FEEDS as SOURCE_FEEDS
from backend.text.url_keys import url_key
from tests.chaos.wide.ground import Ground

_EVERY_S: Final = 2.0
_DOUBT: Final = timedelta(seconds=1)  # around a step of the world's clock both answers are possible
_HANDLERS: Final = {path: handler for path, _, handler in FEEDS}
_STORED: Final = """
SELECT url_key, count(*) - count(DISTINCT (v.title, v.snippet, v.feed_codes)) AS again
FROM news JOIN news_versions v ON v.news_id = news.id AND v.reading = 1 WHERE url_key = ANY ($1) GROUP BY url_key
"""


@dataclass
class Told:
    """The world's clock as it was set: real moment -> the world's."""

    ground: Ground
    speed: float
    moments: list[tuple[datetime, datetime]] = field(default_factory=list)
    journal: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    async def run(self, until: datetime) -> None:
        """Let the world go on `speed` times as fast as time, until its clock shows `until`; never past it."""
        begun = clock.now()
        world_begun = self.ground.standin.start + timedelta(minutes=30)
        while True:
            at = min(until, world_begun + (clock.now() - begun) * self.speed)
            await self.ground.control("clock", {"at": at.isoformat()})
            self.moments.append((clock.now(), at))
            await self.keep_journal()
            await asyncio.sleep(_EVERY_S)

    async def keep_journal(self) -> None:
        """The stand-in keeps the last 5,000 requests; here are all."""
        for entry in (await self.ground.control("journal"))["requests"]:
            self.journal[entry["path"], entry["time"]] = entry

    def served(self, since: datetime) -> dict[str, DemoArticle]:
        """Key -> every article in an answer that came whole, from `since` on."""
        standin = self.ground.standin
        world = World(standin.start, standin.session_minutes, 7, stocks=20)
        bodies: dict[tuple[str, datetime], dict[str, DemoArticle]] = {}
        found: dict[str, DemoArticle] = {}
        for entry in self.journal.values():
            handler = _HANDLERS.get(urlsplit(entry["path"]).path)
            at = datetime.fromisoformat(entry["time"])
            if handler is None or entry["status"] != 200 or entry["fault"] is not None or at < since:
                continue
            shown = []
            for moment in self._moments_of(at):
                place = (entry["path"], moment)
                if place not in bodies:
                    bodies[place] = _articles(world.seen_at(moment), handler, entry["path"])
                shown.append(bodies[place])
            found |= {key: article for key, article in shown[0].items() if all(key in other for other in shown)}
        return found

    def _moments_of(self, at: datetime) -> list[datetime]:
        """What the world's clock may have shown at `at`."""
        reals = [real for real, _ in self.moments]
        first, last = (max(0, bisect_right(reals, at + doubt) - 1) for doubt in (-_DOUBT, _DOUBT))
        return [self.moments[position][1] for position in range(first, last + 1)]


def _articles(world: World, handler: Any, path: str) -> dict[str, DemoArticle]:
    request = Request({"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""})
    body = bytes(handler(world, request).body)
    recent = world.newsroom.published(world.now())[-3000:]
    return {
        key: article
        for article in recent
        if escape(article.url).encode() in body and (key := url_key(article.url)) is not None
    }


async def list_lost(connection: asyncpg.Connection, served: dict[str, DemoArticle]) -> tuple[list[str], list[str]]:
    """Articles that were handed out, are not stored and stand in no gap that azak tells; texts that are stored twice.

    An answer that came and could not be stored is asked for again. When its source has then refused for so long that
    the article has left the feed, azak cannot have it, and must say that it has not.
    """
    rows = {row["url_key"]: row["again"] for row in await connection.fetch(_STORED, list(served))}
    told = await connection.fetch("SELECT source, since, until FROM feed_gaps")
    lost = [
        f"lost: {article.published_at:%H:%M} {key} {article.title}"
        for key, article in served.items()
        if key not in rows and not any(_covers(gap, article) for gap in told)
    ]
    doubled = [f"one text stored {again + 1} times: {key}" for key, again in rows.items() if again]
    return lost, doubled


def _covers(gap: asyncpg.Record, article: DemoArticle) -> bool:
    sources = [feed.source for feed in SOURCE_FEEDS if feed.publisher == article.publisher.name]
    return gap["source"] in sources and gap["since"] <= article.published_at <= gap["until"]
