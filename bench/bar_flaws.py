"""Finds the bars that lie in a file of real daily bars, with azak's own rules: counts by kind and session.

`uv run python -m bench.bar_flaws --prices FILE` reads a file as bench.harness.bars does. With `--raw` the prices were
never adjusted.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from backend.domain.market import BarFlag, Basis
from backend.krx import KrxCalendar
from bench.harness.bars import BarsFile, find_flags, read_file

# With at most this many bars of a kind on a session each is shown.
SHOWN = 12


def report(file: BarsFile) -> Iterator[str]:
    sessions = file.sessions()
    stored = {day for bars in file.bars.values() for day in bars}
    known = {session.trade_date for session in KrxCalendar().between(sessions[0], sessions[-1])}
    yield f"{sum(map(len, file.bars.values()))} bars of {len(file.bars)} stocks, {min(stored)} to {max(stored)}"
    yield f"sessions missing: {', '.join(map(str, sorted(known - stored))) or 'none'}"
    yield f"days without a session: {', '.join(map(str, sorted(stored - known))) or 'none'}"
    flags = find_flags(file, sessions)
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
    for line in report(read_file(given.prices, Basis.RAW if given.raw else Basis.ADJUSTED)):
        print(line)


if __name__ == "__main__":
    main()
