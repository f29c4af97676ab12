"""Reads metrics for the API: leaderboard, calibration and figures of a model, always with n, interval and baseline.

A metric row is of one model, horizon, mode and window, under its newest version; the newest trade date counts. Modes
are never mixed: a backtest is not a live record. Models of some kinds are listed with
their live record only (domain.members.SCORED_LIVE_ONLY).
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow, AnySelect, Keyset, Page, fetch_newest
from backend.db.tables.evaluations import Metric
from backend.db.tables.models import Model, ModelVersion
from backend.domain.members import BASE, BENCHMARKS, SCORED_LIVE_ONLY, SIZE
from backend.domain.record import METRIC_VERSION, RANKED_SESSIONS
from backend.errors import NotFoundError

MAX_ROWS = 500
# A skill is shown with this many decimals; one that rounds to 0 is no skill (equal forecasts give 1e-17).
SKILL_DIGITS: Final = 4
_COLUMNS = (
    Model.name.label("model"),
    Model.kind.label("model_kind"),
    ModelVersion.version,
    Metric.model_version_id,
    Metric.horizon,
    Metric.mode,
    Metric.window_name.label("window"),
    Metric.trade_date,
    Metric.n,
    Metric.n_days,
    Metric.n_eff,
    Metric.values.label("metrics"),
    Metric.computed_at,
)
# Every model, also one without outcomes yet or no longer active: a list of the survivors alone would flatter them.
# The newest sessions come first in the index, so that each model's row is found among the first few entries.
_NEWEST: Final = text(
    """
    SELECT m.name AS model, m.kind AS model_kind, m.is_active, m.is_shown, coalesce(e.same_as, m.id) AS same_as, f.*
    FROM models m
    LEFT JOIN equal_models e ON e.model_id = m.id AND e.horizon = :horizon AND e.mode = :mode
         AND e.window_name = :window AND e.metric_version = :metric_version
    LEFT JOIN LATERAL (
        SELECT v.version, c.model_version_id, c.trade_date, c.n, c.n_days, c.n_eff, c.computed_at,
               (SELECT jsonb_object_agg(key, value) FROM jsonb_each(c.metric_values)
                 WHERE CAST(:kept AS text[]) IS NULL OR key = ANY (:kept)) AS metric_values,
               CASE WHEN :detailed THEN c.details END AS details
        FROM metrics c JOIN model_versions v ON v.id = c.model_version_id AND v.model_id = m.id
        WHERE c.horizon = :horizon AND c.mode = :mode AND c.window_name = :window AND c.metric_version = :metric_version
        ORDER BY c.trade_date DESC, c.model_version_id DESC LIMIT 1
    ) f ON true
    WHERE (m.is_active OR f.n IS NOT NULL) AND (m.kind <> ALL (CAST(:live_only AS text[])) OR :mode = 'live')
      AND (CAST(:model AS text) IS NULL AND m.kind <> :undirected OR m.name = :model)
    ORDER BY m.id
    """
)
_STANDING: Final = (
    "brier_skill", "accuracy", "accuracy_shown", "coverage", "log_loss", "crps", "rank_ic", "sessions_needed", "money",
)  # fmt: skip


def _metrics() -> AnySelect:
    query = select(*_COLUMNS).join(ModelVersion, ModelVersion.id == Metric.model_version_id)
    return query.join(Model, Model.id == ModelVersion.model_id).where(Metric.metric_version == METRIC_VERSION)


async def _newest(session: AsyncSession, **wanted: Any) -> Sequence[RowMapping]:
    defaults = {"model": None, "kept": None, "detailed": False}
    bound = (
        defaults | {"metric_version": METRIC_VERSION, "live_only": list(SCORED_LIVE_ONLY), "undirected": SIZE} | wanted
    )
    return (await session.execute(_NEWEST, bound)).mappings().all()


async def list_newest(session: AsyncSession, *, horizon: int, mode: str, window: str) -> Sequence[dict[str, Any]]:
    """The newest metric row of each model that has one, largest n first."""
    rows = await _newest(session, horizon=horizon, mode=mode, window=window)
    place = {"horizon": horizon, "mode": mode, "window": window}
    found = [{**row, **place, "metrics": row["metric_values"]} for row in rows if row["n"] is not None]
    return sorted(found, key=lambda row: (-row["n"], row["model"]))[:MAX_ROWS]


async def list_leaderboard(session: AsyncSession, *, horizon: int, mode: str, window: str) -> list[dict[str, Any]]:
    """Every model, best first by the lower bound of its Brier skill; records of too few sessions follow unranked.

    Models that say the same share a rank, and so do bounds that are equal in the digits that are shown.
    The base rate and the benchmark rules are always on it, also before their first outcome.
    """
    found = await _newest(session, horizon=horizon, mode=mode, window=window, kept=list(_STANDING))
    rows = [_standing(row) for row in found]
    bounds: dict[int, float] = {}
    for row in rows:
        bounds[row["same_as"]] = max(bounds.get(row["same_as"], -math.inf), _lower_bound(row))
    rows.sort(key=lambda row: (row["too_early"], -bounds[row["same_as"]], -row["n_days"], row["model"]))
    ranked = [row for row in rows if not row["too_early"]]
    first_of: dict[float, int] = {}
    for place, row in enumerate(ranked, start=1):
        row["rank"] = first_of.setdefault(bounds[row["same_as"]], place)
    return rows


def _lower_bound(row: dict[str, Any]) -> float:
    """Of the Brier skill in the digits that are shown; 0 for a model that says what the base rate says."""
    skill = row["brier_skill"] or {}
    if skill.get("low") is None:
        return 0.0 if skill.get("value") == 0 else -math.inf
    return round(float(skill["low"]), SKILL_DIGITS)


def _standing(row: RowMapping) -> dict[str, Any]:
    values: dict[str, Any] = row["metric_values"] or {}
    too_early = (row["n_days"] or 0) < RANKED_SESSIONS
    figures = {name: values.get(name) for name in _STANDING}
    low = (figures["brier_skill"] or {}).get("low")
    return {
        **row,
        **figures,
        "rank": None,
        "n": row["n"] or 0,
        "n_days": row["n_days"] or 0,
        "too_early": too_early,
        "has_skill": not too_early and low is not None and round(low, SKILL_DIGITS) > 0,
        "is_benchmark": row["model_kind"] in (BASE, *BENCHMARKS),
        "is_shadow": row["model_kind"] in SCORED_LIVE_ONLY,
    }


async def list_latest_of_model(session: AsyncSession, model: str) -> Sequence[AnyRow]:
    """The newest row of each horizon, mode and window of one model, without the daily ones."""
    group = (Metric.horizon, Metric.mode, Metric.window_name)
    newest = _metrics().where(Model.name == model, Metric.window_name != "d").ext(distinct_on(*group))
    order = (*group, Metric.trade_date.desc(), Metric.model_version_id.desc())
    return (await session.execute(newest.order_by(*order).limit(MAX_ROWS))).all()


async def get_evaluation(session: AsyncSession, model: str) -> Sequence[AnyRow]:
    """As list_latest_of_model, but raises NotFoundError for an unknown model."""
    rows = await list_latest_of_model(session, model)
    if not rows:
        await _require_model(session, model)
    return rows


async def list_daily(
    session: AsyncSession, keyset: Keyset, *, model: str, horizon: int, mode: str, figures: Collection[str]
) -> Page:
    """One row per session and version, newest first, with all `figures` if there are none named.

    Raises NotFoundError for an unknown model.
    """
    same = (Model.name == model, Metric.horizon == horizon, Metric.mode == mode, Metric.window_name == "d")
    by = [Metric.trade_date, Metric.model_version_id]
    query = _metrics().where(*same)
    page = await fetch_newest(session, query, keyset, by=by, key=lambda row: (row.trade_date, row.model_version_id))
    if not page.items:
        await _require_model(session, model)
    return replace(page, items=[_only(row, figures) for row in page.items]) if figures else page


def _only(row: AnyRow, figures: Collection[str]) -> dict[str, Any]:
    named = {name: value for name, value in row.metrics.items() if name in figures}
    return row._asdict() | {"metrics": named}


async def _newest_of(session: AsyncSession, *, model: str, detailed: bool, **place: Any) -> dict[str, Any]:
    """The newest row of one model; n is 0 and the rest is empty before its first outcome. Raises NotFoundError."""
    rows = await _newest(session, model=model, detailed=detailed, **place)
    if not rows:
        await _require_model(session, model)
    row: dict[str, Any] = dict(rows[0]) if rows else {"model": model}
    counts = {name: row.get(name) or 0 for name in ("n", "n_days")}
    empty = {"version": None, "trade_date": None, "metric_values": None, "details": None}
    return {**empty, **row, **place, **counts, "model": model}


async def get_calibration(session: AsyncSession, **place: Any) -> dict[str, Any]:
    """Calibration bins (forecast against frequency) and the parts of the Brier score. Raises NotFoundError."""
    row = await _newest_of(session, detailed=False, **place)
    values = row["metric_values"] or {}
    parts = {name: values.get(name) for name in ("ece", "brier", "brier_parts", "by_confidence")}
    bins = (parts["ece"] or {}).get("bins", [])
    return {**row, **parts, "bins": bins, "by_confidence": parts["by_confidence"] or []}


async def list_stock_figures(session: AsyncSession, **place: Any) -> dict[str, Any]:
    """The metrics of one model per stock, largest n first. Raises NotFoundError."""
    row = await _newest_of(session, detailed=True, **place)
    return {**row, "items": (row["details"] or {}).get("stocks", [])}


async def _require_model(session: AsyncSession, model: str) -> None:
    if await session.scalar(select(Model.id).where(Model.name == model)) is None:
        raise NotFoundError(f"There is no model named {model!r}; list them with GET /api/models.")
