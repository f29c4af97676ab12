"""Bars that lie and factors of corporate actions, by hand."""

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from backend.domain.market import BarFlag
from backend.stats.bars.factors import adjusted_closes, agree, told_factors
from backend.stats.bars.flaws import LOOK_BACK, StockBars, find_flaws

CASES = tomllib.loads((Path(__file__).parent / "corporate_actions.toml").read_text())["case"]
Row = tuple[float | None, float | None, float | None, float | None, int]


def stock(rows: list[Row | None], **changes: Any) -> StockBars:
    """Columns of rows (open, high, low, close, volume); None is a missing bar."""
    opens, highs, lows, closes, volumes = zip(*(row or (None,) * 5 for row in rows), strict=True)
    usual = {"bases": [None] * len(rows), "adjusted": [True] * len(rows), "factors": [1.0] * len(rows)}
    columns = {"opens": opens, "highs": highs, "lows": lows, "closes": closes, "volumes": volumes}
    return StockBars(**(columns | usual | {"limited": [True] * len(rows)} | changes))  # type: ignore[arg-type]


def flat(close: float, volume: int = 100) -> Row:
    return close, close + 1, close - 1, close, volume


def halted(close: float) -> Row:
    return None, None, None, close, 0


def flags_of(own: StockBars) -> list[list[str]]:
    return [sorted(found) for found in find_flaws({"005930": own})["005930"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case_65_corporate_actions_to_the_basis_point(case: dict[str, Any]) -> None:
    rows: list[Row | None] = []
    for close in case["before"]:
        last = rows[-1][3] if rows and rows[-1] else None
        rows.append(halted(last or 0.0) if close == "halt" else (close, close + 5, close - 5, close, 100))
    opened, close = case["open"], case["close"]
    rows.append((opened, max(opened, close), min(opened, close), close, 200))
    n = len(rows)
    own = stock(
        rows,
        bases=[None] * (n - 1) + [case.get("base")],
        adjusted=[case.get("adjusted", False)] * n,
        limited=[True] * (n - 1) + [case.get("limited", True)],
    )
    of_base = told_factors(own)
    told = {"exchange": of_base[n - 1]} if n - 1 in of_base else {}
    told |= {source: factor or None for source, factor in case.get("told", {}).items()}
    factor = agree(told, own.closes[n - 2]) if told else 1.0
    own = stock(rows, bases=own.bases, adjusted=own.adjusted, limited=own.limited, factors=[1.0] * (n - 1) + [factor])
    assert (factor or 1.0) == pytest.approx(case["factor"], abs=1e-6)
    assert flags_of(own)[-1] == case["flags"]
    if "close_bp" in case:
        closes = adjusted_closes(own, [1.0] * (n - 1) + [factor or 1.0])
        before = closes[n - 2]
        assert before
        assert [round((price / before - 1) * 10_000) for price in (opened, close)] == [
            case["open_bp"], case["close_bp"],
        ]  # fmt: skip


def test_a_base_after_a_missing_session_belongs_to_a_close_that_is_not_there() -> None:
    own = stock([flat(100), None, flat(50)], bases=[None, None, 50.0], adjusted=[False] * 3)
    assert told_factors(own) == {}


@pytest.mark.parametrize(
    ("base", "factor", "flags"),
    [
        (5_050.0, 1.0, ["unknown_action"]),  # ten times the close before: no two sessions lead there
        (5_050.0, 10.0, []),  # a reduction that another source tells
        (600.0, 1.0, []),
        (300.0, 1.0, []),
        (200.0, 1.0, ["unknown_action"]),
    ],
)
def test_a_base_that_the_sessions_without_a_row_cannot_have_led_to_is_an_action_nobody_told(
    base: float, factor: float, flags: list[str]
) -> None:
    own = stock([flat(500), flat(505), None, None, flat(base)], bases=[None] * 4 + [base], adjusted=[False] * 5,
                factors=[1.0] * 4 + [factor])  # fmt: skip
    assert flags_of(own)[-1] == flags


def test_a_session_without_a_trade_is_no_bar_and_a_gap_is_neither() -> None:
    assert flags_of(stock([flat(100), halted(100), None, flat(101)])) == [[], ["no_trade"], [], []]


def test_a_move_over_missing_sessions_may_be_as_large_as_all_of_them_allow() -> None:
    rows: list[Row | None] = [flat(1_000), None, flat(1_600)]
    assert flags_of(stock(rows)) == [[], [], []]
    assert flags_of(stock([flat(1_000), None, flat(1_800)]))[2] == ["beyond_limit"]
    assert flags_of(stock([flat(1_000), halted(1_000), flat(1_600)]))[2] == ["beyond_limit"]  # a halt moves nothing


@pytest.mark.parametrize(
    ("row", "flags"),
    [
        ((100, 110, 90, 105, 5), []),
        ((100, 104, 90, 105, 5), ["outside_range"]),
        ((111, 110, 90, 105, 5), ["outside_range"]),
        ((89, 110, 90, 105, 5), ["outside_range"]),
        ((100, 110, 101, 105, 5), ["outside_range"]),
        ((100, 105, 100, 105, 5), []),
        ((100, 110, 90, 105, 0), ["volume_break"]),
    ],
)
def test_prices_of_a_bar_lie_within_its_range(row: Row, flags: list[str]) -> None:
    assert flags_of(stock([row])) == [flags]


def test_a_bar_that_repeats_the_one_before_with_its_volume_is_a_copy() -> None:
    assert flags_of(stock([flat(100, 7), flat(100, 7), flat(100, 8)])) == [[], ["flat_copy"], []]


def test_a_change_of_basis_is_told_but_not_where_it_makes_no_difference() -> None:
    rows: list[Row | None] = [flat(100), flat(101), flat(102), flat(101)]
    assert flags_of(stock(rows, adjusted=[False, True, True, False])) == [[], ["other_basis"], [], ["other_basis"]]
    assert flags_of(stock(rows, adjusted=[False, None, True, True])) == [[], [], [], []]


def market(sessions: int, stocks: int = 12) -> dict[str, list[Row | None]]:
    rng = random.Random(3)
    return {
        f"{code:06}": [flat(1_000 + rng.randint(-9, 9), rng.randint(800, 1_250)) for _ in range(sessions)]
        for code in range(stocks)
    }


def found(table: dict[str, list[Row | None]], flag: BarFlag) -> dict[int, int]:
    """Session -> how many stocks carry `flag`."""
    flags = find_flaws({code: stock(rows) for code, rows in table.items()})
    counts = [sum(flag in own[t] for own in flags.values()) for t in range(len(table["000000"]))]
    return {t: n for t, n in enumerate(counts) if n}


def test_too_many_stocks_that_stand_still_at_once_are_copies() -> None:
    table = market(4)
    for number, rows in enumerate(table.values()):
        close = rows[0][3] if rows[0] else 0
        rows[1] = halted(close or 0) if number < 2 else rows[1]  # 2 of 12 are halted
        rows[2] = halted(close or 0) if number < 3 else rows[2]
    assert found(table, BarFlag.FLAT_COPY) == {2: 3}
    few = {code: table[code] for code in list(table)[:9]}
    assert found(few, BarFlag.FLAT_COPY) == {}


def with_volumes(times: dict[int, float], sessions: int = 40) -> dict[str, list[Row | None]]:
    table = market(sessions)
    for rows in table.values():
        for t, row in enumerate(rows):
            assert row is not None
            rows[t] = (*row[:4], int(row[4] * times.get(t, 1.0)))
    return table


def test_sessions_whose_volumes_break_from_the_last_twenty_are_found_and_are_no_measure_for_the_next() -> None:
    broken = dict.fromkeys(range(22, 36), 1 / 190)
    assert found(with_volumes(broken | {38: 9.0}), BarFlag.VOLUME_BREAK) == dict.fromkeys([*broken, 38], 12)
    assert found(with_volumes({30: 0.4, 31: 3.0}), BarFlag.VOLUME_BREAK) == {}


def test_a_level_of_volumes_that_holds_is_the_new_one() -> None:
    sessions = 20 + LOOK_BACK + 8
    breaks = found(with_volumes(dict.fromkeys(range(20, sessions), 100.0), sessions), BarFlag.VOLUME_BREAK)
    assert max(breaks) < 20 + LOOK_BACK
    assert min(breaks) == 20


@pytest.mark.parametrize("first", [70, 76, 100, 112, 129])
def test_a_check_in_parts_finds_what_a_check_of_the_whole_finds(first: int) -> None:
    """25 sessions of broken volumes at the beginning of the look-back are no measure for the true ones after them."""
    table = with_volumes(dict.fromkeys(range(50, 75), 1 / 190), 130)
    whole = find_flaws({code: stock(rows) for code, rows in table.items()})
    begin = max(0, first - LOOK_BACK)
    part = {}
    for code, rows in table.items():
        volumes = [row[4] if row else None for row in rows]
        known = [None if t < first and BarFlag.VOLUME_BREAK in whole[code][t] else volumes[t] for t in range(130)]
        part[code] = stock(rows[begin:], volumes=known[begin:])
    found = find_flaws(part, first - begin)
    assert {code: own[first - begin :] for code, own in found.items()} == {c: own[first:] for c, own in whole.items()}


def test_flags_of_a_session_do_not_change_with_what_comes_later() -> None:
    table = with_volumes({30: 0.01})
    whole = find_flaws({code: stock(rows) for code, rows in table.items()})
    cut = find_flaws({code: stock(rows[:32]) for code, rows in table.items()})
    assert {code: own[:32] for code, own in whole.items()} == cut
