"""A stock that is asked for by a name that the exchange's list does not hold."""

import pytest

from backend.db.tables.stocks import ListingRow
from backend.errors import InvalidInputError
from backend.services.market.new_stocks import _by_code, _by_name

NAMES = ("한화오션", "한화", "한화솔루션", "한화생명", "한화에어로스페이스", "대한해운", "KT")
ROWS = [ListingRow(code=f"{n:05}0", name=name, market="KOSPI") for n, name in enumerate(NAMES, start=1)]


def refusal(name: str) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        _by_name(ROWS, name)
    (error,) = caught.value.errors or []
    return error["kind"], error["values"].get("stocks", "")


def test_of_many_like_names_the_three_shortest_are_told() -> None:
    kind, told = refusal("한 화 생")
    assert (kind, told) == ("unlisted-name-close", "한화생명 (000040), 한화 (000020)")
    kind, told = refusal("화")
    assert (kind, told) == ("unlisted-name-close", "한화 (000020), 한화오션 (000010), 한화생명 (000040)")
    assert refusal("없는이름") == ("unlisted-name", "")


def test_a_name_is_found_in_any_case() -> None:
    assert _by_name(ROWS, "kt").code == "000070"
    assert _by_name(ROWS, "한화").code == "000020"


def test_a_code_that_is_not_listed_is_told_with_the_stock_of_that_name() -> None:
    with pytest.raises(InvalidInputError, match=r"code 999990 is listed \(close: KT \(000070\)\)"):
        _by_code(ROWS, "999990", "KT")
    with pytest.raises(InvalidInputError, match="code 999990 is listed; look it up"):
        _by_code(ROWS, "999990", None)
    assert _by_code(ROWS, "000010", None).name == "한화오션"
