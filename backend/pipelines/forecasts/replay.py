"""Predictions for past sessions, made session by session by the code that predicts live.

Walk-forward: a block of 28 calendar days (20 sessions) is predicted by models trained on labels that had
ended before its first day (purge); the first return it is judged on begins a session later (embargo).
Blocks are anchored to the calendar, so that tomorrow's replay agrees with today's and only adds a session.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final, TypeVar

from backend import clock
from backend.domain.forecasts import Mode, PredictionItem, TrainedModel
from backend.domain.knowledge import Knowledge
from backend.domain.runs import Counts
from backend.errors import InvalidInputError
from backend.krx import Calendar, TradingDay
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import forecasts
from backend.pipelines.forecasts.forecasts import Known, KnownNews, Panel, SetAside
from backend.pipelines.forecasts.moments import AsOf, plan_moment
from backend.pipelines.forecasts.prices import Prices, read_prices
from backend.pipelines.market import market_model
from backend.services.forecasts import forecasting, model_versions

BLOCK_DAYS: Final = 28
# When the round after the close predicts (scheduler.registry): the bars of the day and the impacts are in by then.
_AFTER_CLOSE: Final = timedelta(minutes=27)
# While the model process predicts these, the ones before are stored.
_SESSIONS_A_CALL: Final = 5
_BLOCK_S: Final = 20  # seconds one block may take; with fewer left the replay stops and says so

Row = dict[str, Any]
First = TypeVar("First")
Second = TypeVar("Second")


@dataclass(frozen=True, slots=True)
class Replay:
    """What to replay: the stocks, the mode to store, the one model and the stocks to store (None: all)."""

    codes: Sequence[str]
    mode: Mode
    model: str | None = None
    stored: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Read once for all blocks; each block uses what was known at its own moments."""

    prices: Prices
    panel: Panel
    news: Mapping[tuple[datetime, str], KnownNews]


def list_moments(calendar: Calendar, sessions: int) -> list[AsOf]:
    """27 minutes after the close of each of the last `sessions` sessions that another one has followed.

    That is when the last live round of the day predicts. Where sessions follow each other faster (the demo): half-way
    to the next opening.
    """
    last = _newest(calendar)
    days = calendar.between(calendar.shift(last, 1 - sessions).trade_date, last)
    return [_after_close(calendar, day) for day in days]


def list_moments_between(calendar: Calendar, first: date, last: date) -> list[AsOf]:
    """The same for the sessions `first`..`last`. Raises InvalidInputError when none of them can be replayed yet."""
    newest = _newest(calendar)
    days = calendar.between(first, min(last, newest)) if first <= newest else []
    if not days:
        raise InvalidInputError(
            f"No session between {first} and {last} is over; the newest that can be replayed is {newest}."
        )
    return [_after_close(calendar, day) for day in days]


def _newest(calendar: Calendar) -> date:
    return calendar.shift(calendar.last_opened(clock.now()).trade_date, -1).trade_date


def _after_close(calendar: Calendar, day: TradingDay) -> AsOf:
    pause = calendar.next_open(day.closes_at).opens_at - day.closes_at
    return plan_moment(calendar, day.closes_at + min(_AFTER_CLOSE, pause / 2))


def _block(moment: AsOf) -> int:
    return moment.base.toordinal() // BLOCK_DAYS


def _trained_through(prices: Prices, block: int) -> date | None:
    """The last session before the block."""
    return prices.newest(date.fromordinal(block * BLOCK_DAYS - 1))


async def run_replay(context: RunContext, sessions: int, wanted: Replay) -> Counts:
    """Replay the last closed sessions."""
    return await replay_moments(context, list_moments(context.calendar, sessions), wanted)


async def replay_moments(context: RunContext, moments: Sequence[AsOf], replay: Replay) -> Counts:
    """Store what would have been predicted at `moments`; what is stored already stays as it is.

    All of it is read from what was stored when the replay began.
    """
    recorded_by = await market_model.take_moment(context)
    async with context.write() as session:
        await model_versions.ensure_models(session)
    moments = [replace(moment, recorded_by=recorded_by) for moment in moments]
    history = History(
        await read_prices(context, moments),
        await forecasts.read_panel(
            context, Knowledge(moments[-1].asof, recorded_by), max(moment.closed for moment in moments)
        ),
        await forecasts.read_news(context, moments, replay.codes),
    )
    counts = {"predictions": 0, "model_versions": 0}
    failed: dict[str, str] = {}
    read, left = 0, len(moments)
    for _, group in groupby(moments, key=_block):
        inside = list(group)
        if context.seconds_left() < _BLOCK_S:
            break
        block = await _replay_block(context, replay, history, inside)
        counts["predictions"] += block.predictions
        counts["model_versions"] += block.versions
        failed |= block.failed
        if replay.model in failed:
            raise InvalidInputError(
                f"The model {replay.model} fails ({failed[replay.model]}); add one with other parameters."
            )
        read, left = read + block.rows, left - len(inside)
        context.report(1 - left / len(moments), f"{inside[-1].base}: {counts['predictions']} predictions")
    await forecasts.tell(context, failed)
    return Counts(
        read=read,
        written=sum(counts.values()),
        skipped=read - counts["predictions"],
        failed=len(failed),
        detail=counts | {"sessions_left": left} | ({"set_aside": len(failed)} if failed else {}),
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows made, versions and predictions that are new, and which models failed for which reason."""

    rows: int = 0
    versions: int = 0
    predictions: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)


async def _replay_block(context: RunContext, replay: Replay, history: History, inside: list[AsOf]) -> _Block:
    as_of = _trained_through(history.prices, _block(inside[0]))
    if as_of is None:
        return _Block()
    recorded_by = inside[0].recorded_by
    trained, untrained = await _train(context, history.panel, as_of, recorded_by, also=replay.model)
    known = Known(history.prices, history.news, await _background(context, as_of, recorded_by), quotes={})
    kept = [model for model in trained if replay.model in (None, model.model)]
    async with context.write() as session:
        versions = await model_versions.upsert_model_versions(session, kept)
        stored = await model_versions.list_stored(session, kept)
    ids = {version.model.model: version.id for version in stored}
    failed: dict[str, str] = dict(untrained)
    rows: list[Row] = []
    made = written = 0
    for start in range(0, len(inside), _SESSIONS_A_CALL):
        items = _items(context, replay.codes, inside[start : start + _SESSIONS_A_CALL], known)
        sound = [model for model in trained if model.model not in failed]
        predicting = forecasts.predict_rows(context, sound, ids, items, replay.mode, prices=history.prices)
        (found, set_aside), new = await _both(predicting, _store(context, rows))
        rows = [row for row in found if replay.stored is None or row["stock_code"] in replay.stored]
        failed |= set_aside
        made, written = made + len(rows), written + new
    return _Block(made, versions, written + await _store(context, rows), failed)


def _items(
    context: RunContext, codes: Sequence[str], moments: Sequence[AsOf], known: Known
) -> list[tuple[AsOf, PredictionItem]]:
    return [
        (moment, item)
        for moment in moments
        for code in codes
        for item in forecasts.build_items(context.calendar, moment, code, known)
    ]


async def _store(context: RunContext, rows: Sequence[Row]) -> int:
    if not rows:
        return 0
    async with context.write() as session:
        return await forecasting.record_predictions(session, rows)


async def _both(predicting: Awaitable[First], storing: Awaitable[Second]) -> tuple[First, Second]:
    """Both at once, each to its end; then the results, or the error of the second, or of the first."""
    found, stored = await asyncio.gather(predicting, storing, return_exceptions=True)
    if isinstance(stored, BaseException):
        raise stored
    if isinstance(found, BaseException):
        raise found
    return found, stored


async def _train(
    context: RunContext, panel: Panel, as_of: date, recorded_by: datetime, *, also: str | None
) -> tuple[list[TrainedModel], SetAside]:
    """Models trained as of `as_of`; the gate is fitted on replayed predictions of sessions that had ended by then."""
    since = [day for day in panel["dates"] if day <= str(as_of)][-forecasting.GATE_SESSIONS :][0]
    async with context.read() as session:
        prequential = await forecasting.list_prequential(
            session, since=date.fromisoformat(since), through=as_of, modes=(Mode.BACKTEST,)
        )
    return await forecasts.train(context, panel, as_of, prequential, recorded_by=recorded_by, also=also, replayed=True)


async def _background(context: RunContext, as_of: date, recorded_by: datetime) -> float | None:
    knowledge = Knowledge(context.calendar.day(as_of).closes_at, recorded_by)
    async with context.read() as session:
        return await forecasting.background_similarity(session, knowledge, embedder=context.models.embedder_name)
