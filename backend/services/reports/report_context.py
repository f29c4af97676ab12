"""What stands beside prices, stories and forecasts in a report: studies, sizes, flows, dates, the world, value.

Everything was known at `asof`. Each part is one statement over all asked stocks.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Result, Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.forecasts import REST
from backend.domain.knowledge import Knowledge
from backend.domain.members import SIZE
from backend.domain.understanding.event_studies import ANY
from backend.reports.sheet_parts import DateFacts, ExpectedMove, FlowFacts, StudyFacts, WorldFacts, flow_facts
from backend.services.market.drivers.world_days import world_moves
from backend.services.record import event_studies

FLOW_SESSIONS: Final = 5
FLOW_AGE: Final = timedelta(days=14)
WORLD_AGE: Final = timedelta(days=4)

_SHARES = text("""
    SELECT code, shares FROM listings_as_of(:asof, :asof)
    WHERE code = ANY (CAST(:codes AS text[])) AND shares > 0 AND delisted_on IS NULL
""")
_FLOWS = text("""
    SELECT stock_code, trade_date, foreign_shares, institution_shares, individual_shares
    FROM (
        SELECT DISTINCT ON (stock_code, trade_date) *
        FROM investor_flows_as_of(:asof, :asof)
        WHERE stock_code = ANY (CAST(:codes AS text[])) AND trade_date > :since
        ORDER BY stock_code, trade_date DESC, source
    ) f
    ORDER BY stock_code, trade_date DESC
""")
_DATES = text("""
    SELECT DISTINCT ON (stock_code, ex_date) stock_code, ex_date, factor FROM corporate_actions
    WHERE stock_code = ANY (CAST(:codes AS text[])) AND ex_date > :trade_date AND NOT withdrawn
      AND known_at <= :asof AND recorded_at <= :asof
    ORDER BY stock_code, ex_date, factor NULLS LAST, source
""")
_SIZES = text(f"""
    SELECT DISTINCT ON (p.stock_code, p.horizon) p.stock_code, p.horizon,
           (p.size ->> 'expected')::float8 AS expected, (p.size ->> 'usual')::float8 AS usual
    FROM predictions p
    JOIN model_versions v ON v.id = p.model_version_id
    JOIN models m ON m.id = v.model_id AND m.name = '{SIZE}'
    WHERE p.stock_code = ANY (CAST(:codes AS text[])) AND p.mode = 'live' AND p.asof <= :asof AND p.size IS NOT NULL
      AND p.horizon > {REST}
    ORDER BY p.stock_code, p.horizon, p.asof DESC, p.id DESC
""")  # noqa: S608  (a constant of another module)


@dataclass(frozen=True, slots=True)
class Context:
    """By stock code; `world` of all stocks, `studies` by (type, sign)."""

    shares: Mapping[str, int]
    flows: Mapping[str, tuple[FlowFacts, ...]]
    dates: Mapping[str, tuple[DateFacts, ...]]
    sizes: Mapping[str, tuple[ExpectedMove, ...]]
    world: tuple[WorldFacts, ...]
    studies: Mapping[tuple[str, str], tuple[StudyFacts, ...]]


async def read_context(session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date) -> Context:
    """What was known of these stocks at `asof`; `trade_date` names the session that runs or was the last to open."""
    bound: dict[str, Any] = {"codes": list(codes), "asof": asof}
    shares = await session.execute(_SHARES, bound)
    flows = by_stock(await session.execute(_FLOWS, bound | {"since": trade_date - FLOW_AGE}))
    dates = by_stock(await session.execute(_DATES, bound | {"trade_date": trade_date}))
    sizes = by_stock(await session.execute(_SIZES, bound))
    return Context(
        shares={row.code: row.shares for row in shares},
        flows={code: flow_facts(rows[:FLOW_SESSIONS]) for code, rows in flows.items()},
        dates={
            code: tuple(DateFacts("ex_date", row.ex_date, row.factor) for row in rows) for code, rows in dates.items()
        },
        sizes={
            code: tuple(ExpectedMove(row.horizon, row.expected, row.usual) for row in rows)
            for code, rows in sizes.items()
        },
        world=await _world(session, asof),
        studies=await _studies(session, asof),
    )


def by_stock(rows: Result[Any]) -> dict[str, list[Row[Any]]]:
    """The rows by their `stock_code`, in the order they came."""
    groups: dict[str, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.stock_code, []).append(row)
    return groups


async def _world(session: AsyncSession, asof: datetime) -> tuple[WorldFacts, ...]:
    """The last moves abroad that are not older than a long weekend."""
    moves = await world_moves(session, Knowledge.live(asof))
    return tuple(
        WorldFacts(move.symbol.value, move.trade_date, round(math.expm1(move.log_move), 5))
        for _, move in sorted(moves.items())
        if move.known_at > asof - WORLD_AGE
    )


async def _studies(session: AsyncSession, asof: datetime) -> dict[tuple[str, str], tuple[StudyFacts, ...]]:
    """The newest studies of all stocks, of events of any size."""
    _, studies = await event_studies.list_newest(session, by=asof)
    found: dict[tuple[str, str], tuple[StudyFacts, ...]] = {}
    for study in studies:
        if study.size == ANY and ANY not in (study.type, study.sign):
            facts = StudyFacts(
                study.type, study.sign, study.horizon, study.n, study.n_days, round(study.mean, 6),
                None if study.low is None else round(study.low, 6),
                None if study.high is None else round(study.high, 6), study.verdict,
            )  # fmt: skip
            found[study.type, study.sign] = (*found.get((study.type, study.sign), ()), facts)
    return found
