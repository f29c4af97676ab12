"""Aggregation: from outcomes to metrics, one group (model, horizon, mode) after another.

The touched sessions of a horizon and mode are packed first (backend.services.record.metric_days); each group is then
summarised in the model process and written in one short fenced transaction, so that a kill loses at most the group
under way. Rows whose outcomes are the same as before are not touched.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend import clock
from backend.domain.record import METRIC_COLUMNS, METRIC_VERSION
from backend.domain.runs import Counts
from backend.pipelines.context import RunContext
from backend.services.record import equal_models, metric_days, metrics
from backend.services.record.metric_days import Day, PackedDay, TouchedDays
from backend.services.record.metrics import TouchedGroup, Window

# Seconds: a group is not begun with less time left; the next run goes on.
_RESERVE_S = 5.0
# Sessions packed in one transaction.
_PACKED_AT_ONCE = 20


def payload(horizon: int, days: Sequence[PackedDay], windows: Sequence[tuple[date, date]]) -> dict[str, Any]:
    """The argument of the model process's operation "summarise_metrics"."""
    columns = {name: b"".join(day.column(k) for day in days) for k, name in enumerate(METRIC_COLUMNS)}
    return {
        "horizon": horizon,
        "windows": [[first.isoformat(), last.isoformat()] for first, last in windows],
        "trade_dates": [day.trade_date.isoformat() for day in days],
        "counts": [day.n for day in days],
        "columns": {name: _text(column) for name, column in columns.items()},
        "stocks": _text(b"".join(day.stocks for day in days)),
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def _summarise(context: RunContext, group: TouchedGroup, windows: Sequence[Window]) -> list[dict[str, Any]]:
    """Rows of the table metrics, one for each window."""
    if not windows:
        return []
    computed_at = clock.now()
    async with context.read() as session:
        days = await metric_days.list_packed(
            session,
            model_id=group.model_id,
            horizon=group.horizon,
            mode=group.mode,
            first=min(window.first for window in windows),
            last=max(window.trade_date for window in windows),
        )
    asked = payload(group.horizon, days, [(window.first, window.trade_date) for window in windows])
    answer = await context.models.call("summarise_metrics", asked)
    return [
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
        for window, summary in zip(windows, answer["windows"], strict=True)
    ]


async def _aggregate_group(context: RunContext, group: TouchedGroup, days: Sequence[Day]) -> int:
    """Recompute what changed of one group. Returns how many rows were written or removed."""
    async with context.read() as session:
        stored = await metrics.list_stored(session, group)
    rows = await _summarise(context, group, metrics.windows_to_compute(group, days, stored))
    async with context.write() as session:
        written = await metrics.record_metrics(session, group, rows)
        return written + await metrics.delete_emptied(session, group, days)


async def _record_equal(context: RunContext, touched: TouchedDays, model_ids: Iterable[int]) -> None:
    """Which models say the same in each window, after all of them were brought up to date."""
    models: dict[str, Any] = {}
    for model_id in model_ids:
        async with context.read() as session:
            days = await metric_days.list_packed(
                session,
                model_id=model_id,
                horizon=touched.horizon,
                mode=touched.mode,
                first=date.min,
                last=date.max,
            )
        models[str(model_id)] = {
            "trade_dates": [day.trade_date.isoformat() for day in days],
            "counts": [day.n for day in days],
            "stocks": _text(b"".join(day.stocks for day in days)),
            "p": _text(b"".join(day.column(METRIC_COLUMNS.index("p")) for day in days)),
        }
    sessions = {name: None if name == "all" else int(name) for name in metrics.ROLLING}
    found = await context.models.call("equal_forecasts", {"models": models, "windows": sessions})
    windows = {name: {int(model): same for model, same in group.items()} for name, group in found["windows"].items()}
    async with context.write() as session:
        await equal_models.record_equal(session, horizon=touched.horizon, mode=touched.mode, windows=windows)


@dataclass
class _Pass:
    """Counts of one aggregation; `is_whole` is False when time ran out before the last group."""

    written: int = 0
    groups: int = 0
    is_whole: bool = True


async def _pack(context: RunContext, touched: TouchedDays) -> None:
    for start in range(0, len(touched.trade_dates), _PACKED_AT_ONCE):
        dates = touched.trade_dates[start : start + _PACKED_AT_ONCE]
        async with context.write() as session:
            await metric_days.record_days(session, horizon=touched.horizon, mode=touched.mode, trade_dates=dates)


async def _aggregate_touched(context: RunContext, touched: TouchedDays, done: _Pass) -> None:
    """Every model of one horizon and mode."""
    await _pack(context, touched)
    async with context.read() as session:
        days = await metric_days.list_days(session, horizon=touched.horizon, mode=touched.mode)
        model_ids = await metrics.list_models(session, horizon=touched.horizon, mode=touched.mode)
    written = 0
    for model_id in sorted(model_ids | days.keys()):
        if context.seconds_left() < _RESERVE_S:
            done.is_whole, done.written = False, done.written + written
            return
        group = TouchedGroup(model_id, touched.horizon, touched.mode, touched.trade_dates)
        written += await _aggregate_group(context, group, days.get(model_id, []))
        done.groups += 1
    done.written += written
    await _record_equal(context, touched, sorted(days))


async def aggregate(context: RunContext) -> Counts:
    """Bring the metrics of every touched session up to date."""
    began_at = clock.now()
    async with context.read() as session:
        places = await metric_days.list_touched(session)
    done = _Pass()
    for number, touched in enumerate(places, start=1):
        await _aggregate_touched(context, touched, done)
        context.report(number / len(places), f"{done.written} metrics of {done.groups} groups")
    if done.written and done.is_whole:  # a pass that changed nothing writes nothing, not even its progress
        async with context.write() as session:
            await metric_days.record_progress(session, began_at)
    return Counts(read=done.groups, written=done.written, detail={"metrics": done.written})
