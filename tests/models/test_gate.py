"""The gate lets skill through and nothing else; until it can tell, it says that it is learning."""

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.forecasts import Neighbour
from backend.domain.members import KnnParameters, MemberState
from backend.models.fitting.evidence import design_effect
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.fitting.proof import EarlierForecasts, prove
from backend.models.members import gate, knn
from tests.models.items import make_item

FloatArray = NDArray[np.float64]
DAYS, STOCKS, TRAIN = 240, 20, 120


def world(*, planted: bool, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """(knn's p, y) of items (days, stocks): a fifth have a story whose theme rises, or falls, in 75 % of cases.

    The members' data are real: p comes from the knn member over labelled stories of earlier days.
    """
    random = np.random.default_rng(seed)
    themes = random.choice([0, 1, 2], size=(DAYS, STOCKS), p=[0.8, 0.1, 0.1])
    chance = np.array([0.5, 0.75, 0.25])[themes] if planted else np.full((DAYS, STOCKS), 0.5)
    y = (random.random((DAYS, STOCKS)) < chance).astype(float)
    p = np.full((DAYS, STOCKS), 0.5)
    parameters = {**knn.fit(400, KnnParameters()), "p0": 0.5, "z": None}
    for day in range(30, DAYS):
        for stock in np.flatnonzero(themes[day]):
            past = np.argwhere(themes[: day - 1] == themes[day, stock])[-100:]
            neighbours = [
                Neighbour(int(d * STOCKS + s), f"{s:06d}", 0.9, int(day - d), y[d, s], y[d, s] - 0.5) for d, s in past
            ]
            item = make_item(neighbours=neighbours, background_similarity=0.8, story_id=day * STOCKS + int(stock))
            p[day, stock] = knn.predict(parameters, item).p_up
    return p, y


def gated(p: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, dict[str, object]]:
    """The gate is fitted on the first days and judged on the rest: (its p, outcomes there, parameters)."""
    days = np.repeat(np.arange(30, TRAIN), STOCKS).astype(float)
    base = np.full(days.size, 0.5)
    fitted = gate.fit(base, {"price": base, "knn": p[30:TRAIN].ravel()}, y[30:TRAIN].ravel(), days)
    parameters = {**fitted, "p0": 0.5}
    forecasts = (
        {"price": MemberForecast(0.5), "knn": MemberForecast(value)} for value in p[TRAIN + 5 :].ravel().tolist()
    )
    judged = np.array([gate.predict(parameters, forecast).p_up for forecast in forecasts])
    return judged.reshape(-1, STOCKS), y[TRAIN + 5 :], fitted


def test_a_planted_signal_beats_the_base_rate_by_day() -> None:
    p, y, fitted = gated(*world(planted=True))
    gain = ((0.5 - y) ** 2 - (p - y) ** 2).mean(axis=1)
    t = gain.mean() / (gain.std(ddof=1) / len(gain) ** 0.5)
    assert t > 2
    assert fitted["state"] == {"state": "trained"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_labels_leave_the_base_rate_and_prove_nothing(seed: int) -> None:
    p, y, _ = gated(*world(planted=False, seed=seed))
    skill = 1 - ((p - y) ** 2).mean() / ((0.5 - y) ** 2).mean()
    days = np.repeat(np.arange(len(p)), STOCKS)
    moves = 0.02 * (2 * y.ravel() - 1)
    proofs = prove(EarlierForecasts(days, p.ravel() - 0.5, moves, np.full(days.size, 0.0034)), horizon=1)
    lows = [record["low"] for side in proofs.values() for record in side.values() if record["low"] is not None]
    assert abs(p.mean() - 0.5) < 0.002
    assert abs(skill) < 0.001
    assert max(lows, default=-1) < 0


def test_it_learns_until_there_are_sixty_sessions() -> None:
    days = np.repeat(np.arange(23.0), 100)
    base = np.full(days.size, 0.5)
    parameters = gate.fit(base, {"price": base, "knn": base}, base, days)
    assert parameters["state"] == {"state": "learning", "done": 23, "wanted": 60, "unit": "sessions"}
    forecast = gate.predict({**parameters, "p0": 0.48}, {"price": MemberForecast(0.7), "knn": MemberForecast(0.7)})
    assert forecast.p_up == pytest.approx(0.48)


def outcomes(stocks: int, sessions: int, horizon: int, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """(y, days) of independent stocks whose outcomes of `horizon` sessions overlap."""
    returns = np.random.default_rng(seed).normal(size=(sessions + horizon, stocks))
    level = np.cumsum(returns, axis=0)
    return (level[horizon:] > level[:-horizon]).astype(float).ravel(), np.repeat(np.arange(float(sessions)), stocks)


def state_of(stocks: int, sessions: int, horizon: int, seed: int = 1) -> MemberState:
    y, days = outcomes(stocks, sessions, horizon, seed)
    base = np.full(y.size, 0.5)
    state: MemberState = gate.fit(base, {"price": base, "knn": base}, y, days, horizon)["state"]
    return state


@pytest.mark.parametrize("horizon", [1, 3, 5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_watched_stocks_leave_learning_within_the_sessions_that_count(horizon: int, seed: int) -> None:
    assert state_of(3, 250, horizon, seed) == {"state": "trained"}


def test_it_counts_outcomes_by_what_they_are_worth() -> None:
    """Of five sessions each, 70 sessions of three stocks are at most 42 independent outcomes and not 210."""
    state = state_of(3, 70, 5)
    assert 30 <= state["done"] < 50
    assert state == {"state": "learning", "done": state["done"], "wanted": 90, "unit": "outcomes"}


@pytest.mark.parametrize(("residuals", "days", "effect"), [
    ([0.5, 0.5, -0.5, -0.5], [0, 0, 1, 1], 2.0),
    ([0.5, -0.5, 0.5, -0.5], [0, 0, 1, 1], 1.0),
    ([0.5, 0.5, 0.5, -0.5], [0, 0, 1, 1], 1.0),
    ([0.5] * 3 + [-0.5] * 3, [7, 7, 7, 9, 9, 9], 3.0),
    ([0.0, 0.0], [0, 0], 1.0),
])  # fmt: skip
def test_outcomes_of_a_day_tell_less_than_independent_ones(
    residuals: list[float], days: list[int], effect: float
) -> None:
    assert design_effect(np.array(residuals), np.array(days, dtype=float)) == pytest.approx(effect)


def test_no_target_is_told_that_the_stocks_cannot_reach() -> None:
    """One stock gives 250 outcomes in 250 sessions: 50 independent ones of five sessions, 83 of three."""
    assert [state_of(1, 250, horizon) for horizon in (3, 5)] == [{"state": "too_few_stocks"}] * 2
    assert state_of(1, 70, 1) == {"state": "learning", "done": 70, "wanted": 90, "unit": "outcomes"}
    assert state_of(1, 90, 1) == {"state": "trained"}


def test_nothing_at_all_is_learning_too() -> None:
    none = np.array([])
    assert gate.fit(none, {"price": none, "knn": none}, none, none)["state"] == {
        "state": "learning",
        "done": 0,
        "wanted": 60,
        "unit": "sessions",
    }


def test_a_member_that_is_always_wrong_gets_no_say() -> None:
    random = np.random.default_rng(4)
    y = random.integers(0, 2, 3000).astype(float)
    wrong = np.where(y == 1, 0.4, 0.6)
    days = np.repeat(np.arange(100.0), 30)
    fitted = gate.fit(np.full(3000, 0.5), {"price": wrong, "knn": np.full(3000, 0.5)}, y, days)
    assert fitted["weights"]["price"] == 0


def skilled(stocks: int, sessions: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(p of a calibrated member with a Brier skill of .4 %, outcomes, days)."""
    random = np.random.default_rng(seed)
    p = 0.5 + 0.0316 * random.normal(size=sessions * stocks)
    return p, (random.random(p.size) < p).astype(float), np.repeat(np.arange(float(sessions)), stocks)


def skill_of(p: FloatArray, y: FloatArray) -> float:
    return float(1 - ((p - y) ** 2).mean() / ((0.5 - y) ** 2).mean())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_most_of_a_proven_skill_passes(seed: int) -> None:
    """300 stocks, 250 sessions: what a weight w lets through is w (2 - w) of the skill, .8 from .55 on."""
    p, y, days = skilled(300, 250, seed)
    weight = gate.fit(np.full(p.size, 0.5), {"price": p}, y, days)["weights"]["price"]
    assert weight * (2 - weight) >= 0.8


@pytest.mark.parametrize(("stocks", "most"), [(300, 0.0001), (20, 0.0005)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_member_without_skill_costs_nothing(stocks: int, most: float, seed: int) -> None:
    p, _, days = skilled(stocks, 250, seed)
    random = np.random.default_rng(seed)
    y, later = (random.integers(0, 2, p.size).astype(float) for _ in range(2))
    parameters = gate.fit(np.full(p.size, 0.5), {"price": p}, y, days)
    said = gate.pool(0.5, {"price": p}, parameters["weights"])
    assert abs(skill_of(said, later)) <= most


def test_outcomes_that_move_together_let_less_through() -> None:
    """Each outcome told ten times on its day is ten times as many rows and no more evidence."""
    p, y, days = skilled(20, 100, 5)
    once = gate.fit(np.full(p.size, 0.5), {"price": p}, y, days)["weights"]["price"]
    again = gate.fit(np.full(10 * p.size, 0.5), {"price": np.tile(p, 10)}, np.tile(y, 10), np.tile(days, 10))
    assert again["weights"]["price"] == pytest.approx(once, rel=0.02)


def test_members_that_say_the_same_share_what_one_of_them_would_get() -> None:
    p, y, days = skilled(300, 250, 4)
    base, near = np.full(p.size, 0.5), p + np.random.default_rng(9).normal(size=p.size) * 1e-4
    alone = gate.fit(base, {"price": p}, y, days)["weights"]["price"]
    both = gate.fit(base, {"price": p, "text": near, "knn": p}, y, days)["weights"]
    assert sum(both.values()) == pytest.approx(alone, abs=0.1)
    assert max(both.values()) < 0.8
