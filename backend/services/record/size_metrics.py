"""The record of forecasts of size: which are to be summed up, and the figures of each window.

Of a stock and base session the newest forecast counts: the one after the close, which knew the whole session. Of the
rest of a session (horizon 0) all count: each speaks of another rest, and errors rest on sessions, not on their number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.evaluations import SizeMetric
from backend.db.upsert import upsert
from backend.domain.record import ENGINE_VERSION

KEY: Final = ("model_id", "horizon", "mode", "window_name")
MOST: Final = 200_000  # outcomes of one model and horizon: more would not fit into one call of the model process


@dataclass(frozen=True, slots=True)
class SizeGroup:
    """A model, horizon and mode with forecasts of size; `input_hash` of their outcomes."""

    model_id: int
    horizon: int
    mode: str
    input_hash: str


@dataclass(frozen=True, slots=True)
class SizeOutcomes:
    """Columns of the newest outcomes of a group, ordered by day: base sessions, P(|move| > 3 %), moves, losses."""

    days: list[date]
    p: list[float]
    moves: list[float]
    losses: list[list[float]]


async def list_changed(session: AsyncSession) -> list[SizeGroup]:
    """Groups whose outcomes differ from those of their stored figures."""
    rows = await session.execute(_CHANGED, {"engine_version": ENGINE_VERSION})
    return [SizeGroup(*tuple(row)) for row in rows]


async def load_outcomes(session: AsyncSession, group: SizeGroup) -> SizeOutcomes:
    bound = {"model_id": group.model_id, "horizon": group.horizon, "mode": group.mode, "most": MOST}
    rows = (await session.execute(_OUTCOMES, bound | {"engine_version": ENGINE_VERSION})).all()
    return SizeOutcomes(
        [row.trade_date for row in rows],
        [row.p for row in rows],
        [row.size_move for row in rows],
        [list(row.size_losses) for row in rows],
    )


async def record(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store the figures of a group, one row a window; returns how many are new or different."""
    columns = [name for name in (rows[0] if rows else ()) if name not in KEY]
    return len(await upsert(session, SizeMetric, rows, key=KEY, update=columns))


async def list_standings(session: AsyncSession, *, horizon: int, mode: str, window: str) -> list[dict[str, Any]]:
    """The figures of each model of size, best first by the lower bound of its skill at 3 %."""
    rows = await session.execute(_STANDINGS, {"horizon": horizon, "mode": mode, "window": window})
    return [dict(row) for row in rows.mappings()]


_ITEMS: Final = """
    SELECT DISTINCT ON (v.model_id, p.horizon, p.mode, p.stock_code, p.trade_date,
                        CASE p.horizon WHEN 0 THEN p.asof END)
           v.model_id, p.horizon, p.mode, p.stock_code, p.trade_date, p.id, (p.size ->> 'p_3pct')::float8 AS p,
           o.size_move, o.size_losses, o.input_hash
    FROM predictions p
    JOIN model_versions v ON v.id = p.model_version_id
    JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version AND o.state = 'final'
     AND o.size_move IS NOT NULL
    WHERE p.size IS NOT NULL AND p.mode <> 'backfill' {where}
    ORDER BY v.model_id, p.horizon, p.mode, p.stock_code, p.trade_date, CASE p.horizon WHEN 0 THEN p.asof END,
             p.asof DESC, p.id DESC
"""
_CHANGED = text(f"""
    WITH items AS ({_ITEMS.format(where="")}), found AS (
        SELECT model_id, horizon, mode, md5(string_agg(id || ':' || input_hash, ';' ORDER BY id)) AS input_hash
        FROM items GROUP BY model_id, horizon, mode
    )
    SELECT f.model_id, f.horizon, f.mode, f.input_hash FROM found f
    LEFT JOIN size_metrics s ON (s.model_id, s.horizon, s.mode, s.window_name) = (f.model_id, f.horizon, f.mode, 'all')
    WHERE s.input_hash IS DISTINCT FROM f.input_hash ORDER BY f.model_id, f.horizon, f.mode
""")  # noqa: S608  (constants of this module)
_OUTCOMES = text(f"""
    WITH items AS ({_ITEMS.format(where="AND v.model_id = :model_id AND p.horizon = :horizon AND p.mode = :mode")}),
    newest AS (SELECT * FROM items ORDER BY trade_date DESC, stock_code LIMIT :most)
    SELECT trade_date, p, size_move, size_losses FROM newest ORDER BY trade_date, stock_code
""")  # noqa: S608  (constants of this module)
_STANDINGS = text("""
    SELECT m.name AS model, m.kind AS model_kind, m.is_active, s.trade_date, s.n, s.n_days, s.computed_at,
           s.metric_values AS figures
    FROM size_metrics s JOIN models m ON m.id = s.model_id
    WHERE s.horizon = :horizon AND s.mode = :mode AND s.window_name = :window
    ORDER BY (s.metric_values -> 'brier_skill_3pct' ->> 'low')::float8 DESC NULLS LAST, s.n DESC, m.name
""")
