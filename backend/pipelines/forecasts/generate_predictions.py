"""Live predictions of every trained model: after each crawl, before the opening, after the close.

A stock about which nothing changed since its last prediction of this base session gets no new row.
"""

from collections.abc import Sequence
from typing import Any

from backend import clock
from backend.domain.forecasts import Mode, PredictionItem, TrainedModel
from backend.domain.knowledge import Knowledge
from backend.domain.runs import Counts, RunReason
from backend.internal import StocksArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.forecasts import forecasts, rest_of_session
from backend.pipelines.forecasts.moments import AsOf, plan_moment
from backend.pipelines.forecasts.prices import Prices, read_prices
from backend.pipelines.market import market_model
from backend.services.forecasts import forecasting, model_versions
from backend.services.forecasts.model_versions import StoredVersion

Arguments = StocksArguments
Version = tuple[StoredVersion, list[TrainedModel]]
Items = list[tuple[AsOf, PredictionItem]]


async def run(context: RunContext, arguments: Arguments) -> Counts:
    async with context.read() as session:
        active = await forecasting.list_active_codes(session)
    # A forecast's word depends on its place among all stocks of the day, so all are predicted for the sake of one.
    codes = [code for code in active if arguments.stock_codes is None or code in arguments.stock_codes]
    if not codes:
        raise nothing_to_do(RunReason.NO_STOCK)
    if not (versions := await _versions(context)):
        raise nothing_to_do(RunReason.NO_TRAINED_MODEL)
    moment = plan_moment(context.calendar, await market_model.take_moment(context))
    known = await _read(context, moment, active)
    items = [item for code in active for item in forecasts.build_items(context.calendar, moment, code, known)]
    predicted = {item.stock_code for item in items}.intersection(codes)
    if not predicted:
        raise nothing_to_do(RunReason.NO_PRICES)
    context.report(0.5, f"{len(predicted)} stocks by {len(versions)} models")
    async with context.read() as session:
        held = await model_versions.list_held(session)
        tested = await model_versions.list_tested(session)
    put_back = {version.model.model for version, _ in held}
    # The newest version of a model that was put back only feeds the gate of its night.
    ids = {version.model.model: version.id for version in versions if version.model.model not in put_back}
    models = [version.model for version in versions]
    moments = [(moment, item) for item in items]
    rows, failed = await forecasts.predict_rows(context, models, ids, moments, Mode.LIVE, prices=known.prices)
    earlier, failed_earlier = await _earlier_rows(context, [*held, *tested], set(ids.values()), moments, known.prices)
    # The same versions of sizes as speak of the next sessions.
    speaking = [version for version in versions if version.model.model in ids]
    speaking += [version for version, _ in (*held, *tested) if version.id not in ids.values()]
    resting, failed_resting = await rest_of_session.predict(context, moment, active, known, _once(speaking))
    rows += [*earlier, *resting]
    failed = {**failed, **failed_earlier, **failed_resting}
    await forecasts.tell(context, failed)
    rows = [row for row in rows if row["stock_code"] in predicted]
    fresh = await _changed(context, moment, rows)
    written = too_late = 0
    # A live prediction must be stored before its return begins (CHECK live_before_entry); the next run makes a new one.
    if clock.now() >= moment.entry_ts:
        too_late = len(fresh)
    elif fresh:
        async with context.write() as session:
            written = await forecasting.record_predictions(session, fresh)
    without_prices = len(codes) - len(predicted)
    detail = {
        "predictions": written,
        "unchanged": len(rows) - len(fresh),
        "too_late": too_late,
        "without_prices": without_prices,
    } | ({"set_aside": len(failed)} if failed else {})
    skipped = len(rows) - written
    return Counts(read=len(codes), written=written, skipped=skipped, failed=len(failed), detail=detail)


def _once(versions: list[StoredVersion]) -> list[StoredVersion]:
    """Each version once: one that was put back may be under test, too."""
    return list({version.id: version for version in versions}.values())


async def _versions(context: RunContext) -> list[StoredVersion]:
    """The newest versions trained before the coming session.

    The live record begins after a training on all that is stored: versions of a replay end before their blocks, and
    those that it has stored when a crawl asks in the middle of it do not open the record.
    """
    closed = context.calendar.last_closed(clock.now()).trade_date
    async with context.read() as session:
        versions = await model_versions.latest_versions(session, before=context.calendar.shift(closed, 1).trade_date)
        if await forecasting.has_live_predictions(session):
            return versions
        newest = await forecasting.newest_session(session, through=closed)
    return [version for version in versions if version.model.trained_to == newest]


async def _read(context: RunContext, moment: AsOf, codes: list[str]) -> forecasts.Known:
    prices = await read_prices(context, [moment])
    news = await forecasts.read_news(context, [moment], codes)
    async with context.read() as session:
        before = Knowledge(moment.news_since, moment.recorded_by)
        background = await forecasting.background_similarity(session, before, embedder=context.models.embedder_name)
        opened_at = context.calendar.day(moment.base).opens_at
        quotes = await forecasting.list_live_prices(session, since=opened_at, asof=moment.asof)
    return forecasts.Known(prices, news, background, quotes)


async def _earlier_rows(
    context: RunContext, earlier: Sequence[Version], predicted: set[int], items: Items, prices: Prices
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Rows of versions that are no longer the newest, each with the others of its night, and failed models.

    Those are what models were put back to, and what the running A/B test compares.
    """
    rows: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    for version, companions in earlier:
        if version.id not in predicted:
            predicted |= {version.id}
            own = {version.model.model: version.id}
            models = [version.model, *companions]
            more, set_aside = await forecasts.predict_rows(context, models, own, items, Mode.LIVE, prices=prices)
            rows += more
            failed |= set_aside
    return rows, failed


async def _changed(context: RunContext, moment: AsOf, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of each stock and horizon of which at least one model has no prediction with these features and word yet.

    Then the rows of all models are written, unchanged ones too: models are compared on items they share.
    """
    ids = sorted({row["model_version_id"] for row in rows})
    async with context.read() as session:
        stored = await forecasting.list_live_hashes(session, trade_date=moment.base, version_ids=ids)
    newest = {tuple(row) for row in stored}
    key = ("model_version_id", "stock_code", "horizon", "features_hash", "verdict")
    new = {_item(row) for row in rows if tuple(row[name] for name in key) not in newest}
    return [row for row in rows if _item(row) in new]


def _item(row: dict[str, Any]) -> tuple[str, int]:
    return row["stock_code"], row["horizon"]
