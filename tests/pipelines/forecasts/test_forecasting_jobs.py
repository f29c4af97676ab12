"""Training, live predictions and the replay of history, as jobs on a real database."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.forecasts import Mode
from backend.domain.members import BUILT_IN
from backend.domain.runs import Counts
from backend.errors import NothingToDoError
from backend.krx import DemoCalendar
from backend.pipelines.context import NoArguments, RunContext
from backend.pipelines.forecasts import backfill_model, forecasts, generate_predictions, replay, train_models
from backend.pipelines.forecasts.moments import plan_moment
from backend.pipelines.forecasts.replay import Replay, list_moments, run_replay
from backend.pipelines.news import embed_news
from backend.pipelines.record import (
    aggregate_performance,
    audit_predictions,
    backtest,
    evaluate_predictions,
    first_training,
    match_impacts,
)
from backend.pipelines.reports import generate_reports
from tests.services.forecasts.forecasting_world import (
    CALENDAR,
    add_bars,
    add_stocks,
    add_stories,
    make_context,
    make_stories,
    make_story,
)

LIVE = generate_predictions.Arguments()
SESSIONS = 25
MODELS = len(BUILT_IN)
ONE_STOCK = 3 * MODELS  # by the three horizons
VERSIONS = "predictions p JOIN model_versions v ON v.id = p.model_version_id"


@pytest.fixture
async def context(database: Database, settings: Settings) -> RunContext:
    """Four stocks with 260 sessions of bars up to the last close, and 450 stories: enough for every member."""
    last = CALENDAR.last_closed(clock.now()).trade_date
    async with database.write() as session:
        codes = await add_stocks(session, 4)
        dates = await add_bars(session, codes, last, 260)
        await add_stories(session, make_stories(codes, dates, 450))
    return await make_context(database, settings)


async def rows(context: RunContext, query: str) -> list[tuple[Any, ...]]:
    async with context.read() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def test_a_second_training_writes_nothing(context: RunContext) -> None:
    first, second = [await train_models.run(context, NoArguments()) for _ in range(2)]
    assert (first.written, second.written, second.skipped) == (MODELS, 0, MODELS)


async def test_nobody_predicts_before_the_first_training(context: RunContext) -> None:
    with pytest.raises(NothingToDoError) as skipped:
        await generate_predictions.run(context, LIVE)
    assert skipped.value.reason == "no_trained_model"
    assert await rows(context, "SELECT 1 FROM predictions") == []


async def test_a_round_in_the_middle_of_a_replay_does_not_open_the_record(context: RunContext) -> None:
    await backtest.run(context, backtest.Arguments(sessions=SESSIONS))
    with pytest.raises(NothingToDoError) as skipped:
        await generate_predictions.run(context, LIVE)
    assert skipped.value.reason == "no_trained_model"
    await train_models.run(context, NoArguments())
    assert (await generate_predictions.run(context, LIVE)).written == 4 * ONE_STOCK


async def test_the_first_training_learns_from_a_replay_and_the_second_is_left_to_the_night(context: RunContext) -> None:
    await first_training.run(context, NoArguments())
    (gate,) = await rows(
        context,
        "SELECT v.parameters #>> '{horizons,1,state,state}' FROM model_versions v JOIN models m ON m.id = v.model_id"
        " WHERE m.name = 'gated' ORDER BY v.trained_to DESC, v.id DESC LIMIT 1",
    )
    assert gate == ("trained",)
    assert (await generate_predictions.run(context, LIVE)).written == 4 * ONE_STOCK
    with pytest.raises(NothingToDoError):
        await first_training.run(context, NoArguments())


async def test_stocks_added_one_after_the_other_are_all_replayed_on_the_first_day(context: RunContext) -> None:
    async with context.write() as session:
        await session.execute(text("UPDATE stocks SET state = 'paused' WHERE code > '000001'"))
    await first_training.run(context, NoArguments())
    await generate_predictions.run(context, LIVE)
    async with context.write() as session:
        await session.execute(text("UPDATE stocks SET state = 'active'"))
    await first_training.run(context, NoArguments())
    replayed = await rows(
        context, "SELECT stock_code, count(*) FROM predictions WHERE mode = 'backtest' GROUP BY 1 ORDER BY 1"
    )
    assert len(replayed) == 4
    assert len({count for _, count in replayed}) == 1
    assert (await generate_predictions.run(context, LIVE)).written == 4 * ONE_STOCK


async def test_a_first_day_that_ran_out_of_time_trains_nothing_and_goes_on_next_time(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "_BLOCK_S", 1e9)
    cut = await first_training.run(context, NoArguments())
    assert cut.detail["sessions_left"] == first_training.SESSIONS
    with pytest.raises(NothingToDoError):
        await generate_predictions.run(context, LIVE)
    monkeypatch.undo()
    assert (await first_training.run(context, NoArguments())).written == MODELS


async def test_a_word_that_changes_without_its_features_is_stored(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another stock may take its place among the day's: what people see must be the word of now."""
    await train_models.run(context, NoArguments())
    await generate_predictions.run(context, LIVE)
    honest = forecasts.predict_rows

    async def other_words(*arguments: Any, **named: Any) -> Any:
        found, failed = await honest(*arguments, **named)
        return [row | {"verdict": "call"} if row["stock_code"] == "000002" else row for row in found], failed

    monkeypatch.setattr(forecasts, "predict_rows", other_words)
    assert (await generate_predictions.run(context, LIVE)).written == ONE_STOCK
    assert (await generate_predictions.run(context, LIVE)).written == 0


def predicted(*, written: int = 0, unchanged: int = 0, too_late: int = 0, without_prices: int = 0) -> Counts:
    """What a run over four stocks with prices tells of itself."""
    detail = {
        "predictions": written, "unchanged": unchanged, "too_late": too_late, "without_prices": without_prices,
    }  # fmt: skip
    return Counts(4 + without_prices, written, unchanged + too_late, detail=detail)


async def test_a_question_about_one_stock_predicts_all_for_its_place_and_stores_one(context: RunContext) -> None:
    await train_models.run(context, NoArguments())
    asked = await generate_predictions.run(context, generate_predictions.Arguments(stock_codes=["000002"]))
    assert (asked.read, asked.written) == (1, ONE_STOCK)
    alone = await rows(context, "SELECT horizon, explanation ->> 'tenth' FROM predictions ORDER BY horizon, id")
    everybody = await generate_predictions.run(context, LIVE)
    assert everybody.written == 3 * ONE_STOCK
    assert len({tenth for _, tenth in alone}) > 1


async def test_live_predictions_of_every_stock_horizon_and_model(context: RunContext) -> None:
    await train_models.run(context, NoArguments())
    counts = await generate_predictions.run(context, LIVE)
    assert counts == predicted(written=4 * ONE_STOCK)
    grid = await rows(context, "SELECT DISTINCT stock_code, horizon, mode FROM predictions")
    assert len(grid) == 4 * 3
    assert {mode for _, _, mode in grid} == {"live"}
    late = await rows(context, "SELECT 1 FROM predictions WHERE created_at > entry_ts OR exit_trade_date <= trade_date")
    assert late == []


async def test_nothing_new_nothing_written_something_new_one_stock(context: RunContext) -> None:
    await train_models.run(context, NoArguments())
    await generate_predictions.run(context, LIVE)
    again = await generate_predictions.run(context, LIVE)
    asked = await generate_predictions.run(context, generate_predictions.Arguments(stock_codes=["000002"]))
    assert (again, asked.written, asked.skipped) == (predicted(unchanged=4 * ONE_STOCK), 0, ONE_STOCK)
    async with context.write() as session:
        await add_stories(session, [make_story("000002", clock.now() - timedelta(seconds=1), [1.0] + [0.0] * 15)])
    changed = await generate_predictions.run(context, LIVE)
    stocks = await rows(
        context, "SELECT DISTINCT stock_code FROM predictions WHERE asof = (SELECT max(asof) FROM predictions)"
    )
    assert (changed.written, stocks) == (ONE_STOCK, [("000002",)])


async def test_a_prediction_that_would_come_after_its_entry_is_not_stored(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prediction must exist before its return begins; when the models took too long the next run makes it."""
    await train_models.run(context, NoArguments())
    entry = plan_moment(CALENDAR, clock.now()).entry_ts
    real, before = clock.now(), generate_predictions._changed
    moments = [real]
    monkeypatch.setattr(clock, "now", lambda: moments[-1])

    async def slow(*arguments: Any) -> list[dict[str, Any]]:
        moments.append(entry)
        return await before(*arguments)

    monkeypatch.setattr(generate_predictions, "_changed", slow)
    late = await generate_predictions.run(context, LIVE)
    assert late == predicted(too_late=4 * ONE_STOCK)
    assert await rows(context, "SELECT 1 FROM predictions") == []


async def test_a_stock_without_prices_is_left_out_and_counted(context: RunContext) -> None:
    await train_models.run(context, NoArguments())
    async with context.write() as session:
        await session.execute(text("INSERT INTO stocks (code, name, market) VALUES ('900001', 'new', 'KOSPI')"))
    counts = await generate_predictions.run(context, LIVE)
    assert counts == predicted(written=4 * ONE_STOCK, without_prices=1)


async def test_without_any_bars_no_job_has_anything_to_do(database: Database, settings: Settings) -> None:
    async with database.write() as session:
        await add_stocks(session, 1)
    context = await make_context(database, settings)
    for job, arguments, reason in (
        (train_models, NoArguments(), "no_prices"),
        (generate_predictions, LIVE, "no_trained_model"),
        (generate_reports, generate_reports.Arguments(), "no_model_version"),
        (backtest, backtest.Arguments(), "no_prices"),
        (audit_predictions, audit_predictions.Arguments(), "no_prediction"),
        (embed_news, NoArguments(), "nothing_due"),
        (match_impacts, NoArguments(), "nothing_due"),
        (evaluate_predictions, NoArguments(), "nothing_due"),
        (aggregate_performance, NoArguments(), "nothing_due"),
    ):
        with pytest.raises(NothingToDoError) as skipped:
            await job.run(context, arguments)
        assert skipped.value.reason == reason


async def test_the_replay_covers_each_session_once_with_models_of_the_past(context: RunContext) -> None:
    arguments = backtest.Arguments(sessions=SESSIONS)
    first = await backtest.run(context, arguments)
    again = await backtest.run(context, arguments)
    assert first.detail["predictions"] == SESSIONS * 4 * ONE_STOCK
    assert (again.written, again.detail["predictions"]) == (0, 0)
    newer = f"SELECT 1 FROM {VERSIONS} WHERE v.trained_to >= p.trade_date"
    assert await rows(context, newer) == []
    assert await rows(context, "SELECT DISTINCT mode FROM predictions") == [("backtest",)]
    versions = await rows(context, "SELECT DISTINCT trained_to FROM model_versions")
    assert len(versions) >= 2


async def replayed(context: RunContext, day: date, mode: Mode) -> list[tuple[Any, ...]]:
    return await rows(
        context,
        "SELECT stock_code, horizon, p_up, quantiles_krw, features_hash FROM predictions"
        f" WHERE trade_date = '{day}' AND mode = '{mode}' ORDER BY stock_code, horizon, features_hash",
    )


async def test_deleting_the_future_changes_no_replayed_prediction(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replay 12 sessions now; then remove all that came after the first of them, and replay that one alone."""
    day = CALENDAR.day(list_moments(CALENDAR, 12)[0].base)
    await backtest.run(context, backtest.Arguments(sessions=12))
    before = await replayed(context, day.trade_date, Mode.BACKTEST)
    entry = CALENDAR.next_open(day.closes_at)
    async with context.write() as session:
        for statement in (
            f"DELETE FROM daily_bars WHERE trade_date > '{day.trade_date}'",
            f"DELETE FROM index_bars WHERE trade_date > '{day.trade_date}'",
            f"DELETE FROM impacts WHERE exit_trade_date > '{day.trade_date}'",
            "TRUNCATE stock_days, market_days, market_model_state",
            f"DELETE FROM news_versions WHERE known_at > '{day.closes_at + timedelta(minutes=27)}'",
        ):
            await session.execute(text(statement))
    monkeypatch.setattr(clock, "now", lambda: entry.opens_at)
    codes = sorted({code for code, *_ in before})
    await run_replay(context, 1, Replay(codes, Mode.BACKFILL))
    assert len(before) == 4 * ONE_STOCK
    assert len({p for _, _, p, *_ in before}) > 10
    assert await replayed(context, day.trade_date, Mode.BACKFILL) == before


async def test_a_new_model_is_backfilled_alone_and_apart(context: RunContext) -> None:
    async with context.write() as session:
        await session.execute(
            text("INSERT INTO models (name, kind, parameters) VALUES ('price-loose', 'price', '{\"c\": 1.0}')")
        )
    arguments = backfill_model.Arguments(model="price-loose", sessions=5)
    counts = await backfill_model.run(context, arguments)
    assert counts.detail["predictions"] == 5 * 4 * 3
    assert (await backfill_model.run(context, arguments)).written == 0
    stored = f"SELECT DISTINCT m.name, p.mode FROM {VERSIONS} JOIN models m ON m.id = v.model_id"
    assert await rows(context, stored) == [("price-loose", "backfill")]


def seoul(text_: str) -> datetime:
    return datetime.fromisoformat(f"{text_}+09:00")


@pytest.mark.parametrize(
    ("asof", "base", "entry", "exit_"),
    [
        ("2026-03-20T08:30:00", "2026-03-19", "2026-03-20T09:00:00", "2026-03-20"),
        ("2026-03-20T10:00:30", "2026-03-20", "2026-03-20T10:02:00", "2026-03-23"),
        ("2026-03-20T15:29:30", "2026-03-20", "2026-03-23T09:00:00", "2026-03-23"),
        ("2026-03-20T15:40:00", "2026-03-20", "2026-03-23T09:00:00", "2026-03-23"),
        ("2026-11-19T16:00:00", "2026-11-19", "2026-11-19T16:02:00", "2026-11-20"),
    ],
)
def test_entry_is_the_first_price_after_the_prediction_is_known(asof: str, base: str, entry: str, exit_: str) -> None:
    moment = plan_moment(CALENDAR, seoul(asof))
    assert (str(moment.base), moment.entry_ts, str(moment.exits[1])) == (base, seoul(entry), exit_)


def test_demo_sessions_are_replayed_between_close_and_next_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    start = seoul("2026-03-20T20:00:00")
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=3))
    calendar = DemoCalendar(start, 60)
    moments = list_moments(calendar, 5)
    assert [moment.base for moment in moments] == [calendar.shift(moments[0].base, n).trade_date for n in range(5)]
    for moment in moments:
        assert calendar.day(moment.base).closes_at < moment.asof < moment.entry_ts
