"""What changed at the exchange between two mornings, as the data file tells it."""

import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pytest

from backend.domain.market import CapitalIncrease, Listing, LockClass, Market, ParChange
from backend.krx import tick_size_krw
from backend.services.market.listing_changes import Change, list_changes

CASES: Final = tomllib.loads(Path(__file__).with_name("listing_changes.toml").read_text())["case"]
_TYPES: Final[dict[str, type[StrEnum]]] = {
    "market": Market, "lock_class": LockClass, "par_change": ParChange, "capital_increase": CapitalIncrease,
}  # fmt: skip


def listing(given: dict[str, Any]) -> Listing:
    usual: dict[str, Any] = {
        "code": "005930", "name": "이름", "market": "KOSPI", "listed_on": date(1975, 6, 11), "par_value_krw": 100,
    }  # fmt: skip
    fields: dict[str, Any] = usual | given
    fields |= {name: kind(fields[name]) for name, kind in _TYPES.items() if name in fields}
    if "base_price_krw" in fields:
        fields["base_price_krw"] = fields["base_price_krw"] or None  # TOML has no null
    return Listing(**fields)


def told(change: Change) -> str:
    return f"{change.kind}: {change.old} -> {change.new}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_the_events_between_two_mornings(case: dict[str, Any]) -> None:
    before, now = (listing(case.get(name, {})) for name in ("before", "now"))
    assert [told(change) for change in list_changes(before, now, case.get("close"), tick_size_krw)] == case["events"]


def test_a_stock_without_a_morning_before_is_newly_listed() -> None:
    assert [told(change) for change in list_changes(None, listing({}), None, tick_size_krw)] == ["listed: None -> 이름"]
