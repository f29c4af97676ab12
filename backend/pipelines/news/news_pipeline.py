"""From articles to rows, shared by the jobs that read news: merge copies, read each text, group into stories, store.

Reading and grouping run in a thread with no transaction open; `write` is one short batch. Of an article that is stored
another text or tag becomes a version known from this sight, and the same text another reading where the names of today
say something else of it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.db.recording import take_recording_moment
from backend.db.session import Session
from backend.domain.news import Article
from backend.pipelines.context import RunContext
from backend.pipelines.news import sights
from backend.pipelines.news.sights import Sight
from backend.pipelines.stories import candidates
from backend.services.news import news_intake, stories, versions
from backend.services.news.news_intake import Publication, StoredNews
from backend.services.news.versions import NewVersion, StoredVersion
from backend.services.record import impacts
from backend.text.linking import StockNames
from backend.text.reading import READING_VERSION
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import Story, StoryIndex
from backend.text.stories.same_event import WINDOW

# An old item in a feed must not make every crawl read years of stories.
LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is new at this sight of some articles, ready to be written."""

    sights: Sequence[Sight]
    seen_at: datetime
    archive_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that are new; `versions`: further texts and readings of articles that were stored before."""

    news: int
    links: int
    stories: int
    versions: int


def merge(articles: Iterable[Article]) -> list[Article]:
    """One article per url_key, in the order of publication; feed tags of copies are joined."""
    merged: dict[str, Article] = {}
    for article in articles:
        known = merged.get(article.url_key)
        codes = tuple(sorted({*known.feed_codes, *article.feed_codes})) if known else article.feed_codes
        merged[article.url_key] = replace(known or article, feed_codes=codes)
    return list(merged.values())


async def take_known_addresses(context: RunContext, articles: Sequence[Article], *, since: datetime) -> list[Article]:
    """Articles without addresses, each under the address of the same paper's same headline if one is stored.

    Their stock tags then become links of the stored article.
    """
    async with context.read() as session:
        known = await news_intake.list_same_headlines(session, articles, since=since)
    return [replace(a, url_key=known.get((a.publisher, a.title), a.url_key)) for a in articles]


async def prepare(
    context: RunContext,
    names: StockNames,
    articles: Sequence[Article],
    *,
    seen_at: datetime,
    archive_before: datetime | None = None,
) -> Prepared:
    """Read `articles` (unique url_keys), and group those that are new, with what is stored, into stories."""
    async with context.read() as session:
        stored = await versions.list_stored(session, [article.url_key for article in articles])
    found = await asyncio.to_thread(sights.look, names, articles, stored, seen_at, archive_before)
    apart = [sight for sight in found if sight.story is None]
    assigned = await _assign(context, apart, seen_at, archive=archive_before is not None)
    found = [sights.settle(sight, assigned.get(sight.article.url_key), seen_at) for sight in found]
    dated, undated = await _read_ages(context, found, seen_at)
    found = [sights.date_from(sight, dated, seen_at) for sight in found]
    return Prepared([*found, *sights.date_stored(undated, found, stored)], seen_at, archive_before)


async def _assign(context: RunContext, apart: Sequence[Sight], seen_at: datetime, *, archive: bool) -> dict[str, Story]:
    """The story of each sight by url_key: an id, or the url_key of the article that begins it.

    Recent ones are placed in the index of this process, older ones among what is stored around them.
    """
    codes = {sight.article.url_key: sights.firm_codes(sight.links) for sight in apart}
    async with context.read() as session:
        names = await stories.list_names(session, frozenset().union(*codes.values())) if apart else {}
    new = [
        candidates.of_article(
            sight.article.url_key, sight.article, sight.article.published_at or seen_at, codes[sight.article.url_key],
            names,
        )
        for sight in apart
    ]  # fmt: skip
    older = [candidate for candidate in new if archive or candidate.at < seen_at - WINDOW]
    recent = [candidate for candidate in new if not archive and candidate.at >= seen_at - WINDOW]
    assigned: dict[str, Story] = {}
    if older:
        times = [candidate.at for candidate in older]
        first = min(times) if archive else max(seen_at - LOOK_BACK, min(times))
        async with context.read() as session:
            members = await stories.list_story_members(session, first, max(times), WINDOW)
        assigned |= await asyncio.to_thread(group, older, members)
    if recent:
        assigned |= await context.tools.stories.place(recent, seen_at)
    return assigned


def group(new: Sequence[Candidate], members: Sequence[stories.StoryMember]) -> dict[str, Story]:
    """The story of each by key, among `members`."""
    index = StoryIndex()
    for member in members:
        index.add_known(candidates.of_stored(member), member.story_id)
    return index.assign(new)


async def _read_ages(
    context: RunContext, found: Sequence[Sight], seen_at: datetime
) -> tuple[list[Publication], Mapping[str, Sequence[StoredVersion]]]:
    """What tells the age of undated ones among `found`, and stored ones whose age those among `found` tell."""
    unknown = [sight for sight in found if sights.is_undated(sight)]
    telling = [sight for sight in found if sight.article.published_at is not None and sight.version == 1]
    async with context.read() as session:
        dated = (
            await news_intake.list_publications(
                session, [s.article for s in unknown], _stored_stories(unknown), since=seen_at - LOOK_BACK
            )
            if unknown
            else []
        )
        undated = (
            await versions.list_undated(session, {s.article.title for s in telling}, _stored_stories(telling))
            if telling
            else {}
        )
    return dated, undated


def _stored_stories(found: Iterable[Sight]) -> set[int]:
    return {sight.story for sight in found if isinstance(sight.story, int)}


async def write(session: Session, prepared: Prepared) -> Written:
    """Store what was prepared. The same articles a second time write nothing.

    What another run stored or changed since the preparation is left to it; the next crawl compares again.
    """
    recorded_at = await take_recording_moment(session)
    inserted = await news_intake.upsert_news(
        session,
        [sight.article for sight in prepared.sights if sight.news_id is None],
        seen_at=prepared.seen_at,
        archive_before=prepared.archive_before,
    )
    more = [sight for sight in prepared.sights if sight.news_id is not None]
    if more:
        states = await versions.lock_states(session, {sight.news_id for sight in more if sight.news_id is not None})
        more = [sight for sight in more if sight.follows == states.get(sight.news_id or 0)]
    sure = [sight for sight in prepared.sights if sight.article.url_key in inserted] + more
    return await store(session, sure, inserted, seen_at=prepared.seen_at, recorded_at=recorded_at)


async def store(
    session: Session, found: Sequence[Sight], inserted: Mapping[str, StoredNews], *, seen_at: datetime,
    recorded_at: datetime,
) -> Written:  # fmt: skip
    """Add versions, begin stories and bring the newest to the lists; the articles are stored and locked."""
    await stories.lock_stories(session, {*_stored_stories(found), *(s.left for s in found if s.left is not None)})
    placed, begun = await _begin(session, found, inserted, seen_at)
    added = await versions.add_versions(session, placed, recorded_at=recorded_at, reading_version=READING_VERSION)
    links = await versions.show(session, {row.news_id for row in placed})
    touched = {row.story_id for row in placed if row.story_id is not None}
    touched |= {sight.left for sight in found if sight.left is not None}
    await stories.refresh_stories(session, touched)
    if added > len(inserted):
        await impacts.void_unlinked(session, touched, recorded_at=recorded_at)
    return Written(len(inserted), links, begun, added - len(inserted))


async def _begin(
    session: Session, found: Sequence[Sight], inserted: Mapping[str, StoredNews], seen_at: datetime
) -> tuple[list[NewVersion], int]:
    """The rows to add, each in its story, and how many stories are new."""
    rows = [(sight, _new_version(sight, inserted, seen_at)) for sight in found]
    heads: dict[str, NewVersion] = {}
    for sight, row in sorted(rows, key=lambda pair: (pair[1].known_at, pair[1].news_id)):
        if isinstance(sight.story, str):
            heads.setdefault(sight.story, row)
    ids = await stories.begin_stories(session, {row.news_id: row.known_at for row in heads.values()})
    begun = {key: ids[row.news_id] for key, row in heads.items()}
    placed = [
        replace(row, story_id=begun[sight.story] if isinstance(sight.story, str) else sight.story)
        for sight, row in rows
    ]
    return placed, len(begun)


def _new_version(sight: Sight, inserted: Mapping[str, StoredNews], seen_at: datetime) -> NewVersion:
    if sight.news_id is None:
        news_id, known_at = inserted[sight.article.url_key]
    else:
        news_id, known_at = sight.news_id, sight.known_at or seen_at
    return NewVersion(
        news_id=news_id,
        version=sight.version,
        reading=sight.reading,
        article=sight.article,
        event=sight.event,
        materiality=sight.materiality,
        story_id=None,
        links=sight.links,
        known_at=known_at,
        hindsight=sight.hindsight,
    )
