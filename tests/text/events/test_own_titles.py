"""The labelled titles of our own, and that the labels cover what docs/events.md promises."""

from collections import Counter
from collections.abc import Callable

import pytest

from backend.domain.news import NewsKind
from backend.domain.understanding.event_types import BY_ID, PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE, Event, Scope, Sign, Stage
from backend.text.events import opposite, read_event
from tests.text.events.labelled import EVENTS, OPPOSITES, Label, read_label

FORMS = [label for label in EVENTS if label["kind"] == "filing"]
COMPANY = {Scope.COMPANY, Scope.COMPANIES}


def misses(labels: list[Label], agree: Callable[[Event, Label], bool]) -> list[str]:
    return [label["title"] for label in labels if not agree(read_label(label), label)]


def test_the_labels_cover_each_type_sign_stage_and_scope() -> None:
    assert len(EVENTS) >= 450
    assert {label["type"] for label in EVENTS} == set(BY_ID)
    assert {label["sign"] for label in EVENTS} == set(Sign)
    assert {label["stage"] for label in EVENTS} == set(Stage)
    assert {label["scope"] for label in EVENTS} == set(Scope)
    assert len(FORMS) >= 60
    assert max(Counter(label["title"] for label in EVENTS).values()) == 1


def test_type_and_sign() -> None:
    wrong = misses(EVENTS, lambda event, label: (event.type, event.sign) == (label["type"], label["sign"]))
    assert len(wrong) <= 0.01 * len(EVENTS), wrong


def test_every_form_is_typed_with_its_sign() -> None:
    assert misses(FORMS, lambda event, label: (event.type, event.sign) == (label["type"], label["sign"])) == []


def test_amounts_are_exact() -> None:
    assert misses(EVENTS, lambda event, label: event.amount_krw == label["amount_krw"]) == []


def test_scope() -> None:
    wrong = misses(EVENTS, lambda event, label: event.scope == label["scope"])
    assert len(wrong) <= 0.02 * len(EVENTS), wrong


def test_stage() -> None:
    wrong = misses(EVENTS, lambda event, label: event.stage == label["stage"])
    assert len(wrong) <= 0.05 * len(EVENTS), wrong


def test_what_is_about_no_company_has_no_type() -> None:
    for label in EVENTS:
        event = read_label(label)
        assert event.scope in COMPANY or (event.type, event.sign) == (NO_TYPE, Sign.NEUTRAL), label["title"]


def test_there_are_opposites_of_forty_kinds() -> None:
    assert len(OPPOSITES) >= 40


@pytest.mark.parametrize("pair", OPPOSITES, ids=lambda pair: pair["pair"][1])
def test_opposites_are_known_as_such(pair: Label) -> None:
    first, second = (read_event(title, NewsKind(pair["kind"]), 1) for title in pair["pair"])  # as of one linked stock
    assert opposite(first, second)
    assert opposite(second, first)
    assert not opposite(first, first)
    assert not opposite(second, second)


def test_a_move_and_no_event_are_opposite_to_nothing() -> None:
    up, down = Event(type=PRICE_MOVE, sign=Sign.POSITIVE), Event(type=PRICE_MOVE, sign=Sign.NEGATIVE)
    assert not opposite(up, down)
    assert not opposite(Event(sign=Sign.POSITIVE), Event(sign=Sign.NEGATIVE))


def test_what_undoes_a_neutral_event_is_its_opposite() -> None:
    assert opposite(Event(type="merger"), Event(type="merger", sign=Sign.REVERSED))


def test_what_only_leaves_a_sign_open_is_no_opposite() -> None:
    told, open_ = Event(type="results", sign=Sign.POSITIVE), Event(type="results")
    assert not opposite(told, open_)
    assert not opposite(told, Event(type="contract", sign=Sign.NEGATIVE))
