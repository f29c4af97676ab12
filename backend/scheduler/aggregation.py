"""Aggregation: from outcomes to metrics, one group (model, horizon, mode) after another.

A group is read, summarised in the model process and written in one short fenced transaction; a kill loses at most
the group under way. Rows whose outcomes are the same as before are not touched.
"""

from collections.abc import Sequence
from typing import Any

from backend import clock
from backend.domain import METRIC_VERSION, Counts
from backend.scheduler.context import RunContext
from backend.services import metrics
from backend.services.metrics import Item, TouchedGroup, Window

# A group is not begun with less time than this; the next run goes on.
_RESERVE_S = 5.0


def payload(group: TouchedGroup, items: Sequence[Item], windows: Sequence[Window]) -> dict[str, Any]:
    """Columns for the operation "summarise_metrics"."""
    return {
        "horizon": group.horizon,
        "windows": [[window.first.isoformat(), window.trade_date.isoformat()] for window in windows],
        "items": {
            "trade_dates": [item.trade_date.isoformat() for item in items],
            "stocks": [item.stock_code for item in items],
            "p": [item.p_up for item in items],
            "reference_p": [item.reference_p for item in items],
            "y": [item.y for item in items],
            "adjusted_returns": [item.adjusted_return for item in items],
            "shown": [item.shown for item in items],
            "in_band": [item.in_band for item in items],
            "band_widths": [item.band_width for item in items],
            "pinball": [item.loss_pinball for item in items],
        },
    }


async def _aggregate_group(context: RunContext, group: TouchedGroup) -> int:
    """Recompute what changed of one group; gives how many rows were written or removed."""
    computed_at = clock.now()
    async with context.read() as session:
        items = await metrics.list_items(session, group)
        stored = await metrics.list_stored(session, group)
    windows = metrics.windows_to_compute(group, items, stored)
    answer = await context.models.call("summarise_metrics", payload(group, items, windows)) if windows else {}
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
        }
        for window, summary in zip(windows, answer.get("windows", []), strict=True)
    ]
    async with context.write() as session:
        written = await metrics.record_metrics(session, group, rows)
        return written + await metrics.delete_emptied(session, group, items)


async def aggregate(context: RunContext) -> Counts:
    """Bring the metrics of every touched group up to date."""
    async with context.read() as session:
        groups = await metrics.list_touched(session)
    written = 0
    for number, group in enumerate(groups, start=1):
        if context.seconds_left() < _RESERVE_S:
            break
        written += await _aggregate_group(context, group)
        context.report(number / len(groups), f"{written} metrics of {number} of {len(groups)} groups")
    return Counts(read=len(groups), written=written, detail={"metrics": written})
