"""Figures of reports and of the command line in every sign and precision."""

import pytest

from backend.domain.figures import change, fixed, of_hundred, percent, signed

ZEROS = ["0", "0.0", "0.00", "0.000", "0.0000"]


@pytest.mark.parametrize("digits", range(5))
@pytest.mark.parametrize("value", [0.0, -0.0, 0.00004, -0.00004])
def test_what_rounds_to_zero_has_no_sign(value: float, digits: int) -> None:
    assert [fixed(value, digits), signed(value, digits)] == [ZEROS[digits]] * 2
    assert [percent(value / 100, digits), change(value / 100, digits)] == [f"{ZEROS[digits]}%"] * 2


@pytest.mark.parametrize(
    ("digits", "shown", "with_sign"),
    [(0, "0", "0"), (1, "0.0", "0.0"), (2, "-0.04", "−0.04"), (3, "-0.040", "−0.040"), (4, "-0.0400", "−0.0400")],
)
def test_a_small_negative_keeps_its_sign_where_a_digit_shows(digits: int, shown: str, with_sign: str) -> None:
    assert (fixed(-0.04, digits), signed(-0.04, digits)) == (shown, with_sign)
    assert (percent(-0.0004, digits), change(-0.0004, digits)) == (f"{shown}%", f"{with_sign}%")


def test_percent_has_no_space_and_a_change_its_sign() -> None:
    assert (percent(0.50862), percent(0.8, 0), percent(1)) == ("50.9%", "80%", "100.0%")
    assert (change(0.0142), change(-0.0231), change(0.00123, 2)) == ("+1.4%", "−2.3%", "+0.12%")
    assert (signed(1.34, 1), fixed(-2.5, 1)) == ("+1.3", "-2.5")


def test_a_half_rounds_as_the_page_rounds_it() -> None:
    """dashboard/test/format.test.ts holds the same figures: a report and the page must not differ by a digit."""
    assert [percent(0.0025), percent(0.0075), percent(-0.0025), fixed(2.5, 0), percent(0.52347)] == [
        "0.3%", "0.8%", "-0.3%", "3", "52.3%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("usual", "now", "told"),
    [
        (0.46, 0.51, ("46", "51")),
        (0.4512, 0.4538, ("45.1", "45.4")),  # less than half of one apart
        (0.4549, 0.4602, ("45", "46")),
        (0.4551, 0.4602, ("45.5", "46.0")),  # half of one apart, and still the same number
        (0.4549, 0.4551, ("45.5", "45.5")),
        (0.5, 0.5, ("50.0", "50.0")),
    ],
)
def test_two_chances_have_a_decimal_where_they_would_look_the_same(
    usual: float, now: float, told: tuple[str, str]
) -> None:
    assert of_hundred(usual, now) == told
