"""Daily bars of a file as the panel that models are fitted to.

CSV, plain or .gz, with the columns symbol, market, date, open, high, low, close, volume. The markets INDEX_KOSPI and
INDEX_KOSDAQ stand for the indices. A bar without volume is no bar: nobody could trade.
"""

import csv
import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any, Final

_INDEX: Final = "INDEX_"
_COLUMNS: Final = ("open", "close", "volume")
Bar = tuple[float, float, float]


def read_panel(path: Path, *, minimum: int = 250) -> dict[str, Any]:
    """The payload of backend.models.fitting.panel, of all stocks with at least `minimum` bars."""
    stocks: dict[tuple[str, str], dict[str, Bar]] = defaultdict(dict)
    indices: dict[str, dict[str, float]] = defaultdict(dict)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in csv.DictReader(lines):
            if row["market"].startswith(_INDEX):
                indices[row["market"].removeprefix(_INDEX)][row["date"]] = float(row["close"])
            elif float(row["volume"]) > 0:
                bar = float(row["open"]), float(row["close"]), float(row["volume"])
                stocks[row["symbol"], row["market"]][row["date"]] = bar
    kept = {key: bars for key, bars in sorted(stocks.items()) if len(bars) >= minimum}
    dates = sorted({day for bars in kept.values() for day in bars})
    columns = {
        name: [[bars[day][n] if day in bars else None for day in dates] for bars in kept.values()]
        for n, name in enumerate(_COLUMNS)
    }
    return {
        "dates": dates,
        "codes": [code for code, _ in kept],
        "markets": [market for _, market in kept],
        "index": {name: [closes.get(day) for day in dates] for name, closes in indices.items()},
        **columns,
    }


def position_of(panel: dict[str, Any], first: date) -> int:
    """Column of the first session on or after `first`."""
    return sum(day < first.isoformat() for day in panel["dates"])
