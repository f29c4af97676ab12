"""How the forecasts of each stock alone came out: for its reports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.members import SIZE
from backend.domain.record import ENGINE_VERSION
from backend.reports.sheet_parts import OwnRecord
from backend.services.forecasts.words import VERDICT

_BEYOND: Final = 0.03  # that of backend.stats.sizes.losses, which services do not import
_DIGITS: Final = 8
# Of a base session the newest forecast counts. An outcome of an earlier session was known by `asof`; one of the running
# session only if it had been scored by then.
_OWN = text(f"""
    WITH newest AS (
        SELECT DISTINCT ON (p.stock_code, p.horizon, p.mode, m.id, p.trade_date)
               p.stock_code, p.horizon, p.mode, m.is_shown, {VERDICT} AS verdict, o.y, o.in_band,
               (p.direction = 'up')::int AS call, (p.explanation ->> 'lean')::float8 AS lean,
               (p.size ->> 'p_3pct')::float8 AS p_3pct, abs(o.size_move) > :threshold AS is_beyond
        FROM predictions p
        JOIN model_versions v ON v.id = p.model_version_id
        JOIN models m ON m.id = v.model_id AND (m.is_shown OR m.name = :size)
        JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version AND o.state = 'final'
        WHERE p.stock_code = ANY (CAST(:codes AS text[])) AND p.mode IN ('live', 'backtest') AND p.asof <= :asof
          AND (p.exit_trade_date < :trade_date OR o.evaluated_at <= :asof)
        ORDER BY p.stock_code, p.horizon, p.mode, m.id, p.trade_date, p.asof DESC, p.id DESC
    ), counted AS (
        SELECT stock_code, horizon, mode,
               count(*) FILTER (WHERE is_shown) AS n,
               count(*) FILTER (WHERE is_shown AND in_band) AS inside,
               count(*) FILTER (WHERE is_shown AND verdict = 'call') AS calls,
               count(*) FILTER (WHERE is_shown AND verdict = 'call' AND y = call) AS calls_right,
               count(*) FILTER (WHERE is_shown AND verdict = 'lean' AND lean <> 0) AS leans,
               count(*) FILTER (WHERE is_shown AND verdict = 'lean' AND (lean > 0 AND y = 1 OR lean < 0 AND y = 0))
                   AS leans_right,
               count(*) FILTER (WHERE p_3pct IS NOT NULL AND is_beyond IS NOT NULL) AS sized,
               count(*) FILTER (WHERE p_3pct IS NOT NULL AND is_beyond) AS beyond,
               coalesce(sum(p_3pct) FILTER (WHERE is_beyond IS NOT NULL), 0) AS said_beyond
        FROM newest GROUP BY stock_code, horizon, mode
    )
    SELECT DISTINCT ON (stock_code, horizon) * FROM counted WHERE n > 0
    ORDER BY stock_code, horizon, mode = 'live' DESC
""")  # noqa: S608  (a constant of another module)


async def list_own_records(
    session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date
) -> dict[str, tuple[OwnRecord, ...]]:
    """By stock code its record by horizon, of live forecasts once one of the horizon has come out, else replayed."""
    bound = {"codes": list(codes), "asof": asof, "trade_date": trade_date}
    fixed = {"size": SIZE, "engine_version": ENGINE_VERSION, "threshold": _BEYOND}
    found: dict[str, tuple[OwnRecord, ...]] = {}
    for row in await session.execute(_OWN, bound | fixed):
        record = OwnRecord(
            row.horizon,
            row.mode,
            row.n,
            row.inside,
            row.calls,
            row.calls_right,
            row.leans,
            row.leans_right,
            row.sized,
            row.beyond,
            round(row.said_beyond, _DIGITS),
        )
        found[row.stock_code] = (*found.get(row.stock_code, ()), record)
    return found
