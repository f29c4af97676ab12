"""A file of daily bars becomes the panel that the product would have: what lies is missing, in any order of rows."""

import gzip
from datetime import date, timedelta
from pathlib import Path

import pytest

from bench.harness.bars import read_panel, read_panel_or_exit

HEADER = "symbol,market,date,open,high,low,close,adj_close,volume"


def row(code: str, day: date, close: float, volume: int = 1000, market: str = "KOSPI") -> str:
    """A bar whose open is the close less one."""
    return f"{code},{market},{day},{close - 1},{close + 1},{close - 2},{close},{close},{volume}"


def weekdays(first: date, count: int) -> list[date]:
    days = (first + timedelta(n) for n in range(2 * count))
    return [day for day in days if day.weekday() < 5][:count]


DAYS = weekdays(date(2023, 10, 10), 10)  # without a holiday of the exchange


def write(path: Path, lines: list[str], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_rows_in_any_order_and_twice_make_one_series_by_session(tmp_path: Path) -> None:
    lines = [row("000020", day, 100 + n) for n, day in enumerate(DAYS)]
    lines = [*reversed(lines), row("000020", DAYS[3], 103.5)]
    panel = read_panel(write(tmp_path / "bars.csv", lines), minimum=10)
    assert panel["dates"] == [str(day) for day in DAYS]
    assert panel["close"] == [[100, 101, 102, 103.5, 104, 105, 106, 107, 108, 109]]
    assert (panel["open"][0][0], panel["high"][0][0], panel["low"][0][0]) == (99, 101, 98)


def test_a_copied_bar_is_missing_and_a_missing_volume_leaves_the_prices(tmp_path: Path) -> None:
    lines = [row("000020", day, 100 + n) for n, day in enumerate(DAYS)]
    lines[4] = f"000020,KOSPI,{DAYS[4]},103,103,103,103,103,0"
    lines[6] = row("000020", DAYS[6], 106, volume=0)
    panel = read_panel(write(tmp_path / "bars.csv", lines), minimum=9)
    assert panel["close"][0][4] is None
    assert (panel["close"][0][6], panel["volume"][0][6]) == (106, None)


def test_prices_before_a_move_beyond_the_limit_are_joined_to_those_from_it_on(tmp_path: Path) -> None:
    """By hand: 104 to 52 is beyond 30 %; the day is missing, and what lies before is halved."""
    closes = [100, 101, 102, 103, 104, 52, 53, 54, 55, 56]
    lines = [row("000020", day, close) for day, close in zip(DAYS, closes, strict=True)]
    panel = read_panel(write(tmp_path / "bars.csv", lines), minimum=9)
    assert panel["close"][0] == [50, 50.5, 51, 51.5, 52, None, 53, 54, 55, 56]
    assert panel["volume"][0][4] == 1000


def test_without_a_market_there_are_no_limits_and_no_index(tmp_path: Path) -> None:
    closes = [100, 101, 102, 103, 104, 52, 53, 54, 55, 56]
    lines = [f"AAA,{day},{c},{c + 1},{c - 1},{c},{c},9" for day, c in zip(DAYS, closes, strict=True)]
    path = write(tmp_path / "bars.csv", lines, "symbol,date,open,high,low,close,adj_close,volume")
    panel = read_panel(path, minimum=10)
    assert (panel["close"][0], panel["index"], panel["markets"]) == (closes, {}, [""])


def test_an_index_stands_beside_the_stocks_and_a_gap_is_a_gap(tmp_path: Path) -> None:
    lines = [row("000020", day, 100 + n) for n, day in enumerate(DAYS) if n != 5]
    lines += [row("000030", day, 200 + n) for n, day in enumerate(DAYS)]
    lines += [row("KODEX", day, 300 + n, market="INDEX_KOSPI") for n, day in enumerate(DAYS)]
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEADER, *lines]).encode()))
    panel = read_panel(path, minimum=5)
    assert panel["codes"] == ["000020", "000030"]
    assert panel["index"] == {"KOSPI": [300 + n for n in range(10)]}
    assert panel["close"][0][4:7] == [104, None, 106]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol,date\nA,2023-01-02\n", "cannot be read as daily bars"),
        ("no table at all", "holds 0 stocks with 250 bars or more; 10 are needed"),
        (f"{HEADER}\n000020,KOSPI", "cannot be read as daily bars"),
        (f"{HEADER}\n000020,KOSPI,2023-13-45,1,1,1,1,1,1\n", "cannot be read as daily bars"),
        (f"{HEADER}\n{row('000020', DAYS[0], 100)}\n", "holds 0 stocks"),
    ],
)
def test_a_file_of_something_else_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bars.csv").write_text(text)
    with pytest.raises(SystemExit, match=said):
        read_panel_or_exit(tmp_path / "bars.csv", least=10)
