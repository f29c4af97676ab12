"""Calibration by hand: bins, ties, their bands, and the parts of the Brier score."""

import numpy as np
import pytest

from backend.stats.calibration import brier_parts, calibration_error, equal_mass_bins, ranks, reliability
from backend.stats.intervals import wilson


def test_ties_share_their_mean_rank() -> None:
    assert ranks(np.array([0.4, 0.6, 0.4, 0.9])).tolist() == [1.5, 3.0, 1.5, 4.0]


def test_ties_in_calibration_stay_in_one_bin() -> None:
    """Six of ten items say 0.5: they fill one bin, and the bins beside them are numbered without a gap."""
    p = np.array([0.1, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.8, 0.9])
    assert equal_mass_bins(p).tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 3, 4]


def test_a_bin_of_dependent_items_has_the_band_of_as_many_independent_ones() -> None:
    """n_eff / n = 1/4: twenty items of one bin tell as much as five."""
    p, y = np.full(20, 0.5), np.array([1.0] * 12 + [0.0] * 8)
    (row,) = reliability(p, y, np.zeros(20, dtype=np.int64), 0.25)
    assert (row["n"], row["mean_p"], row["mean_y"]) == (20, 0.5, 0.6)
    assert (row["low"], row["high"]) == pytest.approx(wilson(0.6, 5))
    (independent,) = reliability(p, y, np.zeros(20, dtype=np.int64), 3.0)
    assert (independent["low"], independent["high"]) == pytest.approx(wilson(0.6, 20))


def test_calibration_error_weighs_bins_by_their_items() -> None:
    rows = [{"n": 3, "mean_p": 0.2, "mean_y": 0.4}, {"n": 1, "mean_p": 0.9, "mean_y": 0.5}]
    assert calibration_error(rows) == pytest.approx((3 * 0.2 + 1 * 0.4) / 4)


def test_parts_of_the_brier_score_by_hand() -> None:
    """Bins {0.2, 0.4 | y 0, 1} and {0.7, 0.9 | y 1, 1}: mean p 0.3 and 0.8, mean y 0.5 and 1, all 0.75."""
    p, y = np.array([0.2, 0.4, 0.7, 0.9]), np.array([0.0, 1.0, 1.0, 1.0])
    parts = brier_parts(p, y, np.array([0, 0, 1, 1]))
    assert parts["reliability"] == pytest.approx((0.2**2 + 0.2**2) / 2)
    assert parts["resolution"] == pytest.approx((0.25**2 + 0.25**2) / 2)
    assert parts["uncertainty"] == pytest.approx(0.75 * 0.25)
    assert parts["within"] == pytest.approx((4 * 0.1**2 - 2 * (0.1 * 0.5 + 0.1 * 0.5)) / 4)
