"""Finds the bars that lie in a file of real daily bars, with azak's own rules: counts by kind and session.

`uv run python -m bench.bar_flaws --prices FILE` reads columns symbol, market, date, open, high, low, close, volume
(csv or csv.gz); rows of a market INDEX_... are left out. With `--raw` the prices were never adjusted.
"""

import argparse
import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from backend.domain.market import BarFlag, Basis, DailyBar
from backend.krx import KrxCalendar
from backend.stats.bars.flaws import StockBars, find_flaws
from backend.text.daily_rows import read_daily_row
from backend.text.numbers import read_number

# With at most this many bars of a kind on a session each is shown.
SHOWN = 12
Rows = dict[str, dict[date, DailyBar]]


def read_rows(path: Path, basis: Basis) -> Rows:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    rows: Rows = defaultdict(dict)
    with opener(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["market"].startswith("INDEX"):
                continue
            numbers = [read_number(row[name]) for name in ("open", "high", "low", "close", "volume")]
            day = date.fromisoformat(row["date"])
            bar = read_daily_row(row["symbol"], day, numbers, "file", basis=basis)
            if bar is not None:
                rows[row["symbol"]][day] = bar
    return rows


def build_columns(bars: dict[date, DailyBar], days: list[date]) -> StockBars:
    found = [bars.get(day) for day in days]
    kept = [bar for bar in found if bar is not None]
    columns: dict[str, list[Any]] = {
        name: [None if bar is None else getattr(bar, name) for bar in found]
        for name in ("open_krw", "high_krw", "low_krw", "regular_close_krw", "volume", "base_price_krw")
    }
    return StockBars(
        opens=columns["open_krw"],
        highs=columns["high_krw"],
        lows=columns["low_krw"],
        closes=columns["regular_close_krw"],
        volumes=columns["volume"],
        bases=columns["base_price_krw"],
        adjusted=[kept[0].basis is Basis.ADJUSTED] * len(days),
        factors=[1.0] * len(days),
        limited=[True] * len(days),
    )


def report(rows: Rows) -> Iterator[str]:
    stored = sorted({day for bars in rows.values() for day in bars})
    sessions = [session.trade_date for session in KrxCalendar().between(stored[0], stored[-1])]
    yield f"{sum(map(len, rows.values()))} bars of {len(rows)} stocks, {stored[0]} to {stored[-1]}"
    yield f"sessions missing: {', '.join(map(str, sorted(set(sessions) - set(stored)))) or 'none'}"
    yield f"days without a session: {', '.join(map(str, sorted(set(stored) - set(sessions)))) or 'none'}"
    flags = find_flaws({code: build_columns(bars, sessions) for code, bars in rows.items()})
    for kind in BarFlag:
        hits = [
            (day, code)
            for code, own in flags.items()
            for day, found in zip(sessions, own, strict=True)
            if kind in found
        ]
        days = Counter(day for day, _ in hits)
        yield f"{kind}: {len(hits)} bars on {len(days)} sessions"
        for day, n in sorted(days.items()):
            codes = ", ".join(code for of, code in hits if of == day)
            yield f"  {day} {n:>4}{'  ' + codes if n <= SHOWN else ''}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prices", type=Path, required=True)
    parser.add_argument("--raw", action="store_true", help="the prices were never adjusted")
    given = parser.parse_args()
    for line in report(read_rows(given.prices, Basis.RAW if given.raw else Basis.ADJUSTED)):
        print(line)


if __name__ == "__main__":
    main()
