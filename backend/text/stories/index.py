"""Stories in memory, by day: extended article by article, and whole days are forgotten.

Candidates of an article are the newest ones about its stocks; of one that is linked to none, those that share one of
its rarest pairs of letters and are linked to none either.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from backend.domain.understanding.events import Event, Scope, Sign, Stage
from backend.text.stories.candidate import NO_EVENT, Candidate, Member, read_candidate
from backend.text.stories.same_event import LINE, WINDOW, are_opposed, score
from backend.text.stories.wording import Wording

Story = int | str

OF_A_STOCK: Final = 250  # newest articles of each stock and day that are compared
_RAREST: Final = 10
_SHARING: Final = 400  # articles that share rare letters and are compared, at most
_OF_A_STORY: Final = 60  # newest articles of a story that must not be opposed to one that joins
_DAY: Final = timedelta(days=1)


class _Day:
    """The articles of one day, in the order in which they came; None in place of one that was taken out.

    Kept as plain tuples of texts and numbers, which the collector of cycles leaves alone: it stops the process for as
    long as it walks through what it does not, a fifth of a second for four days of objects.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...] | None] = []
        self.by_gram: dict[str, list[int]] = {}
        self.by_code: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, place: int) -> Member | None:
        row = self._rows[place]
        if row is None:
            return None
        key, story, at, codes, receipt, event, wording = row
        return Member(key, story, at, codes, receipt, _read_event(event), Wording(*wording))

    def take_out(self, place: int) -> None:
        self._rows[place] = None

    def add(self, member: Member) -> int:
        place = len(self._rows)
        texts = (_plain_event(member.event), _plain_wording(member.wording))
        self._rows.append((member.key, member.story, member.at, member.codes, member.receipt, *texts))
        if not member.codes:
            for gram in member.wording.grams:
                self.by_gram.setdefault(gram, []).append(place)
        for code in member.codes:
            self.by_code.setdefault(code, []).append(place)
        return place


def _plain_event(event: Event) -> tuple[Any, ...]:
    if event == NO_EVENT:
        return ()
    kind = (event.scope.value, event.type, event.sign.value, event.stage.value)
    return (*kind, event.amount_krw, event.counterparty, event.share, event.surprise)


def _read_event(plain: tuple[Any, ...]) -> Event:
    if not plain:
        return NO_EVENT
    scope, type_, sign, stage, *rest = plain
    return Event(Scope(scope), type_, Sign(sign), Stage(stage), *rest)


def _plain_wording(wording: Wording) -> tuple[Any, ...]:
    return (wording.words, wording.text, wording.figures, wording.column, wording.sides, wording.is_price, wording.form)


class StoryIndex:
    """A story is an id of the database, or the key of the first article of a new one."""

    def __init__(self) -> None:
        self._days: dict[date, _Day] = {}
        self._places: dict[str, tuple[date, int]] = {}
        self._stories: dict[Story, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def add_known(self, candidate: Candidate, story: Story) -> None:
        """Add an article whose story is stored, or put one that is known into another story."""
        self.remove(candidate.key)
        self._remember(read_candidate(candidate, story))

    def remove(self, key: str) -> None:
        """Take an article out; one that is not there is no error."""
        day, place = self._places.pop(key, (None, 0))
        if day is None:
            return
        member = self._days[day].get(place)
        self._days[day].take_out(place)
        if member is not None:
            self._leave(member)

    def forget_before(self, moment: datetime) -> None:
        """Drop the days that end before `moment`."""
        last = moment.date() - _DAY
        for day in [day for day in self._days if day <= last - _DAY]:
            forgotten = self._days.pop(day)
            for member in map(forgotten.get, range(len(forgotten))):
                if member is not None:
                    self._places.pop(member.key, None)
                    self._leave(member)

    def assign(self, candidates: Iterable[Candidate]) -> dict[str, Story]:
        """Story of each new article by key; a new story has the key of its earliest article. All are remembered."""
        stories: dict[str, Story] = {}
        for candidate in sorted(candidates, key=lambda item: (item.at, item.key)):
            self.remove(candidate.key)
            new = read_candidate(candidate, candidate.key)
            known = self.closest(new)
            stories[candidate.key] = candidate.key if known is None else known
            self._remember(new if known is None else read_candidate(candidate, known))
        return stories

    def closest(self, new: Member) -> Story | None:
        """The story of the article that `new` is most surely one event with, if it may join it."""
        scored = [(score(new, known), known) for known in self._candidates(new)]
        for _, known in sorted((pair for pair in scored if pair[0] >= LINE), key=lambda pair: -pair[0]):
            if self.may_join(new, known.story):
                return known.story
        return None

    def may_join(self, new: Member, story: Story) -> bool:
        """Whether none of the story's articles is opposed to `new`."""
        keys = self._stories.get(story, ())[-_OF_A_STORY:]
        return not any(are_opposed(new, member) for member in map(self._get, keys) if member is not None)

    def _candidates(self, new: Member) -> list[Member]:
        first, last = (new.at - WINDOW).date(), (new.at + WINDOW).date()
        found: dict[str, Member] = {}
        day = first
        while day <= last:
            if day in self._days:
                self._gather(self._days[day], new, found)
            day += _DAY
        return list(found.values())

    def _gather(self, day: _Day, new: Member, found: dict[str, Member]) -> None:
        places = {place for code in new.codes for place in day.by_code.get(code, ())[-OF_A_STOCK:]}
        if not new.codes:
            rare = sorted((day.by_gram[gram] for gram in new.wording.grams if gram in day.by_gram), key=len)
            for postings in rare[:_RAREST]:
                if len(places) + len(postings) > _SHARING:
                    break
                places.update(postings)
        for place in sorted(places):
            member = day.get(place)
            if member is not None and abs(member.at - new.at) <= WINDOW:
                found[member.key] = member

    def _remember(self, member: Member) -> None:
        day = member.at.date()
        self._places[member.key] = (day, self._days.setdefault(day, _Day()).add(member))
        self._stories[member.story] = (*self._stories.get(member.story, ()), member.key)

    def _get(self, key: str) -> Member | None:
        day, place = self._places[key]
        return self._days[day].get(place)

    def _leave(self, member: Member) -> None:
        rest = tuple(key for key in self._stories[member.story] if key != member.key)
        if rest:
            self._stories[member.story] = rest
        else:
            del self._stories[member.story]
