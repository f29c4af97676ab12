"""The record of forecasts of size, summed up again where outcomes came or changed."""

from backend import clock
from backend.domain.record import METRIC_WINDOWS
from backend.pipelines.context import RunContext
from backend.services.record import size_metrics

_RESERVE_S = 5.0  # a group is not begun with less time left; the next run goes on
_WINDOWS = [name for name in METRIC_WINDOWS if name != "d"]


async def update(context: RunContext) -> int:
    """Returns how many rows were written."""
    async with context.read() as session:
        groups = await size_metrics.list_changed(session)
    written = 0
    for group in groups:
        if context.seconds_left() < _RESERVE_S:
            break
        async with context.read() as session:
            outcomes = await size_metrics.load_outcomes(session, group)
        answer = await context.models.call(
            "summarise_sizes",
            {
                "horizon": group.horizon,
                "days": [day.isoformat() for day in outcomes.days],
                "p": outcomes.p,
                "moves": outcomes.moves,
                "losses": outcomes.losses,
                "windows": [None if name == "all" else int(name) for name in _WINDOWS],
            },
        )
        rows = [
            {
                "model_id": group.model_id,
                "horizon": group.horizon,
                "mode": group.mode,
                "window_name": name,
                "trade_date": outcomes.days[-1],
                "n": found["n"],
                "n_days": found["n_days"],
                "metric_values": found["values"],
                "input_hash": group.input_hash,
                "computed_at": clock.now(),
            }
            for name, found in zip(_WINDOWS, answer["windows"], strict=True)
        ]
        async with context.write() as session:
            written += await size_metrics.record(session, rows)
    return written
