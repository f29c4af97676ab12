"""Studies of events: what they are computed from, and the snapshots they are kept in."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.event_studies import EventStudy
from backend.db.upsert import upsert
from backend.domain.knowledge import Knowledge
from backend.domain.stock_days import FEATURE_SET, FEATURES
from backend.domain.understanding.event_studies import (
    ALL_STOCKS,
    ANY,
    UNSTUDIED_SCOPES,
    UNSTUDIED_TYPES,
    Study,
    StudyVerdict,
    size_of,
)

KEY: Final = ("computed_at", "stock_code", "type", "sign", "size", "horizon")
# What is older tells of another market.
MEMORY: Final = timedelta(days=3 * 365)
# The newest ones, of all horizons together; more would not fit into one call of the model process.
MOST: Final = 600_000

Columns = dict[str, list[Any]]

# The event is that of the text which the impact was measured after, as it was read then. `drift`: the feature ar5 of
# the last close before the news.
_OBSERVATIONS: Final = text(f"""
    SELECT i.horizon, i.stock_code, i.exit_trade_date::text AS day, i.adjusted_return, i.z,
           v.event_type, v.sign, v.share, v.surprise, d.drift
    FROM impacts_as_of(:known_by, :recorded_by) i
    JOIN news_versions v ON v.news_id = i.news_id AND v.version = i.version
     AND is_evidence(v.known_at, v.recorded_at, v.retired_at, :known_by, :recorded_by)
    LEFT JOIN LATERAL (
        SELECT s.features[{FEATURES.index("ar5") + 1}] AS drift FROM stock_days s
        WHERE :with_drift AND s.stock_code = i.stock_code AND s.feature_set = {FEATURE_SET}
          AND s.trade_date > v.known_at::date - 15 AND s.trade_date <= v.known_at::date + 1
          AND s.known_at <= v.known_at AND s.recorded_at <= :recorded_by
        ORDER BY s.trade_date DESC LIMIT 1
    ) d ON true
    WHERE i.state = 'final' AND i.known_at > CAST(:known_by AS timestamptz) - CAST(:memory AS interval)
      AND v.event_type <> ALL (CAST(:types AS text[])) AND v.scope <> ALL (CAST(:scopes AS text[]))
    ORDER BY i.known_at DESC, i.story_id, i.stock_code, i.horizon LIMIT :most
""")  # noqa: S608  (constants of this code)


async def list_observations(
    session: AsyncSession, knowledge: Knowledge, *, in_sigmas: bool = False, with_drift: bool = False
) -> dict[str, Columns]:
    """By horizon (text) the columns of backend.stats.event_study.Observations, from outcomes that were known by then.

    `in_sigmas`: moves in daily sigmas times the root of the horizon, else fractions.
    """
    bound = knowledge.bound() | {
        "with_drift": with_drift, "memory": MEMORY, "most": MOST, "types": list(UNSTUDIED_TYPES),
        "scopes": [scope.value for scope in UNSTUDIED_SCOPES],
    }  # fmt: skip
    horizons: dict[str, Columns] = {}
    for row in await session.execute(_OBSERVATIONS, bound):
        values = {
            "types": row.event_type, "signs": row.sign, "sizes": size_of(row.share, row.surprise).value,
            "stocks": row.stock_code, "days": row.day, "moves": row.z if in_sigmas else row.adjusted_return,
            "drifts": row.drift,
        }  # fmt: skip
        columns = horizons.setdefault(str(row.horizon), {name: [] for name in values})
        for name, value in values.items():
            columns[name].append(value)
    return horizons


async def list_newest(
    session: AsyncSession, *, by: datetime | None = None, stock_code: str | None = ALL_STOCKS
) -> tuple[datetime | None, list[Study]]:
    """The newest snapshot, or the newest of those computed by `by`, and its moment; None where there is none yet.

    `stock_code`: the studies of one stock, ALL_STOCKS those of all together, None both.
    """
    newest = select(func.max(EventStudy.computed_at)).where(EventStudy.stock_code == ALL_STOCKS)
    moment = await session.scalar(newest if by is None else newest.where(EventStudy.computed_at <= by))
    query = select(EventStudy).where(EventStudy.computed_at == moment).order_by(*_ORDER)
    rows = await session.scalars(query if stock_code is None else query.where(EventStudy.stock_code == stock_code))
    return moment, [Study(**{name: getattr(row, name) for name in Study.__slots__}) for row in rows]


_ORDER: Final = (EventStudy.stock_code, EventStudy.type, EventStudy.sign, EventStudy.size, EventStudy.horizon)


async def list_without_effect(session: AsyncSession) -> set[tuple[str, str]]:
    """(type, sign) of events that move nothing by the newest studies of all stocks: none at 1 session, effect at none.

    A study of too few events says neither.
    """
    _, studies = await list_newest(session)
    found: dict[tuple[str, str], dict[int, str]] = {}
    for study in studies:
        if study.size == ANY and ANY not in (study.type, study.sign):
            found.setdefault((study.type, study.sign), {})[study.horizon] = study.verdict
    return {
        kind
        for kind, verdicts in found.items()
        if verdicts.get(1) == StudyVerdict.NONE and StudyVerdict.EFFECT not in verdicts.values()
    }


async def record_snapshot(session: AsyncSession, computed_at: datetime, studies: Sequence[Study]) -> int:
    """Store `studies` unless they are those of the newest snapshot; returns how many were written."""
    _, stored = await list_newest(session, stock_code=None)
    if set(stored) == set(studies):
        return 0
    new = [{"computed_at": computed_at, **asdict(study)} for study in studies]
    return len(await upsert(session, EventStudy, new, key=KEY))
