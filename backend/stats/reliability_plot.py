"""Draws reliability diagrams: `python -m backend.stats.reliability_plot DIRECTORY < panels.json`.

A diagram shows how often what was called p came true.

A program of its own, because matplotlib would cost the model process 40 MB for a picture now and then. In: a list of
{"title", "bins": [{"n", "mean_p", "mean_y", "low", "high"}, ...]}. Out: reliability.svg and reliability.png.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMNS = 4
_INCHES = 3.2


def _draw_panel(axes: Axes, title: str, bins: list[dict[str, Any]]) -> None:
    said, happened = [row["mean_p"] for row in bins], [row["mean_y"] for row in bins]
    below = [max(0.0, row["mean_y"] - row["low"]) for row in bins]
    above = [max(0.0, row["high"] - row["mean_y"]) for row in bins]
    ends = [*said, *(row["low"] for row in bins), *(row["high"] for row in bins)]
    low, high = min(ends), max(ends)
    axes.plot([low, high], [low, high], color="0.7", linewidth=1)
    axes.errorbar(said, happened, yerr=[below, above], fmt="o-", markersize=4, linewidth=1, capsize=2)
    axes.set_title(f"{title}\nn = {sum(row['n'] for row in bins)}", fontsize=9)
    axes.set_xlabel("said", fontsize=8)
    axes.set_ylabel("came true", fontsize=8)
    axes.tick_params(labelsize=7)


def draw(panels: list[dict[str, Any]]) -> Figure:
    """One small diagram a panel, with the diagonal of a perfect forecaster and 95 % bands."""
    columns = min(COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    figure = Figure(figsize=(columns * _INCHES, rows * _INCHES), layout="constrained")
    for position, panel in enumerate(panels, start=1):
        _draw_panel(figure.add_subplot(rows, columns, position), panel["title"], panel["bins"])
    return figure


def main() -> None:
    directory = Path(sys.argv[1])
    figure = draw(json.load(sys.stdin))
    for kind in ("svg", "png"):
        figure.savefig(directory / f"reliability.{kind}", dpi=150)


if __name__ == "__main__":
    main()
