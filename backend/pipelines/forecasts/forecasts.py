"""From stored facts to rows of predictions: shared by the live jobs, the replay of history and the audit.

Everything reads only what was known by a moment, so the replay calls the same functions with an `asof` in the past.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from backend.db.recording import take_reading_moment
from backend.domain.forecasts import HORIZONS, Forecast, Mode, Neighbour, Opinion, PredictionItem, TrainedModel
from backend.domain.knowledge import Knowledge
from backend.domain.members import LANGUAGE_MODEL
from backend.domain.moves.sizes import known_sizes
from backend.domain.stock_days import DIRECTION
from backend.krx import Calendar
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts.moments import AsOf
from backend.pipelines.forecasts.prices import Prices
from backend.pipelines.forecasts.standing import Standings
from backend.services.forecasts import forecasting, language_models, model_versions, opinions
from backend.services.forecasts.forecasting import NewsWindow, WindowStory
from backend.services.news import embeddings, labelled_texts
from backend.services.news.embeddings import SimilarQuery
from backend.services.record import event_studies

NEIGHBOURS: Final = 100  # as many as the knn member looks at
Panel = dict[str, Any]
Prequential = dict[str, Any]
SetAside = Mapping[str, str]  # name of a model that failed -> why


@dataclass(frozen=True, slots=True)
class KnownNews:
    """New stories of one stock at one moment; by horizon past stories similar to them, and what was said of them."""

    stories: Sequence[WindowStory]
    neighbours: Mapping[int, Sequence[Neighbour]]
    opinions: Mapping[int, Sequence[Opinion]] = field(default_factory=dict)


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
        found = await forecasting.list_window_stories(
            session, windows, recorded_by=recorded_by, embedder=context.models.embedder_name
        )
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
        said = await opinions.list_said(session, windows, found, recorded_by=recorded_by)
    return {
        (moment.asof, code): KnownNews(
            new, {h: [n for s in new for n in similar[h][_query(s, moment)]] for h in HORIZONS}, told
        )
        for (moment, code), new, told in zip(keys, found, said, strict=True)
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
    prices = None if day is None else known.prices.days.get((code, day))
    if day is None or prices is None or not prices.is_predictable:
        return []
    close = round(prices.close_krw)
    features = prices.known_features()
    places = dict(zip(DIRECTION, known.prices.section(moment.closed).get(code, ()), strict=False))
    features["sessions_behind"] = float(len(calendar.between(day, moment.closed)) - 1)
    # Until the bar of the base session is in, its last quote is newer than the last close.
    base_price_krw = known.quotes.get(code, close) if day < moment.base else close
    news = known.news[moment.asof, code]
    return [
        PredictionItem(
            stock_code=code,
            asof=moment.asof,
            trade_date=moment.base,
            horizon=horizon,
            base_price_krw=base_price_krw,
            sigma=prices.sigma,
            features=features,
            neighbours=news.neighbours[horizon],
            background_similarity=known.background_similarity,
            story_id=news.stories[0].story_id if news.stories else None,
            evidence=[story.news_id for story in news.stories],
            events=[story.event for story in news.stories if story.event is not None],
            texts=[story.text for story in news.stories if story.text is not None],
            opinions=news.opinions.get(horizon, ()),
            sizes={**known_sizes(prices), **known.prices.sizes.get(day, {})},
            places=places,
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
        "size": None if forecast.size is None else dict(forecast.size),
        "recorded_by": moment.recorded_by,
    }


async def predict_rows(
    context: RunContext,
    models: Sequence[TrainedModel],
    ids: Mapping[str, int],
    items: Sequence[tuple[AsOf, PredictionItem]],
    mode: Mode,
    *,
    prices: Prices,
) -> tuple[list[dict[str, Any]], SetAside]:
    """Rows of every item by the models with a version id in `ids` (the others only feed the gate), and failures.

    A language model that said nothing of an item has no forecast of it.
    """
    forecasts, failed = await context.models.predict(models, [item for _, item in items])
    standings = Standings(models, prices)
    shadows = {model.model for model in models if model.parameters.get("kind") == LANGUAGE_MODEL}
    pairs = [pair for pair in items for model in models if model.model not in failed]
    rows = [
        build_row(moment, item, standings.complete(moment, forecast), ids[forecast.model], mode)
        for (moment, item), forecast in zip(pairs, forecasts, strict=True)
        if forecast.model in ids and not (forecast.model in shadows and "abstained" in forecast.explanation)
    ]
    return rows, failed


async def tell(context: RunContext, set_aside: SetAside) -> None:
    """A line of the run's log for each model that had to be set aside; health names them from there."""
    for name, reason in set_aside.items():
        message = f"The model {name} failed and was set aside; the others went on: {reason}"
        await context.log(message, level="error", set_aside=name)


async def read_panel(context: RunContext, knowledge: Knowledge, through: date) -> Panel:
    """The bars that models are trained on, up to the session `through`."""
    async with context.read() as session:
        panel = await forecasting.load_panel(session, knowledge=knowledge, through=through)
    return {name: column for name, column in panel.items() if name != "raw_close"}


async def train(
    context: RunContext,
    panel: Panel,
    as_of: date,
    prequential: Prequential,
    *,
    recorded_by: datetime,
    also: str | None = None,
    replayed: bool = False,
) -> tuple[list[TrainedModel], SetAside]:
    """Every active model and `also` as of the close of `as_of`, and who failed; nothing is stored.

    `replayed`: for forecasts of the past, which a language model makes none of.
    """
    knowledge = Knowledge(context.calendar.day(as_of).closes_at, recorded_by)
    async with context.read() as session:
        models = await model_versions.list_trainable_models(session, also=also, replayed=replayed)
        labelled = await labelled_texts.count_stories(session, knowledge)
        events = await event_studies.list_observations(session, knowledge, in_sigmas=True)
        texts = await labelled_texts.list_labelled(session, knowledge, embedder=context.models.embedder_name)
    known = {"panel": panel, "labelled_stories": labelled, "events": events, "prequential": prequential}
    return await context.models.train({"as_of": str(as_of), "models": models, "texts": texts, **known})


async def train_and_store(context: RunContext) -> tuple[int, int, SetAside]:
    """Train as of the last closed session that has bars: models trained, versions that are new, and who failed."""
    async with context.write() as session:
        now = await take_reading_moment(session)
        await model_versions.ensure_models(session)
        await language_models.ensure(session, context.settings.llm.forecaster)
    closed = context.calendar.last_closed(now).trade_date
    panel = await read_panel(context, Knowledge.live(now), closed)
    if not panel["dates"]:
        return 0, 0, {}
    async with context.read() as session:
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
