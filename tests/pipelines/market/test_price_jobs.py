"""collect_daily_bars, collect_prices and the bars of load_history over real HTTP into a real database."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.market import BarFlag
from backend.domain.runs import Counts
from backend.errors import NothingToDoError, SourcesFailedError, SourceTemporaryError
from backend.internal import NoArguments
from backend.krx import Calendar, KrxCalendar
from backend.pipelines.market import bar_checks, collect_daily_bars, collect_prices, load_history
from backend.services.market import corporate_actions
from backend.services.market.bar_flags import StockColumns
from backend.services.market.corporate_actions import ActionRow
from tests.pipelines.market.raw_bars import store_raw
from tests.sources import world
from tests.sources.outside import Outside, http

CHART, POLLING = "/naver-chart/siseJson.naver", "/naver-polling/api/realtime/domestic/stock/000660,005930"
SEARCH = "/naver-hub/search/v1/news"


@pytest.fixture
async def ready(settings: Settings, database: Database, outside: Outside) -> Settings:
    world.configure(settings, outside)
    outside.replies[SEARCH] = world.search_reply({})
    await world.add_stocks(database)
    return settings


async def collect(settings: Settings, database: Database, calendar: Calendar) -> Counts:
    context = await world.new_context(settings, database, calendar, "collect_daily_bars")
    return await collect_daily_bars.run(context, NoArguments())


def flat(days: list[date], price: int = 1000) -> list[tuple[Any, ...]]:
    return [(day, price, price + 10, price - 10, price, 500 + n) for n, day in enumerate(days)]


def serve(outside: Outside, calendar: Calendar, *, extra: tuple[date, ...] = ()) -> list[date]:
    """Bars of the 15 newest opened sessions (the running one too) for both stocks and both indices."""
    last = calendar.last_opened(clock.now()).trade_date
    days = [calendar.shift(last, -back).trade_date for back in range(14, -1, -1)]
    rows = flat([*days, *extra])
    outside.replies[CHART] = world.sise_reply(dict.fromkeys(("005930", "000660", "KOSPI", "KOSDAQ"), rows))
    return days


@pytest.mark.parametrize(("minutes", "kept"), [(10, 9), (52, 10)], ids=["session runs", "session closed"])
async def test_case_69_the_running_sessions_bar_is_not_stored(
    ready: Settings, database: Database, outside: Outside, minutes: int, kept: int
) -> None:
    calendar = world.calendar_open_since(minutes)
    days = serve(outside, calendar)
    await collect(ready, database, calendar)
    stored = await world.fetch_all(database, "SELECT trade_date FROM daily_bars WHERE stock_code = '005930' ORDER BY 1")
    newest = days[-1] if kept == 10 else days[-2]
    assert stored[-1] == (newest,)
    assert len(stored) == 10
    assert await world.fetch_all(database, "SELECT max(trade_date) FROM index_bars") == [(newest,)]


@pytest.mark.parametrize(("minutes", "final"), [(52, False), (58, True)])
async def test_a_bar_is_final_some_minutes_after_the_close(
    ready: Settings, database: Database, outside: Outside, minutes: int, final: bool
) -> None:
    calendar = world.calendar_open_since(minutes)
    serve(outside, calendar)
    await collect(ready, database, calendar)
    newest = "SELECT DISTINCT is_final FROM daily_bars WHERE trade_date = (SELECT max(trade_date) FROM daily_bars)"
    assert await world.fetch_all(database, newest) == [(final,)]
    assert await world.fetch_all(database, "SELECT count(*) FROM daily_bars WHERE NOT is_final") == [
        (0 if final else 2,)
    ]


async def test_the_collection_tells_how_far_it_is(ready: Settings, database: Database, outside: Outside) -> None:
    calendar = world.calendar_open_since(10)
    serve(outside, calendar)
    context = await world.new_context(ready, database, calendar, "collect_daily_bars")
    counts = await collect_daily_bars.run(context, NoArguments())
    assert (context.status.progress, context.status.message) == (0.8, "40 bars fetched")
    assert (counts.read, counts.written, counts.failed) == (40, 40, 0)


async def test_second_collection_writes_nothing(ready: Settings, database: Database, outside: Outside) -> None:
    calendar = world.calendar_open_since(10)
    serve(outside, calendar)
    first = await collect(ready, database, calendar)
    second = await collect(ready, database, calendar)
    assert (first.detail["daily_bars"], first.detail["index_bars"], second.written) == (20, 20, 0)


async def test_missing_sessions_are_fetched_from_the_newest_bar_on(
    ready: Settings, database: Database, outside: Outside
) -> None:
    calendar = world.calendar_open_since(10)
    days = serve(outside, calendar)
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO daily_bars (stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw,"
                " volume, source, is_final) VALUES ('005930', :day, 1000, 1010, 990, 1000, 500, 'naver_chart', true)"
            ),
            {"day": days[1]},
        )
    await collect(ready, database, calendar)
    counts = "SELECT stock_code, count(*) FROM daily_bars GROUP BY 1 ORDER BY 1"
    assert await world.fetch_all(database, counts) == [("000660", 10), ("005930", 13)]


async def test_case_77_rows_of_closed_days_are_dropped(ready: Settings, database: Database, outside: Outside) -> None:
    calendar = world.calendar_open_since(10)
    days = serve(outside, calendar)
    sunday = next(day for day in (days[-2] - timedelta(days=i) for i in range(7)) if day.weekday() == 6)
    serve(outside, calendar, extra=(sunday,))
    counts = await collect(ready, database, calendar)
    assert counts.skipped == 4
    assert await world.fetch_all(database, f"SELECT 1 FROM daily_bars WHERE trade_date = '{sunday}'") == []


async def test_case_65_a_base_price_adjusts_what_lies_before_it_once(ready: Settings, database: Database) -> None:
    calendar = KrxCalendar()
    last = calendar.last_closed(clock.now()).trade_date
    days = [calendar.shift(last, -back).trade_date for back in range(19, -1, -1)]
    closes = [50_000] * 10 + [10_200] * 10
    bases = [50_000] * 10 + [10_000] + [10_200] * 9

    async def check() -> dict[str, int]:
        context = await world.new_context(ready, database, calendar, "load_history")
        return (await bar_checks.check_bars(context, ["005930"], days[0])).detail

    await store_raw(database, calendar, days, closes, bases)
    assert [(await check())["adjusted"] for _ in range(2)] == [10, 0]
    factors = "SELECT adjust_factor, count(*) FROM daily_bars WHERE stock_code = '005930' GROUP BY 1 ORDER BY 1"
    assert await world.fetch_all(database, factors) == [(0.2, 10), (1.0, 10)]
    told = "SELECT ex_date, source, factor FROM corporate_actions"
    assert await world.fetch_all(database, told) == [(days[10], "kis", 0.2)]


async def test_an_action_that_two_sources_tell_differently_is_void_until_they_agree(
    ready: Settings, database: Database
) -> None:
    """Both stay readable; the bars before keep their units, and the series is cut."""
    calendar = KrxCalendar()
    last = calendar.last_closed(clock.now()).trade_date
    days = [calendar.shift(last, -back).trade_date for back in range(3, -1, -1)]
    await store_raw(database, calendar, days, [10_000, 10_000, 5_000, 5_050], [10_000, 10_000, 5_000, 5_000])
    flags = "SELECT flags FROM daily_bars ORDER BY trade_date"
    factors = "SELECT adjust_factor FROM daily_bars ORDER BY trade_date"
    usable = "SELECT close FROM usable_bars('infinity', 'infinity', '-infinity', 'infinity') ORDER BY trade_date"
    for told, seen, before, closes in (
        (0.25, ["unknown_action"], 1.0, [5_000.0, 5_000.0, None, 5_050.0]),
        (0.5, [], 0.5, [5_000.0, 5_000.0, 5_000.0, 5_050.0]),
    ):
        async with database.write() as session:
            action = ActionRow("005930", days[2], "ksd", told, clock.now())
            await corporate_actions.upsert_actions(session, [action], recorded_at=clock.now())
        context = await world.new_context(ready, database, calendar, "collect_daily_bars")
        await bar_checks.check_bars(context, ["005930"], days[0])
        assert [row[0] for row in await world.fetch_all(database, flags)] == [[], [], seen, []]
        assert [row[0] for row in await world.fetch_all(database, factors)] == [before, before, 1.0, 1.0]
        assert [row[0] for row in await world.fetch_all(database, usable)] == closes
    async with database.write() as session:
        action = ActionRow("005930", days[2], "ksd", None, clock.now(), withdrawn=True)
        await corporate_actions.upsert_actions(session, [action], recorded_at=clock.now())
    assert len(await world.fetch_all(database, "SELECT 1 FROM corporate_actions_replaced WHERE source = 'ksd'")) == 2


async def test_a_factor_that_sources_agree_on_stays_when_its_session_is_long_ago(
    ready: Settings, database: Database
) -> None:
    """Below 200 won a base is rounded by more than half a percent; the close before says so, however old."""
    calendar = KrxCalendar()
    last = calendar.last_closed(clock.now()).trade_date
    days = [calendar.shift(last, -back).trade_date for back in range(99, -1, -1)]
    closes = [151] * 10 + [76] * 90
    await store_raw(database, calendar, days, closes, closes)
    async with database.write() as session:
        action = ActionRow("005930", days[10], "kis_ksd", 0.5, clock.now())
        await corporate_actions.upsert_actions(session, [action], recorded_at=clock.now())
    factors = "SELECT round(adjust_factor::numeric, 3)::float8, count(*) FROM daily_bars GROUP BY 1 ORDER BY 1"
    for first in (days[0], days[-1]):
        context = await world.new_context(ready, database, calendar, "collect_daily_bars")
        await bar_checks.check_bars(context, ["005930"], first)
        assert await world.fetch_all(database, factors) == [(0.503, 10), (1.0, 90)]


def test_a_volume_that_was_found_broken_before_measures_no_later_one() -> None:
    flags = [frozenset({BarFlag.VOLUME_BREAK})] * 3
    prices, volumes = [100.0] * 3, [5, 6, 7]
    own = StockColumns(prices, prices, prices, prices, volumes, [True] * 3, flags, {}, [True] * 3)
    days = [date(2026, 3, 18), date(2026, 3, 19), date(2026, 3, 20)]
    assert bar_checks.build_stock(own, days, {}, {}, 2).volumes == [None, None, 7]


async def test_a_jump_in_an_adjusted_series_is_marked_and_never_a_factor(
    ready: Settings, database: Database, outside: Outside
) -> None:
    calendar = KrxCalendar()
    last = calendar.last_closed(clock.now()).trade_date
    days = [calendar.shift(last, -back).trade_date for back in range(19, -1, -1)]
    rows = flat(days[:10], 50_000) + flat(days[10:], 10_200)
    outside.replies[CHART] = world.sise_reply({"005930": rows, "000660": flat(days)})
    for marked in (1, 0):
        context = await world.new_context(ready, database, calendar, "load_history")
        counts = await load_history.run(context, load_history.Arguments(days=60))
        assert (counts.detail["adjusted"], counts.detail.get("flagged", 0)) == (0, marked)
        assert counts.detail["flag.beyond_limit"] == 1
    marks = "SELECT trade_date, flags FROM daily_bars WHERE flags <> '{}'"
    assert await world.fetch_all(database, marks) == [(days[10], ["beyond_limit"])]
    assert await world.fetch_all(database, "SELECT DISTINCT adjust_factor, hindsight FROM daily_bars") == [(1.0, True)]
    said = await world.fetch_all(database, "SELECT message FROM run_events WHERE level = 'warning'")
    assert said == [("Bars that are not used, by what is wrong with them: beyond_limit 1.",)]


async def test_one_symbol_that_fails_costs_only_itself(ready: Settings, database: Database, outside: Outside) -> None:
    calendar = world.calendar_open_since(10)
    serve(outside, calendar)
    whole: Callable[..., bytes] = outside.replies[CHART]  # type: ignore[assignment]
    outside.replies[CHART] = lambda r: http(b"<html>") if r.query["symbol"] == "005930" else whole(r)
    counts = await collect(ready, database, calendar)
    assert (counts.failed, counts.detail["daily_bars"], counts.detail["index_bars"]) == (1, 10, 20)
    error = await world.fetch_all(database, "SELECT last_error->>'class' FROM sources WHERE id = 'naver_chart'")
    assert error == [("SourceChangedError",)]


async def load(settings: Settings, database: Database, calendar: Calendar) -> Counts:
    settings.sources.timeout_s = 10.0
    context = await world.new_context(settings, database, calendar, "load_history")
    return await load_history.run(context, load_history.Arguments(days=20))


async def test_history_tells_the_errors_of_bars_and_keeps_what_came(
    ready: Settings, database: Database, outside: Outside
) -> None:
    calendar = KrxCalendar()
    serve(outside, calendar)
    whole: Callable[..., bytes] = outside.replies[CHART]  # type: ignore[assignment]
    outside.replies[CHART] = lambda r: http(b"<html>") if r.query["symbol"] == "005930" else whole(r)
    counts = await load(ready, database, calendar)
    assert counts.failed == 1
    assert counts.read == counts.detail["bars_read"] == counts.detail["daily_bars"] + counts.detail["index_bars"]
    assert (counts.written, counts.detail["dropped"]) == (counts.read, 0)
    assert await world.fetch_all(database, "SELECT DISTINCT stock_code FROM daily_bars") == [("000660",)]


async def test_history_waits_while_its_only_source_of_bars_is_closed(
    ready: Settings, database: Database, outside: Outside
) -> None:
    serve(outside, KrxCalendar())
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO sources (id, kind, blocked_until) VALUES ('naver_chart', 'prices', now() + interval '1 h')"
            )
        )
    with pytest.raises(SourceTemporaryError, match="naver_chart is closed for"):
        await load(ready, database, KrxCalendar())
    assert [request for request in outside.requests if request.path == CHART] == []


async def test_history_is_tried_again_when_bars_did_not_come(
    ready: Settings, database: Database, outside: Outside
) -> None:
    calendar = KrxCalendar()
    serve(outside, calendar)
    whole: Callable[..., bytes] = outside.replies[CHART]  # type: ignore[assignment]
    outside.replies[CHART] = lambda r: http(b"", status=500) if r.query["symbol"] == "KOSPI" else whole(r)
    with pytest.raises(SourceTemporaryError):
        await load(ready, database, calendar)
    assert await world.fetch_all(database, "SELECT count(DISTINCT stock_code) FROM daily_bars") == [(2,)]


async def prices(settings: Settings, database: Database, calendar: Calendar) -> Counts:
    context = await world.new_context(settings, database, calendar, "collect_prices")
    return await collect_prices.run(context, NoArguments())


async def test_quotes_build_one_minute_bar(ready: Settings, database: Database, outside: Outside) -> None:
    calendar = world.calendar_open_since(10)
    minute = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=2)
    for second, (price, volume) in enumerate(((1000, 50), (1030, 70), (990, 100)), start=1):
        outside.replies[POLLING] = http(world.quotes_body(price, volume, minute + timedelta(seconds=second)))
        await prices(ready, database, calendar)
    columns = "SELECT stock_code, ts, open_krw, high_krw, low_krw, close_krw, volume FROM minute_bars ORDER BY 1"
    bars = await world.fetch_all(database, columns)
    assert bars == [(code, minute, 1000, 1030, 990, 990, 100) for code in ("000660", "005930")]
    quote = await world.fetch_all(database, "SELECT last_price_krw, previous_close_krw, volume FROM quotes")
    assert quote == [(990, 1490, 100)] * 2


async def test_a_minute_tells_the_newest_trade_of_its_source_and_what_it_left_out(
    ready: Settings, database: Database, outside: Outside
) -> None:
    calendar = world.calendar_open_since(10)
    await world.add_stocks(database, (("035420", "NAVER"),))
    at = (clock.now() - timedelta(minutes=1)).replace(microsecond=0)
    asked = "/naver-polling/api/realtime/domestic/stock/000660,005930,035420"
    outside.replies[asked] = http(world.quotes_body(1000, 50, at))
    counts = await prices(ready, database, calendar)
    assert (counts.read, counts.written, counts.skipped, counts.failed, counts.detail) == (2, 4, 1, 0, {"quotes": 2})
    health = await world.fetch_all(
        database, "SELECT newest_item_at, quota_used FROM sources WHERE id = 'naver_polling'"
    )
    assert health == [(at, 1)]


async def test_cases_63_71_the_same_quotes_again_write_nothing(
    ready: Settings, database: Database, outside: Outside
) -> None:
    calendar = world.calendar_open_since(10)
    outside.replies[POLLING] = http(world.quotes_body(1000, 50, clock.now() - timedelta(minutes=1)))
    assert [(await prices(ready, database, calendar)).written for _ in range(2)] == [4, 0]


async def test_case_70_nothing_is_asked_outside_the_session(
    ready: Settings, database: Database, outside: Outside
) -> None:
    with pytest.raises(NothingToDoError, match="exchange is closed"):
        await prices(ready, database, world.calendar_open_since(55))
    assert outside.requests == []


async def test_prices_without_opt_in_are_off(ready: Settings, database: Database, outside: Outside) -> None:
    ready.sources.naver_prices = False
    calendar = world.calendar_open_since(10)
    with pytest.raises(NothingToDoError, match="AZAK_SOURCES_NAVER_PRICES=true"):
        await prices(ready, database, calendar)
    with pytest.raises(NothingToDoError, match="No source of prices is on"):
        await collect(ready, database, calendar)
    ready.sources.off += ",naver_search"
    with pytest.raises(NothingToDoError, match="Neither a source of prices nor the news search is on"):
        await load(ready, database, calendar)
    reasons = {
        row[0] for row in await world.fetch_all(database, "SELECT off_reason FROM sources WHERE id ~ '^naver_[cp]'")
    }
    assert reasons == {"off: needs AZAK_SOURCES_NAVER_PRICES=true (unofficial, opt-in)"}
    assert outside.requests == []


async def test_a_minute_whose_every_source_fails_fails(ready: Settings, database: Database, outside: Outside) -> None:
    outside.replies[POLLING] = http(b"", status=500)
    with pytest.raises(SourcesFailedError, match="naver_polling"):
        await prices(ready, database, world.calendar_open_since(10))
    failures = await world.fetch_all(database, "SELECT consecutive_failures FROM sources WHERE id = 'naver_polling'")
    assert failures == [(1,)]


async def test_a_minute_with_every_source_closed_after_a_refusal_fails(
    ready: Settings, database: Database, outside: Outside
) -> None:
    outside.replies[POLLING] = http(b"", status=403)
    calendar = world.calendar_open_since(10)
    for _ in range(2):  # the second time the source is not even asked
        with pytest.raises(SourcesFailedError, match="naver_polling"):
            await prices(ready, database, calendar)
    assert len(outside.requests) == 1


async def test_a_close_whose_every_source_fails_fails(ready: Settings, database: Database, outside: Outside) -> None:
    outside.replies[CHART] = http(b"", status=500)
    with pytest.raises(SourcesFailedError, match="naver_chart"):
        await collect(ready, database, world.calendar_open_since(55))


async def test_without_a_stock_there_is_no_price_to_read(ready: Settings, database: Database, outside: Outside) -> None:
    await world.execute(database, "UPDATE stocks SET state = 'paused'")
    with pytest.raises(NothingToDoError, match="No stock that this run is about is followed"):
        await prices(ready, database, world.calendar_open_since(10))
    assert outside.requests == []
