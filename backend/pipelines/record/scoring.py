"""Scoring: outcomes of predictions and impacts of stories, measured against prices.

Due rows and prices come from the services, beta and sigma from the model process, losses from backend.stats.scoring.
Every batch is one short fenced write, so a kill loses at most the batch under way, and a second run writes nothing.
"""

import bisect
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.knowledge import Knowledge
from backend.domain.price_windows import PATIENCE, PriceWindow, Timetable, WindowRequest
from backend.domain.record import ENGINE_VERSION, OutcomeState
from backend.domain.runs import Counts
from backend.krx import Calendar, TradingDay
from backend.pipelines.context import RunContext
from backend.pipelines.market import market_model
from backend.services.market import price_windows, stock_days
from backend.services.record import impacts, outcomes
from backend.services.record.impacts import DueImpact
from backend.services.record.outcomes import DuePrediction
from backend.stats.scoring import Score, horizon_sigma, score_prediction, went_up, window_return
from backend.stats.sizes.losses import size_losses

BATCH = 4000
# Closed sessions whose prices are compared with what was scored: sources restate prices within days.
RECHECKED = 20
# Seconds: a batch is not begun with less time left.
_RESERVE_S = 5.0
# News during a session can be traded a minute later at the earliest.
REACTION = timedelta(minutes=1)

Row = dict[str, Any]


@dataclass(frozen=True)
class MarketModel:
    """Sessions, betas and daily sigmas of each stock; sessions and daily returns of each market."""

    stocks: Mapping[str, tuple[list[date], list[float], list[float]]]
    markets: Mapping[str, tuple[list[date], list[float]]]

    def at(self, stock_code: str, day: date) -> tuple[float, float]:
        """(beta, sigma) known at the close of `day`."""
        dates, betas, sigmas = self.stocks.get(stock_code, ([], [], []))
        position = bisect.bisect_right(dates, day) - 1
        return (betas[position], sigmas[position]) if position >= 0 else (1.0, 0.02)

    def growth(self, market: str, first: date, last: date) -> float:
        """Growth of the market over the sessions after `first` up to `last`; 1 is none."""
        dates, returns = self.markets.get(market, ([], []))
        inside = slice(bisect.bisect_right(dates, first), bisect.bisect_right(dates, last))
        return math.prod(1 + r for r in returns[inside])


def timetable(calendar: Calendar, since: datetime) -> Timetable:
    """All sessions from the one before `since` to some after now."""
    now = clock.now()
    first = calendar.shift(calendar.last_opened(since).trade_date, -1).trade_date
    last = calendar.shift(calendar.last_opened(now).trade_date, 2 + PATIENCE + 5).trade_date
    return Timetable(calendar.between(first, last), now)


def recent_sessions(calendar: Calendar) -> Sequence[TradingDay]:
    """The closed sessions whose prices are compared again."""
    last = calendar.last_closed(clock.now()).trade_date
    return calendar.between(calendar.shift(last, 1 - RECHECKED).trade_date, last)


async def load_market_model(context: RunContext, codes: Sequence[str], since: datetime) -> MarketModel:
    """The market model of `codes` from the sessions around `since` on, brought up to date."""
    await market_model.update(context)
    first = context.calendar.shift(context.calendar.last_opened(since).trade_date, -1).trade_date
    async with context.read() as session:
        known = Knowledge.newest(clock.now())
        stocks = await stock_days.list_betas(session, known, codes, since=first)
        return MarketModel(stocks, await stock_days.list_market_returns(session, known, since=first))


def input_hash(*parts: Any) -> str:
    """Hash of what a row was computed from. Floats are rounded: the ratio of two factors has noise after a split."""
    rounded = [round(part, 9) if isinstance(part, float) else part for part in parts]
    text = json.dumps([ENGINE_VERSION, *rounded], default=str)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _adjusted(
    model: MarketModel, table: Timetable, due: DuePrediction | DueImpact, window: PriceWindow, *, base: int
) -> Row:
    """Raw and market-adjusted return of a window, with the beta and sigma of its base session."""
    days, market = table.sessions, due.market
    entered, left = days[window.entry_position].trade_date, days[window.exit_position].trade_date
    beta, sigma = model.at(due.stock_code, days[base].trade_date)
    first = window.first_leg
    if first is None:  # too few stocks to know the market from open to close: its whole day, with the gap
        first = model.growth(market, days[window.entry_position - 1].trade_date, entered) - 1
    adjusted = window_return(window.raw_return, beta, first, model.growth(market, entered, left))
    return {"raw_return": window.raw_return, "adjusted_return": adjusted, "sigma": sigma}


def _prices(table: Timetable, window: PriceWindow) -> Row:
    return {
        "state": OutcomeState.VOID if window.void_reason else OutcomeState.FINAL,
        "void_reason": window.void_reason,
        "entry_ts": window.entry_ts,
        "entry_price_krw": window.entry_price_krw,
        "exit_trade_date": table.sessions[window.exit_position].trade_date,
        "exit_price_krw": window.exit_price_krw,
    }


def _size_move(model: MarketModel, table: Timetable, due: DuePrediction, window: PriceWindow) -> float:
    """Market-adjusted move from the base price to the exit: what a forecast of size speaks of (docs/methods.md 4.3)."""
    assert window.exit_price_krw is not None
    base, left = (table.sessions[position].trade_date for position in (table.base(due.asof), window.exit_position))
    beta, _ = model.at(due.stock_code, base)
    move = window.exit_price_krw * window.base_ratio / due.base_price_krw - 1
    return move - beta * (model.growth(due.market, base, left) - 1)


def outcome_row(model: MarketModel, table: Timetable, due: DuePrediction, window: PriceWindow) -> Row:
    """The outcome of one prediction, with prices adjusted to the share units at the time of the prediction."""
    scored: Row = dict.fromkeys(
        ("raw_return", "adjusted_return", "gap", "z", "y", "in_band", "loss_brier", "loss_log", "loss_pinball")
    )
    if window.void_reason is None:
        assert window.entry_price_krw is not None
        assert window.exit_price_krw is not None
        found = _adjusted(model, table, due, window, base=table.base(due.asof))
        score = score_prediction(
            p_up=due.p_up,
            quantiles_krw=due.quantiles_krw,
            sigma=due.sigma,
            horizon=due.horizon,
            exit_krw=window.exit_price_krw * window.base_ratio,
            adjusted_return=found["adjusted_return"],
        )
        entry_krw = window.entry_price_krw * window.base_ratio / window.adjust_ratio
        scored = {
            "raw_return": found["raw_return"],
            "adjusted_return": found["adjusted_return"],
            "gap": entry_krw / due.base_price_krw - 1,
            **{name: getattr(score, name) for name in Score.__slots__},
        }
    values = _prices(table, window) | scored
    sized: Row = {"size_move": None, "size_losses": None}
    if due.size is not None and window.void_reason is None:
        move = _size_move(model, table, due, window)
        sized = {"size_move": move, "size_losses": size_losses(due.size, move)}
    if window.void_reason == "halt" and due.status == "delisted":
        values["void_reason"] = "delisted"
    key = {"prediction_id": due.id, "engine_version": ENGINE_VERSION}
    known = (due.id, *values.values(), *([] if sized["size_move"] is None else sized.values()))
    return {**key, **values, **sized, "input_hash": input_hash(*known), "evaluated_at": clock.now()}


def prediction_request(table: Timetable, due: DuePrediction) -> WindowRequest:
    return WindowRequest(due.stock_code, table.base(due.asof), due.entry_ts, due.exit_trade_date)


async def _score(context: RunContext, model: MarketModel, table: Timetable, batch: Sequence[DuePrediction]) -> int:
    """Score one batch. Returns how many outcomes were written."""
    requests = [prediction_request(table, due) for due in batch]
    async with context.read() as session:
        prices = await price_windows.load_price_history(session, table, requests)
    measured = {request: prices.measure(request) for request in set(requests)}  # the same for every model
    pairs = ((due, measured[request]) for due, request in zip(batch, requests, strict=True))
    rows = [outcome_row(model, table, due, window) for due, window in pairs if window is not None]
    async with context.write() as session:
        return await outcomes.record_outcomes(session, rows)


async def _rescore(context: RunContext) -> int:
    """Score again what restated prices changed."""
    async with context.read() as session:
        restated = await outcomes.list_restated(session, recent_sessions(context.calendar))
    if not restated:
        return 0
    oldest = min(due.asof for due in restated)
    model = await load_market_model(context, sorted({due.stock_code for due in restated}), oldest)
    table = timetable(context.calendar, oldest)
    batches = [restated[start : start + BATCH] for start in range(0, len(restated), BATCH)]
    return sum([await _score(context, model, table, batch) for batch in batches])


async def evaluate(context: RunContext) -> Counts:
    """Score every due prediction, oldest exit first; then those whose prices were restated."""
    through = context.calendar.last_closed(clock.now()).trade_date
    async with context.read() as session:
        due = await outcomes.list_due_ids(session, through=through)
    read = written = 0
    if due:
        async with context.read() as session:
            oldest, codes = await outcomes.get_scope(session, due)
        model, table = await load_market_model(context, codes, oldest), timetable(context.calendar, oldest)
        for start in range(0, len(due), BATCH):
            if context.seconds_left() < _RESERVE_S:
                break
            async with context.read() as session:
                batch = await outcomes.list_predictions(session, due[start : start + BATCH])
            read += len(batch)
            written += await _score(context, model, table, batch)
            context.report(read / len(due), f"{written} outcomes of {len(due)} due predictions")
    rescored = await _rescore(context)
    detail = {"outcomes": written, "rescored": rescored}
    return Counts(read=read, written=written + rescored, skipped=read - written, detail=detail)


def story_request(table: Timetable, due: DueImpact, *, inside: bool) -> WindowRequest:
    """Entry a minute after the news if the market is open then (`inside`), else at the next opening."""
    base = table.base(due.first_known_at)
    running, following = table.sessions[base], table.sessions[base + 1]
    entry = due.first_known_at + REACTION
    if not inside or entry >= running.closes_at:
        entry = following.opens_at
    return WindowRequest(due.stock_code, base, entry, table.sessions[base + due.horizon].trade_date)


def impact_row(
    model: MarketModel, table: Timetable, due: DueImpact, request: WindowRequest, window: PriceWindow | None
) -> Row:
    """The impact of one story on one stock; pending while the window is not over."""
    values: Row = {
        "state": OutcomeState.PENDING, "void_reason": None, "entry_ts": request.entry_ts, "entry_price_krw": None,
        "exit_trade_date": request.exit_trade_date, "exit_price_krw": None,
        "raw_return": None, "adjusted_return": None, "z": None, "y": None,
    }  # fmt: skip
    if window is not None:
        values |= _prices(table, window)
        if window.void_reason is None:
            found = _adjusted(model, table, due, window, base=request.base)
            sigma = horizon_sigma(found.pop("sigma"), due.horizon)
            adjusted = found["adjusted_return"]
            values |= found | {"z": adjusted / sigma, "y": went_up(adjusted)}
    key = {"story_id": due.story_id, "stock_code": due.stock_code, "horizon": due.horizon}
    values |= {"news_id": due.news_id, "version": due.version}
    # Known to the world at the close of its exit, which a halt may have moved.
    left = None if window is None else table.sessions[window.exit_position].closes_at
    return {**key, **values, "known_at": left, "input_hash": input_hash(*values.values())}


async def _match(context: RunContext, model: MarketModel, table: Timetable, batch: Sequence[DueImpact]) -> int:
    """Measure one batch of impacts. Returns how many rows were written."""
    requests = [story_request(table, due, inside=True) for due in batch]
    async with context.read() as session:
        prices = await price_windows.load_price_history(session, table, requests)
    rows = []
    for due, inside in zip(batch, requests, strict=True):
        seen = (due.stock_code, inside.entry_ts) in prices.minute_prices
        request = inside if seen else story_request(table, due, inside=False)
        row = impact_row(model, table, due, request, prices.measure(request))
        if row["input_hash"] != due.input_hash:
            rows.append(row)
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        return await impacts.upsert_impacts(session, [row | {"recorded_at": recorded_at} for row in rows])


async def _match_all(context: RunContext, batch: Sequence[DueImpact]) -> int:
    if not batch:
        return 0
    oldest = min(due.first_known_at for due in batch)
    model = await load_market_model(context, sorted({due.stock_code for due in batch}), oldest)
    return await _match(context, model, timetable(context.calendar, oldest), batch)


async def match_impacts(context: RunContext) -> Counts:
    """Measure every story whose impact is open, by story; then those whose prices were restated.

    It follows the bars of a close, so the market model of the session is computed here even when no story is due.
    """
    await market_model.update(context)
    read = written = after = 0
    while context.seconds_left() > _RESERVE_S:
        async with context.read() as session:
            batch = await impacts.list_open(session, after_story=after, stories=BATCH)
        if not batch:
            break
        read += len(batch)
        written += await _match_all(context, batch)
        after = batch[-1].story_id
        context.report(0.9, f"{written} impacts of {read} open ones")
    async with context.read() as session:
        restated = await impacts.list_restated(session, recent_sessions(context.calendar))
    rematched = await _match_all(context, restated)
    return Counts(read=read, written=written + rematched, skipped=read - written, detail={"impacts": written})
