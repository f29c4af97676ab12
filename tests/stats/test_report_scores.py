"""Reports are judged by direction: a call down that fell is a hit."""

import pytest

from backend.stats.report_scores import Promise, score_report

UP = Promise("up", 1000, 950, 1040, 1100)
DOWN = Promise("down", 1000, 900, 960, 1050)
HOLD = Promise("hold", 1000, 950, 1000, 1050)


@pytest.mark.parametrize(
    ("promise", "highs", "lows", "expected"),
    [
        (UP, [1010, 1040, 1020], [990, 1000, 1000], (1, 0.8, 1, 2)),
        (UP, [1010, 1020, 1020], [990, 925, 1000], (0.5, 0, 0.5, None)),
        (UP, [990, 990, 990], [980, 890, 950], (0, 0, 0, None)),
        (DOWN, [1005, 1000, 990], [955, 970, 980], (1, 1, 1, 1)),
        (DOWN, [1060, 1075, 990], [990, 980, 980], (0.5, 0, 0.5, None)),
    ],
)
def test_calls(promise: Promise, highs: list[float], lows: list[float], expected: tuple[float, ...]) -> None:
    scores = score_report(promise, highs, lows, lows)
    assert (scores.target, scores.timing, scores.risk, scores.hit_session) == pytest.approx(expected)


@pytest.mark.parametrize(
    "promise", [Promise("up", 1000, 940, 1000, 1050), Promise("up", 1000, 940, 990, 1050),
                Promise("down", 1000, 940, 1000, 1050), Promise("down", 1000, 940, 1010, 1050)]
)  # fmt: skip
def test_a_call_whose_median_is_not_on_its_side_has_no_target_and_is_judged_as_hold(promise: Promise) -> None:
    scores = score_report(promise, [999, 1100], [990, 880], [995, 1060])
    assert (scores.target, scores.timing, scores.risk, scores.hit_session) == (0.5, None, 0, None)


def test_hold_is_judged_by_both_edges_and_has_no_moment() -> None:
    scores = score_report(HOLD, [1010, 1075, 1000, 1000], [990] * 4, [1000, 1060, 1000, 1000])
    assert (scores.target, scores.timing, scores.risk) == (0.75, None, 0.5)
