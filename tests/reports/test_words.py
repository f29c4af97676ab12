"""Every word that a forecast, an event, a gap or the gate can need is there, in both languages and under its key."""

import re
from pathlib import Path
from typing import get_args

import pytest

from backend.domain.forecasts import Direction, Verdict, word_key
from backend.domain.members import MemberStanding, Unit
from backend.domain.outside.world import WorldSymbol
from backend.domain.understanding.event_studies import StudyVerdict
from backend.domain.understanding.event_types import EVENT_TYPES, weighs_on
from backend.domain.understanding.events import Sign, Stage
from backend.reports.report_words import DIRECTIONS, EVENTS, GAPS, SIGNS, STAGES, STUDIES, UNITS, VERDICTS, WORLD
from tests.reports.words import HANGUL, written_words


@pytest.mark.parametrize(
    ("verdict", "lean", "korean", "english"),
    [
        (Verdict.CALL, 0.03, "의견: 시장 상회", "call: outperform"),
        (Verdict.CALL, -0.03, "의견: 시장 하회", "call: underperform"),
        (Verdict.LEAN, 0.03, "상회 쪽, 검증 안 됨", "leans outperform, not proven"),
        (Verdict.LEAN, -0.03, "하회 쪽, 검증 안 됨", "leans underperform, not proven"),
        (Verdict.NONE, 0.0, "의견 없음", "no call"),
    ],
)
def test_a_verdict_is_told_with_its_side(verdict: Verdict, lean: float, korean: str, english: str) -> None:
    assert VERDICTS[word_key(verdict, lean)] == (korean, english)


def test_there_is_a_word_for_each_value_and_none_for_another() -> None:
    assert DIRECTIONS.keys() == set(Direction)
    assert len(VERDICTS) == 5
    assert list(EVENTS) == [event.id for event in EVENT_TYPES]
    assert GAPS.keys() == {
        "price", "history", "recent", "volume", "market", "move", "news", "forecast", "cases", "record", "flows",
        "valuation",
    }  # fmt: skip
    assert SIGNS.keys() == set(Sign)
    assert STAGES.keys() == set(Stage)
    assert STUDIES.keys() == set(StudyVerdict)
    assert WORLD.keys() == set(WorldSymbol)
    assert UNITS.keys() == set(get_args(Unit))


@pytest.mark.parametrize(
    ("event_type", "sign", "weighs"),
    [
        ("lawsuit", "-", True), ("lawsuit", "+", False), ("results", "-", True), ("results", "0", False),
        ("contract", "reversed", True), ("contract", "+", False), ("rights_issue", "reversed", False),
        ("halt", "reversed", False), ("made_up", "-", True), ("made_up", "reversed", False),
    ],
)  # fmt: skip
def test_what_may_weigh_on_a_price(event_type: str, sign: str, weighs: bool) -> None:
    assert weighs_on(event_type, sign) == weighs


@pytest.mark.parametrize("words", [DIRECTIONS, VERDICTS, EVENTS, GAPS, SIGNS, STAGES, STUDIES])
def test_the_first_word_of_each_is_korean_and_the_second_english(words: dict[str, tuple[str, str]]) -> None:
    for key, (korean, english) in words.items():
        assert any("가" <= letter <= "힣" for letter in korean), key
        assert english.isascii(), key


_NAMES = re.compile(r"\{\w*\}|<[^>]*>|azak|KST|AI|S&P")
_FORMAL = re.compile(r"(?:니다|시오)\b")


def _slots(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)", text))


def test_what_python_writes_is_korean_in_one_style_and_without_foreign_words() -> None:
    """The rules of the page's words (dashboard/test/words.test.ts) for reports, briefs and the heads of pages."""
    texts = list(written_words())
    assert len(texts) > 200
    assert [text for _, _, text, _ in texts if _FORMAL.search(text)] == []
    # A whole page has both languages in one text.
    korean = [_NAMES.sub(" ", text) for _, _, text, _ in texts if not text.startswith("<!doctype html>")]
    assert [text for text in korean if re.search(r"[A-Za-z]{2,}", text)] == []
    english = [(text, said) for _, _, text, said in texts if said]
    assert [said for _, said in english if HANGUL.search(said)] == []
    assert [said for text, said in english if _slots(text) != _slots(said)] == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_has_words_for_each_state_of_a_member(language: str) -> None:
    words = (Path(__file__).parents[2] / f"dashboard/src/i18n/{language}/values.ts").read_text()
    of_numbers = {MemberStanding.LEARNING, MemberStanding.FEW_SIMILAR_STORIES}  # tested on the page's side
    assert [state for state in set(MemberStanding) - of_numbers if f'"standing.{state}"' not in words] == []
    assert [unit for unit in get_args(Unit) if f'"unit.{unit}"' not in words] == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_page_and_report_call_an_event_by_one_name(language: str) -> None:
    words = (Path(__file__).parents[2] / f"dashboard/src/i18n/{language}/values.ts").read_text()
    named = dict(re.findall(r'"event\.(\w+)": "([^"]+)"', words))
    assert named == {event.id: event.korean if language == "ko" else event.english for event in EVENT_TYPES}
