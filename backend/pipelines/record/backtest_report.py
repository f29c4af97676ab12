"""Results of a backtest: metrics over its own sessions as result.json, and a reliability diagram."""

import asyncio
import json
import os
import sys
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from backend.domain.forecasts import HORIZONS, Mode
from backend.errors import ModelProcessError
from backend.pipelines.context import RunContext
from backend.pipelines.record import aggregation
from backend.services.forecasts import models
from backend.services.record import metric_days

_FIGURES: Final = ("accuracy", "accuracy_shown", "brier_skill", "coverage", "crps", "sessions_needed", "money")
_DRAW_WITHIN_S: Final = 60
Row = dict[str, Any]


async def summarise(context: RunContext, first: date, last: date, wanted: Collection[str] | None) -> list[Row]:
    """One row per model and horizon over the base sessions `first`..`last`, by the lower bound of the Brier skill."""
    async with context.read() as session:
        names = {row.id: row.name for row in await models.list_models(session)}
    chosen = {identity: name for identity, name in names.items() if wanted is None or name in wanted}
    rows: list[Row] = []
    for horizon in HORIZONS:
        for identity, name in chosen.items():
            place: Row = {"model_id": identity, "horizon": horizon, "mode": Mode.BACKTEST}
            async with context.read() as session:
                days = await metric_days.list_packed(session, **place, first=first, last=last)
            if days:
                asked = aggregation.payload(horizon, days, [(days[0].trade_date, days[-1].trade_date)])
                (found,) = (await context.models.call("summarise_metrics", asked))["windows"]
                rows.append(_row(name, horizon, found))
    return sorted(rows, key=lambda row: (row["horizon"], -_lower_bound(row), row["model"]))


def _row(model: str, horizon: int, found: Row) -> Row:
    figures = {name: found["values"].get(name) for name in _FIGURES}
    bins = found["values"]["ece"]["bins"]
    return {"model": model, "horizon": horizon, "n": found["n"], "n_days": found["n_days"], **figures, "bins": bins}


def _lower_bound(row: Row) -> float:
    low = (row["brier_skill"] or {}).get("low")
    return float("-inf") if low is None else float(low)


async def write_files(directory: Path, rows: Sequence[Row]) -> None:
    """result.json, reliability.svg and reliability.png in `directory`, which is made."""
    await asyncio.to_thread(_write_result, directory, rows)
    panels = [{"title": f"{row['model']}, {row['horizon']} d", "bins": row["bins"]} for row in rows]
    if panels:
        await _draw(directory, json.dumps(panels).encode())


def _write_result(directory: Path, rows: Sequence[Row]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "result.json").write_text(json.dumps(list(rows), indent=1) + "\n")


async def _draw(directory: Path, panels: bytes) -> None:
    """Raises ModelProcessError when the drawing program fails or hangs."""
    arguments = (sys.executable, "-m", "backend.stats.reliability_plot", str(directory))
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"MPLCONFIGDIR": str(directory.parent / ".matplotlib")},
    )
    try:
        async with asyncio.timeout(_DRAW_WITHIN_S):
            _, said = await process.communicate(panels)
    except BaseException:
        process.kill()
        raise
    if process.returncode:
        reason = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise ModelProcessError(
            f"The reliability diagram could not be drawn ({reason}); result.json holds the figures."
        )
