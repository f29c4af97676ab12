"""A report lists no event twice: which stories of one stock tell one event."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.reports.fact_sheet import StoryFacts
from backend.reports.same_event import fold

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
FILING = StoryFacts(1, 11, "단일판매ㆍ공급계약체결", "전자공시", NOW, 1, "contract", "+", 2, "decided", 234_000_000_000)
ARTICLE = StoryFacts(
    2, 12, "북미 업체에 2,340억 규모 공급", "한국경제", NOW + timedelta(hours=1), 5, "contract", "+", 3, "announced",
    None, "올리언 에너지", 0.18,
)  # fmt: skip


def test_what_is_one_event_stands_once_with_what_each_story_knows() -> None:
    (event,) = fold([FILING, ARTICLE])
    assert (event.news_id, event.title, event.also, event.size) == (11, FILING.title, (12,), 6)
    assert (event.amount_krw, event.counterparty, event.share) == (234_000_000_000, "올리언 에너지", 0.18)
    assert event.materiality == 3


@pytest.mark.parametrize(
    ("changes", "events"),
    [
        ({"amount_krw": 238_000_000_000}, 1),  # rounded otherwise
        ({"amount_krw": 58_000_000_000}, 2),
        ({"known_at": NOW + timedelta(hours=49)}, 2),
        ({"sign": "-"}, 2),
        ({"sign": "reversed"}, 2),
        ({"stage": "cancelled"}, 2),
        ({"event_type": "licence"}, 2),
        ({"event_type": "other", "sign": "0"}, 2),
    ],
)
def test_a_contradiction_keeps_events_apart(changes: dict[str, Any], events: int) -> None:
    assert len(fold([FILING, replace(ARTICLE, **changes)])) == events


def test_two_counterparties_are_two_events() -> None:
    assert len(fold([replace(FILING, counterparty="동해조선"), ARTICLE])) == 2


@pytest.mark.parametrize(
    ("title", "events"),
    [("삼성전자, 김장 나눔 봉사", 1), ("삼성전자 김장나눔 봉사 활동", 1), ("삼성전자, 채용 박람회에 부스", 2)],
)
def test_texts_without_a_type_are_one_if_their_words_nearly_are(title: str, events: int) -> None:
    first = replace(FILING, title="삼성전자 김장 나눔 봉사", event_type="other", sign="0", amount_krw=None)
    assert len(fold([first, replace(first, story_id=3, news_id=13, title=title)])) == events
