"""Scores reports over the five sessions after them: pending, partial with the prices so far, then final or void.

What the scores mean: backend.stats.report_scores.
"""

from collections.abc import Sequence
from typing import Any

from backend import clock
from backend.domain.price_windows import PATIENCE
from backend.domain.record import ENGINE_VERSION, OutcomeState
from backend.krx import TradingDay
from backend.pipelines.context import RunContext
from backend.pipelines.record.scoring import input_hash
from backend.services.record import report_scores
from backend.services.record.report_scores import DueReport, SessionPrices
from backend.stats.report_scores import SESSIONS, Promise, hit_session, score_report

BATCH = 500
_RESERVE_S = 5.0
Row = dict[str, Any]


def read_promise(due: DueReport) -> Promise | None:
    """The forecast of the longest horizon in a report; None when it has none."""
    horizons = due.targets.get("horizons") or {}
    price = due.targets.get("price_krw")
    if not horizons or not price:
        return None
    said = horizons[max(horizons, key=int)]
    return Promise(said["direction"], price, said["low_krw"], said["median_krw"], said["high_krw"])


def score_row(due: DueReport, sessions: Sequence[TradingDay], prices: Sequence[SessionPrices], *, is_over: bool) -> Row:
    """The score of one report from the bars up to now. `sessions` begins with the one the report was written in.

    `is_over`: its sessions are past, and bars that have not come by now are not waited for any more.
    """
    promise, values = read_promise(due), _empty()
    dates = {session.trade_date for session in sessions[1:]}
    after = [price for price in prices if price.trade_date in dates]
    if promise is None:
        values |= {"state": OutcomeState.VOID, "void_reason": "no_forecast"}
    elif not after:
        reason = "delisted" if due.status == "delisted" else "no_price"
        values |= {"state": OutcomeState.VOID, "void_reason": reason} if is_over else {}
    else:
        values |= _judged(promise, prices, after, is_final=is_over or len(after) == SESSIONS)
    key = {"report_id": due.id, "engine_version": ENGINE_VERSION}
    return {**key, **values, "input_hash": input_hash(due.id, *values.values()), "evaluated_at": clock.now()}


def _empty() -> Row:
    names = ("direction", "hit_session", "highest_krw", "lowest_krw", "target_score", "timing_score", "risk_score")
    return {"state": OutcomeState.PENDING, "void_reason": None, "sessions": 0, **dict.fromkeys(names)}


def _judged(
    promise: Promise, prices: Sequence[SessionPrices], after: Sequence[SessionPrices], *, is_final: bool
) -> Row:
    """Prices are adjusted to the share units at the time of the report, so that a later split is no fall."""
    unit = prices[0].adjust_factor
    highs, lows, closes = (
        [getattr(bar, name) * bar.adjust_factor / unit for bar in after]
        for name in ("high_krw", "low_krw", "close_krw")
    )
    seen: Row = {
        "state": OutcomeState.FINAL if is_final else OutcomeState.PARTIAL,
        "direction": promise.direction,
        "sessions": len(after),
        "hit_session": hit_session(promise, highs, lows),
        "highest_krw": round(max(highs)),
        "lowest_krw": round(min(lows)),
    }
    if not is_final:
        return seen
    scores = score_report(promise, highs, lows, closes)
    return seen | {"target_score": scores.target, "timing_score": scores.timing, "risk_score": scores.risk}


async def _score(context: RunContext, batch: Sequence[DueReport]) -> int:
    calendar, closed = context.calendar, context.calendar.last_closed(clock.now()).trade_date
    bases = {due.id: calendar.last_opened(due.asof).trade_date for due in batch}
    codes = sorted({due.stock_code for due in batch})
    async with context.read() as session:
        prices = await report_scores.list_prices(session, codes, first=min(bases.values()), last=closed)
    rows = []
    for due in batch:
        base = bases[due.id]
        sessions = calendar.between(base, calendar.shift(base, SESSIONS).trade_date)
        inside = [p for p in prices[due.stock_code] if base <= p.trade_date <= sessions[-1].trade_date]
        is_over = calendar.shift(base, SESSIONS + PATIENCE).trade_date <= closed
        row = score_row(due, sessions, inside, is_over=is_over)
        if row["input_hash"] != due.input_hash:
            rows.append(row)
    async with context.write() as session:
        return await report_scores.upsert_scores(session, rows)


async def score_reports(context: RunContext) -> int:
    """Bring the score of every report that is not final up to date. Returns how many were written."""
    written = after = 0
    while context.seconds_left() > _RESERVE_S:
        async with context.read() as session:
            batch = await report_scores.list_due(session, after=after, limit=BATCH)
        if not batch:
            break
        written += await _score(context, batch)
        after = batch[-1].id
    return written
