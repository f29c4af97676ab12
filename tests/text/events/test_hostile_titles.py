"""Titles that are none, or that mean to mislead: an event is read, nothing crashes, what is unknown stays unknown."""

import time

import pytest

from backend.domain.news import NewsKind
from backend.domain.understanding.events import NO_TYPE, Event, Scope, Sign, Stage
from backend.text.events import read_event, ready, reports_price

ARTICLE, FILING = NewsKind.ARTICLE, NewsKind.FILING


@pytest.mark.parametrize(
    "title",
    [
        "", " ", "…", "·", "'", '"', "[", "]", "(", "[]", "<>", "123", "1,234,567", "%", "2026-11-29 15:30",
        "Fed holds rates steady as inflation cools", "三星电子发布新款手机", "サムスン電子、新製品を発表",
        "🚀🚀🚀", "\u200b", "ㅋㅋㅋ", "가", "억", "조", "수조원", "1억", "\ud800", "a" * 10_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [ARTICLE, FILING])
def test_what_tells_nothing_has_no_type(title: str, kind: NewsKind) -> None:
    event = read_event(title, kind)
    assert (event.type, event.sign, event.stage) == (NO_TYPE, Sign.NEUTRAL, Stage.ANNOUNCED)
    assert not reports_price(ready(title))


@pytest.mark.parametrize(
    "piece",
    [
        "영업이익 ", "매출 1조 ", "1조2천억 ", "12% ", "1,", "9", "공급계약 ", "유상증자", "“‘", "[특징주", "와 ",
        "하이닉스",
        "가나다라전자", "수주…", "3% 넘게 ", "목표가 ", "에 1억 ", "배당 ", "㈜", "\u0301", "ﷺ", "· ", "결정",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [ARTICLE, FILING])
def test_ten_thousand_letters_take_no_longer_than_a_headline(piece: str, kind: NewsKind) -> None:
    began = time.process_time()
    read_event(piece * (10_000 // len(piece)), kind)
    assert time.process_time() - began < 0.2


def test_what_is_beyond_a_headline_is_not_read() -> None:
    assert len(ready("가" * 10_000)) == 300


def test_a_quote_within_a_quote() -> None:
    event = read_event("한빛전자 \"'신제품 출시' 소식은 사실무근\"", ARTICLE)
    assert event.type == "inquiry"
    event = read_event('"누리화학 \'공장 증설\' 없다" "계획 철회"', ARTICLE)
    assert (event.type, event.sign) == ("investment", Sign.REVERSED)


def test_a_corrected_filing_may_reverse_its_original() -> None:
    first = read_event("주요사항보고서(유상증자결정)", FILING)
    again = read_event("[기재정정]주요사항보고서(유상증자결정)", FILING)
    undone = read_event("[기재정정]주요사항보고서(유상증자결정)(철회)", FILING)
    assert first == again
    assert (undone.type, undone.sign, undone.stage) == ("rights_issue", Sign.REVERSED, Stage.CANCELLED)


@pytest.mark.parametrize("title", ["이름없는보고서", "기타경영사항(자율공시)", "주요사항보고서", "가나다(라마바)"])
def test_a_form_that_nobody_knows_stays_unknown(title: str) -> None:
    assert read_event(title, FILING) == Event(scope=Scope.OTHER)


def test_many_linked_companies_make_a_roundup() -> None:
    title = "한빛전자, 3분기 영업이익 12% 증가"
    assert read_event(title, ARTICLE, 1).type == "results"
    assert read_event(title, ARTICLE, 6) == Event(scope=Scope.MARKET)


def test_a_link_tells_of_a_company_whose_name_does_not_look_like_one() -> None:
    title = "보람이 신제품 선보여"
    assert read_event(title, ARTICLE).type == NO_TYPE
    assert read_event(title, ARTICLE, 1).type == "product"
