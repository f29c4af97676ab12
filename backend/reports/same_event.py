"""Folds stories of one stock that tell one event, so that a report lists no event twice.

Stories are built by words within two days; what they left apart here and now is one event if type and side are the
same and no amount or counterparty contradicts it. Texts without a type are one only if their words nearly are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

from backend.domain.understanding.events import NO_TYPE, Sign, Stage
from backend.reports.fact_sheet import StoryFacts

T = TypeVar("T")
WINDOW: Final = timedelta(hours=48)
NEAR_AMOUNTS: Final = 0.05
SAME_WORDS: Final = 0.6  # of the pairs of letters of two titles


def fold(stories: Sequence[StoryFacts]) -> tuple[StoryFacts, ...]:
    """The events in the order of `stories`; each stands for those that tell the same one, and says what they know."""
    events: list[StoryFacts] = []
    for story in stories:
        place = next((n for n, event in enumerate(events) if are_one(event, story)), None)
        if place is None:
            events.append(story)
        else:
            events[place] = _joined(events[place], story)
    return tuple(events)


def are_one(one: StoryFacts, other: StoryFacts) -> bool:
    """Whether two stories of one stock tell one event."""
    if abs(one.known_at - other.known_at) > WINDOW or _undone(one) != _undone(other):
        return False
    if NO_TYPE in (one.event_type, other.event_type):
        return _shared_letters(one.title, other.title) >= SAME_WORDS
    if one.event_type != other.event_type or {one.sign, other.sign} == {Sign.POSITIVE, Sign.NEGATIVE}:
        return False
    return not _contradict(one, other)


def _undone(story: StoryFacts) -> bool:
    return story.sign == Sign.REVERSED or story.stage == Stage.CANCELLED


def _contradict(one: StoryFacts, other: StoryFacts) -> bool:
    if one.amount_krw and other.amount_krw:
        larger = max(one.amount_krw, other.amount_krw)
        if abs(one.amount_krw - other.amount_krw) > NEAR_AMOUNTS * larger:
            return True
    return bool(one.counterparty and other.counterparty) and one.counterparty != other.counterparty


def _shared_letters(one: str, other: str) -> float:
    a, b = _pairs(one), _pairs(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else float(one == other)


def _pairs(title: str) -> set[str]:
    letters = "".join(filter(str.isalnum, title.casefold()))
    return {letters[n : n + 2] for n in range(len(letters) - 1)}


def _joined(event: StoryFacts, story: StoryFacts) -> StoryFacts:
    """The event with what the further story adds; its own words stay."""
    return replace(
        event,
        size=event.size + story.size,
        amount_krw=_first((event.amount_krw, story.amount_krw)),
        counterparty=event.counterparty or story.counterparty,
        share=_first((event.share, story.share)),
        surprise=_first((event.surprise, story.surprise)),
        value_share=_first((event.value_share, story.value_share)),
        materiality=max(event.materiality, story.materiality),
        also=(*event.also, story.news_id, *story.also),
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)
