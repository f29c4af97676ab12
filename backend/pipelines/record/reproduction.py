"""Computes a stored prediction again as of its time, from what the database holds now, and compares the two.

Only bars, stories and labels up to that time are read. A feature with look-ahead therefore differs: computed over a
longer panel (a replay) it used data that is hidden here, and computed live it lacked data that is stored now. Restated
prices and late embeddings make a prediction differ as well; the causes are not told apart.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from backend.domain import verdicts
from backend.domain.forecasts import Forecast, Mode, PredictionItem, TrainedModel
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import forecasts
from backend.pipelines.forecasts.forecasts import AsOf, Known
from backend.services.forecasts import forecasting
from backend.services.record import reproduction
from backend.services.record.reproduction import StoredPrediction

# (sessions of bars, sessions of impacts) that had not been stored yet at the time: a prediction of 15:40 comes before
# the bars of 15:50 and the impacts of 15:55. How many is not stored, so each is tried until the hash of the features is
# equal. Less data is never look-ahead.
LAGS = ((0, 0), (1, 1), (0, 1), (2, 2))
# The same code computes the probability again; only the order of a sum may differ between machines.
TOLERANCE = 1e-9
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
    verdicts = []
    for lag in LAGS:
        verdicts.append(await _reproduce_with(context, prediction, trained, lag))
        if verdicts[-1].reproduces:
            return verdicts[-1]
    return next((verdict for verdict in verdicts if verdict.reason != _OTHER_FACTS), verdicts[0])


async def _reproduce_with(
    context: RunContext, prediction: StoredPrediction, trained: list[TrainedModel], lag: tuple[int, int]
) -> Verdict:
    item = await _item(context, prediction, trained, lag)
    if item is None:
        return Verdict(prediction, reproduces=False, reason="the prices known then are not stored any more")
    made, failed = await context.models.predict(trained, [item])
    if prediction.model in failed:
        return Verdict(prediction, reproduces=False, reason=f"the model fails: {failed[prediction.model]}")
    version = next(model for model in trained if model.model == prediction.model)
    return _compare(prediction, version, next(forecast for forecast in made if forecast.model == prediction.model))


async def _item(
    context: RunContext, prediction: StoredPrediction, trained: list[TrainedModel], lag: tuple[int, int]
) -> PredictionItem | None:
    """The item to predict, without the last sessions of bars and impacts (see LAGS)."""
    code = prediction.stock_code
    moment = forecasts.plan_moment(context.calendar, prediction.asof, recorded_by=prediction.recorded_by)
    with_bars, with_effects = (
        replace(moment, settled=context.calendar.shift(moment.closed, -sessions).trade_date) for sessions in lag
    )
    prices = await forecasts.recompute_prices(context, with_bars, code)
    news = await forecasts.read_news(context, [with_effects], [code])
    async with context.read() as session:
        background = await forecasting.background_similarity(
            session,
            embedder=context.models.embedder_name,
            known_before=_background_end(context, moment, prediction, trained),
        )
    known = Known(prices, news, background, {code: prediction.base_price_krw})
    items = forecasts.build_items(context.calendar, with_bars, code, known)
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
