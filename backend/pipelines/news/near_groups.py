"""Groups of restated texts that words leave apart and vectors join, as merge_stories joins stories."""

from collections.abc import Mapping, Sequence

from backend.domain.understanding.encoders import cosines_of
from backend.pipelines.context import RunContext
from backend.pipelines.stories import candidates
from backend.services.news import near
from backend.services.news.stories import StoryMember
from backend.text.stories.candidate import Candidate, Member, read_candidate
from backend.text.stories.index import Story
from backend.text.stories.same_event import WINDOW, are_opposed, is_barred

Near = Mapping[int, Sequence[int]]  # articles by article, the nearest first


async def read_near(context: RunContext, news_ids: frozenset[int]) -> Near:
    """The articles near to each of these; none for an encoder whose cosines nobody measured."""
    embedder = context.models.embedder_name
    cosines = cosines_of(embedder)
    if cosines is None or not news_ids:
        return {}
    async with context.read() as session:
        pairs = await near.list_near(session, embedder, news_ids, same_story=cosines.same_story, margin=WINDOW)
    found: dict[int, list[int]] = {}
    for pair in pairs:
        found.setdefault(pair.news_id, []).append(pair.other_news_id)
    return found


class NearGroups:
    """What is grouped so far: the stored texts of the days before, then text by text."""

    def __init__(self, near_of: Near, members: Sequence[StoryMember]) -> None:
        self._near = near_of
        self._of_article: dict[int, list[Member]] = {}
        self._of_group: dict[Story, list[Member]] = {}
        for row in members if near_of else ():
            self._remember(row.news_id, read_candidate(candidates.of_stored(row), row.story_id))

    def add(self, news_id: int, candidate: Candidate, group: Story) -> None:
        """A text of an article that came into `group`."""
        if self._near:
            self._remember(news_id, read_candidate(candidate, group))

    def find(self, news_id: int, candidate: Candidate) -> Story | None:
        """The group of an earlier article that is near to this one and may be one event with it."""
        if news_id not in self._near:
            return None
        new = read_candidate(candidate, candidate.key)
        for other in self._near[news_id]:
            for known in self._of_article.get(other, ()):
                opposed = any(are_opposed(new, member) for member in self._of_group[known.story])
                if not is_barred(new, known) and not opposed:
                    return known.story
        return None

    def _remember(self, news_id: int, member: Member) -> None:
        self._of_article.setdefault(news_id, []).append(member)
        self._of_group.setdefault(member.story, []).append(member)
