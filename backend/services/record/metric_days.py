"""Input of the metrics: the outcomes of one base session and model, packed into one row of columns by PostgreSQL.

A window of a year then reads 250 packed rows per model instead of joining a million outcomes to their predictions. A
row is rebuilt whenever an outcome of its session is written, so it never differs from the outcomes it copies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.forecasts import HIGH, LOW, REST
from backend.domain.members import BASE
from backend.domain.record import ENGINE_VERSION, METRIC_COLUMNS, METRIC_VERSION

_DOUBLE: Final = 8


@dataclass(frozen=True, slots=True)
class TouchedDays:
    """Base sessions of a horizon and mode with outcomes that may not be in the metrics yet."""

    horizon: int
    mode: str
    trade_dates: list[date]


@dataclass(frozen=True, slots=True)
class Day:
    """One packed session of a model, without its items; `model_version_id`: the newest version among them."""

    trade_date: date
    n: int
    model_version_id: int
    input_hash: str


@dataclass(frozen=True, slots=True)
class PackedDay:
    """`packed`: the columns of METRIC_COLUMNS, n big-endian doubles each; `stocks`: n codes of six bytes."""

    trade_date: date
    n: int
    stocks: bytes
    packed: bytes

    def column(self, position: int) -> bytes:
        """The doubles of one column; NaN where the base model has no forecast."""
        return self.packed[position * _DOUBLE * self.n : (position + 1) * _DOUBLE * self.n]


async def list_touched(session: AsyncSession) -> list[TouchedDays]:
    """Sessions with outcomes written since the last aggregation; 10 min of overlap for then open transactions."""
    since = await session.scalar(_SINCE, {"metric_version": METRIC_VERSION})
    bound = {"engine_version": ENGINE_VERSION, "since": since}
    return [TouchedDays(*tuple(row)) for row in await session.execute(_TOUCHED if since else _EVERYTHING, bound)]


async def record_days(session: AsyncSession, *, horizon: int, mode: str, trade_dates: Sequence[date]) -> None:
    """Rebuild the rows of these sessions for every model; without a final outcome a row is deleted."""
    bound = {"horizon": horizon, "mode": mode, "dates": list(trade_dates)}
    versions = {"engine_version": ENGINE_VERSION, "metric_version": METRIC_VERSION}
    await session.execute(_RECORD, bound | versions)


async def list_days(session: AsyncSession, *, horizon: int, mode: str) -> dict[int, list[Day]]:
    """model_id -> all its packed sessions, oldest first, without their items."""
    days: dict[int, list[Day]] = {}
    for row in await session.execute(_DAYS, _place(horizon, mode)):
        days.setdefault(row[0], []).append(Day(*tuple(row[1:])))
    return days


async def list_packed(
    session: AsyncSession, *, model_id: int, horizon: int, mode: str, first: date, last: date
) -> list[PackedDay]:
    """The items of one model on the sessions `first`..`last`, oldest first."""
    bound = _place(horizon, mode) | {"model_id": model_id, "first": first, "last": last}
    return [PackedDay(*tuple(row)) for row in await session.execute(_PACKED_DAYS, bound)]


async def record_progress(session: AsyncSession, through: datetime) -> None:
    """Store that every outcome written before `through` is in the metrics."""
    await session.execute(_PROGRESS, {"metric_version": METRIC_VERSION, "through": through})


def _place(horizon: int, mode: str) -> dict[str, Any]:
    return {"horizon": horizon, "mode": mode, "metric_version": METRIC_VERSION}


_SINCE = text(
    """
    SELECT aggregated_through - interval '10 minutes' FROM metric_progress WHERE metric_version = :metric_version
    """
)
_FOUND: Final = f"""
    SELECT p.horizon, p.mode, array_agg(DISTINCT p.trade_date ORDER BY p.trade_date)
    FROM outcomes o JOIN predictions p ON p.id = o.prediction_id
    WHERE o.engine_version = :engine_version AND o.state IN ('final', 'void') AND p.horizon > {REST} {{since}}
    GROUP BY p.horizon, p.mode ORDER BY p.horizon, p.mode
"""  # noqa: S608  (a constant of another module)
_TOUCHED = text(_FOUND.format(since="AND o.evaluated_at > :since"))
_EVERYTHING = text(_FOUND.format(since="AND (CAST(:since AS timestamptz) IS NULL)"))

# In the order of domain.record.METRIC_COLUMNS. Arrays of SQL begin at 1.
_SOURCES: Final = (
    "p.p_up", "b.p_up", "o.y", "o.adjusted_return", "o.raw_return", "o.gap",
    "CASE WHEN p.verdict = 'call' THEN CASE p.direction WHEN 'up' THEN 1 ELSE -1 END ELSE 0 END::float8",
    "o.in_band::int::float8",
    f"(p.quantiles_krw[{HIGH + 1}] - p.quantiles_krw[{LOW + 1}])::float8 / p.base_price_krw",
    "o.loss_pinball", "b.loss_pinball",
)  # fmt: skip
assert len(_SOURCES) == len(METRIC_COLUMNS)
_PACK: Final = " || ".join(
    f"string_agg(float8send(coalesce({source}, 'NaN')), ''::bytea ORDER BY p.asof, p.id)" for source in _SOURCES
)
_RECORD = text(
    f"""
    WITH base AS MATERIALIZED (
        SELECT DISTINCT ON (p.stock_code, p.asof) p.stock_code, p.asof, p.p_up, o.loss_pinball
        FROM predictions p
        JOIN model_versions v ON v.id = p.model_version_id
        JOIN models m ON m.id = v.model_id AND m.kind = '{BASE}'
        LEFT JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version AND o.state = 'final'
        WHERE p.horizon = :horizon AND p.mode = :mode AND p.trade_date = ANY (CAST(:dates AS date[]))
        ORDER BY p.stock_code, p.asof, p.model_version_id DESC
    ), fresh AS (
        SELECT v.model_id, p.trade_date, count(*) AS n, max(p.model_version_id) AS model_version_id,
               md5(string_agg(concat(p.id, ':', o.input_hash, ':', b.p_up, ':', b.loss_pinball), ';'
                              ORDER BY p.asof, p.id)) AS input_hash,
               string_agg(convert_to(p.stock_code, 'UTF8'), ''::bytea ORDER BY p.asof, p.id) AS stocks,
               {_PACK} AS packed
        FROM predictions p
        JOIN model_versions v ON v.id = p.model_version_id
        JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version AND o.state = 'final'
        LEFT JOIN base b ON b.stock_code = p.stock_code AND b.asof = p.asof
        WHERE p.horizon = :horizon AND p.mode = :mode AND p.trade_date = ANY (CAST(:dates AS date[]))
        GROUP BY v.model_id, p.trade_date
    ), gone AS (
        DELETE FROM metric_days d
        WHERE d.horizon = :horizon AND d.mode = :mode AND d.metric_version = :metric_version
          AND d.trade_date = ANY (CAST(:dates AS date[]))
          AND NOT EXISTS (SELECT FROM fresh f WHERE f.model_id = d.model_id AND f.trade_date = d.trade_date)
    )
    INSERT INTO metric_days (model_id, horizon, mode, trade_date, metric_version, n, model_version_id, input_hash,
                             stocks, packed)
    SELECT model_id, CAST(:horizon AS smallint), :mode, trade_date, :metric_version, n, model_version_id, input_hash,
           stocks, packed
    FROM fresh ORDER BY model_id, trade_date
    ON CONFLICT (model_id, horizon, mode, trade_date, metric_version) DO UPDATE
    SET n = excluded.n, model_version_id = excluded.model_version_id, input_hash = excluded.input_hash,
        stocks = excluded.stocks, packed = excluded.packed
    WHERE metric_days.input_hash <> excluded.input_hash
    """  # noqa: S608  (a constant of this module)
)
_DAYS = text(
    """
    SELECT model_id, trade_date, n, model_version_id, input_hash FROM metric_days
    WHERE horizon = :horizon AND mode = :mode AND metric_version = :metric_version ORDER BY model_id, trade_date
    """
)
_PACKED_DAYS = text(
    """
    SELECT trade_date, n, stocks, packed FROM metric_days
    WHERE model_id = :model_id AND horizon = :horizon AND mode = :mode AND metric_version = :metric_version
      AND trade_date BETWEEN :first AND :last
    ORDER BY trade_date
    """
)
_PROGRESS = text(
    """
    INSERT INTO metric_progress (metric_version, aggregated_through) VALUES (:metric_version, :through)
    ON CONFLICT (metric_version) DO UPDATE SET aggregated_through = excluded.aggregated_through
    """
)
