"""Windows of the last sessions, by hand; what is missing does not count."""

import numpy as np
import pytest

from backend.models.fitting.windows import window_max, window_mean, window_moments, window_sum

NAN = float("nan")


def row(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([values])


def test_a_sum_takes_what_is_known_of_its_window() -> None:
    assert window_sum(row(1, 2, NAN, 4, 8), 3).tolist() == [[1, 3, 3, 6, 12]]


def test_a_mean_needs_a_quarter_of_its_window() -> None:
    assert window_mean(row(1, NAN, NAN, NAN, 7), 4)[0].tolist()[:4] == [1, 1, 1, 1]
    assert window_mean(row(1, 2, 3, 4), 12)[0].tolist() == pytest.approx([NAN, NAN, 2, 2.5], nan_ok=True)


def test_the_largest_is_that_of_the_window_alone() -> None:
    assert window_max(row(NAN, 9, 1, 2, 3), 3)[0].tolist() == pytest.approx([NAN, 9, 9, 9, 3], nan_ok=True)


def test_moments_are_those_of_the_textbook() -> None:
    deviation, skew = window_moments(row(1, 2, 6), 3)
    assert (deviation[0, 2], skew[0, 2]) == (pytest.approx((14 / 3) ** 0.5), pytest.approx(6 / (14 / 3) ** 1.5))
    deviation, skew = window_moments(row(5, 5, 5), 3)
    assert (deviation[0, 2], skew[0, 2]) == (0, 0)


def test_where_a_panel_begins_changes_no_digit() -> None:
    values = np.random.default_rng(1).normal(size=(3, 400))
    for length in (20, 60, 250):
        whole = window_sum(values, length)[:, 300:]
        np.testing.assert_array_equal(window_sum(values[:, 300 - length :], length)[:, length:], whole)
