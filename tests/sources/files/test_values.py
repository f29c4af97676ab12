"""One value in the forms that files write it."""

from datetime import UTC, date, datetime

import pytest

from backend.clock import KST
from backend.domain.market import Market
from backend.sources.files.values import (
    UnreadableError,
    code_of_isin,
    read_code,
    read_day,
    read_number,
    read_published,
)

NOW = datetime(2026, 7, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code", "market"),
    [
        ("005930", "005930", None),
        ("5930", "005930", None),
        ("5930.0", "005930", None),
        ("150", "000150", None),  # 두산, never 0015G0
        ("A005930", "005930", None),
        ("005930.KS", "005930", Market.KOSPI),
        ("900010.KQ", "900010", Market.KOSDAQ),
        ("KRX:005930", "005930", None),
        ("'005930", "005930", None),
        ('="005930"', "005930", None),
        ("0013v0", "0013V0", None),
        ("00104K", "00104K", None),
        ("0003021C", None, None),
        ("5.93E+03", None, None),
        ("12E0", None, None),
        ("15G0", None, None),  # letters are not padded
        ("AAPL", None, None),
        ("-5930", None, None),
        ("", None, None),
    ],
)
def test_codes(text: str, code: str | None, market: Market | None) -> None:
    if code is None:
        with pytest.raises(UnreadableError, match="bad_code"):
            read_code(text)
    else:
        assert read_code(text) == (code, market)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KR7005930003", "005930"),
        ("kr7005930003", "005930"),
        ("KR7005930004", "bad_isin"),  # the check digit
        ("KR7050930003", "bad_isin"),  # two digits changed places
        ("KR7000211003", "000211"),  # an old preferred share, 000215: why the derived code must be a known one
        ("KRA030270151", "no_share"),
        ("KYG9001A1004", "no_share"),
        ("005930", "bad_isin"),
    ],
)
def test_isins(text: str, found: str) -> None:
    if found in ("bad_isin", "no_share"):
        with pytest.raises(UnreadableError, match=found):
            code_of_isin(text)
    else:
        assert code_of_isin(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "20240102", "20240102.0", "2024-01-02", "2024/01/02", "2024.01.02", "2024.01.02.", "2024-1-2", "24.01.02",
        "45293", "45293.0", "1704121200000", "2024-01-02 00:00:00+09:00", "2024-01-01 15:00:00+00:00",
        "2024-01-01T15:00:00Z", "2024-01-02 00:00:00", "2024-01-02T09:00", " 2024-01-02 ",
    ],
)  # fmt: skip
def test_days_of_the_second_of_january(text: str) -> None:
    assert read_day(text) == date(2024, 1, 2)


@pytest.mark.parametrize(
    "text", ["02/01/2024", "02.01.2024", "2024-13-01", "2024-02-30", "24-01-02", "Jan 2", "", "2024-01", "99999999"]
)
def test_other_forms_of_days_are_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="bad_date"):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234), ("1234.0", 1234), ("1.679318e+11", 167931800000), ("+500", 500), ("▲ 500", 500),
        ("▼ 500", -500), ("5930원", 5930), ("12.44M", 12440000), ("-", None), ("", None), ("null", None), ("NaN", None),
        ("N/A", None), ("'1234", 1234), ("0", 0), ("-5", -5), ("1,234,567.5", 1234567.5),
    ],
)  # fmt: skip
def test_numbers(text: str, number: float | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["1,23", "1.234.567", "12,5", "five", "1e999", "--", "1 234", "△500", "９"])
def test_what_is_no_number_is_refused_and_never_guessed(text: str) -> None:
    with pytest.raises(UnreadableError, match="bad_number"):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fri, 10 Jul 2026 09:12:00 +0900", datetime(2026, 7, 10, 9, 12, tzinfo=KST)),
        ("2026.07.10 09:12", datetime(2026, 7, 10, 9, 12, tzinfo=KST)),
        ("20260710", date(2026, 7, 10)),
        ("2026-07-10", date(2026, 7, 10)),
        ("46213", date(2026, 7, 10)),
        ("2시간 전", "bad_date"),
        ("어제", "bad_date"),
        ("2026-07-12", "future_date"),
        ("10/07/2026", "bad_date"),
    ],
)
def test_moments_of_news(text: str, found: object) -> None:
    if isinstance(found, str):
        with pytest.raises(UnreadableError, match=found):
            read_published(text, NOW)
    else:
        assert read_published(text, NOW) == found
