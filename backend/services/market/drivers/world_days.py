"""Closes of the world's markets as they are stored, and their last moves as a reader of a moment knew them."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.world import WorldDayRow
from backend.db.upsert import upsert
from backend.domain.knowledge import Knowledge
from backend.domain.outside.world import WorldDay, WorldMove, WorldSymbol

_KEY: Final = ("symbol", "trade_date", "source")
# The two newest closes of each symbol from one source; of two sources with the same newest day, the earlier id.
_LAST_TWO = text("""
    WITH days AS (
        SELECT symbol, trade_date, source, close, known_at, recorded_at,
               row_number() OVER (PARTITION BY symbol, source ORDER BY trade_date DESC) AS nth
          FROM world_days_as_of(:known_by, :recorded_by)
    )
    SELECT DISTINCT ON (n.symbol) n.symbol, n.trade_date, o.trade_date AS previous_date, n.close, o.close AS previous,
           n.source, greatest(n.known_at, o.known_at) AS known_at, greatest(n.recorded_at, o.recorded_at) AS recorded_at
      FROM days n JOIN days o ON o.symbol = n.symbol AND o.source = n.source AND o.nth = 2
     WHERE n.nth = 1
     ORDER BY n.symbol, n.trade_date DESC, n.source
""")


async def upsert_world_days(
    session: AsyncSession,
    days: Sequence[WorldDay],
    *,
    known_at: Callable[[WorldDay], datetime],
    recorded_at: datetime,
) -> int:
    """Store closes that are known by `recorded_at`, and keep what was stored before. Returns the rows written."""
    rows = [
        {name: getattr(day, name) for name in (*_KEY, "close")}
        | {"known_at": known_at(day), "recorded_at": recorded_at}
        for day in days
    ]
    finished = [row for row in rows if row["known_at"] <= recorded_at]
    return len(await upsert(session, WorldDayRow, finished, key=_KEY, update=["close"], also=["recorded_at"]))


async def has_any(session: AsyncSession, source: str) -> bool:
    """Whether a close of this source is stored."""
    query = text("SELECT EXISTS (SELECT FROM world_days WHERE source = :source)")
    return bool(await session.scalar(query, {"source": source}))


async def world_moves(session: AsyncSession, knowledge: Knowledge) -> dict[WorldSymbol, WorldMove]:
    """The last move of each symbol as it was known then; one with fewer than two closes is missing."""
    rows = await session.execute(_LAST_TWO, knowledge.bound())
    return {
        WorldSymbol(row.symbol): WorldMove(
            WorldSymbol(row.symbol),
            row.trade_date,
            row.previous_date,
            math.log(row.close / row.previous),
            row.source,
            row.known_at,
            row.recorded_at,
        )
        for row in rows
    }
