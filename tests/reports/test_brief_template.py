"""Three lines of the whole watchlist: before a session what is new, after it what moved and why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from backend.domain.reports import DISCLAIMER, BriefKind
from backend.reports import brief_facts, brief_template
from backend.reports.brief_facts import BriefFacts
from backend.reports.fact_sheet import FactSheet, FittingStory, MoveFacts, PriceFacts, StoryFacts
from backend.reports.sheet_parts import DateFacts, ExpectedMove, WorldFacts

NOW = datetime(2026, 11, 19, 23, 40, tzinfo=UTC)
CLOSE = datetime(2026, 11, 19, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
CONTRACT = StoryFacts(
    1,
    11,
    "공급 계약",
    "한국경제",
    CLOSE + timedelta(hours=2),
    3,
    "contract",
    "+",
    2,
    "decided",
    4_000_000_000_000,
    "테슬라",
)
PRICE = PriceFacts(71_300, NOW, "quotes", 0.02, None, 0.0061, None, 0.01, 1, None, None, None)
WORLD = (WorldFacts("nasdaq", date(2026, 11, 19), -0.0083),)


def sheet(code: str, name: str, **changes: object) -> FactSheet:
    empty = FactSheet(
        stock_code=code, stock_name=name, market="KOSPI", asof=NOW, trigger="age", price=PRICE, stories=(),
        stories_since_days=7, forecasts=(), cases=(), record=(), gaps=(), model="", model_version="", news_sources=(),
        world=WORLD,
    )  # fmt: skip
    return replace(empty, **changes)  # type: ignore[arg-type]


def move(share: float, sigmas: float, *stories: FittingStory) -> MoveFacts:
    return MoveFacts(share, {"market": 0.0061, "own": share - 0.0061}, sigmas, "story" if stories else "usual", stories)


SHEETS = [
    sheet("000010", "가나", stories=(CONTRACT,), move=move(0.05, 2.1, FittingStory(11, "공급 계약"))),
    sheet("000020", "다라", move=move(-0.03, -1.4), expected=(ExpectedMove(1, 0.03, 0.02), ExpectedMove(5, 0.1, 0.01))),
    sheet("000030", "마바", move=move(-0.001, -0.2), expected=(ExpectedMove(1, 0.01, 0.02),),
          stories=(replace(CONTRACT, news_id=12, known_at=CLOSE),), dates=(DateFacts("ex_date", TODAY, 0.5),)),
]  # fmt: skip


def chosen(kind: BriefKind, sheets: list[FactSheet]) -> BriefFacts:
    return brief_facts.choose(
        sheets, kind=kind, trade_date=TODAY, asof=NOW, since=CLOSE, next_session=date(2026, 11, 23)
    )


def test_before_a_session_it_says_what_is_new_since_the_last_close() -> None:
    written = brief_template.write(chosen(BriefKind.MORNING, SHEETS))
    assert written.korean.splitlines() == [
        "# 2026-11-20 개장 전 브리핑",
        "",
        "- 밤사이 나스닥 −0.8%.",
        "- 새 소식: 가나 테슬라와 4조원 수주·공급 계약 [n11](/api/news/11).",
        "- 평소보다 크게 움직일 수 있는 종목: 다라 ±3.0% (평소 ±2.0%) · 오늘 기준가 변경: 마바.",
        "",
        f"_{DISCLAIMER['ko']}_",
    ]
    assert "- New: 가나 contract of KRW 4 tn [n11](/api/news/11)." in written.english
    assert written.citations == [11]


def test_after_the_close_it_says_what_moved_and_names_the_cause_or_that_none_is_known() -> None:
    contract = "테슬라와 4조원 수주·공급 계약 [n11](/api/news/11)"
    lines = brief_template.write(chosen(BriefKind.CLOSE, SHEETS)).korean.splitlines()
    assert lines[0] == "# 2026-11-20 마감 브리핑"
    assert lines[2:5] == [
        "- KOSPI +0.6%. 관심 종목 3개 가운데 1개가 오르고 2개가 내렸어요.",
        f"- 크게 움직인 종목: 가나 +5.0% ({contract}), 다라 −3.0% (알려진 원인 없음).",
        "- 다음 거래일 2026-11-23: 평소보다 크게 움직일 수 있는 종목: 다라 ±3.0% (평소 ±2.0%).",
    ]


def test_three_stocks_are_named_and_the_others_counted() -> None:
    many = [sheet(f"0000{n}0", f"종목{n}", stories=(replace(CONTRACT, materiality=n % 4),)) for n in range(1, 8)]
    korean = brief_template.write(chosen(BriefKind.MORNING, many)).korean
    assert [korean.count(f"종목{n}") for n in range(1, 8)] == [0, 1, 1, 0, 0, 0, 1]
    assert " 외 4종목." in korean


def test_a_quiet_day_has_three_lines_too() -> None:
    quiet = [sheet("000010", "가나", price=None, world=())]
    for kind in BriefKind:
        written = brief_template.write(chosen(kind, quiet))
        for text in (written.korean, written.english):
            assert len([line for line in text.splitlines() if line.startswith("- ")]) == 3
    assert "Today's moves have not been computed yet (1 watched stocks)." in written.english
