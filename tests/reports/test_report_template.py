"""A report says what its sheet holds and nothing else, in both languages, whatever a headline tries."""

import html
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend import codec
from backend.domain.figures import change, fixed, percent, signed
from backend.domain.members import MemberStanding, progress
from backend.domain.reports import DISCLAIMER
from backend.domain.understanding.events import Stage
from backend.reports import fact_sheet, report_template
from backend.reports.event_phrases import amount_en, amount_ko, phrase_en, phrase_ko
from backend.reports.fact_sheet import (
    CaseFacts,
    FactSheet,
    FittingStory,
    ForecastFacts,
    MoveFacts,
    PreviousReport,
    PriceFacts,
    RecordFacts,
    StoryFacts,
)
from backend.reports.report_markdown import citation, day, escape, krw, moment, short_moment
from backend.reports.report_words import DIRECTIONS, EVENTS, GAPS, WORDS
from backend.reports.sheet_parts import DateFacts, ExpectedMove, FlowFacts, OwnRecord, StudyFacts, WorldFacts, WrongFact

NOW = datetime(2026, 11, 20, 6, 40, tzinfo=UTC)
HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/p.png)",
    "a | b | c",
    "see http://evil.example/now and www.evil.example",
    "# heading\n- item\n\n> quote",
    "`code` *bold* _under_ ~~gone~~",
    "\u202eright to left\u202c \x00zero",
    "mail me@evil.example",
]


def story(number: int, title: str = "삼성전자, 4조원 규모 공급 계약 체결", **changes: Any) -> StoryFacts:
    facts = StoryFacts(
        900 + number, 123 + number, title, "한국경제", NOW - timedelta(hours=number + 1), 4, "contract", "+", 2,
        Stage.DECIDED, 4_000_000_000_000, "테슬라", 0.013, None, 0.0094,
    )  # fmt: skip
    return replace(facts, **changes)


def forecast(horizon: int, p_up: float) -> ForecastFacts:
    return ForecastFacts(
        horizon=horizon, p_up=p_up, verdict="lean", lean=p_up - 0.457, direction="hold", confidence=0.04,
        base_rate=0.457, proof={"n": 870, "n_days": 187, "blocks": 93, "net": -0.0021, "low": -0.0063},
        gate_state=progress(MemberStanding.LEARNING, 23, 60, "sessions"),
        weights={"price": 0.0, "knn": 0.0}, base_price_krw=71_300,
        quantiles_krw=(68_100, 69_200, 70_400, 71_500, 72_600, 73_900, 75_300), band_width=0.066,
        exit_trade_date=date(2026, 11, 23), asof=NOW,
    )  # fmt: skip


LAWSUIT = story(
    1, "특허 소송 1심 패소", event_type="lawsuit", sign="-", stage=Stage.ANNOUNCED, amount_krw=24_000_000_000,
    counterparty="Rivwell", share=None, value_share=0.0001, also=(131,),
)  # fmt: skip
OTHER = story(
    30, "사내 김장 나눔", event_type="other", sign="0", materiality=0, amount_krw=None, counterparty="", share=None,
    value_share=None,
)  # fmt: skip


@pytest.fixture
def sheet() -> FactSheet:
    return FactSheet(
        stock_code="005930", stock_name="삼성전자", market="KOSPI", asof=NOW, trigger="story",
        price=PriceFacts(
            last_krw=71_300, at=NOW, source="naver_polling", day_return=0.0142, five_day_return=-0.0231,
            market_day_return=0.0051, market_five_day_return=-0.0079, sigma_day=0.0161,
            volume=13_456_789, volume_z=1.34, bars_from=date(2025, 11, 20), bars_to=date(2026, 11, 19),
        ),
        stories=(story(0), LAWSUIT, OTHER), stories_since_days=7,
        forecasts=(forecast(1, 0.523), forecast(3, 0.517), forecast(5, 0.511)),
        cases=(CaseFacts(77, "공급 계약", "000660", "SK하이닉스", NOW - timedelta(days=40), 0.93, 0.0123, None),),
        record=(RecordFacts(1, "backtest", "all", 1_234, 58, 96, 0.509, 0.485, 0.533, 0.502, 985),),
        own_record=(
            OwnRecord(1, "backtest", 243, 195, 0, 0, 118, 61, 243, 44, 41.234),
            OwnRecord(3, "live", 12, 11, 4, 3, 0, 0, 0, 0, 0.0),
        ),
        gaps=("valuation",), model="gated", model_version="2026-11-19-1a2b", news_sources=("hankyung", "mk"),
        previous=PreviousReport(5, NOW - timedelta(hours=5), 70_300, 0.0142, {"1": 0.482}, {"1": "hold"}),
        move=MoveFacts(
            0.0142, {"market": 0.0061, "industry": -0.0012, "own": 0.0093}, 1.26, "story",
            (FittingStory(123, "삼성전자, 4조원 규모 공급 계약 체결"),),
        ),
        told_story=900,
        studies=(
            StudyFacts("contract", "+", 1, 212, 180, 0.0061, 0.0022, 0.0101, "effect"),
            StudyFacts("contract", "+", 3, 210, 178, 0.0048, -0.0011, 0.0107, "none"),
            StudyFacts("lawsuit", "-", 1, 4, 4, -0.0210, None, None, "too_few"),
        ),
        expected=(ExpectedMove(1, 0.0157, 0.0131), ExpectedMove(5, 0.0349, 0.0291)),
        flows=(
            FlowFacts("foreign", date(2026, 11, 19), 1_204_300, 5, 3_410_900, 3),
            FlowFacts("institution", date(2026, 11, 19), -310_200, 5, 0, 1),
        ),
        dates=(DateFacts("ex_date", date(2026, 12, 14), 0.2), DateFacts("ex_date", date(2026, 12, 30), None)),
        world=(WorldFacts("sox", date(2026, 11, 19), -0.0142),), next_session=date(2026, 11, 23),
    )  # fmt: skip


def _leaves(value: Any) -> list[Any]:
    if is_dataclass(value):
        return [leaf for field in fields(value) for leaf in _leaves(getattr(value, field.name))]
    if isinstance(value, dict):
        return [leaf for pair in value.items() for part in pair for leaf in _leaves(part)]
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list | tuple) else [value]


def _spellings(leaf: Any) -> list[str]:
    if isinstance(leaf, datetime):
        return [moment(leaf), day(leaf), short_moment(leaf)]
    if isinstance(leaf, date):
        return [day(leaf)]
    if isinstance(leaf, int):
        return [str(leaf), krw(abs(leaf)), amount_ko(abs(leaf)), amount_en(abs(leaf))]
    if isinstance(leaf, float):
        shares = [percent(leaf), percent(leaf, 0), change(leaf), change(leaf, 2), fixed(100 * leaf, 0)]
        return [*shares, signed(leaf, 1), fixed(leaf, 1), fixed(leaf, 2)]
    return [str(leaf)]


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", html.unescape(text.replace("\\", ""))))


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its first row."""
    lines = text.split(f"## {heading}\n")[1].split("\n## ", maxsplit=1)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")][2:]


def test_every_number_of_both_texts_is_a_number_of_the_sheet(sheet: FactSheet) -> None:
    """Beside them stand only the 100 of "46 of 100" and the horizons of the studies."""
    known = {number for leaf in _leaves(sheet) for text in _spellings(leaf) for number in numbers(text)}
    written = report_template.write(sheet)
    for text in (written.korean, written.english):
        found = numbers(text)
        assert found <= known | {"100", "1", "3", "5"}, found - known
        assert {"52", "46", "71,300", "123", "1,234", "96", "985", "50.9", "48.5", "50.2", "1.6", "212"} <= found


@pytest.mark.parametrize(
    ("changes", "korean", "english"),
    [
        ({}, "테슬라와 4조원 수주·공급 계약에 주가 +1.4%", "price +1.4% on contract of KRW 4 tn"),
        ({"move": None}, "테슬라와 4조원 수주·공급 계약, 주가 +1.4%", "contract of KRW 4 tn; price +1.4%"),
        ({"move": None, "stories": (LAWSUIT,)}, "240억원 소송(상대 Rivwell)에도 주가 +1.4%",
         "price +1.4% despite lawsuit of KRW 24 bn with Rivwell"),
        ({"stories": (story(0, value_share=0.152),)}, "시가총액 15% 규모 테슬라와 4조원 수주·공급 계약에 주가 +1.4%",
         "price +1.4% on contract of KRW 4 tn, 15% of market value"),
        ({"stories": (story(0, sign="reversed", stage=Stage.CANCELLED),), "move": None},
         "테슬라와 4조원 수주·공급 계약 철회·취소에도 주가 +1.4%",
         "price +1.4% despite contract of KRW 4 tn called off"),
        ({"stories": (OTHER,)}, "시장(+0.5%)보다 강한 +1.4%", "+1.4%, ahead of the market (+0.5%)"),
        ({"stories": (), "price": None}, "아직 가격도 소식도 없음", "neither prices nor news yet"),
    ],
)  # fmt: skip
def test_the_claim_is_what_happened_or_how_it_moved_and_never_a_chance(
    sheet: FactSheet, changes: dict[str, Any], korean: str, english: str
) -> None:
    written = report_template.write(replace(sheet, **changes))
    assert written.korean.splitlines()[0] == f"# 삼성전자 (005930): {korean}"
    assert written.english.splitlines()[0] == f"# 삼성전자 (005930): {english}"


def test_a_price_of_long_ago_is_told_by_its_day(sheet: FactSheet) -> None:
    """Halted for a year: what its last bars did is no news."""
    assert sheet.price is not None
    old = replace(sheet.price, day_return=None, five_day_return=None, volume_z=None)
    halted = replace(sheet, price=old, stories=(), move=None, gaps=("recent", "history", "volume"))
    assert report_template.write(halted).korean.splitlines()[0] == "# 삼성전자 (005930): 마지막 거래는 2026-11-19"
    assert "없는 데이터 | 최근 거래, 충분한 일봉, 거래량 |" in report_template.write(halted).korean
    young = replace(halted, gaps=("history", "volume"))
    assert report_template.write(young).english.splitlines()[0] == "# 삼성전자 (005930): price KRW 71,300"


@pytest.mark.parametrize(
    ("amount", "korean", "english"),
    [
        (2_348_000_000_000, "2조3,480억원", "KRW 2.35 tn"), (4_000_000_000_000, "4조원", "KRW 4 tn"),
        (62_000_000_000, "620억원", "KRW 62 bn"), (50_000_000, "5,000만원", "KRW 50 mn"),
        (9_000, "9,000원", "KRW 9,000"),
        (1_250_000_000, "12억원", "KRW 1.3 bn"),
    ],
)  # fmt: skip
def test_amounts_are_written_as_each_language_writes_them(amount: int, korean: str, english: str) -> None:
    assert (amount_ko(amount), amount_en(amount)) == (korean, english)


@pytest.mark.parametrize(
    ("changes", "korean", "english"),
    [
        ({"event_type": "results", "surprise": 0.18}, "예상·전년보다 18% 나은 실적",
         "results 18% above the consensus or a year before"),
        ({"event_type": "results", "sign": "-"}, "실적 부진", "results that disappoint"),
        ({"event_type": "target_price", "sign": "-"}, "목표가·투자의견 하향", "broker's view lowered"),
        ({"event_type": "trial", "sign": "-", "amount_krw": None}, "임상 시험 차질", "clinical trial setback"),
        ({"event_type": "rights_issue", "sign": "reversed"}, "4조원 유상증자 철회·취소",
         "rights issue of KRW 4 tn called off"),
        ({"event_type": "index_change", "amount_krw": None}, "지수 편입", "index inclusion"),
        ({"counterparty": "현대"}, "현대와 4조원 수주·공급 계약", "contract of KRW 4 tn"),
        ({"counterparty": "LG전자"}, "LG전자와 4조원 수주·공급 계약", "contract of KRW 4 tn"),
        ({"counterparty": "GM"}, "GM과 4조원 수주·공급 계약", "contract of KRW 4 tn with GM"),
        ({"counterparty": "한전"}, "한전과 4조원 수주·공급 계약", "contract of KRW 4 tn"),
    ],
)  # fmt: skip
def test_an_event_is_a_phrase_that_a_broker_would_print(changes: dict[str, Any], korean: str, english: str) -> None:
    told = replace(story(0), **({"counterparty": ""} | changes))
    assert (phrase_ko(told), phrase_en(told)) == (korean, english)


def test_each_event_is_told_once_with_what_is_known_of_it(sheet: FactSheet) -> None:
    written = report_template.write(sheet)
    assert (
        "- **테슬라와 4조원 수주·공급 계약** [n123](/api/news/123) · 시가총액의 0.9% · 매출의 1.3% · 호재 · 결정"
        " · 한국경제 11-20 14:40 · 기사 4건 · 삼성전자, 4조원 규모 공급 계약 체결" in written.korean.splitlines()
    )
    assert (
        "- **lawsuit of KRW 24 bn with Rivwell** [n124](/api/news/124) · negative · announced"
        " · 11-20 13:40 · 4 articles · also reported in [n131](/api/news/131)"
        " · original title in Korean: “특허 소송 1심 패소”" in written.english.splitlines()
    )
    for told in sheet.stories:
        assert written.korean.count(told.title) == written.english.count(told.title) == 1
    assert written.citations == [77, 123, 124, 131, 153]


def test_an_english_report_has_korean_words_in_names_and_quoted_titles_only(sheet: FactSheet) -> None:
    english = re.sub(r"“[^”]*”", "", report_template.write(sheet).english).replace("삼성전자", "")
    assert re.findall(r"[가-힣]+", english) == []


MOVE = MoveFacts(0.0142, {"market": 0.0061, "industry": -0.0012, "own": 0.0093}, 1.26, "no_story", ())


@pytest.mark.parametrize(
    ("changes", "korean", "english"),
    [
        (
            {"cause": "story", "stories": (FittingStory(124, "패소"),)},
            "- 240억원 소송(상대 Rivwell) [n124](/api/news/124) 소식과 때와 방향이 맞아요:",
            "- Fitting in time and direction: lawsuit of KRW 24 bn with Rivwell [n124](/api/news/124);",
        ),
        (
            {"cause": "story", "stories": (FittingStory(41, "증설 | 공사"),)},
            "- [n41](/api/news/41) 증설 \\| 공사 소식과 때와 방향이 맞아요:",
            "Fitting in time and direction: [n41](/api/news/41) original title in Korean: “증설 \\| 공사”;",
        ),
        ({}, "- 알려진 원인은 없어요.", "- No cause is known."),
        ({"cause": "usual", "own_sigmas": -0.57}, "- 알려진 원인은 없어요.", "- No cause is known."),
        ({"cause": "unknown"}, "- 알려진 원인은 없어요.", "- No cause is known."),
    ],
)
def test_it_names_the_cause_or_says_that_none_is_known(
    sheet: FactSheet, changes: dict[str, Any], korean: str, english: str
) -> None:
    written = report_template.write(replace(sheet, move=replace(MOVE, **changes)))
    assert korean in written.korean
    assert english in written.english
    assert ("알려진 원인은 없어요" in written.korean) == ("stories" not in changes)
    assert set(written.citations) >= {story.news_id for story in changes.get("stories", ())}


def test_a_cause_is_told_beside_the_market_the_own_part_and_the_volume(sheet: FactSheet) -> None:
    written = report_template.write(sheet)
    assert (
        "시장이 오른 날 종목 자체로 0.9%(평소의 1.3배) 올랐고, 거래량은 평소보다 많은 편(+1.3σ)이에요."
        in written.korean
    )
    assert "gained 0.9% (1.3 times a usual day), with volume higher than usual (+1.3σ)." in written.english
    assert sheet.price is not None
    moved = MoveFacts(-0.02, {"market": -0.01, "own": -0.01}, -2.2, "story", sheet.move.stories if sheet.move else ())
    quiet = report_template.write(replace(sheet, move=moved, price=replace(sheet.price, volume_z=None)))
    assert "시장이 내린 날 종목 자체로 1.0%(평소의 2.2배) 내렸어요." in quiet.korean
    assert "the market fell, and the stock itself lost 1.0% (2.2 times a usual day)." in quiet.english


def test_the_move_is_split_beside_what_is_usual_and_what_was_abroad(sheet: FactSheet) -> None:
    written = report_template.write(sheet)
    split = ["+1.4%", "+0.6%", "−0.1%", "+0.9%", "1.3배", "미국 반도체 −1.4%"]
    assert rows(written.korean, "왜 움직였나") == [split]
    alone = replace(sheet, world=(), move=replace(MOVE, own_sigmas=0.4, parts={"market": 0.01, "own": 0.0042}))
    assert rows(report_template.write(alone).english, "Why it moved") == [
        ["+1.4%", "+1.0%", "-", "+0.4%", "0.4 times (within the usual range)", "-"]
    ]


def test_a_study_says_how_many_events_it_rests_on_or_that_they_are_too_few(sheet: FactSheet) -> None:
    korean = rows(report_template.write(sheet).korean, "이런 사건 뒤에는")
    assert korean[0] == [
        "수주·공급 계약 (호재)", "+0.6% (+0.2% – +1.0%)", "+0.5% (−0.1% – +1.1%)", "-", "212건", "움직임 뚜렷"
    ]  # fmt: skip
    assert korean[1] == ["소송 (악재)", "−2.1%", "-", "-", "4건", "아직 적음"]
    assert korean[2] == ["비슷한 지난 소식: 테슬라와 4조원 수주·공급 계약 [n123](/api/news/123)", *korean[2][1:]]
    nothing = rows(report_template.write(replace(sheet, studies=())).english, "After such events")
    assert nothing[0] == ["contract (positive)", "-", "-", "-", "0", "too few"]


def test_what_to_expect_stands_beside_what_is_usual(sheet: FactSheet) -> None:
    korean = rows(report_template.write(sheet).korean, "예상 변동과 범위")
    assert korean[0] == [
        "1거래일", "±1.6%", "±1.3%", "69,200 – 73,900", "평소 46, 지금 52", "상회 쪽, 검증 안 됨", "2026-11-23"
    ]  # fmt: skip
    assert [row[1:3] for row in korean] == [["±1.6%", "±1.3%"], ["-", "-"], ["±3.5%", "±2.9%"]]
    called = replace(forecast(1, 0.51), verdict="call", lean=-0.05, direction="down", base_rate=0.56)
    english = rows(report_template.write(replace(sheet, forecasts=(called,))).english, "Expected move and range")
    assert english[0][4:6] == ["usually 56, now 51", "call: underperform"]


def test_the_record_says_how_often_the_range_held_and_what_such_forecasts_earned(sheet: FactSheet) -> None:
    written = report_template.write(replace(sheet, own_record=()))
    assert rows(written.korean, "성적") == [
        ["1거래일", "백테스트 1,234건·58거래일", "985/1,234", "96", "50.9% (48.5% – 53.3%)", "50.2%", "−0.21% (−0.63%)"]
    ]
    record = RecordFacts(1, "live", "all", 1_479, 74, 0, None, None, None, None, 1_183)
    sheet = replace(sheet, own_record=())
    silent = report_template.write(replace(sheet, record=(record,), forecasts=(replace(forecast(1, 0.5), proof=None),)))
    assert rows(silent.english, "Record") == [["1 day", "live: 1,479 over 74 days", "1,183/1,479", "0", "-", "-", "-"]]


def test_the_record_of_this_stock_alone_counts_what_came_and_what_was_said(sheet: FactSheet) -> None:
    """A side that was never taken is no share of right ones; a size that was never said is no move."""
    alone = report_template.write(replace(sheet, record=()))
    assert rows(alone.korean, "성적") == [
        ["1거래일", "백테스트 243건·243거래일", "195/243", "-", "61/118", "44/243 (41.2)"],
        ["3거래일", "실시간 12건·12거래일", "11/12", "3/4", "-", "-"],
    ]
    assert len(rows(alone.english, "Record")) == 2


def test_what_changed_is_then_beside_now(sheet: FactSheet) -> None:
    korean = report_template.write(sheet).korean
    assert rows(korean, "지난 리포트 이후") == [
        ["주가 (원)", "70,300", "71,300 (+1.4%)"],
        ["1거래일 시장 상회 확률 (100번 중)", "48", "52"],
        ["새 소식", "-", f"테슬라와 4조원 수주·공급 계약 {citation(123)}, 240억원 소송(상대 Rivwell) {citation(124)}"],
    ]  # fmt: skip
    assert "지난 리포트 이후" not in report_template.write(replace(sheet, previous=None)).korean


def test_flows_and_dates_are_those_that_are_known(sheet: FactSheet) -> None:
    written = report_template.write(sheet)
    assert rows(written.korean, "수급") == [
        ["외국인", "+1,204,300", "+3,410,900", "3거래일"], ["기관", "−310,200", "0", "1거래일"],
    ]  # fmt: skip
    assert rows(written.english, "Next dates") == [
        ["2026-11-23", "next session"],
        ["2026-12-14", "base price changes (rights, split or the like; factor 0.20)"],
        ["2026-12-30", "base price changes (rights, split or the like)"],
    ]
    without = report_template.write(replace(sheet, flows=(), dates=(), gaps=("flows", "valuation")))
    assert "## 수급" not in without.korean
    assert rows(without.korean, "다음 일정")[1] == ["-", "그 밖에 알려진 일정 없음"]
    assert "| 없는 데이터 | 수급, 밸류에이션 |" in without.korean


def test_a_correction_says_what_was_wrong_and_what_is_so(sheet: FactSheet) -> None:
    at = NOW - timedelta(hours=5)
    wrong = (
        WrongFact(4, at - timedelta(hours=1), "event", 123, "contract +", "lawsuit -"),
        WrongFact(5, at, "event", 123, "contract +", "lawsuit -"),
        WrongFact(5, at, "link", 777, "", ""),
        WrongFact(5, at, "price", None, "70300", "70800"),
    )
    written = report_template.write(replace(sheet, wrong=wrong))
    assert written.korean.split("## 정정\n\n")[1].split("\n\n")[0].splitlines() == [
        (
            f"- 11-20 10:40 리포트는 {citation(123)} 소식을 수주·공급 계약 (호재) 소식이라고 했지만,"
            " 소송 (악재) 소식이에요."
        ),
        f"- 11-20 10:40 리포트가 다룬 {citation(777)} 소식은 이 종목 소식이 아니에요.",
        "- 11-20 10:40 리포트의 주가 70,300원은 틀렸고, 맞는 값은 70,800원이에요.",
    ]
    assert "The price of KRW 70,300 in the report of 11-20 10:40 was wrong; it is KRW 70,800." in written.english
    assert 777 in written.citations


@pytest.mark.parametrize("tiny", [-0.0, -0.00004, -0.0004])
def test_no_figure_is_minus_zero(sheet: FactSheet, tiny: float) -> None:
    assert sheet.price is not None
    still = replace(
        sheet.price, day_return=tiny, five_day_return=tiny, market_day_return=tiny, market_five_day_return=tiny,
        volume_z=tiny,
    )  # fmt: skip
    case = replace(sheet.cases[0], return_1=tiny, return_5=tiny, similarity=tiny)
    parts = dict.fromkeys(("market", "industry", "own"), tiny)
    written = report_template.write(
        replace(sheet, price=still, cases=(case,), move=replace(MOVE, move=tiny, parts=parts))
    )
    for text in (written.korean, written.english):
        assert re.findall(r"[-−+]0(?:\.0+)?(?!\d|\.\d)", text) == []


def test_every_text_of_a_report_writes_percent_without_a_space(sheet: FactSheet) -> None:
    """The other form is that of no Korean or English page; none says a rise where it means beating the market."""
    written = report_template.write(sheet)
    named = [name for names in (*DIRECTIONS.values(), *EVENTS.values(), *GAPS.values()) for name in names]
    words = [text for language in WORDS.values() for text in language.values()]
    for text in (written.korean, written.english, *words, *named):
        assert not re.search(r"[\d}] %", text), text
        assert not re.search(r"상승|하락|\brise\b|\bfall\b", text), text
    assert not re.search(r"\\[()#+!{}]", written.korean + written.english)


def test_both_languages_have_all_sections_and_the_disclaimer(sheet: FactSheet) -> None:
    wanted = ("why", "events", "studies", "outlook", "changes", "record", "flows", "dates", "data")
    written = report_template.write(sheet)
    for language, text in (("ko", written.korean), ("en", written.english)):
        headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
        assert headings == [WORDS[language][key] for key in wanted]
        assert text.rstrip().endswith(f"_{DISCLAIMER[language]}_")


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_headline_stays_plain_text(sheet: FactSheet, title: str) -> None:
    hostile = replace(sheet, stories=(story(0, title),), stock_name=title, news_sources=(title,))
    written = report_template.write(hostile)
    for text in (written.korean, written.english):
        assert "<" not in text
        assert not re.search(r"(?<!\\)\]\((?!/api/news/\d+\))", text)
        assert not re.search(r"://|www\.|(?<!\\)@|[\x00\u202e]", text)
        assert not re.search(r"(?<!\\)!\[", text)
        cells = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("| [")]
        assert cells == [7] * len(sheet.cases)
        assert len([line for line in text.splitlines() if line.startswith("# ")]) == 1


def test_an_empty_sheet_says_what_is_missing_and_invents_nothing(sheet: FactSheet) -> None:
    missing: dict[str, Any] = dict.fromkeys(
        ("stories", "forecasts", "cases", "record", "news_sources", "studies", "expected", "flows", "dates", "world"),
        (),
    )
    empty = replace(
        sheet, own_record=(), price=None, previous=None, move=None, next_session=None, gaps=tuple(GAPS), **missing
    )
    english = report_template.write(empty).english
    headings = [line for line in english.splitlines() if line.startswith("## ")]
    assert headings == ["## Why it moved", "## Next dates", "## Data"]
    assert "No cause is known." in english
    assert all(gap in english for _, gap in GAPS.values())
    assert numbers(english) == {"005930"}


def test_the_hash_ignores_when_and_why_but_not_what(sheet: FactSheet) -> None:
    digest = fact_sheet.digest(sheet)
    later = replace(
        sheet, asof=NOW + timedelta(hours=1), trigger="person", previous=None, world=(), next_session=None,
        wrong=(WrongFact(5, NOW, "link", 777, "", ""),),
    )  # fmt: skip
    assert fact_sheet.digest(later) == digest
    assert fact_sheet.digest(replace(sheet, stories=sheet.stories[:1])) != digest
    assert sheet.price is not None
    assert fact_sheet.digest(replace(sheet, price=replace(sheet.price, last_krw=71_400))) != digest


def test_the_hash_of_the_same_facts_stays_the_same(sheet: FactSheet) -> None:
    """Another hash would write every report once more; it changes together with SHEET_VERSION only."""
    assert sheet.sheet_version == "8"
    assert fact_sheet.digest(sheet) == "525cec6ce95c4260360d68d438b81d06efb5a7763e1e73424af9ef5cf0ac3aa9"


def test_a_stored_sheet_comes_back_equal(sheet: FactSheet) -> None:
    assert codec.decode(FactSheet, [fact_sheet.to_json(sheet)]) == [sheet]


def test_a_report_promises_the_band_and_the_side_of_each_horizon(sheet: FactSheet) -> None:
    promised = fact_sheet.targets(replace(sheet, forecasts=(forecast(1, 0.523), forecast(5, 0.511))))
    band = {"low_krw": 69_200, "median_krw": 71_500, "high_krw": 73_900}
    assert promised == {
        "price_krw": 71_300,
        "horizons": {
            "1": {"p_up": 0.523, "direction": "hold", **band, "exit_trade_date": "2026-11-23"},
            "5": {"p_up": 0.511, "direction": "hold", **band, "exit_trade_date": "2026-11-23"},
        },
    }
    assert fact_sheet.targets(replace(sheet, price=None, forecasts=())) == {"price_krw": None, "horizons": {}}


def test_both_languages_have_the_same_keys_and_fields() -> None:
    assert WORDS["ko"].keys() == WORDS["en"].keys()
    for key, korean in WORDS["ko"].items():
        assert sorted(re.findall(r"{\w+}", korean)) == sorted(re.findall(r"{\w+}", WORDS["en"][key])), key


def test_a_tag_in_brackets_is_no_link_and_needs_no_escape() -> None:
    assert escape("[공시] 계약 [1]") == "[공시] 계약 [1]"
    assert escape("[click](javascript:x) [a][b] ![p](q)") == r"[click\](javascript:x) [a\][b] !\[p\](q)"


def test_escape_keeps_ordinary_text() -> None:
    assert (
        escape("삼성전자, 3분기 영업이익 12.1조원 (전년比 +30%)") == "삼성전자, 3분기 영업이익 12.1조원 (전년比 +30%)"
    )


GOLDEN = Path(__file__).parent / "golden"


def first_report(sheet: FactSheet) -> FactSheet:
    """The other branch of each sentence: nothing before, a daily close, a loser of one day, a wide band, gaps."""
    assert sheet.price is not None
    price = replace(sheet.price, at=None, volume_z=None, day_return=None)
    moved = MoveFacts(-0.0211, {"market": -0.0172, "own": -0.0039}, -0.57, "usual", ())
    named = replace(story(0, "소송 제기", event_type="lawsuit", sign="-"), publisher="매일경제")
    return replace(
        sheet,
        price=price,
        move=moved,
        stories=(named, story(1, "또 다른 소송", event_type="lawsuit", sign="-"), story(2, event_type="made_up")),
        forecasts=(
            replace(
                forecast(5, 0.62),
                verdict="call",
                direction="up",
                band_width=0.1501,
                gate_state={"state": MemberStanding.TRAINED},
            ),
            replace(
                forecast(3, 0.382),
                direction="down",
                band_width=0.14,
                verdict="call",
                lean=-0.075,
                proof=None,
                gate_state={"state": MemberStanding.TRAINED},
            ),
        ),
        cases=(),
        record=(
            RecordFacts(3, "live", "all", 40, 1, 1, 0.5, None, None, 0.5, None),
            RecordFacts(1, "live", "all", 9, 9, 9, 1, 1, 1, 0, 7),
        ),
        gaps=("volume", "record"),
        news_sources=(),
        previous=None,
        own_record=(),
    )


def nothing_new(sheet: FactSheet) -> FactSheet:
    """A previous report that knew every story and said the same."""
    previous = PreviousReport(5, NOW, 71_300, 0.0, {"1": 0.5231, "5": 0.4}, {"1": "hold", "5": "down"})
    known = replace(sheet, previous=previous, stories=sheet.stories[:1], record=(), own_record=())
    return replace(known, move=replace(MOVE, own_sigmas=-2.2))


@pytest.mark.parametrize("language", ["korean", "english"])
@pytest.mark.parametrize("case", [None, first_report, nothing_new], ids=["whole", "first_report", "nothing_new"])
def test_a_whole_report_is_the_one_that_a_person_has_read(
    sheet: FactSheet, language: str, case: Callable[[FactSheet], FactSheet] | None
) -> None:
    """The texts in golden/ were read line by line against their sheets; a meant change replaces the file."""
    name = "whole" if case is None else case.__name__
    written = getattr(report_template.write(sheet if case is None else case(sheet)), language)
    assert written == (GOLDEN / f"{name}.{language}.md").read_text()
