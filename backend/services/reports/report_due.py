"""Which stocks are due for a report, and storing one.

Only a stock with news has something to report: the briefs tell of the others. Of those due is one without a report,
with a new material story, after an unusual move, with a changed forecast, or whose report is old; at the earliest 20
minutes after the last one. One statement reads the state of all stocks, a pure rule
per stock decides. A stock whose facts did not change is skipped later by its hash, so being due is cheap.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.reports import Report
from backend.db.upsert import upsert
from backend.internal import ReportTrigger

FLOOR: Final = timedelta(minutes=20)
MAX_A_RUN: Final = 200
# News of so many days makes a stock worth a report, as many as a report tells.
NEWS_AGE: Final = timedelta(days=7)
MATERIAL: Final = 2
LEAST_MOVE: Final = 0.01
MOVE_SIGMAS_OPEN, MOVE_SIGMAS_CLOSED = 1.5, 2.5
LEAST_CHANGE_OF_P: Final = 0.04
# Without a stored sigma: the usual daily move of a KRX stock.
USUAL_SIGMA: Final = 0.02


@dataclass(frozen=True, slots=True)
class MarketPhase:
    """Phase of the trading day: decides how large a move counts and how old a report may be (None: any age)."""

    is_open: bool
    longest_age: timedelta | None


@dataclass(frozen=True, slots=True)
class ReportState:
    """The last report of a stock (None without one) and the current price, forecasts and news.

    `has_news`: it has a story of the last NEWS_AGE.
    """

    stock_code: str
    priority: int
    reported_at: datetime | None
    fact_hash: str | None
    targets: Mapping[str, Any]
    price_krw: int | None
    sigma: float | None
    forecasts: Mapping[str, Mapping[str, Any]]
    new_materiality: int
    has_news: bool = True


@dataclass(frozen=True, slots=True)
class DueStock:
    """A stock to write about, and why."""

    stock_code: str
    trigger: ReportTrigger
    fact_hash: str | None


_STATES = text("""
    SELECT s.code AS stock_code, s.priority, r.asof AS reported_at, r.fact_hash,
           coalesce(r.targets, '{}') AS targets,
           coalesce(q.last_price_krw, round(b.regular_close_krw)::int) AS price_krw,
           f.sigma, coalesce(f.forecasts, '{}') AS forecasts, coalesce(n.materiality, 0) AS new_materiality,
           w.stock_code IS NOT NULL AS has_news
    FROM stocks s
    LEFT JOIN LATERAL (
        SELECT asof, fact_hash, targets FROM reports
        WHERE stock_code = s.code AND asof <= :asof ORDER BY asof DESC, id DESC LIMIT 1
    ) r ON true
    LEFT JOIN quotes q ON q.stock_code = s.code AND q.ts <= :asof
    LEFT JOIN LATERAL (
        SELECT regular_close_krw FROM daily_bars WHERE stock_code = s.code ORDER BY trade_date DESC LIMIT 1
    ) b ON true
    LEFT JOIN LATERAL (
        SELECT min(sigma) AS sigma,
               jsonb_object_agg(horizon, jsonb_build_object('p_up', p_up, 'direction', direction)) AS forecasts
        FROM (
            SELECT DISTINCT ON (p.horizon) p.horizon, p.p_up, p.sigma,
                   CASE WHEN p.verdict = 'call' THEN p.direction ELSE 'hold' END AS direction
            FROM predictions p
            JOIN model_versions v ON v.id = p.model_version_id
            JOIN models m ON m.id = v.model_id AND m.is_shown
            WHERE p.stock_code = s.code AND p.mode = 'live' AND p.asof <= :asof
            ORDER BY p.horizon, p.asof DESC, p.id DESC
        ) newest
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT max(st.materiality) AS materiality
        FROM counting_links_as_of(:asof, :asof) l
        JOIN stories st ON st.id = l.story_id
        WHERE l.stock_code = s.code AND l.known_at > r.asof
          AND st.first_known_at > r.asof
    ) n ON true
    LEFT JOIN (
        SELECT DISTINCT l.stock_code FROM counting_links_as_of(:asof, :asof) l
        JOIN stories st ON st.id = l.story_id AND st.first_known_at > :since
        WHERE l.known_at > :since
    ) w ON w.stock_code = s.code
    WHERE s.is_forecast AND (CAST(:codes AS text[]) IS NULL OR s.code = ANY (CAST(:codes AS text[])))
    ORDER BY s.code
""")


async def list_report_states(
    session: AsyncSession, *, asof: datetime, codes: Sequence[str] | None = None
) -> list[ReportState]:
    """The state of all active stocks, or of those in `codes`."""
    asked = codes if codes is None else list(codes)
    rows = await session.execute(_STATES, {"asof": asof, "codes": asked, "since": asof - NEWS_AGE})
    return [ReportState(**row) for row in rows.mappings()]


def _moved(state: ReportState, phase: MarketPhase) -> bool:
    before = state.targets.get("price_krw")
    if not before or state.price_krw is None:
        return False
    sigmas = MOVE_SIGMAS_OPEN if phase.is_open else MOVE_SIGMAS_CLOSED
    return bool(abs(state.price_krw / before - 1) >= max(LEAST_MOVE, sigmas * (state.sigma or USUAL_SIGMA)) - 1e-9)


def _forecast_changed(state: ReportState) -> bool:
    reported = state.targets.get("horizons", {})
    return any(_differs(reported.get(horizon), forecast) for horizon, forecast in state.forecasts.items())


def _differs(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    if before is None or before["direction"] != now["direction"]:
        return True
    # Tolerance, because 0.54 - 0.50 is not exactly 0.04 in floating point.
    return bool(abs(before["p_up"] - now["p_up"]) >= LEAST_CHANGE_OF_P - 1e-9)


def choose_trigger(state: ReportState, phase: MarketPhase, now: datetime) -> ReportTrigger | None:
    """Why this stock needs a report, or None."""
    if state.reported_at is None:
        return "first" if state.has_news else None
    age = now - state.reported_at
    if not state.has_news or age < FLOOR:
        return None
    if state.new_materiality >= MATERIAL:
        return "story"
    if _moved(state, phase):
        return "move"
    if _forecast_changed(state):
        return "forecast"
    return "age" if phase.longest_age is not None and age >= phase.longest_age else None


async def list_due_stocks(session: AsyncSession, *, asof: datetime, phase: MarketPhase) -> list[DueStock]:
    """At most MAX_A_RUN stocks: the most material first, then by priority (1 first), then the oldest report."""
    states = await list_report_states(session, asof=asof)
    due = [(state, trigger) for state in states if (trigger := choose_trigger(state, phase, asof))]
    due.sort(key=lambda pair: _urgency(pair[0]))
    return [DueStock(state.stock_code, trigger, state.fact_hash) for state, trigger in due[:MAX_A_RUN]]


def _urgency(state: ReportState) -> tuple[int, int, float, str]:
    reported = state.reported_at.timestamp() if state.reported_at else 0.0
    return -state.new_materiality, state.priority, reported, state.stock_code


async def list_asked_stocks(session: AsyncSession, codes: Sequence[str], *, asof: datetime) -> list[DueStock]:
    """The active stocks in `codes`, requested by a person: no minimum age, no limit; priority 1 first."""
    states = await list_report_states(session, asof=asof, codes=codes)
    states.sort(key=lambda state: (state.priority, state.stock_code))
    return [DueStock(state.stock_code, "person", state.fact_hash) for state in states]


def with_corrections(due: Sequence[DueStock], wrong: Collection[str]) -> list[DueStock]:
    """The same with the stocks in `wrong`, whose reports said what is not so: they come first and at any age."""
    first = [DueStock(code, "correction", None) for code in sorted(wrong)]
    return [*first, *(stock for stock in due if stock.stock_code not in wrong)]


# Locked until the report is stored: a stock that is archived meanwhile is archived before or after, not in between.
_IS_REPORTED = text("SELECT 1 FROM stocks WHERE code = :code AND is_forecast FOR SHARE")


async def record_report(session: AsyncSession, *, run_id: uuid.UUID, **values: Any) -> int | None:
    """Store a report. Its id; None, and nothing is stored, if this run has one of this stock or it is gone by now."""
    if await session.scalar(_IS_REPORTED, {"code": values["stock_code"]}) is None:
        return None
    row = {"run_id": run_id, **values}
    written = await upsert(session, Report, [row], key=["run_id", "stock_code"], returning=["id"])
    return int(written[0][0]) if written else None
