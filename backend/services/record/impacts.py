"""Impacts: the return of a stock after a story, for each stock that the story's head counts for and each horizon.

The view counting_links says for which stocks news counts. The entry of news known inside a session is the close of the
first minute bar that begins a minute later; without minute bars (history) it is the open of the next session, as for
news of the night.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.impacts import Impact
from backend.db.upsert import upsert
from backend.domain.forecasts import HORIZONS
from backend.domain.price_windows import TradingSession

KEY = ("story_id", "stock_code", "horizon")


@dataclass(frozen=True, slots=True)
class DueImpact:
    """`input_hash` is that of the stored pending row, if there is one."""

    story_id: int
    first_known_at: datetime
    stock_code: str
    market: str
    horizon: int
    input_hash: str | None


async def list_open(session: AsyncSession, *, after_story: int, stories: int) -> list[DueImpact]:
    """Impacts that are neither final nor void, of the next `stories` stories that have any, by story id."""
    bound = {
        "after": after_story,
        "stories": stories,
        "horizons": list(HORIZONS),
    }
    return [DueImpact(*tuple(row)) for row in await session.execute(_OPEN, bound)]


async def list_restated(session: AsyncSession, sessions: Sequence[TradingSession]) -> list[DueImpact]:
    """Closed impacts with an exit in `sessions` under which a price or an adjust factor has changed since."""
    if not sessions:
        return []
    bound = {
        "since": sessions[0].trade_date,
        "dates": [s.trade_date for s in sessions],
        "opens": [s.opens_at for s in sessions],
        "closes": [s.closes_at for s in sessions],
    }
    return [DueImpact(*tuple(row)) for row in await session.execute(_RESTATED, bound)]


async def upsert_impacts(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store impacts. Returns how many were new or different."""
    columns = [name for name in (rows[0] if rows else ()) if name not in KEY]
    return len(await upsert(session, Impact, rows, key=KEY, update=columns))


_OPEN = text(
    """
    WITH wanted AS (
        SELECT s.id, s.first_known_at, l.stock_code, k.market, h.horizon, i.input_hash,
               dense_rank() OVER (ORDER BY s.id) AS number
        FROM stories s
        JOIN counting_links l ON l.news_id = s.head_news_id
        JOIN stocks k ON k.code = l.stock_code
        CROSS JOIN unnest(CAST(:horizons AS int[])) AS h (horizon)
        LEFT JOIN impacts i ON i.story_id = s.id AND i.stock_code = l.stock_code AND i.horizon = h.horizon
        WHERE s.id > :after AND (i.state IS NULL OR i.state IN ('pending', 'partial'))
    )
    SELECT id, first_known_at, stock_code, market, horizon, input_hash FROM wanted
    WHERE number <= :stories ORDER BY id, stock_code, horizon
    """
)
_RESTATED = text(
    """
    WITH recent AS (
        SELECT * FROM unnest(CAST(:dates AS date[]), CAST(:opens AS timestamptz[]), CAST(:closes AS timestamptz[]))
            AS r (trade_date, opens_at, closes_at)
    )
    SELECT s.id, s.first_known_at, i.stock_code, k.market, i.horizon, i.input_hash
    FROM impacts i
    JOIN stories s ON s.id = i.story_id
    JOIN stocks k ON k.code = i.stock_code
    JOIN daily_bars x ON x.stock_code = i.stock_code AND x.trade_date = i.exit_trade_date AND x.is_final
    LEFT JOIN recent r ON i.entry_ts >= r.opens_at AND i.entry_ts < r.closes_at
    LEFT JOIN daily_bars e ON e.stock_code = i.stock_code AND e.trade_date = r.trade_date
    WHERE i.exit_trade_date >= :since AND i.state IN ('final', 'void') AND (
        i.exit_price_krw IS DISTINCT FROM x.regular_close_krw
        OR (i.entry_ts = r.opens_at AND i.entry_price_krw <> e.open_krw)
        OR abs(x.regular_close_krw * x.adjust_factor / (i.entry_price_krw * e.adjust_factor) - 1 - i.raw_return) > 1e-7
    )
    ORDER BY s.id, i.stock_code, i.horizon
    """
)
