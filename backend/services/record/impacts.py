"""Impacts: the return of a stock after a story, for each stock that the story's head counts for and each horizon.

The view story_stocks says which these are and which text of the head first counted; the impact is measured from when
that text was known, and again when another article becomes the head. The entry of news known inside a session is the
close of the first minute bar that begins a minute later; without minute bars (history) it is the open of the next
session, as for news of the night.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.impacts import Impact
from backend.db.upsert import upsert
from backend.domain.forecasts import HORIZONS
from backend.domain.price_windows import TradingSession
from backend.services.market.price_windows import crosses_break

KEY = ("story_id", "stock_code", "horizon")


@dataclass(frozen=True, slots=True)
class DueImpact:
    """`first_known_at`: when the text that counts (`news_id`, `version`) was. `input_hash`: that of the stored row."""

    story_id: int
    first_known_at: datetime
    stock_code: str
    market: str
    horizon: int
    input_hash: str | None
    news_id: int
    version: int


async def list_open(session: AsyncSession, *, after_story: int, stories: int) -> list[DueImpact]:
    """Impacts that are neither final nor void, or measured after another text than the one that counts now.

    Of the next `stories` stories that have any, by story id.
    """
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


async def void_unlinked(session: AsyncSession, story_ids: Collection[int], *, recorded_at: datetime) -> None:
    """Take back what was measured for stocks that these stories do not count for any more; the old rows are kept."""
    if story_ids:
        await session.execute(_VOID, {"stories": sorted(story_ids), "recorded_at": recorded_at})


_OPEN = text("""
    WITH wanted AS (
        SELECT w.*, k.market, h.horizon, i.input_hash, dense_rank() OVER (ORDER BY w.story_id) AS number
        FROM story_stocks w
        JOIN stocks k ON k.code = w.stock_code
        CROSS JOIN unnest(CAST(:horizons AS int[])) AS h (horizon)
        LEFT JOIN impacts i ON i.story_id = w.story_id AND i.stock_code = w.stock_code AND i.horizon = h.horizon
        WHERE w.story_id > :after AND (
            i.state IS NULL OR i.state IN ('pending', 'partial') OR i.void_reason = 'no_link'
            OR (i.news_id, i.version) IS DISTINCT FROM (w.news_id, w.version)
        )
    )
    SELECT story_id, known_at, stock_code, market, horizon, input_hash, news_id, version FROM wanted
    WHERE number <= :stories ORDER BY story_id, stock_code, horizon
""")
_RESTATED = text(f"""
    WITH recent AS (
        SELECT * FROM unnest(CAST(:dates AS date[]), CAST(:opens AS timestamptz[]), CAST(:closes AS timestamptz[]))
            AS r (trade_date, opens_at, closes_at)
    )
    SELECT w.story_id, w.known_at, i.stock_code, k.market, i.horizon, i.input_hash, w.news_id, w.version
    FROM impacts i
    JOIN story_stocks w ON w.story_id = i.story_id AND w.stock_code = i.stock_code
    JOIN stocks k ON k.code = i.stock_code
    JOIN daily_bars x ON x.stock_code = i.stock_code AND x.trade_date = i.exit_trade_date AND x.is_final
    LEFT JOIN recent r ON i.entry_ts >= r.opens_at AND i.entry_ts < r.closes_at
    LEFT JOIN daily_bars e ON e.stock_code = i.stock_code AND e.trade_date = r.trade_date
    WHERE i.exit_trade_date >= :since AND i.state IN ('final', 'void') AND (
        (i.void_reason IS DISTINCT FROM 'unknown_action' AND i.exit_price_krw IS DISTINCT FROM x.regular_close_krw)
        OR (i.entry_ts = r.opens_at AND i.entry_price_krw <> e.open_krw)
        OR abs(x.regular_close_krw * x.adjust_factor / (i.entry_price_krw * e.adjust_factor) - 1 - i.raw_return) > 1e-7
        OR {crosses_break("i.entry_ts")} <> (i.void_reason IS NOT DISTINCT FROM 'unknown_action')
    )
    ORDER BY w.story_id, i.stock_code, i.horizon
""")  # noqa: S608  (constants of this code)
_VOID = text("""
    UPDATE impacts SET state = 'void', void_reason = 'no_link', raw_return = NULL, adjusted_return = NULL, z = NULL,
           y = NULL, input_hash = NULL, recorded_at = :recorded_at, known_at = coalesce(known_at, :recorded_at)
     WHERE story_id = ANY (CAST(:stories AS bigint[])) AND void_reason IS DISTINCT FROM 'no_link' AND NOT EXISTS (
        SELECT FROM story_stocks w WHERE w.story_id = impacts.story_id AND w.stock_code = impacts.stock_code)
""")
