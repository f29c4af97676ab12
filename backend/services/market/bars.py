"""Prices in the database: daily, index and minute bars, and the last trade of each stock.

A daily bar is known at the close of its session and recorded when azak stores it; what changes keeps its old value
(a trigger). Raw prices are never changed by a split; `adjust_factor` of the earlier bars is (corporate_actions.py).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.bars import DailyBarRow, IndexBarRow, MinuteBarRow, QuoteRow
from backend.db.upsert import upsert
from backend.domain.market import BarFlag, DailyBar, IndexBar, MinuteBar, Quote

_PRICES = ("open_krw", "high_krw", "low_krw", "regular_close_krw", "volume")
_TOLD = (*_PRICES, "source", "is_final", "basis", "base_price_krw", "flags")
# When a row came makes no row different.
_CLOCKS = ("known_at", "recorded_at", "hindsight")
# What a row tells itself; the other flags are found among rows (bar_flags.py) and stay until that is done again.
_OF_A_ROW = frozenset({BarFlag.NO_TRADE, BarFlag.UNFINISHED})
# In the evening Naver's daily close becomes the 20:00 after-market price: the one read in the minutes after the regular
# close is not replaced later. Decision 0012.
_LATE_CLOSES = frozenset({"naver_chart"})


async def upsert_daily_bars(
    session: AsyncSession,
    bars: Sequence[DailyBar],
    *,
    closes: Mapping[date, datetime],
    final_through: date,
    recorded_at: datetime,
    hindsight: bool = False,
) -> int:
    """Insert bars and correct restated ones; bars up to `final_through` are final. Returns the rows written.

    `closes`: when each session of `bars` closes by the calendar, which is when its bar is known; one that has not
    closed at `recorded_at` is unfinished and not final. `hindsight`: rows of a history, an import or a fill; those from
    before the newest closed session are anyway. A final bar is restated only by a source whose close is the regular one
    at any hour.
    """
    kept = await _list_final(session, [bar for bar in bars if bar.source in _LATE_CLOSES])
    bars = [bar for bar in bars if bar.source not in _LATE_CLOSES or (bar.stock_code, bar.trade_date) not in kept]
    found = await _list_found_flags(session, bars)
    newest = max((day for day, close in closes.items() if close <= recorded_at), default=None)
    rows = []
    for bar in bars:
        is_over = closes[bar.trade_date] <= recorded_at
        flags = (bar.flags & _OF_A_ROW) | found.get((bar.stock_code, bar.trade_date), frozenset())
        row = {
            "stock_code": bar.stock_code,
            "trade_date": bar.trade_date,
            **{name: getattr(bar, name) for name in _PRICES},
            "source": bar.source,
            "is_final": is_over and bar.trade_date <= final_through and BarFlag.UNFINISHED not in bar.flags,
            "basis": bar.basis.value,
            "base_price_krw": bar.base_price_krw,
            "flags": sorted(flags if is_over else flags | {BarFlag.UNFINISHED}),
        }
        is_late = newest is not None and bar.trade_date < newest
        rows.append(row | _clocks(closes[bar.trade_date], recorded_at, hindsight=hindsight or is_late))
    key = ["stock_code", "trade_date"]
    return len(await upsert(session, DailyBarRow, rows, key=key, update=_TOLD, also=_CLOCKS))


def _clocks(known_at: datetime, recorded_at: datetime, *, hindsight: bool) -> dict[str, Any]:
    return {"known_at": known_at, "recorded_at": recorded_at, "hindsight": hindsight}


async def _list_found_flags(
    session: AsyncSession, bars: Sequence[DailyBar]
) -> dict[tuple[str, date], frozenset[BarFlag]]:
    """The flags that were found among the stored rows of `bars`."""
    if not bars:
        return {}
    days = [bar.trade_date for bar in bars]
    query = select(DailyBarRow.stock_code, DailyBarRow.trade_date, DailyBarRow.flags).where(
        DailyBarRow.stock_code.in_({bar.stock_code for bar in bars}),
        DailyBarRow.trade_date.between(min(days), max(days)),
        DailyBarRow.flags != [],
    )
    return {(row[0], row[1]): frozenset(map(BarFlag, row[2])) - _OF_A_ROW for row in await session.execute(query)}


async def _list_final(session: AsyncSession, bars: Sequence[DailyBar]) -> set[tuple[str, date]]:
    """Which of these bars are stored as final already."""
    if not bars:
        return set()
    days = [bar.trade_date for bar in bars]
    query = select(DailyBarRow.stock_code, DailyBarRow.trade_date).where(
        DailyBarRow.stock_code.in_({bar.stock_code for bar in bars}),
        DailyBarRow.trade_date.between(min(days), max(days)),
        DailyBarRow.is_final,
    )
    return {(row[0], row[1]) for row in await session.execute(query)}


async def upsert_minute_bars(session: AsyncSession, bars: Sequence[MinuteBar]) -> int:
    """Store minute bars of the exchange, replacing bars sampled from quotes. Returns the rows written."""
    columns = ("open_krw", "high_krw", "low_krw", "close_krw", "volume", "source")
    months = {(bar.ts.astimezone(UTC).year, bar.ts.astimezone(UTC).month) for bar in bars}
    await ensure_partitions(session, months)
    rows = [{name: getattr(bar, name) for name in ("stock_code", "ts", *columns)} for bar in bars]
    return len(await upsert(session, MinuteBarRow, rows, key=["stock_code", "ts"], update=columns))


async def upsert_index_bars(
    session: AsyncSession,
    bars: Sequence[IndexBar],
    *,
    closes: Mapping[date, datetime],
    recorded_at: datetime,
    hindsight: bool = False,
) -> int:
    """Insert index closes and correct restated ones, as with daily bars. Returns the rows written."""
    newest = max((day for day, close in closes.items() if close <= recorded_at), default=None)
    rows = []
    for bar in bars:
        row = {"index_code": bar.index_code, "trade_date": bar.trade_date, "close": bar.close, "source": bar.source}
        is_late = newest is not None and bar.trade_date < newest
        rows.append(row | _clocks(closes[bar.trade_date], recorded_at, hindsight=hindsight or is_late))
    key, told = ["index_code", "trade_date"], ["close", "source"]
    return len(await upsert(session, IndexBarRow, rows, key=key, update=told, also=_CLOCKS))


async def list_latest_trade_dates(session: AsyncSession, stock_codes: Collection[str]) -> dict[str, date]:
    """Newest final bar of each stock; stocks without one are missing."""
    query = (
        select(DailyBarRow.stock_code, func.max(DailyBarRow.trade_date))
        .where(DailyBarRow.stock_code.in_(stock_codes), DailyBarRow.is_final)
        .group_by(DailyBarRow.stock_code)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_latest_index_dates(session: AsyncSession) -> dict[str, date]:
    """Newest bar of each index."""
    query = select(IndexBarRow.index_code, func.max(IndexBarRow.trade_date)).group_by(IndexBarRow.index_code)
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_bars(
    session: AsyncSession, stock_code: str, *, limit: int, before: date | None = None
) -> list[dict[str, Any]]:
    """The newest `limit` daily bars before the date `before`, oldest first."""
    query = select(*DailyBarRow.__table__.columns).where(DailyBarRow.stock_code == stock_code)
    if before is not None:
        query = query.where(DailyBarRow.trade_date < before)
    rows = await session.execute(query.order_by(DailyBarRow.trade_date.desc()).limit(limit))
    return [dict(row) for row in reversed(rows.mappings().all())]


async def record_quotes(
    session: AsyncSession, quotes: Sequence[Quote], *, session_opens_at: datetime, session_closes_at: datetime
) -> int:
    """Store last trades and extend the minute bars that they fall into. Returns the rows written in both tables.

    Ignored are quotes that are not newer than the stored one, or whose volume of the day has not grown: sources without
    a time of trade repeat the last one. A trade from after the close is an after-market one: it is stored with its time
    and extends no minute bar. The volume of a minute is the growth of the day's volume since the last quote
    of this session.
    """
    known = await _list_known_quotes(session, [quote.stock_code for quote in quotes])
    fresh = [quote for quote in quotes if _is_new(quote, known.get(quote.stock_code), session_opens_at)]
    if not fresh:
        return 0
    await ensure_partitions(
        session, {(quote.ts.astimezone(UTC).year, quote.ts.astimezone(UTC).month) for quote in fresh}
    )
    traded = [quote for quote in fresh if session_opens_at <= quote.ts < session_closes_at + timedelta(minutes=1)]
    minutes = [_minute(quote, known.get(quote.stock_code), session_opens_at) for quote in traded]
    await _widen_minutes(session, sorted(minutes, key=lambda row: (row["stock_code"], row["ts"])))
    columns = ("last_price_krw", "previous_close_krw", "volume", "ts", "source")
    rows = [{name: getattr(quote, name) for name in ("stock_code", *columns)} for quote in fresh]
    return len(minutes) + len(await upsert(session, QuoteRow, rows, key=["stock_code"], update=columns))


def _is_new(quote: Quote, known: "_KnownQuote | None", session_opens_at: datetime) -> bool:
    if known is None:
        return True
    return quote.ts > known.ts and (known.ts < session_opens_at or quote.volume != known.volume)


class _KnownQuote(NamedTuple):
    ts: datetime
    volume: int


async def _list_known_quotes(session: AsyncSession, codes: Collection[str]) -> dict[str, _KnownQuote]:
    rows = await session.execute(
        select(QuoteRow.stock_code, QuoteRow.ts, QuoteRow.volume).where(QuoteRow.stock_code.in_(codes))
    )
    return {code: _KnownQuote(ts, volume) for code, ts, volume in rows}


def _minute(quote: Quote, known: _KnownQuote | None, session_opens_at: datetime) -> dict[str, Any]:
    before = known.volume if known is not None and known.ts >= session_opens_at else 0
    price = quote.last_price_krw
    return {
        "stock_code": quote.stock_code,
        "ts": quote.ts.replace(second=0, microsecond=0),
        "open_krw": price,
        "high_krw": price,
        "low_krw": price,
        "close_krw": price,
        "volume": max(0, quote.volume - before),
        "source": quote.source,
    }


async def _widen_minutes(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(MinuteBarRow).values(list(rows))
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["stock_code", "ts"],
            set_={
                "high_krw": func.greatest(MinuteBarRow.high_krw, new.high_krw),
                "low_krw": func.least(MinuteBarRow.low_krw, new.low_krw),
                "close_krw": new.close_krw,
                "volume": MinuteBarRow.volume + new.volume,
            },
        )
    )


async def ensure_partitions(session: AsyncSession, months: Collection[tuple[int, int]]) -> int:
    """Create missing partitions of minute_bars for these (year, month) in UTC. Returns how many."""
    made = 0
    for year, month in sorted(months):
        name = f"minute_bars_{year:04d}_{month:02d}"
        if await session.scalar(select(func.to_regclass(name))) is not None:
            continue
        first = datetime(year, month, 1, tzinfo=UTC)
        following = (first + timedelta(days=32)).replace(day=1)
        # Formatted from our own numbers only, because DDL takes no bind parameters.
        await session.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF minute_bars"
                f" FOR VALUES FROM ('{first.isoformat()}') TO ('{following.isoformat()}')"
            )
        )
        made += 1
    return made
