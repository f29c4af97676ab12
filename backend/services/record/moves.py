"""Moves: what a split of a session is made of, the stories that may explain it, and storing both (docs/methods.md 1.6).

After the close from daily bars and the market model; while a session runs from the last trades, with the beta and sigma
of the newest close. Stocks that did not trade, or whose prices before are in another unit, have no move.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.moves import Move
from backend.db.upsert import upsert
from backend.domain.market import MISSING_PRICES, BarFlag
from backend.domain.price_windows import TradingSession
from backend.domain.stock_days import FEATURE_SET, MINIMUM_SIGMA_BARS
from backend.domain.understanding.moves import CandidateStory

KEY: Final = ("stock_code", "trade_date")
_MODEL: Final = {"feature_set": FEATURE_SET, "few_bars": MINIMUM_SIGMA_BARS}
_FLAGS: Final = {
    "missing": sorted(MISSING_PRICES),
    "wrong": sorted(MISSING_PRICES - {BarFlag.NO_TRADE}),  # a close that is carried is the last one
}


@dataclass(frozen=True, slots=True)
class MovedStock:
    """A stock's move in a session since its last close, `base_krw` in the units of the session."""

    trade_date: date
    stock_code: str
    market: str
    industry: str | None
    move: float
    base_krw: float
    beta: float
    sigma: float


async def list_missing(session: AsyncSession, days: Sequence[date], before: Sequence[date]) -> list[date]:
    """Sessions of `days` in which a stock moved that has no final move; `before`: the session before each."""
    bound = {"days": list(days), "before": list(before), **_MODEL, **_FLAGS}
    return list(await session.scalars(_MISSING, bound))


async def list_closed(session: AsyncSession, days: Sequence[date], before: Sequence[date]) -> list[MovedStock]:
    """Moves of closed sessions; `before`: the session before each."""
    bound = {"days": list(days), "before": list(before), **_MODEL, **_FLAGS}
    return [MovedStock(*row) for row in await session.execute(_CLOSED, bound)]


async def list_running(session: AsyncSession, running: TradingSession, now: datetime) -> list[MovedStock]:
    """Moves of the session that runs, by the last trades in it up to `now`."""
    bound = {"day": running.trade_date, "opens_at": running.opens_at, "now": now, **_MODEL}
    return [MovedStock(*row) for row in await session.execute(_RUNNING, bound)]


async def list_market_returns(session: AsyncSession, days: Sequence[date]) -> dict[date, dict[str, float]]:
    """Daily returns by session and market."""
    found: dict[date, dict[str, float]] = {}
    for row in await session.execute(_MARKETS, {"days": list(days)}):
        found.setdefault(row.trade_date, {})[row.market] = row.market_return
    return found


async def list_own_sigmas(session: AsyncSession, day: date) -> dict[str, float]:
    """The final own parts of a session in sigmas, by stock."""
    query = text("SELECT stock_code, own_sigmas FROM moves WHERE trade_date = :day AND is_final")
    return {row.stock_code: row.own_sigmas for row in await session.execute(query, {"day": day})}


async def list_stories(
    session: AsyncSession, codes: Collection[str], since: datetime, until: datetime
) -> list[tuple[str, CandidateStory]]:
    """(stock, story) of the stories that count for one of these stocks and were known from `since` to `until`."""
    bound = {"codes": sorted(codes), "since": since, "until": until}
    return [(code, CandidateStory(*story)) for code, *story in await session.execute(_STORIES, bound)]


async def get_first_news(session: AsyncSession) -> datetime | None:
    """The moment from which azak has news at all."""
    found: datetime | None = await session.scalar(text("SELECT min(known_at) FROM news_versions"))
    return found


async def get_later_news(session: AsyncSession, before: datetime) -> tuple[datetime, datetime] | None:
    """First and last moment of the news known `before` that was stored, or read again, after the newest final move."""
    row = (await session.execute(_LATER_NEWS, {"before": before})).one()
    return None if row.first is None else (row.first, row.last)


async def list_prices_at(
    session: AsyncSession, moments: Mapping[datetime, datetime]
) -> dict[datetime, dict[str, float]]:
    """Last prices (KRW) by moment and stock, from the minute bars that were over by then.

    `moments`: the opening of its session by moment.
    """
    bound = {"moments": list(moments), "opens": list(moments.values())}
    found: dict[datetime, dict[str, float]] = {}
    for row in await session.execute(_PRICES_AT, bound):
        found.setdefault(row.moment, {})[row.stock_code] = row.close_krw
    return found


async def record_moves(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store moves. Returns how many are new or different; a final one is never replaced by one that is not."""
    rows = await _without_closed(session, rows)
    columns = [name for name in (rows[0] if rows else ()) if name not in (*KEY, "recorded_at")]
    return len(await upsert(session, Move, rows, key=KEY, update=columns, also=["recorded_at"]))


async def _without_closed(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    days = sorted({row["trade_date"] for row in rows if not row["is_final"]})
    if not days:
        return rows
    query = text("SELECT stock_code, trade_date FROM moves WHERE trade_date = ANY (CAST(:days AS date[])) AND is_final")
    final = {tuple(row) for row in await session.execute(query, {"days": days})}
    return [row for row in rows if row["is_final"] or (row["stock_code"], row["trade_date"]) not in final]


_JOINED: Final = """
    FROM unnest(CAST(:days AS date[]), CAST(:before AS date[])) AS d (trade_date, before)
    JOIN daily_bars b ON b.trade_date = d.trade_date AND b.is_final AND NOT b.flags && CAST(:missing AS text[])
    JOIN daily_bars p ON p.stock_code = b.stock_code AND p.trade_date = d.before
                     AND NOT p.flags && CAST(:wrong AS text[])
    JOIN stocks k ON k.code = b.stock_code AND k.is_active
    JOIN stock_days m ON m.stock_code = b.stock_code AND m.trade_date = d.before AND m.feature_set = :feature_set
                     AND m.bars > :few_bars
"""
_MISSING: Final = text(f"""
    SELECT DISTINCT d.trade_date {_JOINED}
    JOIN market_days r ON r.market = k.market AND r.trade_date = d.trade_date
    WHERE NOT EXISTS (
        SELECT FROM moves v WHERE v.stock_code = b.stock_code AND v.trade_date = b.trade_date AND v.is_final)
    ORDER BY d.trade_date
""")  # noqa: S608  (constants of this module)
_CLOSED: Final = text(f"""
    SELECT d.trade_date, b.stock_code, k.market, l.industry,
           b.regular_close_krw * b.adjust_factor / (p.regular_close_krw * p.adjust_factor) - 1 AS move,
           p.regular_close_krw * p.adjust_factor / b.adjust_factor AS base_krw, m.beta, m.sigma
    {_JOINED}
    LEFT JOIN listings l ON l.code = b.stock_code
    ORDER BY d.trade_date, b.stock_code
""")
_RUNNING: Final = text("""
    SELECT CAST(:day AS date) AS trade_date, q.stock_code, k.market, l.industry,
           q.last_price_krw::double precision / q.previous_close_krw - 1 AS move,
           q.previous_close_krw::double precision AS base_krw, m.beta, m.sigma
    FROM quotes q
    JOIN stocks k ON k.code = q.stock_code AND k.is_active
    JOIN LATERAL (
        SELECT beta, sigma, bars FROM stock_days
        WHERE stock_code = q.stock_code AND trade_date < :day AND feature_set = :feature_set
        ORDER BY trade_date DESC LIMIT 1
    ) m ON m.bars > :few_bars
    LEFT JOIN listings l ON l.code = q.stock_code
    WHERE q.ts >= :opens_at AND q.ts <= :now
    ORDER BY q.stock_code
""")
_MARKETS: Final = text("""
    SELECT trade_date, market, market_return FROM market_days WHERE trade_date = ANY (CAST(:days AS date[]))
""")
# The event is that of the text by which the story was known: a later correction of it is another text.
_STORIES: Final = text("""
    WITH asked AS MATERIALIZED (
        SELECT DISTINCT v.story_id FROM version_links l JOIN news_versions v ON v.id = l.version_id
        WHERE l.stock_code = ANY (CAST(:codes AS text[])) AND l.known_at BETWEEN :since AND :until
    )
    SELECT w.stock_code, w.story_id, w.known_at, v.scope, v.event_type, v.sign, v.materiality
    FROM asked JOIN story_stocks w ON w.story_id = asked.story_id
    JOIN news_versions v ON v.news_id = w.news_id AND v.version = w.version AND v.retired_at IS NULL
    WHERE w.stock_code = ANY (CAST(:codes AS text[])) AND w.known_at BETWEEN :since AND :until
    ORDER BY w.stock_code, w.known_at, w.story_id
""")
_LATER_NEWS: Final = text("""
    SELECT min(known_at) AS first, max(known_at) AS last FROM news_versions
    WHERE known_at < :before AND recorded_at > (SELECT max(recorded_at) FROM moves WHERE is_final)
""")
_PRICES_AT: Final = text("""
    SELECT e.moment, k.code AS stock_code, m.close_krw
    FROM unnest(CAST(:moments AS timestamptz[]), CAST(:opens AS timestamptz[])) AS e (moment, opens_at)
    CROSS JOIN stocks k
    CROSS JOIN LATERAL (
        SELECT close_krw FROM minute_bars
        WHERE stock_code = k.code AND ts >= e.opens_at AND ts <= e.moment - interval '1 minute'
        ORDER BY ts DESC LIMIT 1
    ) m
    WHERE k.is_active
""")
