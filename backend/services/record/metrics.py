"""Metrics: aggregates of outcomes per model, horizon, mode and window, recomputed, never incremented.

Versions change at every training (nightly; every 20 sessions in the replay), so a window of one version would never
hold enough days. Rows therefore aggregate over **all versions of the model** and carry the newest version among the
outcomes they rest on; a row that moved to a newer version replaces the old one. `trade_date` is the base session of
the predictions; "d" is that session alone, "20"/"60"/"250" the last so many sessions with outcomes up to it, "all"
everything up to it. "d" rows exist for every session, windows for the sessions that were newest when aggregated.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.evaluations import Metric
from backend.db.upsert import upsert
from backend.domain.record import METRIC_VERSION, METRIC_WINDOWS
from backend.services.record.metric_days import Day

KEY = ("model_version_id", "horizon", "mode", "window_name", "trade_date", "metric_version")
DAY = "d"
ROLLING = tuple(name for name in METRIC_WINDOWS if name != DAY)


@dataclass(frozen=True, slots=True)
class TouchedGroup:
    """A model, horizon and mode with the sessions whose outcomes may have changed since its metrics were computed."""

    model_id: int
    horizon: int
    mode: str
    trade_dates: list[date]


@dataclass(frozen=True, slots=True)
class Window:
    """Input of one metric row: the sessions `first`..`trade_date` and a hash of their outcomes."""

    window_name: str
    first: date
    trade_date: date
    model_version_id: int
    input_hash: str


async def list_models(session: AsyncSession, *, horizon: int, mode: str) -> set[int]:
    """Models that have metrics of this horizon and mode."""
    bound = {"horizon": horizon, "mode": mode, "metric_version": METRIC_VERSION}
    return set((await session.execute(_MODELS, bound)).scalars())


async def list_stored(session: AsyncSession, group: TouchedGroup) -> dict[tuple[str, date], tuple[int, str]]:
    """(window, trade_date) -> (model_version_id, input_hash) of the stored rows."""
    rows = await session.execute(_STORED, _group(group) | {"metric_version": METRIC_VERSION})
    return {(row.window_name, row.trade_date): (row.model_version_id, row.input_hash) for row in rows}


def _window(name: str, days: Sequence[Day]) -> Window:
    text_of_days = ";".join(f"{day.trade_date}:{day.input_hash}" for day in days)
    digest = hashlib.md5(text_of_days.encode(), usedforsecurity=False).hexdigest()
    newest = max(day.model_version_id for day in days)
    return Window(name, days[0].trade_date, days[-1].trade_date, newest, digest)


def windows_to_compute(
    group: TouchedGroup, days: Sequence[Day], stored: Mapping[tuple[str, date], tuple[int, str]]
) -> list[Window]:
    """The windows of a group whose row is missing or was computed from other outcomes.

    "d" for each touched session; the rolling windows at the newest session and, because an older outcome may have
    been restated, at each later session that has them already.
    """
    position = {day.trade_date: n for n, day in enumerate(days)}
    oldest = min(group.trade_dates)
    ends = {day for name, day in stored if name != DAY and day >= oldest and day in position}
    ends |= {day.trade_date for day in days[-1:]}
    touched = sorted(set(position).intersection(group.trade_dates))
    found = [_window(DAY, days[position[day] : position[day] + 1]) for day in touched]
    for end in sorted(position[day] + 1 for day in ends):
        for name in ROLLING:
            first = 0 if name == "all" else max(0, end - int(name))
            found.append(_window(name, days[first:end]))
    return [w for w in found if stored.get((w.window_name, w.trade_date)) != (w.model_version_id, w.input_hash)]


async def record_metrics(session: AsyncSession, group: TouchedGroup, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store the rows of one group, and delete those that they replace under an older version. Returns how many."""
    new = {
        "names": [row["window_name"] for row in rows],
        "dates": [row["trade_date"] for row in rows],
        "versions": [row["model_version_id"] for row in rows],
    }
    await session.execute(_REPLACED, _group(group) | {"metric_version": METRIC_VERSION} | new)
    columns = [name for name in (rows[0] if rows else ()) if name not in KEY]
    return len(await upsert(session, Metric, rows, key=KEY, update=columns))


async def delete_emptied(session: AsyncSession, group: TouchedGroup, days: Sequence[Day]) -> int:
    """Delete "d" rows of touched sessions without any final outcome (all became void). Returns how many."""
    empty = sorted(set(group.trade_dates) - {day.trade_date for day in days})
    if not empty:
        return 0
    bound = _group(group) | {"metric_version": METRIC_VERSION, "dates": empty}
    return len((await session.execute(_EMPTIED, bound)).all())


def _group(group: TouchedGroup) -> dict[str, Any]:
    return {"model_id": group.model_id, "horizon": group.horizon, "mode": group.mode}


_MODELS = text(
    """
    SELECT DISTINCT v.model_id FROM metrics m JOIN model_versions v ON v.id = m.model_version_id
    WHERE m.horizon = :horizon AND m.mode = :mode AND m.metric_version = :metric_version AND m.window_name = 'all'
    """
)
_STORED = text(
    """
    SELECT m.window_name, m.trade_date, m.model_version_id, m.input_hash
    FROM metrics m JOIN model_versions v ON v.id = m.model_version_id AND v.model_id = :model_id
    WHERE m.horizon = :horizon AND m.mode = :mode AND m.metric_version = :metric_version
    ORDER BY m.model_version_id
    """
)
_REPLACED = text(
    """
    DELETE FROM metrics m USING model_versions v,
        unnest(CAST(:names AS text[]), CAST(:dates AS date[]), CAST(:versions AS int[])) AS r (name, day, version)
    WHERE v.id = m.model_version_id AND v.model_id = :model_id AND m.horizon = :horizon AND m.mode = :mode
      AND m.metric_version = :metric_version AND m.window_name = r.name AND m.trade_date = r.day
      AND m.model_version_id <> r.version
    """
)
_EMPTIED = text(
    """
    DELETE FROM metrics m USING model_versions v
    WHERE v.id = m.model_version_id AND v.model_id = :model_id AND m.horizon = :horizon AND m.mode = :mode
      AND m.metric_version = :metric_version AND m.window_name = 'd' AND m.trade_date = ANY (CAST(:dates AS date[]))
    RETURNING m.id
    """
)
