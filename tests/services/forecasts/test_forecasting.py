"""What a prediction may read: nothing newer than its moment."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.forecasts import Mode, TrainedModel
from backend.domain.knowledge import Knowledge
from backend.domain.members import BUILT_IN, GATED
from backend.errors import InvalidInputError, NotFoundError
from backend.services.forecasts import forecasting, model_versions
from backend.services.forecasts.forecasting import NewsWindow
from backend.services.news import labelled_texts
from tests.services.forecasts.forecasting_world import CALENDAR, EMBEDDER, add_bars, add_stocks, add_stories, make_story

CODE = "000001"
LAST = date(2026, 3, 20)
CLOSE = CALENDAR.day(LAST).closes_at
NEWEST = Knowledge.newest(CLOSE)
NOW = Knowledge.live(CLOSE)
WINDOW = NewsWindow(CODE, CLOSE - timedelta(days=1), CLOSE)
VECTOR = [1.0, 0.0, 0.0]


@pytest.fixture
async def stocks(session: AsyncSession) -> list[str]:
    return await add_stocks(session, 2)


async def add_story(session: AsyncSession, *arguments: Any, **more: Any) -> int:
    (story_id,) = await add_stories(session, [make_story(*arguments, **more)])
    return story_id


async def set_moment(session: AsyncSession, column: str, at: datetime) -> None:
    await session.execute(text(f"UPDATE news_versions SET {column} = :at"), {"at": at})
    if column == "known_at":
        await session.execute(text("UPDATE version_links SET known_at = :at"), {"at": at})


async def window_stories(session: AsyncSession) -> list[int]:
    ((*stories,),) = await forecasting.list_window_stories(session, [WINDOW], recorded_by=CLOSE)
    return [story.story_id for story in stories]


async def test_panel_ends_at_the_session_asked_for(session: AsyncSession, stocks: list[str]) -> None:
    await add_bars(session, stocks, LAST, 30)
    before = CALENDAR.shift(LAST, -10).trade_date
    cut = await forecasting.load_panel(session, knowledge=NEWEST, through=before)
    await session.execute(text("DELETE FROM daily_bars WHERE trade_date > :day"), {"day": before})
    await session.execute(text("DELETE FROM index_bars WHERE trade_date > :day"), {"day": before})
    assert cut == await forecasting.load_panel(session, knowledge=NEWEST, through=LAST)
    assert (len(cut["dates"]), cut["dates"][-1], cut["codes"]) == (20, str(before), stocks)


async def test_panel_is_adjusted_and_keeps_what_was_paid(session: AsyncSession, stocks: list[str]) -> None:
    days = await add_bars(session, stocks, LAST, 5)
    await session.execute(
        text("UPDATE daily_bars SET adjust_factor = 0.2 WHERE stock_code = :code AND trade_date < :day"),
        {"code": CODE, "day": days[2]},
    )
    panel = await forecasting.load_panel(session, knowledge=NEWEST, through=LAST)
    assert panel["close"][0][0] == pytest.approx(panel["raw_close"][0][0] * 0.2)
    assert (panel["volume"][0][0], panel["volume"][0][4]) == (5000, 1000)


async def test_a_bar_that_is_not_final_is_not_there(session: AsyncSession, stocks: list[str]) -> None:
    await add_bars(session, stocks, LAST, 5)
    await session.execute(
        text("UPDATE daily_bars SET is_final = false WHERE stock_code = :code AND trade_date = :day"),
        {"code": CODE, "day": LAST},
    )
    panel = await forecasting.load_panel(session, knowledge=NEWEST, through=LAST)
    assert panel["close"][0][-1] is None
    assert panel["close"][1][-1] is not None


async def test_no_bars_give_an_empty_panel(session: AsyncSession, stocks: list[str]) -> None:
    assert (await forecasting.load_panel(session, knowledge=NEWEST, through=LAST))["dates"] == []


async def test_stories_of_a_window_newest_first(session: AsyncSession, stocks: list[str]) -> None:
    ids = [await add_story(session, CODE, CLOSE - timedelta(hours=hour), VECTOR) for hour in (5, 3, 1, 30)]
    await add_story(session, "000002", CLOSE - timedelta(hours=2), VECTOR)
    assert await window_stories(session) == [ids[2], ids[1], ids[0]]


async def test_a_story_first_seen_after_the_moment_is_not_there(session: AsyncSession, stocks: list[str]) -> None:
    story = await add_story(session, CODE, CLOSE - timedelta(hours=1), VECTOR)
    assert await window_stories(session) == [story]
    await set_moment(session, "known_at", CLOSE + timedelta(seconds=1))
    assert await window_stories(session) == []


async def test_the_rule_of_as_of_a_link_found_after_the_moment_is_no_evidence(
    session: AsyncSession, stocks: list[str]
) -> None:
    """The article was known in time; that it is about this stock was found out a second too late."""
    story = await add_story(session, CODE, CLOSE - timedelta(hours=1), VECTOR)
    for seconds, expected in ((0, [story]), (1, [])):
        await set_moment(session, "recorded_at", CLOSE + timedelta(seconds=seconds))
        assert await window_stories(session) == expected


async def test_the_rule_of_as_of_a_link_or_story_of_before_the_window_is_old_news(
    session: AsyncSession, stocks: list[str]
) -> None:
    """The window begins after `since`: what was known at that very moment was there for the prediction before."""
    story = await add_story(session, CODE, CLOSE - timedelta(hours=1), VECTOR)
    for seconds, expected in ((0, []), (1, [story])):
        await set_moment(session, "known_at", WINDOW.since + timedelta(seconds=seconds))
        assert await window_stories(session) == expected


async def test_the_rule_of_as_of_a_story_whose_first_article_is_older_than_the_window_is_old_news(
    session: AsyncSession, stocks: list[str]
) -> None:
    """That the first article was about another stock does not make its copy news."""
    first = await add_story(session, "000002", WINDOW.since, VECTOR)
    await add_story(session, CODE, CLOSE - timedelta(hours=1), VECTOR)
    await session.execute(text("UPDATE news_versions SET story_id = :story"), {"story": first})
    assert await window_stories(session) == []
    await session.execute(
        text("UPDATE news_versions SET recorded_at = :at WHERE known_at = :since"),
        {"at": CLOSE + timedelta(seconds=1), "since": WINDOW.since},
    )
    assert await window_stories(session) == [first]


async def test_the_rule_of_confidence_a_link_counts_from_one_half_on(session: AsyncSession, stocks: list[str]) -> None:
    story = await add_story(session, CODE, CLOSE - timedelta(hours=1), VECTOR)
    for confidence, expected in ((0.5, [story]), (0.49, [])):
        await session.execute(text("UPDATE version_links SET confidence = :value"), {"value": confidence})
        assert await window_stories(session) == expected


async def test_the_rule_of_as_of_a_quote_of_the_future_or_of_the_session_before_is_no_price(
    session: AsyncSession, stocks: list[str]
) -> None:
    opened = CLOSE - timedelta(hours=6)
    await session.execute(
        text("INSERT INTO quotes VALUES (:code, 990, 980, 1, :at, 'test')"),
        {"code": CODE, "at": opened},
    )
    found = []
    for moment in (opened - timedelta(seconds=1), opened, CLOSE, CLOSE + timedelta(seconds=1)):
        await session.execute(text("UPDATE quotes SET ts = :at"), {"at": moment})
        found.append(await forecasting.list_live_prices(session, since=opened, asof=CLOSE))
    assert found == [{}, {CODE: 990}, {CODE: 990}, {}]


async def test_three_stories_at_most_each_by_its_first_article(session: AsyncSession, stocks: list[str]) -> None:
    ids = [await add_story(session, CODE, CLOSE - timedelta(hours=hour), VECTOR) for hour in (4, 3, 2, 1)]
    later = {"first": ids[1], "story": ids[3]}
    await session.execute(text("UPDATE news_versions SET story_id = :story WHERE story_id = :first"), later)
    (found,) = await forecasting.list_window_stories(session, [WINDOW], recorded_by=CLOSE)
    assert [story.story_id for story in found] == [ids[2], ids[3], ids[0]]
    news = (await session.scalars(text("SELECT id FROM news ORDER BY known_at"))).all()
    assert [story.news_id for story in found] == [news[2], news[1], news[0]]


@pytest.mark.parametrize("flag", ["roundup", "reports_price", "stale", "undated"])
async def test_round_ups_price_reports_and_what_is_no_news_do_not_count(
    session: AsyncSession, stocks: list[str], flag: str
) -> None:
    await add_story(session, CODE, CLOSE - timedelta(hours=1), VECTOR, flags=(flag,))
    assert await window_stories(session) == []


async def test_what_a_search_alone_named_does_not_count(session: AsyncSession, stocks: list[str]) -> None:
    await add_story(session, CODE, CLOSE - timedelta(hours=1), VECTOR)
    await session.execute(text("UPDATE version_links SET confidence = 0.3"))
    assert await window_stories(session) == []


async def test_effects_count_once_they_have_ended(session: AsyncSession, stocks: list[str]) -> None:
    await add_story(session, CODE, CLOSE, VECTOR, rose=True)
    after_three = CALENDAR.shift(LAST, 3).closes_at
    assert await labelled_texts.count_stories(session, Knowledge.live(after_three)) == {"1": 1, "3": 1}
    assert await labelled_texts.count_stories(session, Knowledge(after_three, CLOSE)) == {}


async def test_background_is_what_unrelated_stories_share(session: AsyncSession, stocks: list[str]) -> None:
    at = CLOSE - timedelta(hours=1)
    for vector in ([1.0, 0.0], [0.0, 1.0], [0.6, 0.8]):
        await add_story(session, CODE, at, vector)
    await add_story(session, CODE, CLOSE + timedelta(hours=1), [0.6, 0.8])
    found = await forecasting.background_similarity(session, NOW, embedder=EMBEDDER)
    assert found == pytest.approx(0.76, abs=0.001)  # 90th percentile of 0, 0.6, 0.8
    assert await forecasting.background_similarity(session, NOW, embedder="other") is None


def trained(name: str, day: date, version: str = "v1") -> TrainedModel:
    return TrainedModel(name, version, None, day, "hash", {"kind": name, "horizons": {}})


async def store(session: AsyncSession, models: Sequence[TrainedModel]) -> int:
    await model_versions.ensure_models(session)
    return await model_versions.upsert_model_versions(session, models)


async def test_models_and_versions_are_stored_once(session: AsyncSession) -> None:
    assert await model_versions.ensure_models(session) == len(BUILT_IN)
    assert await model_versions.ensure_models(session) == 0
    models = [trained(name, LAST) for name in BUILT_IN]
    assert (await store(session, models), await store(session, models)) == (len(models), 0)


async def test_newest_version_of_active_models_before_a_session(session: AsyncSession) -> None:
    earlier, later = CALENDAR.shift(LAST, -1).trade_date, CALENDAR.shift(LAST, 1).trade_date
    await store(session, [trained("base", earlier, "old"), trained("base", LAST, "new"), trained("price", LAST)])
    await session.execute(text("UPDATE models SET is_active = false WHERE name = 'price'"))

    async def found(before: date) -> list[str]:
        return [s.model.version for s in await model_versions.latest_versions(session, before=before)]

    assert [await found(day) for day in (earlier, LAST, later)] == [[], ["old"], ["new"]]


async def test_unknown_and_unbuilt_models_are_refused(session: AsyncSession) -> None:
    await session.execute(text("INSERT INTO models (name, kind) VALUES ('reader', 'llm'), ('odd', 'oracle')"))
    with pytest.raises(NotFoundError):
        await model_versions.require_trainable(session, "nobody")
    for name, told in (("reader", "live alone"), ("odd", "not built yet")):
        with pytest.raises(InvalidInputError, match=told):
            await model_versions.require_trainable(session, name)


async def record(session: AsyncSession, model: str, p_up: float, mode: Mode, asof: datetime = CLOSE) -> int:
    await store(session, [trained(model, CALENDAR.shift(LAST, -1).trade_date)])
    ids = {s.model.model: s.id for s in await model_versions.latest_versions(session, before=LAST)}
    row = {
        "model_version_id": ids[model], "stock_code": CODE, "asof": asof, "horizon": 1, "mode": mode.value,
        "trade_date": LAST, "story_id": None, "base_price_krw": 1000, "entry_ts": datetime(2099, 1, 1, tzinfo=UTC),
        "exit_trade_date": CALENDAR.shift(LAST, 1).trade_date, "p_up": p_up, "quantiles_krw": [1, 2, 3, 4, 5, 6, 7],
        "verdict": "none", "direction": "hold", "confidence": 0, "sigma": 0.02,
        "evidence": [{"news_id": 1, "weight": 0.5}],
        "explanation": {"왜": "because"}, "features_hash": "h",
    }  # fmt: skip
    return await forecasting.record_predictions(session, [row])


async def test_a_prediction_is_stored_once_in_each_mode(session: AsyncSession, stocks: list[str]) -> None:
    modes = (Mode.LIVE, Mode.LIVE, Mode.BACKTEST, Mode.BACKFILL, Mode.BACKTEST)
    assert [await record(session, "base", 0.5, mode) for mode in modes] == [1, 0, 1, 1, 0]
    stored = (await session.execute(text("SELECT quantiles_krw, evidence, explanation, asof FROM predictions"))).first()
    assert stored is not None
    assert tuple(stored) == ([1, 2, 3, 4, 5, 6, 7], [{"news_id": 1, "weight": 0.5}], {"왜": "because"}, CLOSE)


async def test_training_reads_forecasts_of_ended_outcomes_live_first(session: AsyncSession, stocks: list[str]) -> None:
    others = [(name, 0.8, 0.81) for name in GATED if name not in ("price", "knn")]
    for model, replayed, live in (("base", 0.5, 0.51), ("price", 0.6, 0.61), ("knn", 0.7, 0.71), *others):
        await record(session, model, replayed, Mode.BACKTEST)
        await record(session, model, 0.99, Mode.BACKFILL)
        await record(session, model, live, Mode.LIVE, CLOSE - timedelta(hours=1))
    ended, both = CALENDAR.shift(LAST, 1).trade_date, (Mode.LIVE, Mode.BACKTEST)

    async def read(through: date, modes: Sequence[Mode]) -> list[list[float]]:
        columns = await forecasting.list_prequential(session, since=LAST, through=through, modes=modes)
        return [columns["p_up"].get(name, []) for name in ("base", "price", "knn")]

    assert await read(LAST, both) == [[], [], []]
    assert await read(ended, both) == [[0.51], [0.61], [0.71]]
    assert await read(ended, (Mode.BACKTEST,)) == [[0.5], [0.6], [0.7]]
