"""Reads forecasts for the API: lists, and one with its evidence and outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.json_pages import Filters, JsonList, JsonPage
from backend.db.paging import AnyRow, AnySelect, Keyset
from backend.db.reader import Reader
from backend.db.tables.evaluations import Outcome
from backend.db.tables.models import Model, ModelVersion
from backend.db.tables.news import News
from backend.db.tables.predictions import LaterVerdict, Prediction
from backend.domain.forecasts import Verdict
from backend.errors import NotFoundError
from backend.services.forecasts.words import VERDICT
from backend.services.market.stocks import require_listed

_LATER = select(LaterVerdict.verdict).where(LaterVerdict.prediction_id == Prediction.id)
_VERDICT = func.coalesce(
    Prediction.verdict, _LATER.order_by(LaterVerdict.rule.desc()).limit(1).scalar_subquery(), Verdict.NONE.value
)
_COLUMNS = (
    Prediction.id,
    Prediction.stock_code,
    Model.name.label("model"),
    Model.kind.label("model_kind"),
    ModelVersion.version,
    Prediction.asof,
    Prediction.trade_date,
    Prediction.horizon,
    Prediction.mode,
    Prediction.p_up,
    Prediction.direction,
    _VERDICT.label("verdict"),
    Prediction.confidence,
    Prediction.base_price_krw,
    Prediction.quantiles_krw,
    Prediction.entry_ts,
    Prediction.exit_trade_date,
    Prediction.story_id,
    Prediction.explanation,
    Prediction.size,
)
_DETAIL_COLUMNS = (*_COLUMNS, Prediction.sigma, Prediction.evidence, Prediction.features_hash, Prediction.created_at)
_OUTCOME_COLUMNS = (
    Outcome.state,
    Outcome.void_reason,
    Outcome.engine_version,
    Outcome.entry_price_krw,
    Outcome.exit_trade_date,
    Outcome.exit_price_krw,
    Outcome.raw_return,
    Outcome.adjusted_return,
    Outcome.y,
    Outcome.in_band,
    Outcome.loss_brier,
    Outcome.loss_log,
    Outcome.evaluated_at,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A news item that a forecast is based on, with its share of the weight."""

    news_id: int
    weight: float | None
    title: str | None


@dataclass(frozen=True, slots=True)
class PredictionDetail:
    """One forecast with its evidence and its outcome (None until its exit is scored)."""

    prediction: AnyRow
    evidence: Sequence[Evidence]
    outcome: AnyRow | None


def _from_versions(columns: Sequence[Any]) -> AnySelect:
    query = select(*columns).join(ModelVersion, ModelVersion.id == Prediction.model_version_id)
    return query.join(Model, Model.id == ModelVersion.model_id)


_LIST = JsonList(
    columns=f"""
        p.id, p.stock_code, m.name AS model, m.kind AS model_kind, v.version, p.asof, p.trade_date, p.horizon, p.mode,
        p.p_up, {VERDICT} AS verdict, p.direction, p.confidence, p.base_price_krw, p.quantiles_krw,
        p.entry_ts, p.exit_trade_date, p.story_id, p.explanation, p.size - 'references' AS size,
        o.state AS outcome_state, o.adjusted_return, o.y,
        o.in_band, o.engine_version,
        round(p.base_price_krw * (1 + o.gap) * (1 + o.raw_return))::int AS exit_adjusted_krw
    """,
    source="""
        predictions p JOIN model_versions v ON v.id = p.model_version_id JOIN models m ON m.id = v.model_id
        LEFT JOIN LATERAL (
            SELECT * FROM outcomes WHERE prediction_id = p.id ORDER BY engine_version::int DESC LIMIT 1
        ) o ON true
    """,
    order=("p.asof", "p.id"),
    key=("asof", "id"),
)


async def list_predictions(
    reader: Reader,
    keyset: Keyset,
    *,
    mode: str,
    stock_code: str | None = None,
    model: str | None = None,
    horizon: int | None = None,
) -> JsonPage:
    """Forecasts of one mode, newest first by (asof, id), each with its outcome so far.

    Raises NotFoundError for an unknown stock.
    """
    filters = Filters()
    filters.add("p.mode = {}", mode)
    if stock_code is not None:
        filters.add("p.stock_code = {}", stock_code)
    if model is not None:
        filters.add("m.name = {}", model)
    if horizon is not None:
        filters.add("p.horizon = {}", horizon)
    page = await _LIST.fetch(reader, keyset, filters)
    if stock_code is not None and not page.items:
        await require_listed(reader, stock_code)
    return page


async def get_prediction(session: AsyncSession, prediction_id: int) -> PredictionDetail:
    """One forecast. Raises NotFoundError."""
    query = _from_versions(_DETAIL_COLUMNS).where(Prediction.id == prediction_id)
    prediction = (await session.execute(query)).one_or_none()
    if prediction is None:
        raise NotFoundError(f"There is no prediction {prediction_id}; list them with GET /api/prediction.")
    # By the newest rules that scored it: after an update those before, until it is scored again.
    newest = select(*_OUTCOME_COLUMNS).where(Outcome.prediction_id == prediction_id)
    outcome = (await session.execute(newest.order_by(cast(Outcome.engine_version, Integer).desc()))).first()
    return PredictionDetail(prediction, await _list_evidence(session, prediction.evidence), outcome)


async def _list_evidence(session: AsyncSession, evidence: Sequence[dict[str, Any]]) -> list[Evidence]:
    ids = [item["news_id"] for item in evidence]
    rows = await session.execute(select(News.id, News.title).where(News.id.in_(ids))) if ids else ()
    titles = {row.id: row.title for row in rows}
    return [Evidence(item["news_id"], item.get("weight"), titles.get(item["news_id"])) for item in evidence]
