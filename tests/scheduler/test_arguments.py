"""What each kind of run takes: its defaults, the edges of its numbers, and what is refused beyond them."""

from typing import Any

import pytest

from backend.errors import InvalidInputError, NotFoundError
from backend.internal import ARGUMENTS, check_work

CODES = [f"{number:06}" for number in range(1001)]
BIGGEST_ID = 9_223_372_036_854_775_807  # of a column of type bigint
# kind: what a request without arguments means
DEFAULTS: dict[str, dict[str, Any]] = {
    "load_history": {"days": 365},
    "backtest": {"sessions": 60, "report": False},
    "audit_predictions": {"mode": "live", "sample": 20, "seed": 1},
}
NEEDED: dict[str, dict[str, Any]] = {
    "backfill_model": {"model": "m"},
    "initial_analysis": {"stock_code": "005930"},
    "import_files": {"kind": "prices", "files": ["/a.csv"]},
}
# kind, argument, the least and the most that is taken, and what lies just beyond each
EDGES: list[tuple[str, str, tuple[Any, Any], tuple[Any, Any]]] = [
    ("load_history", "days", (1, 3_650), (0, 3_651)),
    ("load_history", "stock_codes", (CODES[:1], CODES[:1000]), ([], CODES)),
    ("backtest", "sessions", (1, 500), (0, 501)),
    ("backtest", "models", (["m"], ["m"] * 100), ([], ["m"] * 101)),
    ("backtest", "stock_codes", (["005930"], ["0126Z0"]), (["00593"], ["0126z0"])),
    ("audit_predictions", "sample", (1, 1000), (0, 1001)),
    ("audit_predictions", "seed", (0, 1_000_000), (-1, 1_000_001)),
    ("audit_predictions", "mode", ("live", "backtest"), ("", "past")),
    ("audit_predictions", "prediction_ids", ([1], [BIGGEST_ID]), ([0], [BIGGEST_ID + 1])),
    ("audit_predictions", "prediction_ids", ([1], [1] * 1000), ([], [1] * 1001)),
    ("backfill_model", "sessions", (1, 250), (0, 251)),
    ("backfill_model", "model", ("", "m" * 100), (None, "m" * 101)),
    ("check_sources", "sources", (["a"], ["a" * 60]), ([""], ["a" * 61])),
    ("check_sources", "sources", (["rss_mk"], ["x"] * 100), (["RSS-mk"], ["x"] * 101)),
    ("initial_analysis", "stock_code", ("000000", "0126Z0"), ("012Z60", "0059300")),
]


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_a_request_without_arguments_means_the_defaults_of_its_kind(kind: str) -> None:
    needed = NEEDED.get(kind, {})
    assert check_work(kind, needed).items() >= (DEFAULTS.get(kind, {}) | needed).items()
    with pytest.raises(InvalidInputError, match="unheard_of"):
        check_work(kind, needed | {"unheard_of": 1})


def test_a_model_is_filled_over_twenty_sessions_unless_told() -> None:
    assert check_work("backfill_model", {"model": "m"}) == {"model": "m", "sessions": 20}


@pytest.mark.parametrize(("kind", "name", "taken", "refused"), EDGES)
def test_an_argument_is_taken_up_to_its_edge_and_not_beyond(
    kind: str, name: str, taken: tuple[Any, Any], refused: tuple[Any, Any]
) -> None:
    needed = NEEDED.get(kind, {})
    for value in taken:
        assert check_work(kind, needed | {name: value})[name] == value
    for value in refused:
        with pytest.raises(InvalidInputError, match=f"Run kind '{kind}' does not accept {name}"):
            check_work(kind, needed | {name: value})


@pytest.mark.parametrize(
    ("first", "last", "is_taken"),
    [
        ("1990-01-01", "2100-01-01", True),
        ("2026-10-02", "2026-10-02", True),
        ("1989-12-31", "2026-10-02", False),
        ("2026-10-02", "2100-01-02", False),
        ("2026-10-02", "2026-10-01", False),
        ("2026-10-02", None, False),
        (None, "2026-10-02", False),
    ],
)
def test_a_span_of_a_backtest_has_both_ends_in_their_order(first: str | None, last: str | None, is_taken: bool) -> None:
    asked = {name: day for name, day in (("first", first), ("last", last)) if day is not None}
    if is_taken:
        assert check_work("backtest", asked).items() >= asked.items()
    else:
        with pytest.raises(InvalidInputError, match=r"docs/api\.md"):
            check_work("backtest", asked)


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(NotFoundError, match="There is no run kind 'crawl'; known are aggregate_performance, "):
        check_work("crawl", {})
