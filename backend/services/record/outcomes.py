"""Outcomes: predictions scored against prices, one row per prediction and engine version.

A prediction whose exit is not due has no row. A closed row is replaced only when its prices were restated; the previous
row is kept in outcome_revisions. `domain.record.ENGINE_VERSION` is the version of the scoring rules (docs/methods.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.evaluations import Outcome
from backend.db.upsert import upsert
from backend.domain.price_windows import TradingSession
from backend.domain.record import ENGINE_VERSION
from backend.services.market.price_windows import crosses_break

KEY = ("prediction_id", "engine_version")


@dataclass(frozen=True, slots=True)
class DuePrediction:
    """A prediction to be scored; `market` and `status` are those of its stock.

    `size`: what it says of the size of the move, if it does.
    """

    id: int
    stock_code: str
    market: str
    asof: datetime
    horizon: int
    base_price_krw: int
    entry_ts: datetime
    exit_trade_date: date
    p_up: float
    quantiles_krw: list[int]
    sigma: float
    status: str
    size: dict[str, Any] | None = None


def _predictions(rows: Iterable[Row[Any]]) -> list[DuePrediction]:
    return [DuePrediction(*tuple(row)) for row in rows]


async def list_due_ids(session: AsyncSession, *, through: date) -> list[int]:
    """Ids of predictions without a closed outcome whose exit is at most `through`, oldest exit first.

    One statement for all, because it scans all predictions.
    """
    bound = {"through": through, "engine_version": ENGINE_VERSION}
    return list((await session.execute(_DUE, bound)).scalars())


async def list_predictions(session: AsyncSession, ids: Sequence[int]) -> list[DuePrediction]:
    """The predictions `ids`, oldest exit first."""
    return _predictions((await session.execute(_BY_ID, {"ids": list(ids)})).all())


async def get_scope(session: AsyncSession, ids: Sequence[int]) -> tuple[datetime, list[str]]:
    """The oldest asof and the stocks of the predictions `ids`, at least one."""
    row = (await session.execute(_SCOPE, {"ids": list(ids)})).one()
    return row.oldest, row.codes


async def list_restated(session: AsyncSession, sessions: Sequence[TradingSession]) -> list[DuePrediction]:
    """Scored predictions with an exit in `sessions` whose prices or adjust factors were restated since.

    Includes those that are void, or exited at a later session, because a bar was missing that is there now.
    """
    if not sessions:
        return []
    bound = {
        "engine_version": ENGINE_VERSION,
        "since": sessions[0].trade_date,
        "dates": [s.trade_date for s in sessions],
        "opens": [s.opens_at for s in sessions],
        "closes": [s.closes_at for s in sessions],
    }
    return _predictions((await session.execute(_RESTATED, bound)).all())


async def record_outcomes(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store rows whose input_hash is new; replaced rows are kept in outcome_revisions. Returns how many."""
    if not rows:
        return 0
    bound = {"ids": [row["prediction_id"] for row in rows], "hashes": [row["input_hash"] for row in rows]}
    same = set((await session.execute(_SAME, bound | {"engine_version": ENGINE_VERSION})).scalars())
    changed = [row for row in rows if row["prediction_id"] not in same]
    if not changed:
        return 0
    replaced = {"ids": [row["prediction_id"] for row in changed], "engine_version": ENGINE_VERSION}
    await session.execute(_KEEP, replaced)
    columns = [name for name in changed[0] if name not in KEY]
    return len(await upsert(session, Outcome, changed, key=KEY, update=columns))


_COLUMNS = """
    p.id, p.stock_code, s.market, p.asof, p.horizon, p.base_price_krw, p.entry_ts, p.exit_trade_date,
    p.p_up, p.quantiles_krw, p.sigma, s.status, p.size
"""
_DUE = text(
    """
    SELECT p.id FROM predictions p
    LEFT JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version
    WHERE p.exit_trade_date <= :through AND (o.state IS NULL OR o.state IN ('pending', 'partial'))
    ORDER BY p.exit_trade_date, p.id
    """
)
_BY_ID = text(
    f"""
    SELECT {_COLUMNS} FROM predictions p JOIN stocks s ON s.code = p.stock_code
    WHERE p.id = ANY (CAST(:ids AS bigint[])) ORDER BY p.exit_trade_date, p.id
    """  # noqa: S608  (a constant of this module)
)
_SCOPE = text(
    """
    SELECT min(asof) AS oldest, array_agg(DISTINCT stock_code) AS codes
    FROM predictions WHERE id = ANY (CAST(:ids AS bigint[]))
    """
)
_RESTATED = text(
    f"""
    WITH recent AS (
        SELECT * FROM unnest(CAST(:dates AS date[]), CAST(:opens AS timestamptz[]), CAST(:closes AS timestamptz[]))
            AS r (trade_date, opens_at, closes_at)
    )
    SELECT {_COLUMNS}
    FROM predictions p
    JOIN stocks s ON s.code = p.stock_code
    JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version AND o.state IN ('final', 'void')
    JOIN daily_bars x ON x.stock_code = p.stock_code AND x.trade_date = p.exit_trade_date AND x.is_final
    LEFT JOIN recent r ON o.entry_ts >= r.opens_at AND o.entry_ts < r.closes_at
    LEFT JOIN daily_bars e ON e.stock_code = p.stock_code AND e.trade_date = r.trade_date
    WHERE p.exit_trade_date >= :since AND (
        (o.void_reason IS DISTINCT FROM 'unknown_action'
         AND (o.exit_trade_date, o.exit_price_krw) IS DISTINCT FROM (x.trade_date, x.regular_close_krw))
        OR (o.entry_ts = r.opens_at AND o.entry_price_krw <> e.open_krw)
        OR abs(x.regular_close_krw * x.adjust_factor / (o.entry_price_krw * e.adjust_factor) - 1 - o.raw_return) > 1e-7
        OR {crosses_break("o.entry_ts")} <> (o.void_reason IS NOT DISTINCT FROM 'unknown_action')
    )
    ORDER BY p.exit_trade_date, p.id
    """  # noqa: S608  (a constant of this module)
)
_SAME = text(
    """
    SELECT o.prediction_id
    FROM outcomes o
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:hashes AS text[])) AS n (id, hash)
      ON n.id = o.prediction_id AND n.hash = o.input_hash
    WHERE o.engine_version = :engine_version
    """
)
_KEEP = text(
    """
    INSERT INTO outcome_revisions (prediction_id, engine_version, previous)
    SELECT prediction_id, engine_version, to_jsonb(o) FROM outcomes o
    WHERE prediction_id = ANY (CAST(:ids AS bigint[])) AND engine_version = :engine_version
      AND state IN ('final', 'void')
    """
)
