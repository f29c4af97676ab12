"""Aggregated outcomes: how often a model was right, always with n, interval and baseline.

A metric row is of one model version, horizon, mode and window; the newest trade date is what counts.
Modes are never mixed: a backtest is not a live record.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.evaluations import Metric
from backend.db.tables.models import Model, ModelVersion
from backend.domain import METRIC_VERSION
from backend.errors import NotFoundError
from backend.services.paging import AnyRow, AnySelect, Keyset, Page, fetch_newest

MAX_ROWS = 500
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


def _metrics() -> AnySelect:
    query = select(*_COLUMNS).join(ModelVersion, ModelVersion.id == Metric.model_version_id)
    return query.join(Model, Model.id == ModelVersion.model_id).where(Metric.metric_version == METRIC_VERSION)


async def list_leaderboard(session: AsyncSession, *, horizon: int, mode: str, window: str) -> Sequence[AnyRow]:
    """The newest row of each model version, those that rest on most outcomes first."""
    same = (Metric.horizon == horizon, Metric.mode == mode, Metric.window_name == window)
    newest = _metrics().where(*same).ext(distinct_on(Metric.model_version_id))
    rows = (await session.execute(newest.order_by(Metric.model_version_id, Metric.trade_date.desc()))).all()
    return sorted(rows, key=lambda row: (-row.n, row.model))[:MAX_ROWS]


async def list_latest_of_model(session: AsyncSession, model: str) -> Sequence[AnyRow]:
    """The newest row of each version, horizon, mode and window of one model, without the daily ones."""
    group = (Metric.model_version_id, Metric.horizon, Metric.mode, Metric.window_name)
    newest = _metrics().where(Model.name == model, Metric.window_name != "d").ext(distinct_on(*group))
    ordered = newest.order_by(*group, Metric.trade_date.desc()).limit(MAX_ROWS)
    return (await session.execute(ordered)).all()


async def get_evaluation(session: AsyncSession, model: str) -> Sequence[AnyRow]:
    """As list_latest_of_model; raises NotFoundError for an unknown model."""
    rows = await list_latest_of_model(session, model)
    if not rows:
        await _require_model(session, model)
    return rows


async def list_daily(session: AsyncSession, keyset: Keyset, *, model: str, horizon: int, mode: str) -> Page:
    """One row a trading day and version, newest first. Raises NotFoundError for an unknown model."""
    same = (Model.name == model, Metric.horizon == horizon, Metric.mode == mode, Metric.window_name == "d")
    by = [Metric.trade_date, Metric.model_version_id]
    query = _metrics().where(*same)
    page = await fetch_newest(session, query, keyset, by=by, key=lambda row: (row.trade_date, row.model_version_id))
    if not page.items:
        await _require_model(session, model)
    return page


async def _require_model(session: AsyncSession, model: str) -> None:
    if await session.scalar(select(Model.id).where(Model.name == model)) is None:
        raise NotFoundError(f"There is no model named {model!r}; list them with GET /api/models.")
