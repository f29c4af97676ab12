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


@pytest.mark.parametrize(
    ("title", "companies", "scope", "event_type"),
    [
        ("유가 안정에 항공주 강세…하늘항공 7%↑", 1, Scope.COMPANY, PRICE_MOVE),  # its own move, after its industry's
        ("유가 안정에 항공주 강세…하늘항공 7%↑", None, Scope.SECTOR, NO_TYPE),
        ("유가 안정에 항공주 강세…하반기도 맑음", 1, Scope.SECTOR, NO_TYPE),
        ("카드 대신 캐피탈…늘봄, 첫 M&A로 승부수", 1, Scope.COMPANY, "acquisition"),  # the name after dots
        ('"증권업, 실적 좋다…다온증권 목표가 상향"-한투', 1, Scope.COMPANY, "target_price"),
        ("'국내 최대 수목원' 푸른나래, 코스닥 상장 예심 신청", None, Scope.COMPANY, "listing"),  # behind an epithet
        ('"다온바람, 韓의료관광 최대 수혜주…목표가는 하향"[클릭 e종목]', 1, Scope.COMPANY, "target_price"),
        ("서학개미 '손실'에 울고…동학개미 '신고가'에 웃고", None, Scope.MARKET, NO_TYPE),
        ("다온전자, 로봇 공장에 2조 투자한 이유", 1, Scope.COMPANY, NO_TYPE),  # a look back
        ("다온전자, 로봇 공장에 2조 투자하나?", 1, Scope.COMPANY, NO_TYPE),
        ("다온전자 로봇 공장 증설, 시험대 올라", 1, Scope.COMPANY, NO_TYPE),  # a feature
        ("다온전자, 로봇 공장에 2조 투자", 1, Scope.COMPANY, "investment"),
        ("돌아온 하이브리드, 이달 출시", None, Scope.OTHER, NO_TYPE),
    ],
)
def test_whom_a_title_is_about_by_its_parts(title: str, companies: int | None, scope: Scope, event_type: str) -> None:
    event = read_event(title, NewsKind.ARTICLE, companies)
    assert (event.scope, event.type) == (scope, event_type)


@pytest.mark.parametrize(
    ("prices", "sign"),
    [
        ("12만→15만원", Sign.POSITIVE),
        ("9만8천→12만원", Sign.POSITIVE),
        ("120,000원→98,000원", Sign.NEGATIVE),
        ("9만8천→9만5000원", Sign.NEGATIVE),
        ("20→15만원", Sign.NEGATIVE),
        ("7만원→7만원", Sign.NEUTRAL),
        ("35만원→20% 위", Sign.NEUTRAL),
    ],
)
def test_a_target_told_as_two_prices_has_their_sign(prices: str, sign: Sign) -> None:
    assert read_event(f"다온전자, 목표가 {prices}-한투", NewsKind.ARTICLE).sign is sign
