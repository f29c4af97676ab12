"""The stored market model: rows of stock_days and market_days, read by what was known and stored at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stock_days import MarketDay, MarketModelState
from backend.db.tables.stock_days import StockDay as StockDayRow
from backend.db.upsert import upsert
from backend.domain.knowledge import Knowledge
from backend.domain.stock_days import FEATURE_SET, StockDay

_STOCK_VALUES: Final = ("bars", "sessions_since_bar", "close_krw", "beta", "sigma", "features", "feature_set", "sizes")
_CLOCKS_DIFFER: Final = timedelta(seconds=5)  # of two machines, at most
_MARKET_VALUES: Final = ("market_return", "open_to_close", "n_stocks")


# By market: sessions and daily returns (fractions).
MarketReturns = Mapping[str, tuple[list[date], list[float]]]


@dataclass(frozen=True, slots=True)
class Changes:
    """The first session of each stock, and of all indices, with a bar that is not in the market model yet."""

    stocks: Mapping[str, date]
    index: date | None

    @property
    def first(self) -> date | None:
        """None: nothing changed."""
        return min([*self.stocks.values(), *([] if self.index is None else [self.index])], default=None)


async def find_changes(session: AsyncSession, *, until: datetime | None = None) -> Changes:
    """What came, or was restated, since the market model was last computed; everything after a new set of features.

    `until`: and was recorded by that moment of reading; else what may have been written meanwhile by a machine whose
    clock is behind is taken again.
    """
    since = await session.scalar(_READ_BY, {"feature_set": FEATURE_SET})
    margin = _CLOCKS_DIFFER if until is None else timedelta()
    bound = {"since": None if since is None else since - margin, "until": until}
    stocks = await session.execute(_CHANGED, bound)
    index = await session.scalar(_INDEX_CHANGED, bound)
    return Changes({row.stock_code: row.first for row in stocks}, index)


async def record_market_days(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> date | None:
    """Store rows of market_days; returns the first session of which one is new or different."""
    written = await upsert(
        session, MarketDay, rows, key=["market", "trade_date"], update=_MARKET_VALUES, also=["recorded_at"],
        returning=["trade_date"],
    )  # fmt: skip
    return min((row[0] for row in written), default=None)


async def record_stock_days(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store rows of stock_days; returns how many are new or different."""
    key = ["stock_code", "trade_date"]
    return len(await upsert(session, StockDayRow, rows, key=key, update=_STOCK_VALUES, also=["recorded_at"]))


async def record_state(session: AsyncSession, read_by: datetime) -> None:
    """All bars recorded by `read_by` are in the market model."""
    row = {"id": True, "read_by": read_by, "feature_set": FEATURE_SET}
    await upsert(session, MarketModelState, [row], key=["id"], update=["read_by", "feature_set"])


async def list_stocks(session: AsyncSession) -> list[tuple[str, date]]:
    """Stocks with a final bar, with the session of the first, by code."""
    return [(row.code, row.first) for row in await session.execute(_STOCKS)]


async def list_sessions(session: AsyncSession, knowledge: Knowledge, *, through: date) -> list[date]:
    """Sessions of the market model up to `through`, oldest first."""
    return list(await session.scalars(_DATES, {**knowledge.bound(), "through": through}))


async def list_market_returns(session: AsyncSession, knowledge: Knowledge, *, since: date) -> MarketReturns:
    """Of each market, from the last session before `since` on."""
    rows = await session.execute(_MARKET_RETURNS, {**knowledge.bound(), "since": since})
    return {row.market: (row.dates, row.returns) for row in rows}


async def list_betas(
    session: AsyncSession, knowledge: Knowledge, codes: Sequence[str], *, since: date
) -> dict[str, tuple[list[date], list[float], list[float]]]:
    """Of each stock: sessions from the last one before `since` on, betas and daily sigmas."""
    bound = {**knowledge.bound(), "codes": list(codes), "since": since, "feature_set": FEATURE_SET}
    return {row.stock_code: (row.dates, row.betas, row.sigmas) for row in await session.execute(_BETAS, bound)}


async def list_stock_days(
    session: AsyncSession, knowledge: Knowledge, days: Sequence[date]
) -> dict[tuple[str, date], StockDay]:
    """The market model of all stocks at the close of `days`."""
    bound = {**knowledge.bound(), "days": list(days), "feature_set": FEATURE_SET}
    return {(row[0], row[1]): StockDay(*row) for row in await session.execute(_STOCK_DAYS, bound)}


_READ_BY = text("SELECT read_by FROM market_model_state WHERE feature_set = :feature_set")
_CHANGED = text(
    """
    SELECT stock_code, min(trade_date) AS first FROM daily_bars
    WHERE recorded_at > COALESCE(CAST(:since AS timestamptz), '-infinity')
      AND recorded_at <= COALESCE(CAST(:until AS timestamptz), 'infinity') GROUP BY stock_code
    """
)
_INDEX_CHANGED = text(
    """
    SELECT min(trade_date) FROM index_bars
    WHERE recorded_at > COALESCE(CAST(:since AS timestamptz), '-infinity')
      AND recorded_at <= COALESCE(CAST(:until AS timestamptz), 'infinity')
    """
)
_STOCKS = text(
    """
    SELECT s.code, b.first FROM stocks s
    CROSS JOIN LATERAL (SELECT min(trade_date) AS first FROM daily_bars WHERE stock_code = s.code AND is_final) b
    WHERE b.first IS NOT NULL ORDER BY s.code
    """
)
_DATES = text(
    """
    SELECT DISTINCT trade_date FROM market_days_as_of(:known_by, :recorded_by)
    WHERE trade_date <= :through ORDER BY trade_date
    """
)
_MARKET_RETURNS = text(
    """
    SELECT market, array_agg(trade_date ORDER BY trade_date) AS dates,
           array_agg(market_return ORDER BY trade_date) AS returns
    FROM market_days_as_of(:known_by, :recorded_by)
    WHERE trade_date >= COALESCE((SELECT max(trade_date) FROM market_days WHERE trade_date <= :since), '-infinity')
    GROUP BY market
    """
)
_BETAS = text(
    """
    SELECT stock_code, array_agg(trade_date ORDER BY trade_date) AS dates, array_agg(beta ORDER BY trade_date) AS betas,
           array_agg(sigma ORDER BY trade_date) AS sigmas
    FROM stock_days_as_of(:known_by, :recorded_by)
    WHERE stock_code = ANY (CAST(:codes AS text[])) AND feature_set = :feature_set
      AND trade_date >= COALESCE((SELECT max(trade_date) FROM market_days WHERE trade_date <= :since), '-infinity')
    GROUP BY stock_code
    """
)
_STOCK_DAYS = text(
    """
    SELECT stock_code, trade_date, bars, sessions_since_bar, close_krw, sigma, features, sizes
    FROM stock_days_as_of(:known_by, :recorded_by)
    WHERE trade_date = ANY (CAST(:days AS date[])) AND feature_set = :feature_set
    """
)
