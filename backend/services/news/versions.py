"""The texts of an article as they were seen, and what was made of them (tables news_versions, version_links).

Nothing is changed but `retired_at`: another text is a version known from its sight, a better reading of a text retires
the one before. `show` brings the newest to news and news_stocks, where lists read it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.news import NewsVersion, VersionLink
from backend.db.upsert import upsert
from backend.domain.news import Article, Flag, Link, LinkMethod, NewsKind, Precision
from backend.domain.understanding.events import Event, Scope, Sign, Stage, Told

_TOLD: Final = TypeAdapter(Told)
_KEY = ("news_id", "version", "reading")


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One text with its newest reading. `article`: as `article.source` gave it, with all flags of the reading."""

    news_id: int
    version: int
    reading: int
    article: Article
    event: Event
    materiality: int
    story_id: int | None
    links: tuple[Link, ...]
    known_at: datetime
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A row to add; a `reading` above 1 retires the one before it."""

    news_id: int
    version: int
    reading: int
    article: Article
    event: Event
    materiality: int
    story_id: int | None
    links: tuple[Link, ...]
    known_at: datetime
    hindsight: bool


_COLUMNS = """
    n.id AS news_id, n.url_key, n.url, n.publisher, n.kind, n.published_at, n.published_precision, n.first_seen_at,
    v.version, v.reading, v.source, v.title, v.snippet, v.feed_codes, v.flags, v.event_type, v.scope, v.sign,
    v.stage, v.amount_krw, v.counterparty, v.share, v.surprise, v.told, v.materiality, v.story_id, v.known_at,
    (SELECT json_agg(json_build_array(l.stock_code, l.method, l.confidence) ORDER BY l.stock_code)
       FROM version_links l WHERE l.version_id = v.id) AS links
    FROM news n JOIN news_versions v ON v.news_id = n.id AND v.retired_at IS NULL
"""
_BY_KEY = text(f"SELECT {_COLUMNS} WHERE n.url_key = ANY (CAST(:keys AS text[])) ORDER BY n.id, v.version")
_SEEN = text("""
    SELECT DISTINCT n.url_key FROM news n JOIN news_versions v ON v.news_id = n.id
     WHERE v.source = :source AND n.url_key = ANY (CAST(:keys AS text[]))
""")
# Articles of unknown age that a dated one of another source tells the age of: the same headline, or the same story.
_UNDATED = text(
    f"""
    SELECT {_COLUMNS}
    WHERE n.id IN (
        SELECT u.news_id FROM news_versions u
         WHERE u.retired_at IS NULL AND 'undated' = ANY (u.flags)
           AND (u.title = ANY (CAST(:titles AS text[])) OR u.story_id = ANY (CAST(:stories AS bigint[])))
    ) ORDER BY n.id, v.version
"""  # noqa: S608  (a constant of this module)
)
_SINCE = text(f"""
    SELECT {_COLUMNS}
    WHERE coalesce(n.published_at, n.known_at) >= :since AND coalesce(n.published_at, n.known_at) < :until
    ORDER BY coalesce(n.published_at, n.known_at), n.url_key, v.version
""")
_STATES = text("""
    SELECT n.id, v.version, v.reading FROM news n
      JOIN news_versions v ON v.news_id = n.id AND v.retired_at IS NULL
     WHERE n.id = ANY (CAST(:ids AS bigint[])) ORDER BY n.id, v.version
""")
_LOCK = text("SELECT id FROM news WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE")
_RETIRE = text("""
    UPDATE news_versions SET retired_at = :recorded_at
      FROM unnest(CAST(:news AS bigint[]), CAST(:versions AS int[]), CAST(:readings AS int[]))
           AS old (news_id, version, reading)
     WHERE news_versions.news_id = old.news_id AND news_versions.version = old.version
       AND news_versions.reading = old.reading
""")
_SHOW = text("""
    UPDATE news SET title = v.title, snippet = v.snippet, flags = v.flags, story_id = v.story_id
      FROM news_as_of('infinity', 'infinity') v
     WHERE v.news_id = news.id AND news.id = ANY (CAST(:ids AS bigint[]))
       AND (news.title, news.snippet, news.flags, news.story_id)
           IS DISTINCT FROM (v.title, v.snippet, v.flags, v.story_id)
""")
_HIDE_LINKS = text("""
    DELETE FROM news_stocks s WHERE s.news_id = ANY (CAST(:ids AS bigint[])) AND NOT EXISTS (
        SELECT FROM news_as_of('infinity', 'infinity') v JOIN version_links l ON l.version_id = v.id
         WHERE v.news_id = s.news_id AND l.stock_code = s.stock_code)
""")
_SHOW_LINKS = text("""
    INSERT INTO news_stocks AS s (news_id, stock_code, method, confidence, known_at)
    SELECT v.news_id, l.stock_code, l.method, l.confidence, n.known_at
      FROM news_as_of('infinity', 'infinity') v
      JOIN version_links l ON l.version_id = v.id
      JOIN news n ON n.id = v.news_id
     WHERE v.news_id = ANY (CAST(:ids AS bigint[]))
     ORDER BY v.news_id, l.stock_code
    ON CONFLICT (news_id, stock_code) DO UPDATE SET method = excluded.method, confidence = excluded.confidence
     WHERE (s.method, s.confidence) IS DISTINCT FROM (excluded.method, excluded.confidence)
    RETURNING s.news_id
""")


def _version(row: Any) -> StoredVersion:
    article = Article(
        source=row.source,
        publisher=row.publisher,
        kind=NewsKind(row.kind),
        url=row.url,
        url_key=row.url_key,
        title=row.title,
        snippet=row.snippet,
        published_at=row.published_at,
        precision=Precision(row.published_precision),
        flags=frozenset(map(Flag, row.flags)),
        feed_codes=tuple(row.feed_codes),
        told=None if row.told is None else _TOLD.validate_python(row.told),
    )
    links = tuple(Link(code, LinkMethod(method), confidence) for code, method, confidence in row.links or ())
    return StoredVersion(
        row.news_id, row.version, row.reading, article, _event(row), row.materiality, row.story_id, links,
        row.known_at, row.first_seen_at,
    )  # fmt: skip


def _event(row: Any) -> Event:
    return Event(
        scope=Scope(row.scope),
        type=row.event_type,
        sign=Sign(row.sign),
        stage=Stage(row.stage),
        amount_krw=row.amount_krw,
        counterparty=row.counterparty,
        share=row.share,
        surprise=row.surprise,
    )


async def _read(session: AsyncSession, statement: Any, bound: Mapping[str, Any]) -> dict[str, list[StoredVersion]]:
    found: dict[str, list[StoredVersion]] = {}
    for row in await session.execute(statement, bound):
        found.setdefault(row.url_key, []).append(_version(row))
    return found


async def list_stored(session: AsyncSession, url_keys: Collection[str]) -> dict[str, list[StoredVersion]]:
    """The versions of stored articles by url_key, oldest first."""
    return await _read(session, _BY_KEY, {"keys": list(url_keys)})


async def list_seen(session: AsyncSession, source: str, url_keys: Collection[str]) -> set[str]:
    """Those of `url_keys` of which `source` has told before."""
    return set(await session.scalars(_SEEN, {"source": source, "keys": list(url_keys)}))


async def list_undated(
    session: AsyncSession, titles: Collection[str], story_ids: Collection[int]
) -> dict[str, list[StoredVersion]]:
    """Versions of articles of unknown age with one of these headlines or in one of these stories."""
    return await _read(session, _UNDATED, {"titles": list(titles), "stories": list(story_ids)})


async def list_between(session: AsyncSession, since: datetime, until: datetime) -> dict[str, list[StoredVersion]]:
    """Versions of all articles published (undated: known) in [since, until), by url_key, the oldest first."""
    return await _read(session, _SINCE, {"since": since, "until": until})


async def oldest_moment(session: AsyncSession) -> datetime | None:
    """When the oldest stored article was published (undated: known); None without any."""
    found: datetime | None = await session.scalar(text("SELECT min(coalesce(published_at, known_at)) FROM news"))
    return found


async def lock_states(session: AsyncSession, news_ids: Collection[int]) -> dict[int, list[tuple[int, int]]]:
    """Let nobody else add to these articles until the end; (version, reading) of each one's versions, oldest first."""
    bound = {"ids": sorted(news_ids)}
    await session.execute(_LOCK, bound)
    states: dict[int, list[tuple[int, int]]] = {}
    for row in await session.execute(_STATES, bound):
        states.setdefault(row.id, []).append((row.version, row.reading))
    return states


async def add_versions(
    session: AsyncSession, rows: Sequence[NewVersion], *, recorded_at: datetime, reading_version: int
) -> int:
    """Store versions and readings, and retire the readings before them. Returns how many rows are new."""
    again = [(row.news_id, row.version, row.reading - 1) for row in rows if row.reading > 1]
    if again:
        news, numbers, readings = (list(column) for column in zip(*again, strict=True))
        bound = {"news": news, "versions": numbers, "readings": readings, "recorded_at": recorded_at}
        await session.execute(_RETIRE, bound)
    stored = [_row(row, recorded_at, reading_version) for row in rows]
    added = await upsert(session, NewsVersion, stored, key=_KEY, returning=[*_KEY, "id"])
    ids = {(news_id, version, reading): row_id for news_id, version, reading, row_id in added}
    links = [
        {
            "version_id": ids[row.news_id, row.version, row.reading],
            "stock_code": link.stock_code,
            "method": link.method,
            "confidence": link.confidence,
            "known_at": row.known_at,
        }
        for row in rows
        if (row.news_id, row.version, row.reading) in ids
        for link in row.links
    ]
    await upsert(session, VersionLink, links, key=["version_id", "stock_code"])
    return len(added)


def _row(row: NewVersion, recorded_at: datetime, reading_version: int) -> dict[str, Any]:
    return {
        "news_id": row.news_id,
        "version": row.version,
        "reading": row.reading,
        "source": row.article.source,
        "title": row.article.title,
        "snippet": row.article.snippet,
        "feed_codes": list(row.article.feed_codes),
        "flags": sorted(row.article.flags),
        "event_type": row.event.type,
        "scope": row.event.scope,
        "sign": row.event.sign,
        "stage": row.event.stage,
        "amount_krw": row.event.amount_krw,
        "counterparty": row.event.counterparty,
        "share": row.event.share,
        "surprise": row.event.surprise,
        "told": None if row.article.told is None else _TOLD.dump_python(row.article.told, mode="json"),
        "materiality": row.materiality,
        "story_id": row.story_id,
        "reading_version": reading_version,
        "known_at": row.known_at,
        "recorded_at": recorded_at,
        "hindsight": row.hindsight,
    }


async def show(session: AsyncSession, news_ids: Collection[int]) -> int:
    """Bring the newest text, flags, story and links of these articles to the lists. Returns how many links are new."""
    if not news_ids:
        return 0
    bound = {"ids": sorted(news_ids)}
    await session.execute(_SHOW, bound)
    await session.execute(_HIDE_LINKS, bound)
    return len((await session.execute(_SHOW_LINKS, bound)).all())
