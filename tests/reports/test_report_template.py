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
from backend.domain.reports import DISCLAIMER
from backend.reports import fact_sheet, report_template
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
from backend.reports.report_markdown import day, escape, krw, moment
from backend.reports.report_words import DIRECTIONS, EVENTS, GAPS, WORDS

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
        900 + number, 123 + number, title, "한국경제", NOW - timedelta(hours=number + 1), 4, "contract", "+", 2
    )
    return replace(facts, **changes)


def forecast(horizon: int, p_up: float) -> ForecastFacts:
    return ForecastFacts(
        horizon=horizon, p_up=p_up, verdict="lean", lean=p_up - 0.457, direction="hold", confidence=0.04,
        base_rate=0.457, proof={"n": 870, "n_days": 187, "blocks": 93, "net": -0.0021, "low": -0.0063},
        gate_state="learning: 23 of 60 sessions", weights={"price": 0.0, "knn": 0.0}, base_price_krw=71_300,
        quantiles_krw=(68_100, 69_200, 70_400, 71_500, 72_600, 73_900, 75_300), band_width=0.066,
        exit_trade_date=date(2026, 11, 23), asof=NOW,
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
        stories=(story(0), story(1, "소송에서 패소", event_type="lawsuit", sign="-"), story(30)), stories_since_days=7,
        forecasts=(forecast(1, 0.523), forecast(3, 0.517), forecast(5, 0.511)),
        cases=(CaseFacts(77, "공급 계약", "000660", "SK하이닉스", NOW - timedelta(days=40), 0.93, 0.0123, None),),
        record=(RecordFacts(1, "backtest", "all", 1_234, 58, 96, 0.509, 0.485, 0.533, 0.502, 985),),
        gaps=("volume",), model="gated", model_version="2026-11-19-1a2b", news_sources=("hankyung", "mk"),
        previous=PreviousReport(5, NOW - timedelta(hours=5), 70_300, 0.0142, {"1": 0.482}, {"1": "hold"}),
        move=MoveFacts(
            0.0142, {"market": 0.0061, "industry": -0.0012, "own": 0.0093}, 1.26, "story",
            (FittingStory(123, "삼성전자, 4조원 규모 공급 계약 체결"),),
        ),
    )  # fmt: skip


def _leaves(value: Any) -> list[Any]:
    if is_dataclass(value):
        return [leaf for field in fields(value) for leaf in _leaves(getattr(value, field.name))]
    if isinstance(value, dict):
        return [leaf for pair in value.items() for part in pair for leaf in _leaves(part)]
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list | tuple) else [value]


def _spellings(leaf: Any) -> list[str]:
    if isinstance(leaf, datetime):
        return [moment(leaf), day(leaf)]
    if isinstance(leaf, date):
        return [day(leaf)]
    if isinstance(leaf, int):
        return [str(leaf), krw(leaf)]
    if isinstance(leaf, float):
        return [percent(leaf), percent(leaf, 0), change(leaf), change(leaf, 2), signed(leaf, 1), fixed(leaf, 2)]
    return [str(leaf)]


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", html.unescape(text.replace("\\", ""))))


def test_every_number_of_both_texts_is_a_number_of_the_sheet(sheet: FactSheet) -> None:
    """Beside them stands only the 100 of "46 of 100"."""
    known = {number for leaf in _leaves(sheet) for text in _spellings(leaf) for number in numbers(text)} | {"100"}
    written = report_template.write(sheet)
    for text in (written.korean, written.english):
        found = numbers(text)
        assert found <= known, found - known
        assert {"52.3", "71,300", "123", "1,234", "96", "985", "50.9", "48.5", "50.2"} <= found


@pytest.mark.parametrize(
    ("changes", "korean", "english"),
    [
        (
            {"verdict": "call", "lean": 0.05, "direction": "up", "p_up": 0.51, "base_rate": 0.46},
            "평소 100번 중 46번, 지금은 51번입니다. 의견: 시장 상회.",
            "the chance to beat the market over 1 trading day is usually 46 of 100, now 51. Call: outperform.",
        ),
        (
            {"verdict": "call", "lean": -0.05, "direction": "down", "p_up": 0.51, "base_rate": 0.56},
            "평소 100번 중 56번, 지금은 51번입니다. 의견: 시장 하회.",
            "usually 56 of 100, now 51. Call: underperform.",
        ),
        (
            {"verdict": "lean", "lean": 0.003, "p_up": 0.463, "base_rate": 0.46},
            "평소 100번 중 46.0번, 지금은 46.3번입니다. 상회 쪽으로 기울지만 검증되지는 않았습니다.",
            "usually 46.0 of 100, now 46.3. It leans up, which is not proven.",
        ),
        (
            {"verdict": "none", "lean": 0.0, "p_up": 0.46, "base_rate": 0.46},
            "평소 100번 중 46.0번, 지금은 46.0번입니다. 평소와 같아 의견이 없습니다.",
            "usually 46.0 of 100, now 46.0. The same as usual, so there is no call.",
        ),
        (
            {"verdict": "lean", "lean": 0.03, "p_up": 0.53, "base_rate": None},
            "가능성은 100번 중 53번입니다. 상회",
            "is 53 of 100. It leans up",
        ),
    ],
)
def test_the_conclusion_says_what_is_usual_what_is_now_and_how_sure_that_is(
    sheet: FactSheet, changes: dict[str, Any], korean: str, english: str
) -> None:
    written = report_template.write(replace(sheet, forecasts=(replace(forecast(1, 0.5), **changes),)))
    assert korean in written.korean
    assert english in written.english


def test_it_says_what_such_forecasts_earned_and_that_a_call_needs_proof(sheet: FactSheet) -> None:
    written = report_template.write(sheet)
    assert "지금까지 평균 −0.21%, 하한 −0.63% (예측 870건, 187거래일)." in written.korean
    assert (
        "So far they brought −0.21% on average, at least −0.63% (870 forecasts over 187 trading days)"
        in written.english
    )
    early = replace(forecast(1, 0.5), proof={"n": 9, "n_days": 3, "blocks": 3, "net": 0.01, "low": None})
    assert (
        "+1.00% on average, with a lower bound not known yet (9"
        in report_template.write(replace(sheet, forecasts=(early,))).english
    )
    nothing = report_template.write(replace(sheet, forecasts=(replace(forecast(1, 0.5), proof=None),)))
    assert "아직 지난 성적이 없습니다" in nothing.korean
    assert "There is no record of them yet" in nothing.english


@pytest.mark.parametrize(
    ("hit_rate", "korean", "english"),
    [
        (0.558, "기준선과 같습니다", "the same as the baseline"),
        (0.5576, "기준선과 같습니다", "the same as the baseline"),
        (0.559, "기준선과 같습니다", "the same as the baseline"),
        (0.557, "기준선과 같습니다", "the same as the baseline"),
        (0.5568, "기준선보다 낫지 않습니다", "not better than the baseline"),
    ],
)
def test_a_record_beside_its_baseline_is_told_in_a_word_that_fits(
    sheet: FactSheet, hit_rate: float, korean: str, english: str
) -> None:
    record = replace(sheet.record[0], hit_rate=hit_rate, baseline=0.558)
    written = report_template.write(replace(sheet, record=(record,)))
    assert [line for line in written.korean.splitlines() if line.endswith(f"기준선 55.8%: {korean}.")]
    assert [line for line in written.english.splitlines() if line.endswith(f"baseline 55.8%: {english}.")]


def test_a_record_above_its_baseline_is_no_risk(sheet: FactSheet) -> None:
    record = replace(sheet.record[0], hit_rate=0.5592, baseline=0.558)
    written = report_template.write(replace(sheet, record=(record,)))
    assert "기준선 55.8%:" not in written.korean
    assert "than the baseline" not in written.english


def test_opinions_that_nobody_gave_have_no_hit_rate(sheet: FactSheet) -> None:
    """1,479 forecasts without an opinion: said so, with the band that they did promise, and no risk of a bad rate."""
    record = RecordFacts(1, "live", "all", 1_479, 74, 0, None, None, None, None, 1_183)
    written = report_template.write(replace(sheet, record=(record,)))
    assert "의견을 낸 적 없음 (0/1,479, 실제 예측). 80% 범위 적중 1,183/1,479." in written.korean
    assert "No call made so far (0 of 1,479, live predictions)." in written.english
    assert "1,183 of 1,479 ended inside the 80% band." in written.english
    for text in (written.korean, written.english):
        assert not re.search("적중률|baseline|hit rate|were right", text)


@pytest.mark.parametrize(
    ("volume", "korean"),
    [
        (-0.04, "거래량은 평소 수준(0.0σ)입니다."),
        (-1.2, "거래량은 평소보다 적은 편(−1.2σ)입니다."),
        (1.9, "거래량은 평소보다 많은 편(+1.9σ)입니다."),
        (2.5, "거래량은 이례적으로 많은 편(+2.5σ)입니다."),
    ],
)
def test_a_volume_is_told_in_words(sheet: FactSheet, volume: float, korean: str) -> None:
    assert sheet.price is not None
    moved = replace(sheet, price=replace(sheet.price, volume_z=volume))
    assert f"- {korean}" in report_template.write(moved).korean.splitlines()


MOVE = MoveFacts(0.0142, {"market": 0.0061, "industry": -0.0012, "own": 0.0093}, 1.26, "no_story", ())


@pytest.mark.parametrize(
    ("changes", "korean", "english"),
    [
        ({"cause": "usual", "own_sigmas": -0.57},
         "종목만의 움직임은 평소의 0.6배로, 평소 범위입니다.",
         "Its own move is 0.6 times that of a usual day, which is within the usual."),
        ({"cause": "story", "stories": (FittingStory(41, "공급 계약"), FittingStory(42, "증설"))},
         "평소의 1.3배입니다. 때와 방향이 맞는 소식: [n41](/api/news/41) 공급 계약, [n42](/api/news/42) 증설.",
         "of a usual day. Fits in time and direction: [n41](/api/news/41) 공급 계약, [n42](/api/news/42) 증설."),
        ({}, "평소의 1.3배인데, 설명하는 소식이 없습니다.", "of a usual day, and no story explains it."),
        ({"cause": "unknown"}, "azak에는 그때의 소식이 없습니다.", "azak has no news of that time."),
    ],
)  # fmt: skip
def test_it_says_why_the_stock_moved(sheet: FactSheet, changes: dict[str, Any], korean: str, english: str) -> None:
    written = report_template.write(replace(sheet, move=replace(MOVE, **changes)))
    assert "지난 종가보다 +1.4%: 시장 +0.6%, 업종 −0.1%, 종목만의 움직임 +0.9%." in written.korean
    assert "+1.4% since the last close: market +0.6%, industry −0.1%, the stock's own +0.9%." in written.english
    assert korean in written.korean
    assert english in written.english
    assert set(written.citations) >= {story.news_id for story in changes.get("stories", ())}


def test_a_move_without_an_industry_names_none(sheet: FactSheet) -> None:
    written = report_template.write(replace(sheet, move=replace(MOVE, parts={"market": 0.01, "own": 0.0042})))
    assert "지난 종가보다 +1.4%: 시장 +1.0%, 종목만의 움직임 +0.4%." in written.korean
    assert "industry" not in written.english.split("## News")[0]


@pytest.mark.parametrize("tiny", [-0.0, -0.00004, -0.0004])
def test_no_figure_is_minus_zero(sheet: FactSheet, tiny: float) -> None:
    assert sheet.price is not None
    still = replace(
        sheet.price, day_return=tiny, five_day_return=tiny, market_day_return=tiny, market_five_day_return=tiny,
        volume_z=tiny,
    )  # fmt: skip
    case = replace(sheet.cases[0], return_1=tiny, return_5=tiny, similarity=tiny)
    written = report_template.write(replace(sheet, price=still, cases=(case,)))
    for text in (written.korean, written.english):
        assert re.findall(r"[-−+]0(?:\.0+)?(?!\d|\.\d)", text) == []


def test_every_text_of_a_report_writes_percent_without_a_space(sheet: FactSheet) -> None:
    """The other form is that of no Korean or English page; the words themselves name no rise where they mean more."""
    written = report_template.write(sheet)
    named = [name for names in (*DIRECTIONS.values(), *EVENTS.values(), *GAPS.values()) for name in names]
    words = [text for language in WORDS.values() for text in language.values()]
    for text in (written.korean, written.english, *words, *named):
        assert not re.search(r"[\d}] %", text), text
        assert not re.search(r"상승|하락|\brise\b|\bfall\b", text), text


def test_both_languages_have_all_sections_and_the_disclaimer(sheet: FactSheet) -> None:
    written = report_template.write(sheet)
    for language, text in (("ko", written.korean), ("en", written.english)):
        headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
        words = WORDS[language]
        wanted = ("changes", "news", "cases", "scenarios", "risks", "triggers", "data")
        assert headings == [words[key] for key in wanted]
        assert text.rstrip().endswith(f"_{DISCLAIMER[language]}_")
        assert 20 <= len([line for line in text.splitlines() if line]) <= 60
    assert written.citations == [77, 123, 124, 153]


def test_what_changed_names_only_stories_the_last_report_could_not_know(sheet: FactSheet) -> None:
    changes = report_template.write(sheet).english.split("## News")[0]
    assert "[n123]" in changes
    assert "[n153]" not in changes
    assert "48.2% → 52.3%" in changes


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_headline_stays_plain_text(sheet: FactSheet, title: str) -> None:
    hostile = replace(sheet, stories=(story(0, title),), stock_name=title, news_sources=(title,))
    written = report_template.write(hostile)
    for text in (written.korean, written.english):
        assert "<" not in text
        assert not re.search(r"(?<!\\)\]\((?!/api/news/\d+\))", text)
        assert not re.search(r"://|www\.|(?<!\\)@|[\x00\u202e]", text)
        assert not re.search(r"(?<!\\)!\[", text)
        assert all(line.count("|") == line.count("\\|") + 7 for line in text.splitlines() if line.startswith("| ["))
        assert len([line for line in text.splitlines() if line.startswith("# ")]) == 1


def test_an_empty_sheet_says_what_is_missing_and_invents_nothing(sheet: FactSheet) -> None:
    missing: dict[str, Any] = dict.fromkeys(("stories", "forecasts", "cases", "record", "news_sources"), ())
    empty = replace(sheet, price=None, previous=None, gaps=tuple(GAPS), **missing)
    english = report_template.write(empty).english
    assert "there is no prediction yet" in english
    assert "No similar past case" in english
    assert all(gap in english for _, gap in GAPS.values())
    assert numbers(english) <= numbers(f"{moment(NOW)} 005930 7")


def test_the_hash_ignores_when_and_why_but_not_what(sheet: FactSheet) -> None:
    digest = fact_sheet.digest(sheet)
    later = replace(sheet, asof=NOW + timedelta(hours=1), trigger="person", previous=None)
    assert fact_sheet.digest(later) == digest
    assert fact_sheet.digest(replace(sheet, stories=sheet.stories[:1])) != digest
    assert sheet.price is not None
    assert fact_sheet.digest(replace(sheet, price=replace(sheet.price, last_krw=71_400))) != digest


def test_the_hash_of_the_same_facts_stays_the_same(sheet: FactSheet) -> None:
    """Another hash would write every report once more; it changes together with SHEET_VERSION only."""
    assert sheet.sheet_version == "5"
    assert fact_sheet.digest(sheet) == "18fb6f9968217d769f82774c99fac9b73acf28f4bbdaeb8aafd0675d5a6fc896"


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


def test_escape_keeps_ordinary_text() -> None:
    assert (
        escape("삼성전자, 3분기 영업이익 12.1조원 (전년比 +30%)")
        == r"삼성전자, 3분기 영업이익 12.1조원 \(전년比 \+30%\)"
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
            replace(forecast(5, 0.62), verdict="call", direction="up", band_width=0.1501, gate_state="trained"),
            replace(
                forecast(3, 0.382),
                direction="down",
                band_width=0.14,
                verdict="call",
                lean=-0.075,
                proof=None,
                gate_state="trained",
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
    )


def nothing_new(sheet: FactSheet) -> FactSheet:
    """A previous report that knew every story and said the same."""
    previous = PreviousReport(5, NOW, 71_300, 0.0, {"1": 0.5231, "5": 0.4}, {"1": "hold", "5": "down"})
    return replace(sheet, previous=previous, stories=sheet.stories[:1], record=(), move=replace(MOVE, own_sigmas=-2.2))


@pytest.mark.parametrize("language", ["korean", "english"])
@pytest.mark.parametrize("case", [None, first_report, nothing_new], ids=["whole", "first_report", "nothing_new"])
def test_a_whole_report_is_the_one_that_a_person_has_read(
    sheet: FactSheet, language: str, case: Callable[[FactSheet], FactSheet] | None
) -> None:
    """The texts in golden/ were read line by line against their sheets; a meant change replaces the file."""
    name = "whole" if case is None else case.__name__
    written = getattr(report_template.write(sheet if case is None else case(sheet)), language)
    assert written == (GOLDEN / f"{name}.{language}.md").read_text()
