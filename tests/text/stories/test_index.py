"""The index: what it compares, what never comes into one story, and what it forgets."""

import gc
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.understanding.events import Event, Sign, Stage
from backend.text.stories import index as index_module
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import StoryIndex

NOON = datetime(2026, 11, 3, 3, tzinfo=UTC)
CODE, OTHER = frozenset({"900101"}), frozenset({"900102"})


def article(key: str, title: str, hours: float = 0, *, receipt: str = "", event: Event | None = None,
            codes: frozenset[str] = CODE) -> Candidate:  # fmt: skip
    names = frozenset({"가람전자"})
    return Candidate(key, title, NOON + timedelta(hours=hours), codes, names, receipt, event or Event())


def joined(*candidates: Candidate) -> bool:
    return len(set(StoryIndex().assign(candidates).values())) == 1


TITLE = "가람전자, 구미 2공장 증설 착수"
SAME = "가람전자 구미 2공장 증설 시작"


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (Event(type="contract"), Event(type="contract"), True),
        (Event(type="contract"), Event(), True),
        (Event(type="contract"), Event(type="dividend"), False),
        (Event(type="acquisition"), Event(type="merger"), True),
        (Event(type="contract"), Event(type="price_move"), True),
        (Event(type="contract", sign=Sign.POSITIVE), Event(type="contract", sign=Sign.NEGATIVE), False),
        (Event(type="contract", sign=Sign.POSITIVE), Event(type="contract", sign=Sign.REVERSED), False),
        (Event(type="contract"), Event(type="contract", stage=Stage.CANCELLED), False),
        (Event(type="contract", sign=Sign.REVERSED), Event(), True),
        (Event(type="contract", amount_krw=3 * 10**11), Event(type="contract", amount_krw=10**11), False),
        (Event(type="contract", amount_krw=300 * 10**9), Event(type="contract", amount_krw=301 * 10**9), True),
    ],
)
def test_events_keep_articles_apart_whatever_the_words_are(one: Event, other: Event, together: bool) -> None:
    assert joined(article("a", TITLE, event=one), article("b", SAME, 1, event=other)) is together


def test_a_filing_and_its_article_are_one_by_the_type_of_event() -> None:
    event = Event(type="results", sign=Sign.POSITIVE)
    filing = article("f", "가람전자 - 연결재무제표기준영업(잠정)실적(공정공시)", receipt="dart:1", event=event)
    told = "가람전자 3분기 영업이익 12% 증가"
    assert joined(filing, article("a", told, 1, event=event))
    assert not joined(filing, article("a", told, 1))
    assert not joined(filing, article("a", told, 31, event=event))
    assert not joined(filing, article("a", told, 1, event=event, codes=OTHER))


def test_two_receipts_are_never_one_even_through_an_article() -> None:
    first = article("f1", "가람전자 - 현금ㆍ현물배당결정", receipt="dart:1")
    second = article("f2", "가람전자 - 현금ㆍ현물배당결정", 2, receipt="dart:2")
    told = article("a", "가람전자, 현금배당 현물배당", 1)
    stories = StoryIndex().assign([first, second, told])
    assert stories["f1"] == stories["a"] == "f1"
    assert stories["f2"] == "f2"
    again = article("f3", "가람전자 - 현금ㆍ현물배당결정", 2, receipt="dart:1")
    assert joined(first, again)


def test_the_opposite_joins_no_story_through_a_neutral_title() -> None:
    up = article("a", "가람전자 브라질 소송 1심 판결 승소")
    neutral = article("b", "가람전자 브라질 소송 1심 판결", 1)
    down = article("c", "가람전자 브라질 소송 1심 판결 패소", 2)
    stories = StoryIndex().assign([up, neutral, down])
    assert stories["a"] == stories["b"] != stories["c"]


def test_the_surest_one_is_joined_and_the_first_of_equals() -> None:
    index = StoryIndex()
    index.add_known(article("far", "가람전자, 구미 2공장 증설에 3000억"), 1)
    index.add_known(article("near", TITLE), 2)
    index.add_known(article("same", TITLE, 1), 3)
    assert index.assign([article("new", SAME, 2)]) == {"new": 2}


@pytest.mark.parametrize(("hours", "together"), [(11, True), (13, False)])
def test_prices_and_columns_are_of_one_occasion(hours: int, together: bool) -> None:
    for title in ("[특징주] 가람전자, 장 초반 급등", "[종목랩] 가람전자 비롯한 오늘의 종목"):
        assert joined(article("a", title), article("b", title, hours)) is together


def test_one_word_in_its_place_is_another_event_but_not_another_outlet() -> None:
    assert not joined(article("a", "가람전자, 당뇨 복합제 허가"), article("b", "가람전자, 비만 복합제 허가", 1))
    assert joined(
        article("a", "거래소, 가람 옵션형 ETN 2종 상장"), article("b", "나래증권 가람 옵션형 ETN 2종 상장", 1)
    )


def test_what_is_put_in_again_is_there_once_and_what_is_taken_out_is_not() -> None:
    index = StoryIndex()
    index.add_known(article("k", TITLE), 1)
    index.add_known(article("k", TITLE), 2)
    assert (len(index), index.assign([article("a", SAME, 1)])) == (1, {"a": 2})
    index.remove("a")
    index.remove("k")
    index.remove("k")
    assert (len(index), index.assign([article("b", SAME, 1)])) == (0, {"b": "b"})


def test_days_are_forgotten_as_a_whole_when_their_last_moment_is_past() -> None:
    index = StoryIndex()
    for days in range(4):
        index.add_known(article(f"k{days}", TITLE, 24 * days), days)
    index.forget_before(NOON + timedelta(days=2))
    assert len(index) == 3  # a day longer than asked, so that no moment after it is missing
    index.forget_before(NOON + timedelta(days=9))
    assert len(index) == 0
    assert index.assign([article("a", SAME, 1)]) == {"a": "a"}


def test_of_a_stock_with_many_articles_the_newest_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "OF_A_STOCK", 2)
    index = StoryIndex()
    index.add_known(article("old", TITLE), 1)
    for number in range(2):
        index.add_known(article(f"k{number}", f"가람전자 배당 {number}", 1), 2 + number)
    assert index.assign([article("a", SAME, 2)]) == {"a": "a"}


def test_without_a_stock_only_the_same_words_are_found() -> None:
    none: frozenset[str] = frozenset()
    assert joined(
        article("a", "국제유가 산유국 감산에 상승", codes=none),
        article("b", "국제유가, 산유국 감산에 올라", 1, codes=none),
    )
    assert not joined(article("a", TITLE, codes=none), article("b", SAME, 1))


def test_what_is_held_is_nothing_to_walk_through_for_the_collector_of_cycles() -> None:
    """It stops the whole process for as long as it walks, so an article is kept as texts and numbers alone."""
    index, event = StoryIndex(), Event(type="contract", sign=Sign.POSITIVE, amount_krw=51_200_000_000)
    gc.collect()
    before = len(gc.get_objects())
    for number in range(1_000):
        index.add_known(article(f"a{number}", f"{TITLE} {number}억", event=event), number)
    for _ in range(3):  # a tuple is let go of when what it holds was
        gc.collect()
    assert len(index) == 1_000
    assert len(gc.get_objects()) - before < 500
    joins = article("new", f"{TITLE} 999억", event=event)
    assert index.assign([joins])["new"] != "new"
