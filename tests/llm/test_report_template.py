"""A report says what its sheet holds and nothing else, in both languages, whatever a headline tries."""

import html
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.domain import DISCLAIMER
from backend.llm import fact_sheet, report_template
from backend.llm.fact_sheet import (
    CaseFacts,
    FactSheet,
    ForecastFacts,
    PreviousReport,
    PriceFacts,
    RecordFacts,
    StoryFacts,
)
from backend.llm.report_markdown import change, day, decimal, escape, krw, moment, percent
from backend.llm.report_words import GAPS, WORDS

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
        900 + number, 123 + number, title, "한국경제", NOW - timedelta(hours=number + 1), 4, "supply_contract", 2
    )
    return replace(facts, **changes)


def forecast(horizon: int, p_up: float) -> ForecastFacts:
    return ForecastFacts(
        horizon=horizon, p_up=p_up, direction="hold", confidence=0.04, base_rate=0.502, tau=0.571,
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
            market_day_return=0.0051, market_five_day_return=-0.0079, sigma_day=0.0161, move_sigma=0.57,
            volume=13_456_789, volume_z=1.34, bars_from=date(2025, 11, 20), bars_to=date(2026, 11, 19),
        ),
        stories=(story(0), story(1, "소송에서 패소", event_type="lawsuit"), story(30)), stories_since_days=7,
        forecasts=(forecast(1, 0.523), forecast(3, 0.517), forecast(5, 0.511)),
        cases=(CaseFacts(77, "공급 계약", "000660", "SK하이닉스", NOW - timedelta(days=40), 0.93, 0.0123, None),),
        record=(RecordFacts(1, "backtest", "60", 1_234, 58, 0.509, 0.485, 0.533, 0.502),),
        gaps=("volume",), model="gated", model_version="2026-11-19-1a2b", news_sources=("hankyung", "mk"),
        previous=PreviousReport(5, NOW - timedelta(hours=5), 70_300, 0.0142, {"1": 0.482}, {"1": "hold"}),
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
        return [percent(leaf), change(leaf), decimal(leaf), f"{leaf:.2f}"]
    return [str(leaf)]


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", html.unescape(text.replace("\\", ""))))


def test_every_number_of_both_texts_is_a_number_of_the_sheet(sheet: FactSheet) -> None:
    known = {number for leaf in _leaves(sheet) for text in _spellings(leaf) for number in numbers(text)}
    written = report_template.write(sheet)
    for text in (written.korean, written.english):
        found = numbers(text)
        assert found <= known, found - known
        assert {"52.3", "71,300", "123", "1,234", "50.9", "48.5", "50.2"} <= found


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
    assert "48.2 % → 52.3 %" in changes


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


def test_a_stored_sheet_comes_back_equal(sheet: FactSheet) -> None:
    stored = fact_sheet.to_json(sheet)
    assert fact_sheet.from_json(stored) == sheet
    assert fact_sheet.digest(fact_sheet.from_json(stored)) == fact_sheet.digest(sheet)


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
    price = replace(sheet.price, at=None, move_sigma=None, day_return=None)
    named = replace(story(0, "소송 제기", event_type="lawsuit"), publisher="매일경제")
    return replace(
        sheet,
        price=price,
        stories=(named, story(1, "또 다른 소송", event_type="lawsuit"), story(2, event_type="made_up")),
        forecasts=(
            replace(forecast(5, 0.62), direction="up", band_width=0.1501, gate_state="trained"),
            replace(forecast(3, 0.382), direction="down", band_width=0.14, tau=None, gate_state="trained"),
        ),
        cases=(),
        record=(
            RecordFacts(3, "live", "all", 40, 1, 0.5, None, None, 0.5),
            RecordFacts(1, "live", "all", 9, 9, 1, 1, 1, 0),
        ),
        gaps=("volume", "record"),
        news_sources=(),
        previous=None,
    )


def nothing_new(sheet: FactSheet) -> FactSheet:
    """A previous report that knew every story and said the same."""
    previous = PreviousReport(5, NOW, 71_300, 0.0, {"1": 0.5231, "5": 0.4}, {"1": "hold", "5": "down"})
    return replace(sheet, previous=previous, stories=sheet.stories[:1], record=())


@pytest.mark.parametrize("language", ["korean", "english"])
@pytest.mark.parametrize("case", [None, first_report, nothing_new], ids=["whole", "first_report", "nothing_new"])
def test_a_whole_report_is_the_one_that_a_person_has_read(
    sheet: FactSheet, language: str, case: Callable[[FactSheet], FactSheet] | None
) -> None:
    """The texts in golden/ were read line by line against their sheets; a meant change replaces the file."""
    name = "whole" if case is None else case.__name__
    written = getattr(report_template.write(sheet if case is None else case(sheet)), language)
    assert written == (GOLDEN / f"{name}.{language}.md").read_text()
