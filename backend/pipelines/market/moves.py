"""Why each stock moved: final moves after the close, and the last trades' while a session runs.

Final ones are written for every session of the last year that has none, and looked at again in the newest sessions,
whose prices sources still restate, and where news was loaded or read again; a row that changes stays readable as it was
(trigger keep_replaced).
"""

import statistics
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.price_windows import MARKET_MINIMUM
from backend.domain.understanding.moves import CandidateStory
from backend.krx import TradingDay
from backend.pipelines.context import RunContext
from backend.services.record import event_studies, moves
from backend.services.record.moves import MovedStock
from backend.stats.moves.causes import OwnMove, list_causes
from backend.stats.moves.split import ObservedMove, SplitMove, split_moves

HISTORY: Final = 250  # sessions
RECHECKED: Final = 20  # the newest of them, as of outcomes
_AT_ONCE: Final = 20  # sessions
# Seconds: sessions are not begun with less time left; the rest is due again at the next run.
_RESERVE_S: Final = 5.0

NoEffect = Collection[tuple[str, str]]  # (type, sign) of events whose study shows that they move nothing


@dataclass(frozen=True, slots=True)
class _Session:
    """The stocks that moved in a session until `until`, and the split of each.

    `sigmas_before`: their own parts of the session before, in sigmas.
    """

    day: TradingDay
    before: TradingDay
    until: datetime
    stocks: Sequence[MovedStock]
    splits: Mapping[str, SplitMove]
    sigmas_before: Mapping[str, float]

    def own_move(self, code: str) -> OwnMove:
        sigmas = self.splits[code].own_sigmas
        return OwnMove(sigmas, self.before.opens_at, self.before.closes_at, self.until, self.sigmas_before.get(code))

    def list_unusual(self) -> list[str]:
        return [code for code in self.splits if not self.own_move(code).is_usual]


async def explain_closed(context: RunContext) -> int:
    """Final moves of the sessions that lack them or were closed lately; returns the rows new or different.

    The market model must be up to date.
    """
    last = context.calendar.last_closed(clock.now()).trade_date
    days = context.calendar.between(context.calendar.shift(last, -HISTORY).trade_date, last)
    befores = dict(zip(days[1:], days, strict=False))
    due = await _list_due(context, befores)
    async with context.read() as session:
        no_effect = await event_studies.list_without_effect(session)
    written = 0
    for start in range(0, len(due), _AT_ONCE):
        if context.seconds_left() < _RESERVE_S:
            break
        found = await _read_closed(context, due[start : start + _AT_ONCE], befores)
        written += await _write(context, found, no_effect, is_final=True)
    return written


async def _list_due(context: RunContext, befores: Mapping[TradingDay, TradingDay]) -> list[TradingDay]:
    """Those without a move, the newest ones, and older ones of which news was stored or read again since."""
    days = list(befores)
    newest = days[-RECHECKED:]
    async with context.read() as session:
        missing = set(await moves.list_missing(session, _dates(befores), _dates(befores.values())))
        later = await moves.get_later_news(session, newest[0].opens_at)
    return [
        day
        for day in days
        if day.trade_date in missing
        or day in newest
        or (later is not None and befores[day].opens_at <= later[1] and later[0] <= day.closes_at)
    ]


async def explain_running(context: RunContext, running: TradingDay) -> int:
    """Moves of the session that runs, by its last trades; returns the rows new or different.

    The market is the mean of the watched stocks, because an index is known at the close only.
    """
    now = clock.now()
    before = context.calendar.shift(running.trade_date, -1)
    async with context.read() as session:
        stocks = await moves.list_running(session, running, now)
    if len(stocks) < MARKET_MINIMUM:
        return 0
    async with context.read() as session:
        sigmas_before = await moves.list_own_sigmas(session, before.trade_date)
        no_effect = await event_studies.list_without_effect(session)
    splits = _split(stocks, _mean_market(stocks, {stock.stock_code: stock.move for stock in stocks}))
    found = _Session(running, before, now, stocks, splits, sigmas_before)
    return await _write(context, [found], no_effect, is_final=False)


async def _read_closed(
    context: RunContext, days: Sequence[TradingDay], befores: Mapping[TradingDay, TradingDay]
) -> list[_Session]:
    """The sessions `days`, each beside what the session before it moved."""
    asked = {day: befores[day] for day in days}
    asked |= {before: befores[before] for before in asked.values() if before in befores}
    async with context.read() as session:
        rows = await moves.list_closed(session, _dates(asked), _dates(asked.values()))
        markets = await moves.list_market_returns(session, _dates(asked))
    stocks: dict[date, list[MovedStock]] = {}
    for row in rows:
        stocks.setdefault(row.trade_date, []).append(row)
    splits = {day: _split(found, markets.get(day, {})) for day, found in stocks.items()}
    return [
        _Session(
            day, befores[day], day.closes_at, stocks[day.trade_date], splits[day.trade_date],
            {code: split.own_sigmas for code, split in splits.get(befores[day].trade_date, {}).items()},
        )
        for day in days if day.trade_date in stocks
    ]  # fmt: skip


async def _write(context: RunContext, found: Sequence[_Session], no_effect: NoEffect, *, is_final: bool) -> int:
    rows = [row for each in found for row in await _explain(context, each, no_effect, is_final=is_final)]
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        return await moves.record_moves(session, [row | {"recorded_at": recorded_at} for row in rows])


async def _explain(
    context: RunContext, found: _Session, no_effect: NoEffect, *, is_final: bool
) -> list[dict[str, Any]]:
    """Rows of one session."""
    unusual = found.list_unusual()
    async with context.read() as session:
        first = await moves.get_first_news(session)
        known = await moves.list_stories(session, unusual, found.before.opens_at, found.until)
        moments = {story.known_at: found.day.opens_at for _, story in known if story.known_at > found.day.opens_at}
        prices = await moves.list_prices_at(session, moments) if moments else {}
    candidates = _list_candidates(found, known, prices)
    has_news = first is not None and first <= found.before.opens_at
    causes = {
        code: [
            story.story_id for story in list_causes(found.own_move(code), candidates.get(code, ()), no_effect=no_effect)
        ]
        for code in (unusual if has_news else ())
    }
    return [_row(found, split, causes.get(code), is_final=is_final) for code, split in found.splits.items()]


def _row(found: _Session, split: SplitMove, story_ids: list[int] | None, *, is_final: bool) -> dict[str, Any]:
    return {
        "stock_code": split.stock_code,
        "trade_date": found.day.trade_date,
        "is_final": is_final,
        "move": split.move,
        "market_return": split.market_return,
        "market_part": split.market_part,
        "industry_part": split.industry_part,
        "industry_stocks": split.industry_stocks,
        "own_part": split.own_part,
        "own_sigmas": split.own_sigmas,
        "story_ids": story_ids,
        "known_at": found.until,
    }


def _list_candidates(
    found: _Session, known: Sequence[tuple[str, CandidateStory]], prices: Mapping[datetime, Mapping[str, float]]
) -> dict[str, list[CandidateStory]]:
    """Stories by stock, those of the session with how much of the move had happened when they came."""
    moved = dict(_list_moved(found, prices))
    candidates: dict[str, list[CandidateStory]] = {}
    for code, story in known:
        told = replace(story, moved_before=moved.get((story.known_at, code)))
        candidates.setdefault(code, []).append(told)
    return candidates


def _list_moved(
    found: _Session, prices: Mapping[datetime, Mapping[str, float]]
) -> Iterator[tuple[tuple[datetime, str], float]]:
    """Share of the own part that had happened, by moment and stock, where minute bars tell.

    Both shares are measured against the mean of the stocks, because nobody tells an index by the minute.
    """
    bases = {stock.stock_code: stock.base_krw for stock in found.stocks}
    for moment, closes in prices.items():
        sofar = {code: closes[code] / bases[code] - 1 for code in closes if code in bases}
        stocks = [stock for stock in found.stocks if stock.stock_code in sofar]
        whole = _split(stocks, _mean_market(stocks, {stock.stock_code: stock.move for stock in stocks}))
        parts = _split(stocks, _mean_market(stocks, sofar), sofar)
        for code, part in parts.items():
            if whole[code].own_part * found.splits[code].own_part > 0:
                yield (moment, code), part.own_part / whole[code].own_part


def _split(
    stocks: Sequence[MovedStock], market_returns: Mapping[str, float], sofar: Mapping[str, float] | None = None
) -> dict[str, SplitMove]:
    """The split of these moves, or of those `sofar`."""
    observed = [
        ObservedMove(
            stock.stock_code, stock.market, stock.industry,
            stock.move if sofar is None else sofar[stock.stock_code], stock.beta, stock.sigma,
        )
        for stock in stocks
    ]  # fmt: skip
    return split_moves(observed, market_returns)


def _mean_market(stocks: Sequence[MovedStock], moved: Mapping[str, float]) -> dict[str, float]:
    """The mean move as the return of every market; 0 of fewer stocks than a market has."""
    mean = statistics.fmean(moved.values()) if len(moved) >= MARKET_MINIMUM else 0.0
    return {stock.market: mean for stock in stocks}


def _dates(days: Collection[TradingDay]) -> list[date]:
    return [day.trade_date for day in days]
