"""Splits of moves and the stories that fit them, worked out by hand to the basis point."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from backend.domain.understanding.event_types import PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE
from backend.domain.understanding.moves import CandidateStory
from backend.stats.moves.causes import OwnMove, direction_of, list_causes
from backend.stats.moves.split import ObservedMove, split_moves

BP = 0.0001 / 2
MARKETS = {"KOSPI": 0.0100, "KOSDAQ": -0.0200}


def stock(code: str, move: float, *, beta: float = 1.0, industry: str | None = "i", **changes: str) -> ObservedMove:
    return ObservedMove(code, changes.get("market", "KOSPI"), industry, move, beta, 0.0100)


def others(*rests: float) -> list[ObservedMove]:
    """Stocks of the industry that the market leaves these moves."""
    return [stock(f"other{number}", 0.0100 + rest) for number, rest in enumerate(rests)]


# The move, beta, what the market left of the others -> market, industry, own part, in basis points.
@pytest.mark.parametrize(
    ("move", "beta", "rests", "parts"),
    [
        (0.0300, 1.2, (0.0060, 0.0090, 0.0150), (120, 30, 150)),  # a third of the median of three
        (0.0300, 1.2, (0.0060, 0.0080, 0.0100, 0.0500), (120, 36, 144)),  # four tenths of 90: a wild one counts once
        (0.0300, 1.2, (0.0060, 0.0090), (120, None, 180)),  # two others are no industry
        (-0.0150, 0.5, (-0.0090, -0.0090, -0.0090), (50, -30, -170)),  # down against a market that rises
        (0.0000, 1.0, (0.0, 0.0, 0.0), (100, 0, -100)),  # a price that stands still moved against its market
        (0.0250, 1.0, (0.0120,) * 12, (100, 80, 70)),  # two thirds of the median of twelve
    ],
)
def test_parts_of_a_move(
    move: float, beta: float, rests: tuple[float, ...], parts: tuple[int, int | None, int]
) -> None:
    split = split_moves([stock("own", move, beta=beta), *others(*rests)], MARKETS)["own"]
    market, industry, own = parts
    assert split.market_part == pytest.approx(market / 10_000, abs=BP)
    assert split.industry_part == (None if industry is None else pytest.approx(industry / 10_000, abs=BP))
    assert split.own_part == pytest.approx(own / 10_000, abs=BP)
    assert split.own_sigmas == pytest.approx(own / 100, abs=0.01)
    assert split.market_part + (split.industry_part or 0) + split.own_part == pytest.approx(move)
    assert split.industry_stocks == len(rests)


def test_each_stock_is_measured_by_its_own_market() -> None:
    found = split_moves([stock("a", 0.0), stock("b", 0.0, market="KOSDAQ"), stock("c", 0.0, market="KONEX")], MARKETS)
    assert {code: split.market_part for code, split in found.items()} == {"a": 0.0100, "b": -0.0200}


def test_a_stock_without_an_industry_has_none_in_common_with_others_without_one() -> None:
    found = split_moves([stock(f"s{number}", 0.02, industry=None) for number in range(9)], MARKETS)
    assert {(split.industry_part, split.industry_stocks) for split in found.values()} == {(None, 0)}


OPENED = datetime.fromisoformat("2026-03-05T09:00:00+09:00")
CLOSED = datetime.fromisoformat("2026-03-05T15:30:00+09:00")
UNTIL = datetime.fromisoformat("2026-03-06T15:30:00+09:00")
UP = OwnMove(2.0, OPENED, CLOSED, UNTIL, 0.0)
DOWN = replace(UP, sigmas=-2.0)
STORY = CandidateStory(1, CLOSED + timedelta(hours=3), "company", "contract", "+", 2)
MINUTE = timedelta(minutes=1)


def named(own: OwnMove, *stories: CandidateStory, **more: frozenset[tuple[str, str]]) -> list[int]:
    return [story.story_id for story in list_causes(own, stories, **more)]


@pytest.mark.parametrize(("sigmas", "found"), [(1.0, [1]), (0.99, []), (-0.99, [])])
def test_a_move_within_the_usual_looks_for_no_cause(sigmas: float, found: list[int]) -> None:
    assert named(replace(UP, sigmas=sigmas), STORY) == found


@pytest.mark.parametrize(
    ("event_type", "sign", "direction"),
    [
        ("contract", "+", 1), ("contract", "-", -1), ("contract", "0", 0), ("contract", "reversed", -1),
        ("rights_issue", "reversed", 1), ("merger", "reversed", 0), ("none of ours", "reversed", 0),
    ],
)  # fmt: skip
def test_which_way_an_event_points(event_type: str, sign: str, direction: int) -> None:
    assert direction_of(event_type, sign) == direction
    story = replace(STORY, event_type="contract" if event_type == "none of ours" else event_type, sign=sign)
    if event_type != "none of ours":
        assert named(UP, story) == ([] if direction == -1 else [1])
        assert named(DOWN, story) == ([] if direction == 1 else [1])


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"scope": "companies"}, True),
        ({"scope": "sector"}, False),
        ({"scope": "fund"}, False),
        ({"scope": "market"}, False),
        ({"scope": "other"}, False),
        ({"event_type": PRICE_MOVE}, False),
        ({"event_type": NO_TYPE}, False),
        ({"event_type": "meeting"}, False),
        ({"event_type": "none of ours"}, False),
    ],
)
def test_only_an_event_of_a_company_can_be_a_cause(changes: dict[str, str], fits: bool) -> None:
    assert named(UP, replace(STORY, **changes)) == ([1] if fits else [])  # type: ignore[arg-type]


def test_a_kind_whose_study_shows_no_effect_is_never_named() -> None:
    assert named(UP, STORY, no_effect=frozenset({("contract", "+")})) == []
    assert named(UP, STORY, no_effect=frozenset({("contract", "-"), ("results", "+")})) == [1]


@pytest.mark.parametrize(
    ("known_at", "fits"),
    [
        (OPENED - MINUTE, False),
        (OPENED, True),
        (CLOSED, True),
        (CLOSED + MINUTE, True),
        (UNTIL, True),
        (UNTIL + MINUTE, False),
    ],
)
def test_a_story_is_known_from_the_session_before_until_the_moment(known_at: datetime, fits: bool) -> None:
    assert named(UP, replace(STORY, known_at=known_at)) == ([1] if fits else [])


@pytest.mark.parametrize(
    ("own", "before", "fits"),
    [
        (UP, 2.0, True), (UP, 2.01, False), (UP, -3.0, True), (UP, None, True),
        (DOWN, -2.0, True), (DOWN, -2.01, False), (DOWN, 3.0, True),
    ],
)  # fmt: skip
def test_news_of_the_session_before_counts_unless_that_session_moved_further(
    own: OwnMove, before: float | None, fits: bool
) -> None:
    sign = "+" if own is UP else "-"
    own = replace(own, sigmas_before=before)
    assert named(own, replace(STORY, known_at=CLOSED - MINUTE, sign=sign)) == ([1] if fits else [])
    assert named(own, replace(STORY, known_at=CLOSED + MINUTE, sign=sign)) == [1]


@pytest.mark.parametrize(("moved", "fits"), [(None, True), (-0.4, True), (0.5, True), (0.51, False), (1.3, False)])
def test_a_story_after_most_of_the_move_explains_nothing(moved: float | None, fits: bool) -> None:
    assert named(UP, replace(STORY, known_at=UNTIL - MINUTE, moved_before=moved)) == ([1] if fits else [])


def test_the_best_story_comes_first() -> None:
    """The one that points the way, since the last close, the weightiest, the first known; three at most."""
    early, heavy = (
        replace(STORY, story_id=2, known_at=STORY.known_at - MINUTE),
        replace(STORY, story_id=3, materiality=3),
    )
    before, neutral = replace(heavy, story_id=4, known_at=CLOSED), replace(heavy, story_id=5, sign="0")
    assert named(UP, neutral, before, STORY, early, heavy) == [3, 2, 1]
    assert named(UP, neutral, before, STORY) == [1, 4, 5]
    assert named(UP, neutral) == [5]
