"""The scored items of an A/B test: what both versions said of the same stock and moment, and what came.

An item that neither version predicted is not part of the test. What one of them did not say is replaced by what takes
no side: of directions the base rate, of sizes what the stock's own record so far says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow
from backend.domain.members import BASE
from backend.domain.record import ENGINE_VERSION, SIZE_LOSSES


@dataclass(frozen=True, slots=True)
class Pair:
    """One item (stock, moment, horizon) with both forecasts of direction."""

    trade_date: date
    p_a: float
    p_b: float
    y: float
    failed_a: bool
    failed_b: bool


@dataclass(frozen=True, slots=True)
class SizePair:
    """One item with what both said of the size of its move (probability, or mean move, a fraction), and their losses.

    `losses_a`, `losses_b`: in the order of domain.record.AB_SIZE.
    """

    trade_date: date
    p_a: float
    p_b: float
    losses_a: Sequence[float]
    losses_b: Sequence[float]
    failed_a: bool
    failed_b: bool


# Live items since the start, by base session.
_PAIRS: Final = text(
    """
    WITH predicted AS (
        SELECT p.trade_date, p.stock_code, p.asof, max(o.y) AS y,
               max(p.p_up) FILTER (WHERE p.model_version_id = :a) AS p_a,
               max(p.p_up) FILTER (WHERE p.model_version_id = :b) AS p_b
        FROM predictions p
        JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version AND o.state = 'final'
        WHERE p.model_version_id IN (:a, :b) AND p.horizon = :horizon AND p.mode = 'live' AND p.asof >= :since
        GROUP BY p.trade_date, p.stock_code, p.asof
    )
    SELECT s.trade_date, coalesce(s.p_a, b.p_up, 0.5), coalesce(s.p_b, b.p_up, 0.5), s.y, s.p_a IS NULL, s.p_b IS NULL
    FROM predicted s
    LEFT JOIN LATERAL (
        SELECT p.p_up FROM predictions p
        JOIN model_versions v ON v.id = p.model_version_id JOIN models m ON m.id = v.model_id AND m.kind = :base
        WHERE p.stock_code = s.stock_code AND p.asof = s.asof AND p.horizon = :horizon AND p.mode = 'live'
        ORDER BY p.model_version_id DESC LIMIT 1
    ) b ON s.p_a IS NULL OR s.p_b IS NULL
    ORDER BY s.trade_date, s.asof, s.stock_code
    """
)

# By metric of sizes: its loss, that of the stock's own record, and where in a stored size the forecast and that record
# say what is equal in two versions that say the same.
_SIZES: Final[dict[str, tuple[str, str, list[str], list[str]]]] = {
    "size_brier": ("brier_3pct", "brier_3pct_own", ["p_3pct"], ["references", "own", "p_3pct"]),
    "size_pinball": ("pinball", "pinball_own", ["expected"], ["usual"]),
}
_SIZE_PAIRS: Final = text(
    """
    WITH said AS (
        SELECT p.model_version_id AS version, p.trade_date, p.stock_code, p.asof, o.size_losses AS losses,
               (p.size #>> CAST(:said AS text[]))::float8 AS said, (p.size #>> CAST(:usual AS text[]))::float8 AS usual
        FROM predictions p
        JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine_version AND o.state = 'final'
        WHERE p.model_version_id IN (:a, :b) AND p.horizon = :horizon AND p.mode = 'live' AND p.asof >= :since
          AND p.size IS NOT NULL AND o.size_losses IS NOT NULL
    )
    SELECT trade_date, coalesce(a.said, b.usual) AS p_a, coalesce(b.said, a.usual) AS p_b,
           a.losses AS losses_a, b.losses AS losses_b
    FROM (SELECT * FROM said WHERE version = :a) a
    FULL JOIN (SELECT * FROM said WHERE version = :b) b USING (trade_date, stock_code, asof)
    ORDER BY trade_date, asof, stock_code
    """
)


async def list_pairs(session: AsyncSession, test: AnyRow) -> list[Pair]:
    """Every scored item of a running test of directions, oldest session first."""
    return [Pair(*tuple(row)) for row in await session.execute(_PAIRS, _bound(test) | {"base": BASE})]


async def list_size_pairs(session: AsyncSession, test: AnyRow) -> list[SizePair]:
    """The same of a test of sizes."""
    _, _, said, usual = _SIZES[test.metric]
    rows = await session.execute(_SIZE_PAIRS, _bound(test) | {"said": said, "usual": usual})
    return [
        SizePair(
            row.trade_date,
            row.p_a,
            row.p_b,
            _losses(row.losses_a, row.losses_b),
            _losses(row.losses_b, row.losses_a),
            row.losses_a is None,
            row.losses_b is None,
        )
        for row in rows
    ]


def _bound(test: AnyRow) -> dict[str, Any]:
    return {
        "a": test.model_version_a,
        "b": test.model_version_b,
        "horizon": test.horizon,
        "since": test.started_at,
        "engine_version": ENGINE_VERSION,
    }


def _losses(own: Sequence[float] | None, other: Sequence[float]) -> list[float]:
    """One loss a metric of AB_SIZE; without a forecast those of the stock's own record, which the other one holds."""
    column = 0 if own is not None else 1
    return [(own or other)[SIZE_LOSSES.index(names[column])] for names in _SIZES.values()]
