"""The word beside a share and its baseline never contradicts the figures as they are shown."""

import pytest

from backend.domain.figures import compare, percent


@pytest.mark.parametrize("baseline", [0.0, 0.42, 0.5, 0.558, 0.58, 0.999])
def test_shares_within_a_tenth_of_a_point_are_the_same(baseline: float) -> None:
    assert {compare(baseline + gap, baseline) for gap in (-0.001, -0.0004, 0, 0.0004, 0.001)} == {"same"}
    assert [compare(baseline + gap, baseline) for gap in (-0.0011, 0.0011)] == ["worse", "better"]


def test_what_is_shown_alike_is_the_same() -> None:
    shares = [n / 20_000 for n in range(11_000, 11_060)]
    alike = [(a, b) for a in shares for b in shares if percent(a) == percent(b)]
    assert {compare(a, b) for a, b in alike} == {"same"}
