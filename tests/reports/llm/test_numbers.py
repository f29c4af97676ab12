"""Numbers as people write them, in both languages, and which of them a fact supports."""

from decimal import Decimal

import pytest

from backend.reports.llm.numbers import read_names_with_digits, read_numbers, supports


def read(text: str) -> list[tuple[Decimal, str, int]]:
    return [(number.value.normalize(), number.unit, number.sign) for number in read_numbers(text)]


def of(value: str, unit: str, sign: int = 0) -> tuple[Decimal, str, int]:
    return Decimal(value).normalize(), unit, sign


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("주가는 1.4% 올라 71,300원에 마감했다.", [of("1.4", "percent"), of("71300", "krw")]),
        ("4조 2,000억원 규모", [of("4200000000000", "krw")]),
        ("7만 1300원과 7만1천원", [of("71300", "krw"), of("71000", "krw")]),
        ("매출 1.5조, 자사주 1,850억", [of("1500000000000", "amount"), of("185000000000", "amount")]),
        ("5천억원, 3천만 달러, 200만주", [of("5e11", "krw"), of("3e7", "usd"), of("2e6", "shares")]),
        ("KRW 71,300, 4.2 trillion won", [of("71300", "krw"), of("4.2e12", "krw")]),
        ("$3.4 billion, 500 dollars", [of("3.4e9", "usd"), of("500", "usd")]),
        ("−2.3%, +1.3σ, 1.3배", [of("2.3", "percent", -1), of("1.3", "sigma", 1), of("1.3", "times")]),
        ("1.2%p, 3 percentage points", [of("1.2", "points"), of("3", "points")]),
        ("68,100–75,300원", [of("68100", "krw"), of("75300", "krw")]),
        ("between 68,100 and 75,300 won", [of("68100", "krw"), of("75300", "krw")]),
        ("100번 중 46번", [of("46", "hundred")]),
        ("46 out of 100", [of("46", "hundred")]),
        ("2026-11-20 15:40, 11월 20일, November 20, 20 Nov 2026", [
            of("20261120", "date"), of("940", "time"), of("1120", "date"), of("1120", "date"), of("20261120", "date"),
        ]),
        ("3거래일, 5 trading days", [of("3", "days"), of("5", "days")]),
        ("12건, two articles", [of("12", "count"), of("2", "plain")]),
        ("１２％", [of("12", "percent")]),
        ("두 건", [of("2", "plain")]),
        ("HBM4와 5G", []),
        ("삼백억원", [of("0", "spelled")]),
        ("매출이 두 배로, profit doubled", [of("0", "spelled"), of("0", "spelled")]),
    ],
)  # fmt: skip
def test_a_number_is_read_with_its_unit(text: str, numbers: list[tuple[Decimal, str, int]]) -> None:
    assert read(text) == numbers


@pytest.mark.parametrize(
    ("told", "said", "is_supported"),
    [
        ("+1.4%", "1.4%", True),
        ("+1.4%", "+1.4%", True),
        ("+1.4%", "-1.4%", False),
        ("+1.4%", "1.5%", False),
        ("+1.4%", "1.42%", False),  # more than was told
        ("52.3%", "52%", True),
        ("1.4%", "1%", False),  # a rounding by more than a twentieth
        ("1.4%", "1.4%p", False),
        ("1.4%", "1.4배", False),
        ("71,300원", "KRW 71,300", True),
        ("71,300원", "71,300달러", False),
        ("71,300원", "7만 1,300원", True),
        ("71,300원", "7만원", True),
        ("4조 2,000억원", "KRW 4.2 trillion", True),
        ("4조 2,000억원", "4.2조", True),
        ("4조 2,000억원", "42조원", False),
        ("4조 2,000억원", "4,200억원", False),
        ("46 of 100", "46번", True),
        ("2026-11-23", "11월 23일", True),
        ("2026-11-23", "11월 24일", False),
        ("2026-11-23", "2025년 11월 23일", False),
        ("12건", "12 articles", True),
        ("12건", "13건", False),
        ("5조원", "삼백억원", False),
    ],
)
def test_a_fact_supports_a_number(told: str, said: str, *, is_supported: bool) -> None:
    ((one,), (other,)) = read_numbers(told), read_numbers(said)
    assert supports(one, other) is is_supported


def test_letters_with_digits_are_names() -> None:
    assert read_names_with_digits("HBM4, 5G, A350 and 20th, 3x, 4bn") == ["hbm4", "5g", "a350"]
