"""Reads what is stored again with the code and the names of today: links, flags, events, and stories.

What was read before is retired and kept: live forecasts and their audit keep what they were made from, replays use the
new readings. Articles are grouped day by day in the order of their publication, each with those of two days before, so
that the result does not depend on when they came; a second run writes nothing.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.runs import Counts, RunReason
from backend.internal import RestateArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.news import news_pipeline, sights
from backend.pipelines.news.known_names import read_names
from backend.pipelines.news.near_groups import Near, NearGroups, read_near
from backend.pipelines.news.news_pipeline import Written
from backend.pipelines.news.sights import Sight
from backend.pipelines.stories import candidates
from backend.pipelines.stories.candidates import Names
from backend.services.news import news_intake, stories, versions
from backend.services.news.stories import StoryMember
from backend.services.news.versions import StoredVersion
from backend.text.linking import StockNames
from backend.text.reading import Reading, read
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import Story
from backend.text.stories.same_event import WINDOW

Arguments = RestateArguments
_RESERVE_S = 20  # seconds: a day is not begun with less time left
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
Stored = Mapping[str, Sequence[StoredVersion]]


async def run(context: RunContext, arguments: Arguments) -> Counts:
    """Counts: read = texts, written = readings and stories that are new."""
    async with context.read() as session:
        watched = await news_intake.list_watched_stocks(session)
        oldest = await versions.oldest_moment(session)
    if oldest is None:
        raise nothing_to_do(RunReason.NOTHING_DUE)
    names = await read_names(context, watched)
    days = list(_days(max(oldest, _midnight(arguments.since)) if arguments.since else oldest))
    detail = {"readings": 0, "stories": 0, "days_left": len(days)}
    taken: set[int] = set()
    texts = 0
    for start in days:
        if context.seconds_left() < _RESERVE_S:
            break
        read_texts, written = await _restate_day(context, names, start, taken)
        texts += read_texts
        detail["readings"] += written.versions
        detail["stories"] += written.stories
        detail["days_left"] -= 1
        context.report(1 - detail["days_left"] / len(days), f"{start:%Y-%m-%d}: {detail['readings']} new readings")
    return Counts(read=texts, written=detail["readings"] + detail["stories"], detail=detail)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), clock.KST)


def _days(first: datetime) -> Iterator[datetime]:
    start = _midnight(first.astimezone(clock.KST).date())
    while start <= clock.now():
        yield start
        start += _DAY


async def _restate_day(context: RunContext, names: StockNames, start: datetime, taken: set[int]) -> tuple[int, Written]:
    """Texts of one day read again, and what was written. `taken`: stories that days before have used, then this too."""
    async with context.read() as session:
        stored = await versions.list_between(session, start, start + _DAY)
        members = await stories.list_story_members(session, start - WINDOW, start - _INSTANT, timedelta(0))
        known_as = await stories.list_names(session)
    taken.update(member.story_id for member in members)
    articles = frozenset(version.news_id for siblings in stored.values() for version in siblings)
    surroundings = Surroundings(members, known_as, await read_near(context, articles))
    found = await asyncio.to_thread(restate, names, stored, surroundings, taken)
    if found:
        async with context.write() as session:
            recorded_at = await take_recording_moment(session)
            states = await versions.lock_states(session, {s.news_id for s in found if s.news_id is not None})
            sure = [sight for sight in found if sight.follows == states.get(sight.news_id or 0)]
            written = await news_pipeline.store(session, sure, {}, seen_at=recorded_at, recorded_at=recorded_at)
    else:
        written = Written(0, 0, 0, 0)
    return sum(map(len, stored.values())), written


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a day is grouped among: the texts of the days before, the names of stocks, and which articles are near."""

    members: Sequence[StoryMember]
    known_as: Names
    near: Near


@dataclass(frozen=True, slots=True)
class _Text:
    """One text with the article's other ones, its reading of today and its key among the candidates."""

    key: str
    version: StoredVersion
    siblings: Sequence[StoredVersion]
    reading: Reading

    @property
    def is_own(self) -> bool:
        """Whether it is grouped by what it says: the first text, or a title that its own source changed."""
        before = [other for other in self.siblings if other.version < self.version.version]
        return not before or sights.is_edit(self.version.article, before)


def restate(names: StockNames, stored: Stored, surroundings: Surroundings, taken: set[int]) -> list[Sight]:
    """Readings that differ from the stored ones, each in its story. The stories that are used are added to `taken`."""
    texts = [_read(names, key, version, siblings) for key, siblings in stored.items() for version in siblings]
    groups = _group(texts, surroundings)
    placed: dict[int | str, int | str] = {}
    found = []
    for text in texts:
        group = groups[text.key]
        if group not in placed:
            placed[group] = _place(group, text, taken)
        if sight := _differing(text, placed[group]):
            found.append(sight)
    return found


def _read(names: StockNames, key: str, version: StoredVersion, siblings: Sequence[StoredVersion]) -> _Text:
    earlier = sights.tags(other for other in siblings if other.version < version.version)
    reading = read(names, version.article, earlier)
    kept = [link for link in version.links if not names.watches(link.stock_code)]
    links = tuple(sorted([*reading.links, *kept], key=lambda link: link.stock_code))
    return _Text(f"{key} {version.version:05}", version, siblings, replace(reading, links=links))


def _group(texts: Sequence[_Text], surroundings: Surroundings) -> dict[str, Story]:
    """The group of each text by key: the id of a story of the days before, or the key of the text that begins it."""
    read_as = {text.key: _candidate(text, surroundings.known_as) for text in texts}
    groups = news_pipeline.group(list(read_as.values()), surroundings.members)
    nearby = NearGroups(surroundings.near, surroundings.members)
    joined: dict[Story, Story] = {}  # another source's words for an article belong where the article is
    before: dict[int, Story] = {}
    for text in texts:
        news_id = text.version.news_id
        group = groups[text.key]
        group = joined.get(group, group)
        own = nearby.find(news_id, read_as[text.key]) if text.is_own else before[news_id]
        if group == text.key and own is not None:
            joined[group] = own
        if not text.is_own or group == text.key:
            group = own or group
        groups[text.key] = before[news_id] = group
        nearby.add(news_id, read_as[text.key], group)
    return groups


def _candidate(text: _Text, known_as: Names) -> Candidate:
    version = text.version
    codes = sights.firm_codes(text.reading.links)
    return candidates.of_article(text.key, version.article, _published(version), codes, known_as)


def _published(version: StoredVersion) -> datetime:
    return version.article.published_at or version.first_seen_at


def _place(group: int | str, text: _Text, taken: set[int]) -> int | str:
    """The story of a group that `text` is the first of: the one that it is in, unless another group has it."""
    if isinstance(group, str):
        stored = text.version.story_id
        if stored is None or stored in taken:
            return text.version.article.url_key
        group = stored
    taken.add(group)
    return group


def _differing(text: _Text, story: int | str) -> Sight | None:
    version, reading = text.version, text.reading
    before = (version.links, version.article.flags, version.event, version.materiality, version.story_id)
    if (reading.links, reading.flags, reading.event, reading.materiality, story) == before:
        return None
    return sights.again(version, text.siblings, reading, story)
