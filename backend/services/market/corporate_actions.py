"""Corporate actions in the database: what each source tells of them, and the factors of the bars before them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.corporate_actions import CorporateAction
from backend.db.upsert import upsert


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What a source tells of an action. `factor`: new price / old price; None where it does not tell that.

    `withdrawn`: announced and called off again. `known_at`: when the world could know it.
    """

    stock_code: str
    ex_date: date
    source: str
    factor: float | None
    known_at: datetime
    withdrawn: bool = False


async def upsert_actions(
    session: AsyncSession, actions: Sequence[ActionRow], *, recorded_at: datetime
) -> list[tuple[str, date]]:
    """Store what sources tell, and keep what they told before. Returns (stock, ex-date) of new and changed rows."""
    names = ("stock_code", "ex_date", "source", "factor", "withdrawn", "known_at")
    rows = [{name: getattr(action, name) for name in names} | {"recorded_at": recorded_at} for action in actions]
    key, told, clocks = names[:3], ("factor", "withdrawn"), ("known_at", "recorded_at")
    written = await upsert(session, CorporateAction, rows, key=key, update=told, also=clocks)
    return [(code, day) for code, day, _source in written]


async def list_closes_before(session: AsyncSession, codes: Collection[str]) -> dict[str, dict[date, float]]:
    """By stock and ex-date: the last stored close before it, KRW."""
    closes: dict[str, dict[date, float]] = {}
    for code, day, close in await session.execute(_CLOSES_BEFORE, {"codes": list(codes)}):
        closes.setdefault(code, {})[day] = close
    return closes


async def list_announced(session: AsyncSession, source: str, *, since: date) -> list[tuple[str, date, float | None]]:
    """(stock, ex-date, factor) of what `source` tells of sessions from `since` on and has not withdrawn."""
    action = CorporateAction
    query = select(action.stock_code, action.ex_date, action.factor)
    query = query.where(action.source == source, action.ex_date >= since, ~action.withdrawn)
    return [(code, day, factor) for code, day, factor in await session.execute(query)]


async def list_told(session: AsyncSession, codes: Collection[str]) -> dict[str, dict[date, dict[str, float | None]]]:
    """By stock, ex-date and source, in the order of their names: the factors of actions that are not withdrawn."""
    query = (
        select(CorporateAction.stock_code, CorporateAction.ex_date, CorporateAction.source, CorporateAction.factor)
        .where(CorporateAction.stock_code.in_(codes), ~CorporateAction.withdrawn)
        .order_by(CorporateAction.source)
    )
    told: dict[str, dict[date, dict[str, float | None]]] = {}
    for code, day, source, factor in await session.execute(query):
        told.setdefault(code, {}).setdefault(day, {})[source] = factor
    return told


async def list_actions(session: AsyncSession, stock_code: str) -> Sequence[RowMapping]:
    """Everything that sources tell of a stock's actions, newest first."""
    query = select(*CorporateAction.__table__.columns).where(CorporateAction.stock_code == stock_code)
    newest_first = query.order_by(CorporateAction.ex_date.desc(), CorporateAction.source)
    return (await session.execute(newest_first)).mappings().all()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A factor that all sources agree on, and when the session opens from which prices are in the new unit."""

    ex_date: date
    factor: float
    opens_at: datetime


async def adjust_earlier_bars(
    session: AsyncSession, stock_code: str, actions: Sequence[Adjustment], *, recorded_at: datetime
) -> int:
    """Set adjust_factor of every bar to the product of the factors of all later actions. Returns the rows that changed.

    A raw bar is in the shares of its own day, an adjusted one in those of the day it was told: to that one apply only
    the actions since.
    """
    values = {
        "code": stock_code,
        "dates": [action.ex_date for action in actions],
        "factors": [action.factor for action in actions],
        "opens": [action.opens_at for action in actions],
        "recorded_at": recorded_at,
    }
    return len((await session.execute(_ADJUST, values)).all())


_CLOSES_BEFORE = text("""
    SELECT a.stock_code, a.ex_date, b.regular_close_krw
      FROM (SELECT DISTINCT stock_code, ex_date FROM corporate_actions
             WHERE stock_code = ANY (CAST(:codes AS text[])) AND NOT withdrawn) a
     CROSS JOIN LATERAL (SELECT regular_close_krw FROM daily_bars
                          WHERE stock_code = a.stock_code AND trade_date < a.ex_date
                          ORDER BY trade_date DESC LIMIT 1) b
""")
_ADJUST = text("""
    WITH told AS (
        SELECT b.trade_date, b.basis, LEAST(b.recorded_at, (
                   SELECT min(r.recorded_at) FROM daily_bars_replaced r
                    WHERE r.stock_code = b.stock_code AND r.trade_date = b.trade_date AND r.basis = b.basis
                      AND r.source = b.source AND r.regular_close_krw = b.regular_close_krw)) AS at
          FROM daily_bars b WHERE b.stock_code = :code
    ), factors AS (
        SELECT told.trade_date, COALESCE(exp(sum(ln(action.factor))), 1) AS factor
          FROM told
          LEFT JOIN unnest(CAST(:dates AS date[]), CAST(:factors AS float8[]), CAST(:opens AS timestamptz[]))
                    AS action (ex_date, factor, opens_at)
            ON told.trade_date < action.ex_date AND (told.basis = 'raw' OR told.at < action.opens_at)
         GROUP BY told.trade_date
    )
    UPDATE daily_bars bar
       SET adjust_factor = round(factors.factor::numeric, 9)::float8, recorded_at = :recorded_at
      FROM factors
     WHERE bar.stock_code = :code AND bar.trade_date = factors.trade_date
       AND bar.adjust_factor <> round(factors.factor::numeric, 9)::float8
    RETURNING bar.trade_date
""")
