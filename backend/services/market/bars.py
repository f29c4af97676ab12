"""Prices in the database: daily, index and minute bars, and the last trade of each stock.

Raw prices are never changed by a split; `adjust_factor` of the earlier bars is (see `adjust_earlier_bars`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.clock import KST
from backend.db.tables.bars import DailyBarRow, IndexBarRow, MinuteBarRow, QuoteRow
from backend.db.upsert import upsert
from backend.domain.market import DailyBar, IndexBar, MinuteBar, Quote

_PRICES = ("open_krw", "high_krw", "low_krw", "regular_close_krw", "volume")
_TOLD = (*_PRICES, "source", "is_final", "basis", "base_price_krw", "flags")
# When a row came makes no row different.
_CLOCKS = ("known_at", "recorded_at", "hindsight")
# In the evening Naver's daily close becomes the 20:00 after-market price: the one read in the minutes after the regular
# close is not replaced later. Decision 0012.
_LATE_CLOSES = frozenset({"naver_chart"})


class PriceJump(NamedTuple):
    """A gap between two consecutive bars beyond the price limits of a session."""

    stock_code: str
    trade_date: date
    previous_close_krw: int
    open_krw: int


async def upsert_daily_bars(
    session: AsyncSession,
    bars: Sequence[DailyBar],
    *,
    final_through: date,
    closes: Mapping[date, datetime] | None = None,
    recorded_at: datetime | None = None,
    hindsight: bool = False,
) -> int:
    """Insert bars and correct restated ones; bars up to `final_through` are final. Returns the rows written.

    A final bar is restated only by a source whose close is the regular one at any hour. `closes`: when each session
    closed, which is when its bar is known. `hindsight`: rows of a history, an import or a fill.
    """
    kept = await _list_final(session, [bar for bar in bars if bar.source in _LATE_CLOSES])
    bars = [bar for bar in bars if bar.source not in _LATE_CLOSES or (bar.stock_code, bar.trade_date) not in kept]
    rows = [
        {
            "stock_code": bar.stock_code,
            "trade_date": bar.trade_date,
            **{name: getattr(bar, name) for name in _PRICES},
            "source": bar.source,
            "is_final": bar.trade_date <= final_through,
            "basis": bar.basis.value,
            "base_price_krw": bar.base_price_krw,
            "flags": sorted(bar.flags),
            **_clocks(bar.trade_date, closes, recorded_at, hindsight=hindsight),
        }
        for bar in bars
    ]
    key = ["stock_code", "trade_date"]
    return len(await upsert(session, DailyBarRow, rows, key=key, update=_TOLD, also=_CLOCKS))


def _clocks(
    day: date, closes: Mapping[date, datetime] | None, recorded_at: datetime | None, *, hindsight: bool
) -> dict[str, Any]:
    known_at = closes[day] if closes else datetime.combine(day, time(15, 30), KST)
    return {"known_at": known_at, "recorded_at": recorded_at or clock.now(), "hindsight": hindsight}


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
    closes: Mapping[date, datetime] | None = None,
    recorded_at: datetime | None = None,
    hindsight: bool = False,
) -> int:
    """Insert index closes and correct restated ones, as with daily bars. Returns the rows written."""
    rows = [
        {
            "index_code": bar.index_code,
            "trade_date": bar.trade_date,
            "close": bar.close,
            "source": bar.source,
            **_clocks(bar.trade_date, closes, recorded_at, hindsight=hindsight),
        }
        for bar in bars
    ]
    key, told = ["index_code", "trade_date"], ["close", "source"]
    return len(await upsert(session, IndexBarRow, rows, key=key, update=told, also=_CLOCKS))


async def list_price_jumps(
    session: AsyncSession, stock_codes: Collection[str], low: float, high: float
) -> list[PriceJump]:
    """Bars that open outside `low`..`high` times the previous close, oldest first."""
    previous = func.lag(DailyBarRow.regular_close_krw).over(
        partition_by=DailyBarRow.stock_code, order_by=DailyBarRow.trade_date
    )
    bars = (
        select(DailyBarRow.stock_code, DailyBarRow.trade_date, previous.label("previous"), DailyBarRow.open_krw)
        .where(DailyBarRow.stock_code.in_(stock_codes))
        .subquery()
    )
    ratio = bars.c.open_krw * 1.0 / bars.c.previous
    query = select(bars).where((ratio < low) | (ratio > high)).order_by(bars.c.stock_code, bars.c.trade_date)
    return [PriceJump(*row) for row in await session.execute(query)]


async def adjust_earlier_bars(session: AsyncSession, stock_code: str, actions: Mapping[date, float]) -> int:
    """Set adjust_factor of every bar to the product of the ratios of all later corporate actions.

    `actions`: ex-date -> new price / old price (0.2 for a split 1:5). Returns the rows that changed.
    """
    statement = text("""
        WITH factors AS (
            SELECT bar.trade_date, COALESCE(exp(sum(ln(action.ratio))), 1) AS factor
            FROM daily_bars bar
            LEFT JOIN unnest(CAST(:dates AS date[]), CAST(:ratios AS float8[])) AS action (ex_date, ratio)
                ON bar.trade_date < action.ex_date
            WHERE bar.stock_code = :code GROUP BY bar.trade_date
        )
        UPDATE daily_bars bar SET adjust_factor = round(factors.factor::numeric, 9)::float8 FROM factors
        WHERE bar.stock_code = :code AND bar.trade_date = factors.trade_date
            AND bar.adjust_factor <> round(factors.factor::numeric, 9)::float8
        RETURNING bar.trade_date
    """)
    values = {"code": stock_code, "dates": list(actions), "ratios": list(actions.values())}
    return len((await session.execute(statement, values)).all())


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


async def record_quotes(session: AsyncSession, quotes: Sequence[Quote], *, session_opens_at: datetime) -> int:
    """Store last trades and extend the minute bars that they fall into. Returns the rows written in both tables.

    Ignored are quotes that are not newer than the stored one, or whose volume of the day has not grown: sources without
    a time of trade repeat the last one. The volume of a minute is the growth of the day's volume since the last quote
    of this session.
    """
    known = await _list_known_quotes(session, [quote.stock_code for quote in quotes])
    fresh = [quote for quote in quotes if _is_new(quote, known.get(quote.stock_code), session_opens_at)]
    if not fresh:
        return 0
    await ensure_partitions(
        session, {(quote.ts.astimezone(UTC).year, quote.ts.astimezone(UTC).month) for quote in fresh}
    )
    traded = [quote for quote in fresh if quote.ts >= session_opens_at]
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
