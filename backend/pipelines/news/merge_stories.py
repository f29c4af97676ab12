"""Stories that words could not join and vectors do: the later one's texts get another reading, in the earlier story.

The model process may be away when an article comes; then it is placed by its text, and this is the recorded change
afterwards. What was read live before stays as it was read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.db.recording import take_recording_moment
from backend.domain.understanding.encoders import cosines_of
from backend.pipelines.context import RunContext
from backend.pipelines.news import news_pipeline, sights
from backend.pipelines.news.sights import Sight
from backend.pipelines.stories import candidates
from backend.services.news import near, stories, versions
from backend.services.news.near import NearPair
from backend.services.news.stories import StoryMember
from backend.services.news.versions import StoredVersion
from backend.text.reading import Reading
from backend.text.stories.candidate import Member, read_candidate
from backend.text.stories.same_event import WINDOW, are_opposed, is_barred


async def merge(context: RunContext, news_ids: Collection[int]) -> int:
    """Merge the stories of these articles with those of articles near to them. Returns how many stories were left.

    Nothing for an encoder whose cosines nobody measured.
    """
    cosines = cosines_of(context.models.embedder_name)
    if cosines is None or not news_ids:
        return 0
    async with context.read() as session:
        pairs = await near.list_near(
            session, context.models.embedder_name, news_ids, same_story=cosines.same_story, margin=WINDOW
        )
        pairs = [pair for pair in pairs if pair.story_id != pair.other_story_id]
        if not pairs:
            return 0
        ids = {story for pair in pairs for story in (pair.story_id, pair.other_story_id)}
        members = await stories.list_members_of(session, ids)
        starts = await near.list_story_starts(session, ids)
        stored = await versions.list_stored(session, {member.url_key for member in members})
    moves = plan(pairs, members, starts)
    found = [sight for siblings in stored.values() for sight in _moved(siblings, moves)]
    if found:
        await _write(context, found)
    return len(moves)


@dataclass
class _Group:
    """Stories that become one, as they are joined."""

    members: list[Member]
    stories: set[int] = field(default_factory=set)


def plan(pairs: Sequence[NearPair], members: Sequence[StoryMember], starts: Mapping[int, datetime]) -> dict[int, int]:
    """The story that each story goes into: the one of its group that was known first."""
    read: dict[int, list[Member]] = {}
    of_article: dict[int, list[Member]] = {}
    for row in members:
        member = read_candidate(candidates.of_stored(row), row.story_id)
        read.setdefault(row.story_id, []).append(member)
        of_article.setdefault(row.news_id, []).append(member)
    groups = {story: _Group(list(texts), {story}) for story, texts in read.items()}
    for pair in pairs:
        one, other = groups.get(pair.story_id), groups.get(pair.other_story_id)
        if one is None or other is None or one is other:
            continue
        texts, others = of_article[pair.news_id], of_article[pair.other_news_id]
        if all(is_barred(a, b) for a in texts for b in others):
            continue
        if any(are_opposed(a, b) for a in one.members for b in other.members):
            continue
        joined = _Group(one.members + other.members, one.stories | other.stories)
        groups |= dict.fromkeys(joined.stories, joined)
    first = {story: min(group.stories, key=lambda s: (starts[s], s)) for story, group in groups.items()}
    return {story: into for story, into in first.items() if story != into}


def _moved(siblings: Sequence[StoredVersion], moves: Mapping[int, int]) -> list[Sight]:
    """Another reading of each text of an article whose story moves."""
    found = []
    for version in siblings:
        if version.story_id is not None and version.story_id in moves:
            reading = Reading(version.links, version.article.flags, version.event, version.materiality)
            found.append(sights.again(version, siblings, reading, moves[version.story_id]))
    return found


async def _write(context: RunContext, found: Sequence[Sight]) -> None:
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        states = await versions.lock_states(session, {s.news_id for s in found if s.news_id is not None})
        sure = [sight for sight in found if sight.follows == states.get(sight.news_id or 0)]
        await news_pipeline.store(session, sure, {}, seen_at=recorded_at, recorded_at=recorded_at)
