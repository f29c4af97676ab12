"""How old the live prices are while the exchange is open: when they were last read, and the newest trade among them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

JOB: Final = "collect_prices"
READ_LATE_S: Final = 180  # three ticks of a job of every minute
TRADE_LATE_S: Final = 900
# A few small stocks may go without a trade for that long; of this many one has traded.
ENOUGH_STOCKS: Final = 5

# Bounded, since health is asked every few seconds: one session's opening is at most some hours ago.
_QUERY: Final = text("""
    SELECT (SELECT max(finished_at) FROM runs
            WHERE kind = :job AND state = 'succeeded' AND created_at > now() - interval '1 hour'
              AND (counts ->> 'read')::int > 0) AS read_at,
           (SELECT max(q.ts) FROM quotes q JOIN stocks s ON s.code = q.stock_code AND s.is_active) AS traded_at,
           (SELECT count(*) FROM stocks WHERE is_active) AS stocks,
           (SELECT extract(epoch FROM next_run_at - last_scheduled_for) FROM jobs WHERE id = :job) AS interval_s,
           (SELECT paused_by FROM jobs WHERE id = :job AND paused_at IS NOT NULL) AS paused_by
""")


@dataclass(frozen=True, slots=True)
class LivePrices:
    """`read_at`: when the last run that got quotes ended; `traded_at`: the newest trade of a watched stock."""

    read_at: datetime | None
    traded_at: datetime | None
    stocks: int
    interval_s: float | None
    paused_by: str | None

    def list_reasons(self, now: datetime, *, since: datetime, sources: str) -> list[str]:
        """What is old, in at most one sentence; prices are due from `since` on."""
        if not self.stocks:
            return []
        read_age_s = (now - max(since, self.read_at or since)).total_seconds()
        trade_age_s = (now - max(since, self.traded_at or since)).total_seconds()
        if read_age_s > max(READ_LATE_S, 3 * (self.interval_s or 0)):
            if self.paused_by is not None:
                why = f"{self.paused_by} has paused {JOB}; go on with 'azak jobs resume {JOB}'"
            else:
                why = f"{sources}; ask the sources with 'azak sources check'"
            return [f"No live price came for {read_age_s / 60:.0f} min while the exchange is open: {why}."]
        if trade_age_s <= TRADE_LATE_S or self.stocks < ENOUGH_STOCKS:
            return []
        age = f"{trade_age_s / 60:.0f} min"
        return [f"The newest live price is {age} old in a session ({sources}); ask with 'azak sources check'."]


async def get_live_prices(session: AsyncSession) -> LivePrices:
    row: Any = (await session.execute(_QUERY, {"job": JOB})).one()
    return LivePrices(row.read_at, row.traded_at, row.stocks, row.interval_s and float(row.interval_s), row.paused_by)
