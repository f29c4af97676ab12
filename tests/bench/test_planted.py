"""The bench over a running demo: finds what a model knows, and claims nothing on shuffled outcomes."""

import numpy as np

from backend.domain.members import BASE
from bench.planted import Record, Rows, figures_of

SESSIONS, STOCKS = 150, 20


def rows(planted: float) -> Rows:
    """One item in ten moves by news that the event member knows of; the price member follows noise."""
    random = np.random.default_rng(4)
    found: Rows = {}
    for day in range(SESSIONS):
        for stock in range(STOCKS):
            side = random.choice([-1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
            y = float(random.random() < 0.46 + planted * side)
            noise = float(random.choice([-0.02, 0.02]))
            row = {BASE: 0.46, "event": 0.46 + planted * side, "price": 0.46 + noise, "y": y}
            found[f"{day:03}", f"{stock:06}"] = {name: float(value) for name, value in row.items()}
    return found


def test_a_planted_direction_is_found_and_shuffled_outcomes_have_no_leader() -> None:
    found = figures_of(Record.of(1, rows(0.25)))
    assert (found["sessions_1"], found["forecasts_1"]) == (SESSIONS, SESSIONS * STOCKS)
    assert found["event_t_1"] > 2
    assert found["price_skill_1"] < 0
    assert found["text_skill_1"] == 0  # it said nothing
    assert found["shuffled_leaders_1"] == 0
    assert abs(found["shuffled_gate_1"]) < 0.1


def test_a_model_that_still_knows_the_shuffled_outcomes_would_lead() -> None:
    record = Record.of(1, rows(0.25))
    dealt = record.shuffled(1)
    assert sorted(dealt.tolist()) == sorted(record.y.tolist())
    assert (record.leaders(dealt), record.leaders(record.y)) == (0, 1)


def test_an_item_without_the_base_rate_does_not_count() -> None:
    given = rows(0.1)
    del given["000", "000000"][BASE]
    assert len(Record.of(1, given).y) == SESSIONS * STOCKS - 1
