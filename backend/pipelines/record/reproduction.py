"""Computes a stored prediction again from what it could read, and compares the two.

That is what was known at its time and stored when it was made: both moments are stored with it. A feature with
look-ahead therefore differs: computed over a longer panel (a replay) it used data that is hidden here.
"""

from dataclasses import dataclass
from datetime import datetime

from backend.domain import verdicts
from backend.domain.forecasts import REST, Forecast, Mode, PredictionItem, TrainedModel
from backend.domain.knowledge import Knowledge
from backend.domain.stock_days import FEATURE_SET
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import forecasts, rest_of_session
from backend.pipelines.forecasts.forecasts import Known
from backend.pipelines.forecasts.moments import AsOf, plan_moment
from backend.pipelines.forecasts.prices import recompute_prices
from backend.services.forecasts import forecasting
from backend.services.record import reproduction
from backend.services.record.reproduction import StoredPrediction

# The same code computes the probability again; only the order of a sum may differ between machines.
TOLERANCE = 1e-9
_OTHER_FEATURES = "it was made of features that azak computes no more; it can only be audited by the version of then"
_OTHER_FACTS = "what the model looked at is not what it looked at then"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The comparison. `p_up`: the probability computed again, None where nothing could be predicted."""

    prediction: StoredPrediction
    reproduces: bool
    reason: str
    p_up: float | None = None


async def reproduce(context: RunContext, prediction: StoredPrediction) -> Verdict:
    """Compute `prediction` again and compare."""
    async with context.read() as session:
        trained = await reproduction.list_versions(session, prediction)
    version = next(model for model in trained if model.model == prediction.model)
    if version.parameters.get("feature_set") != FEATURE_SET:
        return Verdict(prediction, reproduces=False, reason=_OTHER_FEATURES)
    item = await _item(context, prediction, trained)
    if item is None:
        return Verdict(prediction, reproduces=False, reason="the prices known then are not stored any more")
    if prediction.horizon == REST:
        trained = [version]
    made, failed = await context.models.predict(trained, [item])
    if prediction.model in failed:
        return Verdict(prediction, reproduces=False, reason=f"the model fails: {failed[prediction.model]}")
    return _compare(prediction, version, next(forecast for forecast in made if forecast.model == prediction.model))


async def _item(
    context: RunContext, prediction: StoredPrediction, trained: list[TrainedModel]
) -> PredictionItem | None:
    """The item to predict."""
    code = prediction.stock_code
    moment = plan_moment(context.calendar, prediction.asof, recorded_by=prediction.recorded_by)
    prices = await recompute_prices(context, moment, code)
    news = await forecasts.read_news(context, [moment], [code])
    before = Knowledge(_background_end(context, moment, prediction, trained), moment.recorded_by)
    async with context.read() as session:
        background = await forecasting.background_similarity(session, before, embedder=context.models.embedder_name)
    known = Known(prices, news, background, {code: prediction.base_price_krw})
    if prediction.horizon == REST:
        return rest_of_session.build_item(context.calendar, moment, code, known)
    items = forecasts.build_items(context.calendar, moment, code, known)
    return next((item for item in items if item.horizon == prediction.horizon), None)


def _background_end(
    context: RunContext, moment: AsOf, prediction: StoredPrediction, trained: list[TrainedModel]
) -> datetime:
    """Until when background similarity was measured: live, the start of the news window; replayed, the training."""
    night = next(model.trained_to for model in trained if model.model == prediction.model)
    if prediction.mode == Mode.LIVE or night is None:
        return moment.news_since
    return context.calendar.day(night).closes_at


def _compare(prediction: StoredPrediction, version: TrainedModel, forecast: Forecast) -> Verdict:
    if forecast.features_hash != prediction.features_hash:
        reason = _OTHER_FACTS
    elif abs(forecast.p_up - prediction.p_up) > TOLERANCE:
        reason = "the same facts give another probability"
    elif list(forecast.quantiles_krw) != prediction.quantiles_krw:
        reason = "the same facts give another band"
    elif forecast.size != prediction.size:
        reason = "the same facts give another size"
    elif prediction.verdict is None or prediction.tenth is None:
        reason = "as it was said, with a word of an earlier rule"
        return Verdict(prediction, reproduces=True, reason=reason, p_up=forecast.p_up)
    elif _word(version, forecast, prediction.tenth) == prediction.verdict:
        return Verdict(prediction, reproduces=True, reason="as it was said", p_up=forecast.p_up)
    else:
        reason = "the same facts give another word"
    return Verdict(prediction, reproduces=False, reason=reason, p_up=forecast.p_up)


def _word(version: TrainedModel, forecast: Forecast, tenth: int) -> str:
    """Its place among the stocks of the day is taken as it was stored."""
    proofs = version.parameters["horizons"][str(forecast.horizon)].get("proof", {})
    return verdicts.judge(forecast.lean, verdicts.proof_of(proofs, forecast.lean, tenth)).value
