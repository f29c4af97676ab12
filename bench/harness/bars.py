"""Daily bars of a file, marked by azak's own rules where they lie, and the panel that models are fitted to.

CSV, plain or .gz, with the columns symbol, date, open, high, low, close, volume and, if there is one, market; in any
order of rows, of two rows of a stock and day the last counts. The markets INDEX_KOSPI and INDEX_KOSDAQ stand for the
indices; without an index the market is the mean of all stocks. KOSPI and KOSDAQ have price limits, others have none.
"""

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from backend.domain.market import BREAKS, MISSING_PRICES, BarFlag, Basis, DailyBar, Market
from backend.domain.stock_days import BAR_COLUMNS
from backend.krx import KrxCalendar
from backend.stats.bars.flaws import StockBars, find_flaws
from backend.text.daily_rows import read_daily_row
from backend.text.numbers import read_number

_INDEX: Final = "INDEX_"
_UNREADABLE: Final = (OSError, EOFError, LookupError, TypeError, ValueError, csv.Error)
_LIMITED: Final = frozenset({Market.KOSPI, Market.KOSDAQ})
MINIMUM_BARS: Final = 250  # of a stock that is kept
Bars = dict[date, DailyBar]


@dataclass(frozen=True)
class BarsFile:
    """Bars by symbol and session, as the file has them; the market of each symbol, and closes of the indices."""

    bars: dict[str, Bars] = field(default_factory=lambda: defaultdict(dict))
    markets: dict[str, str] = field(default_factory=dict)
    indices: dict[str, dict[date, float]] = field(default_factory=lambda: defaultdict(dict))

    def sessions(self) -> list[date]:
        """Days with a bar and, of the KRX, the sessions between without any."""
        stored = {day for bars in self.bars.values() for day in bars}
        if stored and _LIMITED.intersection(self.markets.values()):
            stored.update(day.trade_date for day in KrxCalendar().between(min(stored), max(stored)))
        return sorted(stored)


def read_file(path: Path, basis: Basis = Basis.ADJUSTED) -> BarsFile:
    """All rows of a file. Raises one of _UNREADABLE where it is none of daily bars."""
    found = BarsFile()
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        days: dict[str, date] = {}
        for row in csv.DictReader(lines):
            text, symbol, market = row["date"], row["symbol"], row.get("market") or ""
            day = days.get(text) or days.setdefault(text, date.fromisoformat(text))
            numbers = [read_number(row[name]) for name in BAR_COLUMNS]
            if market.startswith(_INDEX):
                if close := numbers[BAR_COLUMNS.index("close")]:
                    found.indices[market.removeprefix(_INDEX)][day] = close
            elif (bar := read_daily_row(symbol, day, numbers, "file", basis=basis)) is not None:
                found.bars[symbol][day] = bar
                found.markets[symbol] = market
    return found


def build_columns(bars: Bars, sessions: Sequence[date], *, limited: bool = True) -> StockBars:
    """One stock over `sessions`, as the search for flaws wants it."""
    found = [bars.get(day) for day in sessions]
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
        adjusted=[kept[0].basis is Basis.ADJUSTED] * len(sessions),
        factors=[1.0] * len(sessions),
        limited=[limited] * len(sessions),
    )


def find_flags(file: BarsFile, sessions: Sequence[date]) -> dict[str, list[set[BarFlag]]]:
    """The flags of every bar, by symbol and session."""
    columns = {
        code: build_columns(bars, sessions, limited=file.markets[code] in _LIMITED) for code, bars in file.bars.items()
    }
    return find_flaws(columns)


def _usable(bars: Bars, flags: Mapping[date, set[BarFlag]]) -> dict[date, tuple[float | None, ...]]:
    """By session the values of BAR_COLUMNS that the database's function usable_bars would give, without missing ones.

    The move over a break is unknown: what lies before is scaled so that it does not count.
    """
    scale, newer = 1.0, None
    usable: dict[date, tuple[float | None, ...]] = {}
    for day in sorted(bars, reverse=True):
        bar = bars[day]
        if newer is not None and flags[newer.trade_date] & BREAKS:
            scale *= newer.regular_close_krw / bar.regular_close_krw
        newer = bar
        if bar.open_krw is None or bar.high_krw is None or bar.low_krw is None or flags[day] & MISSING_PRICES:
            continue
        prices = (bar.open_krw, bar.high_krw, bar.low_krw, bar.regular_close_krw)
        volume = None if BarFlag.VOLUME_BREAK in flags[day] else float(bar.volume)
        usable[day] = (*(price * scale for price in prices), volume)
    return usable


def read_panel(path: Path, *, minimum: int = MINIMUM_BARS) -> dict[str, Any]:
    """The payload of backend.models.fitting.panel, of all stocks with at least `minimum` usable bars."""
    file = read_file(path)
    sessions = file.sessions()
    flags = find_flags(file, sessions)
    stocks = {
        code: _usable(bars, dict(zip(sessions, flags[code], strict=True))) for code, bars in sorted(file.bars.items())
    }
    kept = {code: bars for code, bars in stocks.items() if len(bars) >= minimum}
    stored = {day for code in kept for day in file.bars[code]}
    days = [day for day in sessions if day in stored]
    columns = {
        name: [[bars[day][n] if day in bars else None for day in days] for bars in kept.values()]
        for n, name in enumerate(BAR_COLUMNS)
    }
    return {
        "dates": [day.isoformat() for day in days],
        "codes": list(kept),
        "markets": [file.markets[code] for code in kept],
        "index": {name: [closes.get(day) for day in days] for name, closes in file.indices.items()},
        **columns,
    }


def read_panel_or_exit(path: Path, *, least: int) -> dict[str, Any]:
    """The panel of a file of at least `least` stocks; else one sentence that says what is wrong, and exit code 1."""
    try:
        payload = read_panel(path)
    except _UNREADABLE as error:
        sys.exit(f"{path} cannot be read as daily bars ({error!r}); its form is in bench/harness/bars.py.")
    if len(payload["codes"]) < least:
        sys.exit(f"{path} holds {len(payload['codes'])} stocks with {MINIMUM_BARS} bars or more; {least} are needed.")
    return payload


def position_of(panel: dict[str, Any], first: date) -> int:
    """Column of the first session on or after `first`."""
    return sum(day < first.isoformat() for day in panel["dates"])
