"""From stored facts to rows of predictions: shared by the live jobs, the replay of history and the audit.

An AsOf is a moment to predict at, with the sessions that follow from it. Everything else reads only what was known by
then, so the replay calls the same functions with an `asof` in the past.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from backend.db.recording import take_reading_moment
from backend.domain.forecasts import HORIZONS, Forecast, Mode, Neighbour, PredictionItem, TrainedModel
from backend.domain.knowledge import Knowledge
from backend.krx import Calendar
from backend.pipelines.context import RunContext
from backend.services.forecasts import forecasting, model_versions
from backend.services.forecasts.forecasting import NewsWindow, WindowStory
from backend.services.news import embeddings
from backend.services.news.embeddings import SimilarQuery

NEIGHBOURS: Final = 100  # as many as the knn member looks at
STALE_BARS: Final = 5  # sessions without a bar after which a stock is not predicted
_MINUTE: Final = timedelta(minutes=1)
Panel = dict[str, Any]
Prequential = dict[str, Any]
SetAside = Mapping[str, str]  # name of a model that failed -> why


@dataclass(frozen=True, slots=True)
class AsOf:
    """A moment to predict at.

    `base`: the running session, else the last closed one; horizons count from it. `closed`: the last closed session.
    """

    asof: datetime
    base: date
    closed: date
    news_since: datetime
    entry_ts: datetime
    exits: Mapping[int, date]
    recorded_by: datetime

    @property
    def knowledge(self) -> Knowledge:
        """What may be read for this moment."""
        return Knowledge(self.asof, self.recorded_by)


def plan_moment(calendar: Calendar, asof: datetime, *, recorded_by: datetime | None = None) -> AsOf:
    """When the predicted return begins and ends.

    `recorded_by`: what was stored by then may be read; `asof` itself unless given, as live.

    In a session it begins with the first minute that starts at least 60 s after `asof`, since nobody trades on a
    prediction sooner; else, or when the session closes before, at the next opening. It ends at the close of the session
    `horizon` sessions after the base session.
    """
    running, closed = calendar.at(asof), calendar.last_closed(asof)
    base = (running or closed).trade_date
    entry_ts = calendar.next_open(asof).opens_at
    minute = (asof + _MINUTE).replace(second=0, microsecond=0) + _MINUTE
    if running and minute < running.closes_at:
        entry_ts = minute
    return AsOf(
        asof=asof,
        base=base,
        closed=closed.trade_date,
        news_since=calendar.shift(base, -1).closes_at,
        entry_ts=entry_ts,
        exits={horizon: calendar.shift(base, horizon).trade_date for horizon in HORIZONS},
        recorded_by=recorded_by or asof,
    )


@dataclass(frozen=True, slots=True)
class Prices:
    """The panel of raw columns, and the features the model process computed of some of its dates."""

    panel: Panel
    days: Sequence[str]
    features: Mapping[str, Any]

    def newest(self, closed: date) -> str | None:
        """The newest date with features that is not after `closed`; None if there is none."""
        return max((day for day in self.days if day <= str(closed)), default=None)

    def of(self, code: str, day: str) -> tuple[dict[str, float], float | None, int | None]:
        """Known features, daily sigma and last raw close (KRW) of a stock at the close of `day`."""
        row, column = self.panel["codes"].index(code), self.days.index(day)
        values = zip(self.features["names"], self.features["values"][row][column], strict=True)
        end = self.panel["dates"].index(day) + 1
        closes = [price for price in self.panel["raw_close"][row][max(0, end - STALE_BARS) : end] if price is not None]
        known = {name: round(value, 10) for name, value in values if value is not None}
        return known, self.features["sigmas"][row][column], round(closes[-1]) if closes else None


async def read_prices(context: RunContext, moments: Sequence[AsOf]) -> Prices:
    """Prices up to the last closed session of all `moments`, and features of the dates that they need.

    A bar is known from its close, so what the newest moment knows serves the others up to their own sessions.
    """
    last = max(moments, key=lambda moment: moment.asof)
    async with context.read() as session:
        panel = await forecasting.load_panel(session, knowledge=last.knowledge, through=last.closed)
    newest = (max((day for day in panel["dates"] if day <= str(o.closed)), default=None) for o in moments)
    days = sorted({day for day in newest if day is not None})
    sent = {name: column for name, column in panel.items() if name != "raw_close"}
    features = await context.models.call("features", {"panel": sent, "dates": days}) if days else {}
    return Prices(panel, days, features)


@dataclass(frozen=True, slots=True)
class KnownNews:
    """New stories of one stock at one moment, and by horizon the past stories similar to them."""

    stories: Sequence[WindowStory]
    neighbours: Mapping[int, Sequence[Neighbour]]


def _query(story: WindowStory, moment: AsOf) -> SimilarQuery:
    return SimilarQuery(story.story_id, story.head_news_id, story.head_version, moment.asof, moment.closed)


async def read_news(
    context: RunContext, moments: Sequence[AsOf], codes: Sequence[str]
) -> dict[tuple[datetime, str], KnownNews]:
    """For every (asof, stock): the stories new then, and similar past stories whose impact had ended by then.

    All moments read what was stored by the same moment.
    """
    (recorded_by,) = {moment.recorded_by for moment in moments}
    keys = [(moment, code) for moment in moments for code in codes]
    async with context.read() as session:
        windows = [NewsWindow(code, moment.news_since, moment.asof) for moment, code in keys]
        found = await forecasting.list_window_stories(session, windows, recorded_by=recorded_by)
        queries = sorted({_query(s, moment) for (moment, _), new in zip(keys, found, strict=True) for s in new})
        similar: dict[int, dict[SimilarQuery, Sequence[Neighbour]]] = {}
        for horizon in HORIZONS:
            answers = await embeddings.search_similar_many(
                session,
                queries,
                recorded_by=recorded_by,
                horizon=horizon,
                k=NEIGHBOURS,
                embedder=context.models.embedder_name,
            )
            similar[horizon] = dict(zip(queries, answers, strict=True))
    return {
        (moment.asof, code): KnownNews(
            new, {h: [n for s in new for n in similar[h][_query(s, moment)]] for h in HORIZONS}
        )
        for (moment, code), new in zip(keys, found, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Known:
    """All input of the items of some moments. `quotes`: last prices (KRW) of the base session, live only."""

    prices: Prices
    news: Mapping[tuple[datetime, str], KnownNews]
    background_similarity: float | None
    quotes: Mapping[str, int]


def build_items(calendar: Calendar, moment: AsOf, code: str, known: Known) -> list[PredictionItem]:
    """One item per horizon; none for a stock without recent prices."""
    day = known.prices.newest(moment.closed)
    if day is None or code not in known.prices.panel["codes"]:
        return []
    features, sigma, close = known.prices.of(code, day)
    if sigma is None or close is None:
        return []
    features["sessions_behind"] = float(len(calendar.between(date.fromisoformat(day), moment.closed)) - 1)
    # Until the bar of the base session is in, its last quote is newer than the last close.
    base_price_krw = known.quotes.get(code, close) if day < str(moment.base) else close
    news = known.news[moment.asof, code]
    return [
        PredictionItem(
            stock_code=code,
            asof=moment.asof,
            trade_date=moment.base,
            horizon=horizon,
            base_price_krw=base_price_krw,
            sigma=sigma,
            features=features,
            neighbours=news.neighbours[horizon],
            background_similarity=known.background_similarity,
            story_id=news.stories[0].story_id if news.stories else None,
            evidence=[story.news_id for story in news.stories],
        )
        for horizon in HORIZONS
    ]


def build_row(moment: AsOf, item: PredictionItem, forecast: Forecast, version_id: int, mode: Mode) -> dict[str, Any]:
    """A row of the table predictions."""
    return {
        "model_version_id": version_id,
        "stock_code": item.stock_code,
        "asof": item.asof,
        "trade_date": item.trade_date,
        "horizon": item.horizon,
        "mode": mode.value,
        "story_id": forecast.story_id,
        "base_price_krw": item.base_price_krw,
        "entry_ts": moment.entry_ts,
        "exit_trade_date": moment.exits[item.horizon],
        "p_up": forecast.p_up,
        "quantiles_krw": list(forecast.quantiles_krw),
        "verdict": forecast.verdict.value,
        "direction": forecast.direction.value,
        "confidence": forecast.confidence,
        "sigma": item.sigma,
        "evidence": list(forecast.evidence),
        "explanation": dict(forecast.explanation),
        "features_hash": forecast.features_hash,
        "recorded_by": moment.recorded_by,
    }


async def predict_rows(
    context: RunContext,
    models: Sequence[TrainedModel],
    ids: Mapping[str, int],
    items: Sequence[tuple[AsOf, PredictionItem]],
    mode: Mode,
) -> tuple[list[dict[str, Any]], SetAside]:
    """Rows of every item by the models with a version id in `ids` (the others only feed the gate), and failures."""
    forecasts, failed = await context.models.predict(models, [item for _, item in items])
    pairs = [pair for pair in items for model in models if model.model not in failed]
    rows = [
        build_row(moment, item, forecast, ids[forecast.model], mode)
        for (moment, item), forecast in zip(pairs, forecasts, strict=True)
        if forecast.model in ids
    ]
    return rows, failed


async def tell(context: RunContext, set_aside: SetAside) -> None:
    """A line of the run's log for each model that had to be set aside; health names them from there."""
    for name, reason in set_aside.items():
        message = f"The model {name} failed and was set aside; the others went on: {reason}"
        await context.log(message, level="error", set_aside=name)


async def train(
    context: RunContext,
    panel: Panel,
    as_of: date,
    prequential: Prequential,
    *,
    recorded_by: datetime,
    also: str | None = None,
) -> tuple[list[TrainedModel], SetAside]:
    """Every active model and `also` as of the close of `as_of`, and who failed; nothing is stored."""
    knowledge = Knowledge(context.calendar.day(as_of).closes_at, recorded_by)
    async with context.read() as session:
        models = await model_versions.list_trainable_models(session, also=also)
        labelled = await forecasting.count_labelled_stories(session, knowledge)
    sent = {name: column for name, column in panel.items() if name != "raw_close"}
    payload = {
        "as_of": str(as_of),
        "panel": sent,
        "models": models,
        "labelled_stories": labelled,
        "prequential": prequential,
    }
    return await context.models.train(payload)


async def train_and_store(context: RunContext) -> tuple[int, int, SetAside]:
    """Train as of the last closed session that has bars: models trained, versions that are new, and who failed."""
    async with context.write() as session:
        now = await take_reading_moment(session)
        await model_versions.ensure_models(session)
    closed = context.calendar.last_closed(now).trade_date
    async with context.read() as session:
        panel = await forecasting.load_panel(session, knowledge=Knowledge.live(now), through=closed)
        if not panel["dates"]:
            return 0, 0, {}
        as_of = date.fromisoformat(panel["dates"][-1])
        since = date.fromisoformat(panel["dates"][-forecasting.GATE_SESSIONS :][0])
        prequential = await forecasting.list_prequential(
            session, since=since, through=as_of, modes=(Mode.LIVE, Mode.BACKTEST)
        )
    trained, failed = await train(context, panel, as_of, prequential, recorded_by=now)
    async with context.write() as session:
        new = await model_versions.upsert_model_versions(session, trained)
    await tell(context, failed)
    return len(trained), new, failed
