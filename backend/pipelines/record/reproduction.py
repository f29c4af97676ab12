"""Makes a stored prediction again as of its time, from what the database holds now, and says whether it is the same.

Each moment is read by itself, with no bar, story or label after it in sight. A feature that looks ahead therefore
cannot come out alike: when it was computed over a longer panel (a replay) it saw what is hidden here, and when it was
computed live it did not see what is stored now. Restated prices and late embeddings differ too, and are told apart
from nothing: the answer is only "as it was said, or not".
"""

from dataclasses import dataclass, replace
from datetime import datetime

from backend.domain.forecasts import Forecast, Mode, PredictionItem, TrainedModel
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import forecasts
from backend.pipelines.forecasts.forecasts import Known, Occasion
from backend.services.forecasts import forecasting
from backend.services.record import reproduction
from backend.services.record.reproduction import StoredPrediction

# (bars, effects of stories) of so many closed sessions had not come in yet when it was said: 15:40 is before the bars
# of 15:50 and the effects of 15:55. How many is not stored; the hash tells. To know less is never a look ahead.
LAGS = ((0, 0), (1, 1), (0, 1), (2, 2))
# Probabilities are computed anew by the same code; only the order of a sum may differ between machines.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Verdict:
    """`p_up` is None where nothing could be predicted."""

    prediction: StoredPrediction
    reproduces: bool
    reason: str
    p_up: float | None = None


async def reproduce(context: RunContext, prediction: StoredPrediction) -> Verdict:
    """Predict again what `prediction` said."""
    async with context.read() as session:
        trained = await reproduction.list_versions(session, prediction)
    verdicts = []
    for lag in LAGS:
        verdicts.append(await _reproduce_with(context, prediction, trained, lag))
        if verdicts[-1].reproduces:
            return verdicts[-1]
    return verdicts[0]


async def _reproduce_with(
    context: RunContext, prediction: StoredPrediction, trained: list[TrainedModel], lag: tuple[int, int]
) -> Verdict:
    item = await _item(context, prediction, trained, lag)
    if item is None:
        return Verdict(prediction, reproduces=False, reason="the prices known then are not stored any more")
    made, failed = await context.models.predict(trained, [item])
    if prediction.model in failed:
        return Verdict(prediction, reproduces=False, reason=f"the model fails: {failed[prediction.model]}")
    return _compare(prediction, next(forecast for forecast in made if forecast.model == prediction.model))


async def _item(
    context: RunContext, prediction: StoredPrediction, trained: list[TrainedModel], lag: tuple[int, int]
) -> PredictionItem | None:
    """The item as it was when the last closed sessions had not come in (see LAGS)."""
    code, occasion = prediction.stock_code, forecasts.plan_occasion(context.calendar, prediction.asof)
    with_bars, with_effects = (
        replace(occasion, closed=context.calendar.shift(occasion.closed, -sessions).trade_date) for sessions in lag
    )
    prices = await forecasts.read_prices(context, [with_bars])
    news = await forecasts.read_news(context, [with_effects], [code])
    async with context.read() as session:
        background = await forecasting.background_similarity(
            session,
            embedder=context.models.embedder_name,
            known_before=_background_end(context, occasion, prediction, trained),
        )
    known = Known(prices, news, background, {code: prediction.base_price_krw})
    items = forecasts.build_items(context.calendar, occasion, code, known)
    return next((item for item in items if item.horizon == prediction.horizon), None)


def _background_end(
    context: RunContext, occasion: Occasion, prediction: StoredPrediction, trained: list[TrainedModel]
) -> datetime:
    """Live, unrelated stories count up to the window of news; in a replay up to the session of the training."""
    night = next(model.trained_to for model in trained if model.model == prediction.model)
    if prediction.mode == Mode.LIVE or night is None:
        return occasion.news_since
    return context.calendar.day(night).closes_at


def _compare(prediction: StoredPrediction, forecast: Forecast) -> Verdict:
    if forecast.features_hash != prediction.features_hash:
        reason = "what the model looked at is not what it looked at then"
    elif abs(forecast.p_up - prediction.p_up) > TOLERANCE:
        reason = "the same facts give another probability"
    elif list(forecast.quantiles_krw) != prediction.quantiles_krw:
        reason = "the same facts give another band"
    elif forecast.direction == prediction.direction:
        return Verdict(prediction, reproduces=True, reason="as it was said", p_up=forecast.p_up)
    elif not prediction.against_base_rate:
        reason = "as it was said, with a direction that was still called against one half"
        return Verdict(prediction, reproduces=True, reason=reason, p_up=forecast.p_up)
    else:
        reason = "the same facts give another direction"
    return Verdict(prediction, reproduces=False, reason=reason, p_up=forecast.p_up)
