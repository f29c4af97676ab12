"""Titles of hard kinds, labelled before they were read, and the parts of a title that the last rules look at."""

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backend.domain.news import NewsKind
from backend.domain.understanding.event_types import PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE, Scope, Sign
from backend.text.events import read_event, ready
from backend.text.events.patterns import either, read_words
from tests.text.events.labelled import EVENTS, HARDER, PRESS, read_label

READ = [(label, read_label(label)) for label in HARDER]
RULES = read_words("rules")
PATTERNS = [(rule, entry) for table in ("views", "rules") for rule in RULES[table] for entry in rule.get("where", ())]


def test_the_hard_titles_are_others() -> None:
    titles = {label["title"] for label in HARDER}
    assert len(titles) == len(HARDER) >= 200
    assert not titles & {label["title"] for label in [*EVENTS, *PRESS]}


def test_titles_that_are_typed_are_typed_rightly() -> None:
    typed = [(label, event) for label, event in READ if event.type != NO_TYPE]
    wrong = [label["title"] for label, event in typed if event.type != label["type"]]
    assert len(wrong) <= 0.02 * len(typed), wrong


def test_events_are_found_without_any_link() -> None:
    events = [(label, event) for label, event in READ if label["type"] != NO_TYPE]
    missed = [label["title"] for label, event in events if event.type != label["type"]]
    assert len(missed) <= 0.03 * len(events), missed


def test_signs_and_amounts_of_the_events_found() -> None:
    found = [(label, event) for label, event in READ if event.type == label["type"] != NO_TYPE]
    signs = [label["title"] for label, event in found if event.sign != label["sign"]]
    amounts = [label["title"] for label, event in found if event.amount_krw != label["amount_krw"]]
    assert len(signs) <= 0.02 * len(found), signs
    assert len(amounts) <= 0.02 * len(found), amounts


@given(st.data())
@settings(max_examples=400, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_pattern_is_kept_from_a_title_by_the_cues_of_its_rule(data: st.DataObject) -> None:
    rule, entry = data.draw(st.sampled_from(PATTERNS))
    words = re.compile(either([entry], RULES["parts"]))
    title = " ".join(ready(data.draw(st.from_regex(words, fullmatch=True))).split())
    assume(words.search(title))
    let_through = any(cue in title for cue in rule["cues"])
    assert let_through, f"{rule['type']}: no cue for {title!r} of {entry!r}"


@pytest.mark.parametrize(
    ("title", "companies", "event_type"),
    [
        # What explains tells nothing, unless another part does.
        ("하늘전자, 로봇회사 인수한 이유", 1, NO_TYPE),
        ("하늘전자, 2분기 영업익 12% 증가…비결은 원가 절감", 1, "results"),
        # A hope behind an act is its purpose.
        ('하늘전자 "美 기업과 손잡고 로봇 시장 공략"', 1, "partnership"),
        ('하늘전자 "로봇 시장 협력 모색"', 1, NO_TYPE),
        # A clause that describes the name is old news.
        ("시공사 선정 끝난 하늘4, 달빛건설 보증금 미반환", 1, NO_TYPE),
        ("회생 절차 밟던 하늘유통, 공장 매각", 1, "stake_sale"),
        # The event of the company goes before what analysts make of it.
        ("하늘전자, 2분기 깜짝 실적…증권가 눈높이 상향", 1, "results"),
        ("하늘전자, 2분기 깜짝 실적…목표가 상향-한투", 1, "target_price"),
        # The word that forbids a rule stands in another part.
        ("하늘페이 결제 3시간 먹통…보상안 마련", 1, "accident"),
        # A public body acts, the company is told behind the dots.
        ("금감원 나선 뒤에야…하늘전자, 반기 보고서 정정", 1, "report"),
        ("정부, 반도체 지원…하늘전자 수혜 기대", 1, NO_TYPE),
        # What somebody says at the head moves no price.
        ('"주가는 주춤, 로봇은 전진"…하늘전자, 승부수 띄운다', 1, NO_TYPE),
        # In a column on single shares its move is the news, whatever the market did.
        ("[특징주]정부, 요금 동결…하늘전력 2%대 약세", 1, PRICE_MOVE),
        ("코스피 급락에도 백화점 선방…하늘백화점 6%↑[핫종목]", 1, PRICE_MOVE),
        ("정부, 요금 동결…하늘전력 2%대 약세", 1, NO_TYPE),
        # A public body acts on a name, or on nobody.
        ("금감원, 늘벗누리 유상증자에 정정 요구", None, "rights_issue"),
        ("금감원, 유상증자 심사 깐깐해진다", None, NO_TYPE),
        # A name behind dots.
        ("2년 만에…하늘누리 거래 재개", None, "halt"),
        ("2년 만에…올해 거래 재개", None, NO_TYPE),
    ],
)
def test_the_part_that_decides(title: str, companies: int | None, event_type: str) -> None:
    assert read_event(title, NewsKind.ARTICLE, companies).type == event_type


def test_the_cause_of_a_move_stays_the_event_in_a_column_on_shares() -> None:
    event = read_event("하늘전자, 공장 증설 소식에 강세…하늘 8%대↑[특징주]", NewsKind.ARTICLE, 1)
    assert (event.scope, event.type) == (Scope.COMPANY, "investment")


@pytest.mark.parametrize(
    ("title", "sign", "amount_krw"),
    [
        ("하늘중공업, 수주금액 2100억→1400억 정정", Sign.NEGATIVE, 140_000_000_000),
        ("하늘중공업, 수주금액 9000억→1.2조 정정", Sign.POSITIVE, 1_200_000_000_000),
        ("하늘전자, 올해 매출 목표 4조→3.6조 하향", Sign.NEGATIVE, 3_600_000_000_000),
        ("하늘중공업, 2100억 수주 계약", Sign.POSITIVE, 210_000_000_000),
    ],
)
def test_of_two_amounts_with_an_arrow_the_second_counts(title: str, sign: Sign, amount_krw: int) -> None:
    event = read_event(title, NewsKind.ARTICLE, 1)
    assert (event.sign, event.amount_krw) == (sign, amount_krw)


@pytest.mark.parametrize(
    ("title", "amount_krw"),
    [
        ("하늘로봇 상장 추진…시총 최대 1571억", None),
        ("하늘로봇, 7132억 기업가치로 상장 도전", None),
        ("하늘로봇, 120억 회수", 12_000_000_000),  # no count
        ("하늘로봇, 120억 개발비 투자", 12_000_000_000),
        ("하늘로봇, 3억건 처리", None),
    ],
)
def test_what_a_company_is_worth_is_no_amount(title: str, amount_krw: int | None) -> None:
    assert read_event(title, NewsKind.ARTICLE, 1).amount_krw == amount_krw
