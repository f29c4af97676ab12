"""A file of daily bars as members see it, session by session, and the outcomes: what benches walk forward over."""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import HORIZONS, PredictionItem
from backend.domain.stock_days import DIRECTION, FEATURES
from backend.models.fitting.cross_section import rank_days
from backend.models.fitting.features import Features, Labels, compute_features, compute_labels
from backend.models.fitting.panel import Panel, build_panel

BLOCK_DAYS: Final = 28
FIRST: Final = date(2023, 1, 1)
_CLOSED: Final = time(6, 40)  # UTC: ten minutes after the close


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """The options of a bench over a file of bars: --prices, --from as `first`, --json."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--prices", type=Path, required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=FIRST)
    parser.add_argument("--json", type=Path)
    return parser


class History:
    """The panel of a file, with what members look at and the outcomes, by horizon."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload
        self.panel: Panel = build_panel(payload)
        self.features: Features = compute_features(self.panel)
        self.section = rank_days(self.panel, self.features)
        self.labels: dict[int, Labels] = {h: compute_labels(self.panel, self.features, h) for h in HORIZONS}

    def blocks(self, first: int, last: int) -> Iterator[list[int]]:
        """Columns from `first` to before `last`, in blocks anchored to the calendar."""
        blocks: dict[int, list[int]] = defaultdict(list)
        for column in range(first, last):
            blocks[date.fromisoformat(self.panel.dates[column]).toordinal() // BLOCK_DAYS].append(column)
        yield from blocks.values()

    def items(self, stock: int, column: int) -> list[PredictionItem]:
        """An item a horizon of a stock that traded on the session; none of one without a sigma."""
        sigma = float(self.features.sigmas[stock, column])
        if not self.panel.traded[stock, column] or not np.isfinite(sigma):
            return []
        values = self.features.values[stock, column].tolist()
        places = self.section[stock, column]
        day = date.fromisoformat(self.panel.dates[column])
        return [
            PredictionItem(
                stock_code=self.panel.codes[stock],
                asof=datetime.combine(day, _CLOSED, UTC),
                trade_date=day,
                horizon=horizon,
                base_price_krw=max(1, round(self.panel.closes[stock, column])),
                sigma=sigma,
                features={name: value for name, value in zip(FEATURES, values, strict=True) if value == value},  # noqa: PLR0124
                places=dict(zip(DIRECTION, places.tolist(), strict=True)) if np.isfinite(places).all() else {},
            )
            for horizon in HORIZONS
        ]
