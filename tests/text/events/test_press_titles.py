"""Titles in many styles of the press, labelled before they were read, and the parts of a title that decide."""

import pytest

from backend.domain.news import NewsKind
from backend.domain.understanding.event_types import BY_ID, PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE, Scope, Sign
from backend.text.events import read_event, ready, reports_price
from tests.text.events.labelled import EVENTS, PRESS, read_label

READ = [(label, read_label(label)) for label in PRESS]
NOT_IN_THE_PRESS = {"report"}  # forms tell of it


def test_the_press_titles_are_others_and_cover_the_types() -> None:
    assert len({label["title"] for label in PRESS}) == len(PRESS) >= 400
    assert not {label["title"] for label in PRESS} & {label["title"] for label in EVENTS}
    assert {label["type"] for label in PRESS} | NOT_IN_THE_PRESS == set(BY_ID)


def test_titles_that_are_typed_are_typed_rightly() -> None:
    typed = [(label, event) for label, event in READ if event.type != NO_TYPE]
    wrong = [label["title"] for label, event in typed if event.type != label["type"]]
    assert len(wrong) <= 0.02 * len(typed), wrong


def test_events_are_found_without_any_link() -> None:
    events = [(label, event) for label, event in READ if label["type"] != NO_TYPE]
    missed = [label["title"] for label, event in events if event.type != label["type"]]
    assert len(missed) <= 0.05 * len(events), missed


def test_signs_of_the_events_found() -> None:
    found = [(label, event) for label, event in READ if event.type == label["type"] != NO_TYPE]
    wrong = [label["title"] for label, event in found if event.sign != label["sign"]]
    assert len(wrong) <= 0.02 * len(found), wrong


@pytest.mark.parametrize(
    ("title", "companies", "event_type"),
    [
        ('[이 시각 시황] KB증권 "하늘전자, 부품 초호황"', 1, "target_price"),  # a note in a column of lists
        ("[주요 공시] 하늘전자, 자사주 소각", 1, NO_TYPE),
        ("하늘전자, 주택 신규 수주 확보 총력", 1, NO_TYPE),  # only hoped for
        ("하늘전자, 폴란드 수출 계약 임박…추가 수주 기대", 1, "contract"),
        ("하늘전자 자사주 소각 총정리", 1, NO_TYPE),  # a summing-up
        ("하늘전자, 상장 폐지되나? 감사의견 거절", 1, "audit_opinion"),  # asked, and told
        ("하늘전자, 자사주 소각할까", 1, NO_TYPE),
        ("'거래정지' 하늘전자, 공장 증설에 300억 투자", 1, "investment"),  # the epithet is no news
        ("증권가, 해늘반도체 목표가 줄줄이 올렸다", None, "target_price"),  # analysts are no subject
        ('미래에셋 "전력기기, 투자 사이클의 중심"', None, NO_TYPE),  # a broker on an industry
        ('미래에셋 "하늘전자, 투자 사이클의 중심"', 1, "target_price"),
        ("하늘중공업, 북미 수주에 목표주가 35만원 상향", 1, "target_price"),  # a name that ends like an industry
        ("환율 급등에 하늘항공 4%↓", 1, PRICE_MOVE),  # the cause is no subject
        ("로봇 열풍에 123% 오른 하늘로봇…대주주 지분 매도", 1, "major_holding"),
        ("하늘유통 적자폭 절반으로 줄여…연내 흑전 기대", 1, "results"),  # told, before an outlook
        ("하늘유통, 연내 흑자 전환 기대", 1, "guidance"),
        ("늘벗누리 감사보고서 제출 지연", None, "audit_opinion"),  # the first word is a name
        ("이른 더위에 매출 급증", None, NO_TYPE),
        ('"메모리 부족 내년까지"…해늘반도체 내년 영업익 60조 관측', None, "guidance"),  # speech is no subject
        ("하늘약품은 3분기 연속 적자", 1, "results"),  # buys nothing
        ("최도윤 하늘전자 전무, 하늘전자 주식 2만주 매도", 1, "major_holding"),
        ("여의도펀드, 하늘전자 지분 6% 확보", None, "major_holding"),  # a holder, no fund for sale
        ("하늘전자, 1Q 영업손실 58억", 1, "results"),  # a quarter, no brand of funds
        ("크레센도, 하늘전자 지분 9% 블록딜", None, "major_holding"),  # no province
    ],
)
def test_the_part_that_decides(title: str, companies: int | None, event_type: str) -> None:
    assert read_event(title, NewsKind.ARTICLE, companies).type == event_type


def test_a_list_of_a_broker_is_of_the_market() -> None:
    assert read_event("KB증권, 2월 둘째주 하늘전자 등 17종목 매수 추천", NewsKind.ARTICLE, 1).scope is Scope.MARKET


@pytest.mark.parametrize(
    ("title", "sign"),
    [
        ('"하늘화학, 스프레드 강세에 실적↑…업종 최선호주"-NH', Sign.NEUTRAL),  # no target was raised
        ('"하늘화학, 스프레드 강세…목표가↑"-NH', Sign.POSITIVE),
        ("하늘화학 당기순손실 245억…전년 대비 56% 개선", Sign.POSITIVE),
        ("하늘화학, 대법서 '완승'…소송 끝", Sign.POSITIVE),
        ("하늘화학, 48억 전환사채 청구 접수", Sign.NEGATIVE),
        ("하늘화학 최대주주, 하늘화학 주식등의 수 3만주 감소", Sign.NEGATIVE),
        ("하늘화학 최대주주, 하늘화학 주식등의 수 변동 없어", Sign.NEUTRAL),
        ("하늘화학, 실적 개선 기대감 낮아져", Sign.NEGATIVE),
    ],
)
def test_signs_by_their_words(title: str, sign: Sign) -> None:
    assert read_event(title, NewsKind.ARTICLE, 1).sign is sign


@pytest.mark.parametrize(
    ("title", "moved"),
    [
        ("하늘시스템, 수출 확대 기대감에 강세", True),  # what follows a cause is the share
        ("하늘시스템 수출 강세", False),
        ("하늘시스템 2거래일 상승", True),
        ("하늘시스템 '10만하늘' 회복", True),
    ],
)
def test_moves_behind_their_cause(title: str, moved: bool) -> None:
    assert reports_price(ready(title)) is moved
