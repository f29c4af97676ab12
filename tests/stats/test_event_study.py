"""Studies of events: figures worked by hand, and claims that hold only as often as they say."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from backend.domain.understanding.event_studies import Size, Study, is_studied, size_of
from backend.stats import event_study
from backend.stats.event_study import Group, Observations, study


def observations(rows: Sequence[tuple[str, str, str, str, int, float]], drifts: Sequence[float] = ()) -> Observations:
    """Of (type, sign, size, stock, number of the session, move)."""
    types, signs, sizes, stocks, days, moves = zip(*rows, strict=True)
    names = [f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in days]
    known = np.array(drifts or [np.nan] * len(rows), dtype=np.float64)
    return Observations(types, signs, sizes, stocks, names, np.array(moves, dtype=np.float64), known)


def many(event_type: str, sign: str, moves: Sequence[float], *, size: str = "unknown", stock: str = "000010") -> Any:
    """One story a session."""
    return [(event_type, sign, size, stock, day, move) for day, move in enumerate(moves)]


def found(studies: Sequence[Study], *group: str, horizon: int = 1) -> Study:
    wanted = Group(*group)
    (one,) = [s for s in studies if (s.type, s.sign, s.size, s.stock_code) == wanted and s.horizon == horizon]
    return one


def test_the_day_is_the_unit() -> None:
    """Moves .02 .04 | .01 .03: mean .025, residuals of the days +.01 and -.01, so se^2 = 2 / 1 * 2e-4 / 4^2."""
    moves, days = np.array([0.02, 0.04, 0.01, 0.03]), np.array([0, 0, 1, 1])
    estimate = event_study.clustered(moves, days, 1)
    assert [estimate.value, estimate.error] == pytest.approx([0.025, 0.005])
    assert (estimate.n, estimate.n_days, estimate.n_blocks) == (4, 2, 2)


def test_at_three_sessions_the_unit_is_three_sessions() -> None:
    """Sessions 0, 2 | 4, 5 | 9: blocks sum to +.03, -.03 and 0 about the mean of .02; se^2 = 3 / 2 * 18e-4 / 5^2."""
    moves, days = np.array([0.03, 0.04, 0.01, 0.0, 0.02]), np.array([0, 2, 4, 5, 9])
    estimate = event_study.clustered(moves, days, 3)
    assert (estimate.n_days, estimate.n_blocks) == (5, 3)
    assert estimate.error == pytest.approx((1.5 * 18e-4 / 25) ** 0.5)


def test_one_day_has_no_spread() -> None:
    assert event_study.clustered(np.array([0.01, 0.02]), np.array([7, 7]), 1).error is None


def test_the_variance_between_groups_is_what_chance_does_not_explain() -> None:
    """Means +-.02 with variance 1e-4: Q = 8, less 1 degree, over 2e4 - 2e8 / 2e4 = 1e4: 7e-4."""
    apart = [(0.02, 1e-4), (-0.02, 1e-4)]
    assert event_study.between_variance([apart]) == pytest.approx(7e-4)
    alike = [(0.01, 1e-4), (0.01, 1e-4)]
    assert event_study.between_variance([apart, alike]) == pytest.approx((8 + 0 - 2) / 2e4)
    assert event_study.between_variance([alike]) == 0
    assert event_study.between_variance([[(0.5, 1e-4)]]) == 0


def test_holm_steps_down_and_gives_the_level_of_each() -> None:
    """.005 <= .05 / 4, .01 <= .05 / 3, but .03 > .05 / 2: there it stops, for all that follow."""
    rejected, levels = event_study.holm([0.01, 0.04, 0.03, 0.005])
    assert rejected == [True, False, False, True]
    assert levels == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4])
    assert event_study.holm([]) == ([], [])


def test_means_are_drawn_to_their_parents_as_far_as_their_own_data_are_weak() -> None:
    """Two types with +-.02 about a mean of 0, each with a variance of .0004 / 20 = 2e-5 by the spread of all.

    w = 5e4; Q = 2 * 5e4 * 4e-4 = 40; tau^2 = 39 / (1e5 - 5e9 / 1e5) = 7.8e-4; own share 7.8e-4 / 8e-4 = .975.
    """
    rows = many("contract", "+", [0.02] * 20) + many("rights_issue", "-", [-0.02] * 20)
    studies = study({1: observations(rows)})
    assert found(studies).shrunk == pytest.approx(0)
    assert found(studies, "contract").shrunk == pytest.approx(0.975 * 0.02)
    # One sign of a type is no family: it says what its type says.
    assert found(studies, "rights_issue", "-").shrunk == pytest.approx(-0.975 * 0.02)


def test_groups_that_differ_by_chance_only_say_what_their_parent_says() -> None:
    rows = many("contract", "+", [0.03, -0.01] * 10) + many("patent", "+", [0.031, -0.011] * 10)
    studies = study({1: observations(rows)})
    assert found(studies, "contract", "+").shrunk == pytest.approx(found(studies).mean)
    assert found(studies, "contract", "+").mean == pytest.approx(0.01)


def test_a_stock_and_a_size_are_children_of_type_and_sign() -> None:
    assert Group("contract", "+", "large").parent() == Group("contract", "+")
    assert Group("contract", "+", stock_code="005930").parent() == Group("contract", "+")
    assert (Group("contract", "+").parent(), Group("contract").parent()) == (Group("contract"), Group())
    assert Group().parent() is None
    rows = many("contract", "+", [0.01] * 3, size="large", stock="005930") + many("contract", "+", [0.02] * 3)
    studies = study({1: observations(rows)}, ["005930"])
    assert (found(studies, "contract", "+", "large").n, found(studies, "contract", "+").n) == (3, 6)
    assert found(studies, "contract", "+", "any", "005930").mean == pytest.approx(0.01)
    assert {s.stock_code for s in studies} == {"all", "005930"}
    assert "unknown" not in {s.size for s in studies}


def test_an_effect_leaves_out_zero() -> None:
    studies = study({1: observations(many("contract", "+", [0.03, 0.01] * 15))})
    one = found(studies, "contract", "+")
    assert (one.verdict, one.n, one.n_days) == ("effect", 30, 30)
    assert one.low is not None
    assert one.low > 0


def test_a_move_that_cannot_matter_is_none_and_one_that_could_is_too_few() -> None:
    studies = study({1: observations(many("contract", "+", [0.004, -0.004] * 30))})
    assert found(studies, "contract", "+").verdict == "none"
    studies = study({1: observations(many("contract", "+", [0.04, -0.04] * 30))})
    assert found(studies, "contract", "+").verdict == "too_few"


@pytest.mark.parametrize(
    ("stories", "days", "verdict"),
    [(19, 19, "too_few"), (20, 20, "effect"), (40, 7, "too_few"), (40, 8, "effect")],
)
def test_nothing_is_judged_below_20_stories_and_8_days(stories: int, days: int, verdict: str) -> None:
    rows = [("contract", "+", "unknown", "000010", n % days, 0.05 + 0.002 * (-1) ** n) for n in range(stories)]
    assert found(study({1: observations(rows)}), "contract", "+").verdict == verdict


def test_equal_moves_without_any_spread_prove_nothing() -> None:
    assert found(study({1: observations(many("contract", "+", [0.01] * 30))})).verdict == "too_few"


def test_the_drift_before_the_news_stands_apart() -> None:
    rows = many("contract", "+", [0.01] * 4)
    one = found(study({1: observations(rows, [0.02, 0.04, np.nan, np.nan])}), "contract", "+")
    assert [one.mean, one.drift] == pytest.approx([0.01, 0.03])
    assert found(study({1: observations(rows)}), "contract", "+").drift is None


def noise(random: np.random.Generator, effects: dict[tuple[str, str], float], days: int = 120) -> Observations:
    """Five stories a day of kinds at random; those of one day share a part of their move."""
    kinds = list(effects)
    rows = []
    for day in range(days):
        shared = random.normal(0, 0.008)
        for _ in range(5):
            kind = kinds[int(random.integers(len(kinds)))]
            rows.append((*kind, "unknown", "000010", day, effects[kind] + shared + random.normal(0, 0.025)))
    return observations(rows)


KINDS = {(event_type, sign): 0.0 for event_type in ("results", "contract", "lawsuit") for sign in "+-"}


def test_without_effects_about_one_snapshot_in_twenty_claims_any() -> None:
    """19 of 400 (measured); each group at 5 % on its own would claim one in most."""
    random = np.random.default_rng(8)
    claims = 0
    for _ in range(100):
        claims += any(s.verdict == "effect" for s in study({h: noise(random, KINDS) for h in (1, 3, 5)}))
    assert claims <= 10


def test_planted_effects_are_found_and_only_these_among_signs() -> None:
    random = np.random.default_rng(3)
    planted = KINDS | {("results", "+"): 0.012, ("lawsuit", "-"): -0.012}
    studies = study({1: noise(random, planted, 240)})
    by_sign = {(s.type, s.sign): s for s in studies if s.sign != "any"}
    assert {kind for kind, s in by_sign.items() if s.verdict == "effect"} == {("results", "+"), ("lawsuit", "-")}
    for s in studies:
        assert s.low is not None
        assert s.high is not None
        assert (s.verdict == "effect") == (s.low > 0 or s.high < 0)
    assert by_sign["results", "+"].shrunk == pytest.approx(0.012, abs=0.004)


def test_the_operation_takes_lists_and_gives_fields() -> None:
    columns = {"types": ["contract"] * 2, "signs": ["+"] * 2, "sizes": ["large"] * 2, "stocks": ["000010", "005930"],
               "days": ["2026-03-02", "2026-03-03"], "moves": [0.01, 0.03], "drifts": [None, 0.02]}  # fmt: skip
    answer = event_study.study_events({"horizons": {"3": columns}, "watched": ["005930"]})["studies"]
    assert found([Study(**row) for row in answer], "contract", "+", "large", horizon=3).mean == pytest.approx(0.02)
    assert event_study.study_events({"horizons": {}, "watched": []}) == {"studies": []}


def test_events_are_large_from_a_tenth_on_and_a_price_move_is_none() -> None:
    assert (size_of(None, None), size_of(0.0999, None), size_of(0.1, None)) == (Size.UNKNOWN, Size.SMALL, Size.LARGE)
    assert size_of(None, -0.3) is Size.LARGE
    assert is_studied("contract", "company")
    assert not is_studied("price_move", "company")
    assert not is_studied("other", "company")
    assert not is_studied("dividend", "fund")
