"""Forecasts of the rest of a running session: how large the move from the price of now to the close may be.

Of sizes alone, by the versions that learnt it: which way it goes has no proof within a session.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.domain.forecasts import REST, Mode, PredictionItem, TrainedModel
from backend.domain.members import SIZE
from backend.domain.moves.sizes import known_sizes, rest_sizes
from backend.krx import Calendar
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import forecasts
from backend.pipelines.forecasts.forecasts import Known, SetAside
from backend.pipelines.forecasts.moments import AsOf
from backend.services.forecasts.model_versions import StoredVersion


def speaks_of_it(model: TrainedModel) -> bool:
    """Whether a version says something of the rest of a session; older ones did not learn it."""
    return model.parameters["kind"] == SIZE and str(REST) in model.parameters["horizons"]


def build_item(calendar: Calendar, moment: AsOf, code: str, known: Known) -> PredictionItem | None:
    """The item of one stock; None outside of a session that can be entered, or without a price of it."""
    session = calendar.day(moment.base)
    if moment.closed == moment.base or moment.entry_ts >= session.closes_at:
        return None
    day = known.prices.newest(moment.closed)
    prices = None if day is None else known.prices.days.get((code, day))
    price_krw = known.quotes.get(code)
    if day is None or prices is None or price_krw is None or not prices.is_predictable:
        return None
    left = (session.closes_at - moment.asof) / (session.closes_at - session.opens_at)
    running = rest_sizes(prices.close_krw, price_krw, left)
    if running is None:
        return None
    return PredictionItem(
        stock_code=code,
        asof=moment.asof,
        trade_date=moment.base,
        horizon=REST,
        base_price_krw=price_krw,
        sigma=prices.sigma,
        features={},
        sizes={**known_sizes(prices), **known.prices.sizes.get(day, {}), **running},
    )


async def predict(
    context: RunContext, moment: AsOf, codes: Sequence[str], known: Known, versions: Sequence[StoredVersion]
) -> tuple[list[dict[str, Any]], SetAside]:
    """Rows of predictions by each of `versions` that speaks of it, and failed models."""
    items = [build_item(context.calendar, moment, code, known) for code in codes]
    pairs = [(moment, item) for item in items if item is not None]
    closes_at = context.calendar.day(moment.base).closes_at
    rows: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    for version in versions if pairs else ():
        if speaks_of_it(version.model):
            ids = {version.model.model: version.id}
            made, set_aside = await forecasts.predict_rows(
                context, [version.model], ids, pairs, Mode.LIVE, prices=known.prices
            )
            rows += [_until(row, closes_at) for row in made]
            failed |= set_aside
    return rows, failed


def _until(row: dict[str, Any], closes_at: datetime) -> dict[str, Any]:
    """With the moment from which it is of no more use."""
    return row | {"explanation": {**row["explanation"], "closes_at": closes_at.isoformat()}}
