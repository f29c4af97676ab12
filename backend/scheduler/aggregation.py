"""Aggregation: from outcomes to metrics, one group (model, horizon, mode) after another.

The groups of one horizon and mode are read together, because they share the base model's answers; each is summarised
in the model process and written in one short fenced transaction, so that a kill loses at most the group under way.
Rows whose outcomes are the same as before are not touched.
"""

import base64
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from backend import clock
from backend.domain import METRIC_COLUMNS, METRIC_VERSION, Counts
from backend.scheduler.context import RunContext
from backend.services import metrics
from backend.services.metrics import Day, TouchedGroup, Window

# A group is not begun with less time than this; the next run goes on.
_RESERVE_S = 5.0


def payload(group: TouchedGroup, days: Sequence[Day], windows: Sequence[Window]) -> dict[str, Any]:
    """For the operation "summarise_metrics"."""
    packed = [b"".join(parts) for parts in zip(*(day.columns for day in days), strict=True)]
    return {
        "horizon": group.horizon,
        "windows": [[window.first.isoformat(), window.trade_date.isoformat()] for window in windows],
        "trade_dates": [day.trade_date.isoformat() for day in days],
        "counts": [day.n for day in days],
        "columns": {name: _text(column) for name, column in zip(METRIC_COLUMNS, packed, strict=True)},
        "stocks": _text(b"".join(day.stocks for day in days)),
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def _aggregate_group(context: RunContext, group: TouchedGroup, days: Sequence[Day]) -> int:
    """Recompute what changed of one group; gives how many rows were written or removed."""
    computed_at = clock.now()
    async with context.read() as session:
        stored = await metrics.list_stored(session, group)
    windows = metrics.windows_to_compute(group, days, stored)
    answer = await context.models.call("summarise_metrics", payload(group, days, windows)) if windows else {}
    rows = [
        {
            "model_version_id": window.model_version_id,
            "horizon": group.horizon,
            "mode": group.mode,
            "window_name": window.window_name,
            "trade_date": window.trade_date,
            "metric_version": METRIC_VERSION,
            "input_hash": window.input_hash,
            "computed_at": computed_at,
            "n": summary["n"],
            "n_days": summary["n_days"],
            "n_eff": summary["n_eff"],
            "metric_values": summary["values"],
            "details": summary["details"],
        }
        for window, summary in zip(windows, answer.get("windows", []), strict=True)
    ]
    async with context.write() as session:
        written = await metrics.record_metrics(session, group, rows)
        return written + await metrics.delete_emptied(session, group, days)


async def aggregate(context: RunContext) -> Counts:
    """Bring the metrics of every touched group up to date."""
    async with context.read() as session:
        groups = await metrics.list_touched(session)
    written = done = 0
    for (horizon, mode), together in groupby(groups, key=lambda group: (group.horizon, group.mode)):
        touched = list(together)
        async with context.read() as session:
            ids = [group.model_id for group in touched]
            days = await metrics.list_days(session, horizon=horizon, mode=mode, model_ids=ids)
        for group in touched:
            if context.seconds_left() < _RESERVE_S:
                return Counts(read=done, written=written, detail={"metrics": written})
            written += await _aggregate_group(context, group, days.pop(group.model_id))
            done += 1
            context.report(done / len(groups), f"{written} metrics of {done} of {len(groups)} groups")
    return Counts(read=len(groups), written=written, detail={"metrics": written})
