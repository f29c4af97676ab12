"""Backtest: past sessions predicted by every model as it would have been trained then; mode backtest.

With `report` the outcomes are scored and aggregated at once, and the metrics of these sessions alone are written to
{data_dir}/backtests/{run}. The last line of the run's log holds them too, for callers on another machine.
"""

import asyncio

from backend.domain.forecasts import Mode
from backend.domain.runs import Counts, RunReason
from backend.internal import BacktestArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.forecasts.moments import AsOf
from backend.pipelines.forecasts.replay import Replay, list_moments, list_moments_between, replay_moments
from backend.pipelines.record import aggregation, backtest_report, scoring
from backend.services.forecasts import forecasting

Arguments = BacktestArguments


async def run(context: RunContext, arguments: Arguments) -> Counts:
    async with context.read() as session:
        codes = await forecasting.list_active_codes(session, arguments.stock_codes)
        has_prices = await forecasting.has_prices(session)
    if not codes:
        raise nothing_to_do(RunReason.NO_STOCK)
    if not has_prices:
        raise nothing_to_do(RunReason.NO_PRICES)
    if arguments.first is not None and arguments.last is not None:
        # Years of sessions take seconds to compute: off the event loop.
        moments = await asyncio.to_thread(list_moments_between, context.calendar, arguments.first, arguments.last)
    else:
        moments = list_moments(context.calendar, arguments.sessions)
    replay = Replay(codes, Mode.BACKTEST)
    if not arguments.report:
        return await replay_moments(context, moments, replay)
    counts = await replay_moments(context.part(0, 0.7), moments, replay)
    await scoring.evaluate(context.part(0.7, 0.8))
    await aggregation.aggregate(context.part(0.8, 0.9))
    await _report(context.part(0.9, 1), moments, arguments)
    return counts


async def _report(context: RunContext, moments: list[AsOf], arguments: Arguments) -> None:
    first, last = moments[0].base, moments[-1].base
    rows = await backtest_report.summarise(context, first, last, arguments.models)
    directory = context.settings.data_dir / "backtests" / str(context.run_id)
    await backtest_report.write_files(directory, rows)
    brief = [{name: value for name, value in row.items() if name not in ("bins", "money")} for row in rows]
    await context.log("result", directory=str(directory), first=str(first), last=str(last), rows=brief)
