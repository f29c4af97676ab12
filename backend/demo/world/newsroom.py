"""Articles of the demo: every story of the plan is published by one or more papers, minutes apart.

An event is reported by one to seven papers with the same or an edited title, at times as a 속보 ->
종합 chain or followed by a correction; other stories are roundups, market reports, items that report a
move that already happened. Articles are computed window by window and cached.
"""

import bisect
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from backend.demo.world import events, side_stories, wording
from backend.demo.world.chance import chance
from backend.demo.world.market import SeededMarket
from backend.demo.world.publishers import MAEIL, PUBLISHERS, WEIGHTS, Publisher
from backend.demo.world.story_plan import Story, StoryPlan

# Articles are numbered window * NUMBERS + position, so that numbers do not depend on earlier requests.
NUMBERS: Final = 5_000
COPIES, COPY_WEIGHTS = (1, 2, 3, 4, 5, 7), (10, 22, 27, 20, 12, 9)


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One article as its paper published it; plain text, no markup."""

    published_at: datetime
    number: int
    publisher: Publisher
    title: str
    snippet: str
    searchable: str

    @property
    def url(self) -> str:
        return self.publisher.url(self.number, self.published_at)


# Delay after the story, paper, title, snippet.
Draft = tuple[timedelta, Publisher, str, str]

# Search words, each with its spellings, casefolded.
Terms = tuple[tuple[str, ...], ...]


class Newsroom:
    """All articles up to a moment, oldest first."""

    def __init__(self, plan: StoryPlan, market: SeededMarket, seed: int) -> None:
        self._plan, self._market, self._seed = plan, market, seed
        self._articles: list[DemoArticle] = []
        self._next_window = 0
        # One pass over all articles took 5 ms; most searches repeat until a new window begins.
        self._holding = lru_cache(maxsize=128)(self._search)
        self._extend(plan.sessions.count)

    def published(self, moment: datetime) -> list[DemoArticle]:
        """Articles published at or before `moment`, oldest first."""
        self._extend(self._plan.window_at(moment) + 1)
        return self._articles[: bisect.bisect_right(self._articles, moment, key=lambda article: article.published_at)]

    def holding(self, terms: Terms, moment: datetime) -> list[DemoArticle]:
        """Published articles that hold every term in any of its spellings, newest first."""
        self._extend(self._plan.window_at(moment) + 1)
        found = self._holding(terms)
        return found[
            bisect.bisect_left(found, -moment.timestamp(), key=lambda article: -article.published_at.timestamp()) :
        ]

    def _search(self, terms: Terms) -> list[DemoArticle]:
        def holds(article: DemoArticle) -> bool:
            return all(any(spelling in article.searchable for spelling in spellings) for spellings in terms)

        return [article for article in reversed(self._articles) if holds(article)]

    def _extend(self, windows: int) -> None:
        if windows <= self._next_window:
            return
        self._holding.cache_clear()
        for window in range(self._next_window, windows):
            self._articles += [article for _, article in self.told(window)]
        self._next_window = windows
        self._articles.sort(key=lambda article: (article.published_at, article.number))

    def told(self, window: int) -> list[tuple[Story, DemoArticle]]:
        """The articles of a window, each with the story that it tells."""
        drafts = [(story, draft) for story in self._plan.stories(window) for draft in self._drafts(story)]
        return [
            (
                story,
                DemoArticle(
                    story.published_at + delay,
                    window * NUMBERS + position,
                    publisher,
                    title,
                    snippet,
                    f"{title} {snippet}".casefold(),
                ),
            )
            for position, (story, (delay, publisher, title, snippet)) in enumerate(drafts)
        ]

    def _drafts(self, story: Story) -> list[Draft]:
        rng = chance_of(self._seed, story)
        if story.kind == "event":
            return _event_drafts(rng, story)
        title, snippet = side_stories.write(rng, story, self._plan.sessions, self._market)
        return _copies(rng, [title], snippet, rng.choice((1, 2, 2)))


def chance_of(seed: int, story: Story) -> random.Random:
    """What the articles of a story are drawn with, its fields first."""
    return chance(seed, "articles", story.window, story.number)


def make_fields(rng: random.Random, story: Story) -> dict[str, str]:
    """The fields of the templates that tell a story."""
    return wording.make_fields(rng, story.stock, story.published_at.year, story.published_at.month)


def _event_drafts(rng: random.Random, story: Story) -> list[Draft]:
    fields = make_fields(rng, story)
    titles = [template.format_map(fields) for template in story.event.titles]
    rng.shuffle(titles)
    snippet = rng.choice(story.event.snippets).format_map(fields)
    drafts = _copies(rng, titles, snippet, rng.choices(COPIES, COPY_WEIGHTS)[0])
    if rng.random() < 0.10:
        drafts.insert(0, (timedelta(0), drafts[0][1], f"[속보] {titles[0]}", ""))
    if rng.random() < 0.04:
        late = timedelta(minutes=rng.randint(15, 50))
        drafts.append((late, drafts[0][1], wording.correct(rng, titles[0], fields), snippet))
    return drafts


def _copies(rng: random.Random, titles: list[str], snippet: str, count: int) -> list[Draft]:
    """The first paper's article and its copies minutes later; one copy in eight words the title its own way."""
    delay, drafts, papers = timedelta(seconds=rng.randint(0, 40)), [], _papers(rng, count)
    for position, paper in enumerate(papers):
        title = titles[0] if position == 0 else wording.edit(rng, titles[0])
        if position and len(titles) > 1 and rng.random() < 0.12:
            title = titles[1]
        drafts.append((delay, paper, _mark(rng, paper, title), snippet))
        delay += timedelta(seconds=rng.randint(20, 200))
    return drafts


def _papers(rng: random.Random, count: int) -> list[Publisher]:
    papers: list[Publisher] = []
    while len(papers) < count:
        paper = rng.choices(PUBLISHERS, WEIGHTS)[0]
        if paper not in papers:
            papers.append(paper)
    return papers


def _mark(rng: random.Random, paper: Publisher, title: str) -> str:
    """One in ten MK titles carries a column name with letters that only cp949 has."""
    if paper is MAEIL and rng.random() < 0.1:
        return f"[{rng.choice(events.CP949_ONLY)}] {title}"
    return title
