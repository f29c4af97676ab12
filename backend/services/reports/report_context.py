"""What stands beside prices, stories and forecasts in a report: studies, usual moves, flows, dates, the world, value.

Everything was known at `asof`. Each part is one statement over all asked stocks.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Result, Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.forecasts import HORIZONS
from backend.domain.knowledge import Knowledge
from backend.domain.market import MISSING_PRICES
from backend.domain.understanding.event_studies import ANY
from backend.reports.sheet_parts import DateFacts, FlowFacts, StudyFacts, WorldFacts, flow_facts
from backend.services.market.drivers.world_days import world_moves
from backend.services.record import event_studies

FLOW_SESSIONS: Final = 5
FLOW_AGE: Final = timedelta(days=14)
WORLD_AGE: Final = timedelta(days=4)
USUAL_BARS: Final = 60

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
# The median size of the moves over so many sessions, whose windows overlap.
_USUAL = text("""
    SELECT stock_code, horizon, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(move)) AS usual
    FROM (
        SELECT n.stock_code, h.horizon, n.close / lag(n.close, h.horizon) OVER w - 1 AS move
        FROM (
            SELECT stock_code, trade_date, regular_close_krw * adjust_factor AS close,
                   row_number() OVER (PARTITION BY stock_code ORDER BY trade_date DESC) AS nth
            FROM daily_bars
            WHERE stock_code = ANY (CAST(:codes AS text[])) AND trade_date BETWEEN :first AND :trade_date AND is_final
              AND NOT flags && CAST(:missing AS text[])
              AND NOT flags && '{beyond_limit,other_basis,unknown_action}'
        ) n
        CROSS JOIN unnest(CAST(:horizons AS int[])) AS h (horizon)
        WHERE n.nth <= :bars
        WINDOW w AS (PARTITION BY n.stock_code, h.horizon ORDER BY n.trade_date)
    ) moves
    WHERE move IS NOT NULL
    GROUP BY stock_code, horizon HAVING count(*) >= 20
""")


@dataclass(frozen=True, slots=True)
class Context:
    """By stock code; `usual` by (code, horizon), `world` of all stocks, `studies` by (type, sign)."""

    shares: Mapping[str, int]
    flows: Mapping[str, tuple[FlowFacts, ...]]
    dates: Mapping[str, tuple[DateFacts, ...]]
    usual: Mapping[tuple[str, int], float]
    world: tuple[WorldFacts, ...]
    studies: Mapping[tuple[str, str], tuple[StudyFacts, ...]]


async def read_context(session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date) -> Context:
    """What was known of these stocks at `asof`; `trade_date` names the session that runs or was the last to open."""
    bound: dict[str, Any] = {"codes": list(codes), "asof": asof}
    shares = await session.execute(_SHARES, bound)
    flows = _grouped(await session.execute(_FLOWS, bound | {"since": trade_date - FLOW_AGE}))
    dates = _grouped(await session.execute(_DATES, bound | {"trade_date": trade_date}))
    windows = {
        "codes": list(codes), "first": trade_date - timedelta(days=200), "trade_date": trade_date, "bars": USUAL_BARS,
        "missing": sorted(MISSING_PRICES), "horizons": list(HORIZONS),
    }  # fmt: skip
    usual = await session.execute(_USUAL, windows)
    return Context(
        shares={row.code: row.shares for row in shares},
        flows={code: flow_facts(rows[:FLOW_SESSIONS]) for code, rows in flows.items()},
        dates={
            code: tuple(DateFacts("ex_date", row.ex_date, row.factor) for row in rows) for code, rows in dates.items()
        },
        usual={(row.stock_code, row.horizon): round(row.usual, 6) for row in usual},
        world=await _world(session, asof),
        studies=await _studies(session, asof),
    )


def _grouped(rows: Result[Any]) -> dict[str, list[Row[Any]]]:
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
