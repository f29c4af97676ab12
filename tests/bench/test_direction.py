"""The bench of the direction is azak's own training walked forward, and runs on any file of daily bars."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.models.predictor.training import fit_models
from bench import direction
from bench.harness.walk.skill import brier_skill, rank_ic, t_of_mean
from tests.models.items import NO_FORECASTS
from tests.models.panels import make_panel


def write(path: Path, payload: dict[str, Any]) -> Path:
    lines = ["symbol,market,date,open,high,low,close,volume"]
    for row, code in enumerate(payload["codes"]):
        for column, day in enumerate(payload["dates"]):
            values = [payload[name][row][column] for name in ("open", "high", "low", "close", "volume")]
            if values[0] is not None:
                lines.append(",".join(map(str, [code, payload["markets"][row], day, *values])))
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("horizon", [1, 5])
def test_a_block_is_fitted_as_the_nightly_training_fits(horizon: int) -> None:
    payload = make_panel(8, 260)
    market = direction.Market(payload)
    walk = direction.walk(market, market.labels[horizon], horizon, first=200)
    start = max(walk.fitted)
    given = {"panel": payload, "as_of": payload["dates"][start - 1], "labelled_stories": {}, "events": {}}
    trained, _ = fit_models(given | {"prequential": NO_FORECASTS})
    nightly = next(model for model in trained if model.model == "price").parameters["horizons"][str(horizon)]
    np.testing.assert_allclose(walk.fitted[start]["price"]["coefficients"], nightly["coefficients"], rtol=1e-7)
    assert walk.fitted[start]["price"]["p0"] == pytest.approx(nightly["p0"])


def test_it_measures_a_file_and_writes_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "bars.csv", make_panel(12, 330))
    arguments = ["--prices", str(path), "--from", "2025-09-01", "--json", str(tmp_path / "found.json")]
    monkeypatch.setattr(sys, "argv", ["direction", *arguments])
    direction.main()
    found = json.loads((tmp_path / "found.json").read_text())
    skills = {f"{name}_skill_h{h}{t}" for name in ("member", "gated") for h in (1, 3, 5) for t in ("", "_t")}
    shuffled = {f"shuffled{few}_h{h}" for few in ("", "_20") for h in (1, 3, 5)}
    assert skills | shuffled | {"rank_ic_h1", "base_rate_verdicts", "future_difference"} <= set(found)
    assert (found["base_rate_verdicts"], found["future_difference"]) == (0, 0)


def test_a_file_that_ends_before_it_begins_to_count_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "bars.csv", make_panel(12, 330))
    monkeypatch.setattr(sys, "argv", ["direction", "--prices", str(path), "--from", "2027-01-01"])
    with pytest.raises(SystemExit, match=r"too few sessions from 2027-01-01 on; give an earlier --from"):
        direction.main()


def test_a_skill_is_what_the_errors_of_the_base_rate_are_lowered_by() -> None:
    """By hand: errors of .25 become .16 where it happened and .16 where it did not, on both days."""
    y = np.array([[1.0, 1.0], [0.0, np.nan]])
    p = np.array([[0.6, 0.6], [0.4, 0.9]])
    found = brier_skill(p, np.full((2, 2), 0.5), y)
    assert found.value == pytest.approx(1 - 0.16 / 0.25)


def test_days_that_go_on_tell_less() -> None:
    """Each of 40 days told five times in a row is 200 days, and no more evidence than 40."""
    alone = np.random.default_rng(2).normal(0.3, 1, 40)
    assert t_of_mean(alone, lags=0) == pytest.approx(alone.mean() / alone.std() * 40**0.5)
    assert t_of_mean(np.repeat(alone, 5)) < 0.6 * t_of_mean(np.repeat(alone, 5), lags=0)
    assert t_of_mean(np.zeros(5)) == 0


def test_a_rank_correlation_needs_ten_stocks_and_two_opinions() -> None:
    rising = np.arange(10.0)[:, None]
    assert rank_ic(rising, 2 * rising) == pytest.approx(1)
    assert np.isnan(rank_ic(rising[:9], rising[:9]))
    assert np.isnan(rank_ic(np.zeros((10, 1)), rising))
