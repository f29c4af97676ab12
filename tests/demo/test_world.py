"""The seeded world itself: prices obey the exchange's rules and the planted effects are there to be found."""

import hashlib
import itertools
import math
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from backend.clock import KST
from backend.demo.world.events import EVENT_TYPES
from backend.demo.world.market import INDEX_START
from backend.demo.world.stocks import BY_CODE, DEMO_STOCKS, HALTED_CODE, SPLIT_CODE, SPLIT_RATIO
from backend.demo.world.story_plan import SPLIT_BEFORE_START
from backend.demo.world.world import World
from backend.krx import KrxCalendar, price_limits_krw, tick_size_krw

START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
EFFECTS = {event.name: event.effect_sigma for event in EVENT_TYPES}


@pytest.fixture(scope="module")
def world() -> World:
    return World(START, session_minutes=60, seed=7)


def test_every_price_is_on_the_tick_grid_and_within_the_limits(world: World) -> None:
    for code in BY_CODE:
        for session in range(world.sessions.count + 10):
            bar = world.market.bar(code, session)
            if bar.halted:
                continue
            low, high = price_limits_krw(int(bar.base))
            assert low <= bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high <= high
            assert all(price % tick_size_krw(price) == 0 for price in (bar.open, bar.high, bar.low, bar.close))
            assert bar.volume > 0


def test_base_is_the_last_close_across_the_start_except_on_the_split(world: World) -> None:
    split = world.sessions.count - SPLIT_BEFORE_START
    for code in BY_CODE:
        for session in range(1, world.sessions.count + 3):
            before, bar = world.market.bar(code, session - 1), world.market.bar(code, session)
            if (code, session) == (SPLIT_CODE, split):
                assert bar.base == pytest.approx(before.close / SPLIT_RATIO, rel=0.01)
            else:
                assert bar.base == before.close


def test_daily_volatility_is_realistic(world: World) -> None:
    for code in BY_CODE:
        bars = [world.market.bar(code, session) for session in range(world.sessions.count)]
        sigma = statistics.pstdev(math.log(bar.close / bar.base) for bar in bars)
        assert 0.010 < sigma < 0.035, code


def test_history_is_a_year_of_real_sessions_with_one_halt(world: World) -> None:
    calendar = KrxCalendar()
    days = [world.sessions.day(number) for number in range(world.sessions.count)]
    assert days == calendar.between(days[0].trade_date, days[-1].trade_date)
    halted = [number for number in range(world.sessions.count) if world.market.bar(HALTED_CODE, number).halted]
    assert len(halted) == 1


def test_intraday_path_leads_from_open_to_close_inside_the_range(world: World) -> None:
    session = world.sessions.count + 1
    for symbol in ("005930", "KOSPI"):
        whole = world.market.bar(symbol, session)
        points = [world.market.bar_at(symbol, session, minute / 50) for minute in range(51)]
        assert points[0].close == whole.open
        assert points[-1] == whole
        assert all(whole.low <= point.low <= point.close <= point.high <= whole.high for point in points)
        assert len({point.close for point in points}) > 5
        volumes = [point.volume for point in points]
        assert volumes == sorted(volumes)


def test_a_session_does_not_depend_on_when_it_is_asked(world: World) -> None:
    late_first = World(START, session_minutes=60, seed=7)
    far = world.sessions.count + 30
    assert late_first.market.bar("000660", far) == world.market.bar("000660", far)
    assert World(START, 60, seed=8).market.bar("000660", 5) != world.market.bar("000660", 5)


def test_a_year_of_news_has_the_promised_size(world: World) -> None:
    articles = world.newsroom.published(START)
    year = [article for article in articles if article.published_at > START - timedelta(days=365)]
    assert 2_400 <= len(year) <= 3_000
    plans = [story for window in range(world.plan.window_at(START) + 1) for story in world.plan.stories(window)]
    of_the_year = sum(START - timedelta(days=365) < story.published_at <= START for story in plans)
    assert 700 <= of_the_year - len(BY_CODE) <= 900  # beside the one of each stock in the last sessions
    assert len({article.url for article in articles}) == len(articles)


def test_the_demo_is_the_same_world_for_everybody(world: World) -> None:
    """Its pictures and figures are in the documentation; who changes the world draws and measures them again."""
    told = hashlib.sha256()
    for symbol in (*BY_CODE, *INDEX_START):
        for session in range(world.sessions.count + 2):
            bar = world.market.bar(symbol, session)
            told.update(
                f"{symbol} {session} {bar.open:.2f} {bar.high:.2f} {bar.low:.2f} {bar.close:.2f} {bar.volume}".encode()
            )
    prices = told.hexdigest()[:16]
    for article in world.newsroom.published(START + timedelta(hours=12)):
        told.update(
            f"{article.published_at} {article.publisher.name} {article.url} {article.title} {article.snippet}".encode()
        )
    assert (prices, told.hexdigest()[:16]) == ("21f77ee8d2d8fd10", "3b83b9ade802d36f")


def test_of_every_stock_there_is_something_to_say_when_the_demo_begins() -> None:
    """Whenever it begins: just after a close there are no stories of a demo session yet."""
    for start in (START, datetime(2026, 11, 30, 15, 31, tzinfo=KST), datetime(2026, 11, 29, 3, tzinfo=KST)):
        plan = World(start, session_minutes=60, seed=7).plan
        recent = [story for window in (-2, -1) for story in plan.stories(plan.sessions.count + window)]
        assert {story.stock.code for story in recent if story.kind == "event"} == set(BY_CODE)
        assert all(story.published_at < start for story in recent)


def test_news_keeps_appearing_after_the_start(world: World) -> None:
    hours = [len(world.newsroom.published(START + timedelta(hours=hour))) for hour in range(13)]
    rates = [(after - before) / 6 for before, after in itertools.pairwise(hours)]
    assert all(5 <= rate <= 13 for rate in rates)
    assert 6 <= statistics.mean(rates) <= 12


def test_the_newsroom_prints_every_trap(world: World) -> None:
    titles = [article.title for article in world.newsroom.published(START)]
    for mark in ("[특징주]", "[속보]", "[정정]", "(종합)", "20選", "-키움증권", "공채"):
        assert any(mark in title for title in titles), mark
    roundups = [title for title in titles if sum(stock.name in title for stock in DEMO_STOCKS) > 5]
    assert len(roundups) > 20


def _drift_z(world: World, stock_code: str, enters: int) -> float | None:
    """Market-adjusted move from the open of `enters` to the close five sessions later, in daily sigmas."""
    stock = BY_CODE[stock_code]
    index = world.market.bar(stock.market, enters + 4).close / world.market.bar(stock.market, enters).open
    bars = [world.market.bar(stock_code, enters + ahead) for ahead in range(5)]
    if bars[0].halted:
        return None
    ratio = bars[0].close / bars[0].open
    for bar in bars[1:]:
        ratio *= bar.close / bar.base
    return (math.log(ratio) - stock.beta * math.log(index)) / stock.sigma


def test_planted_effects_are_in_the_prices_and_the_others_are_not(world: World) -> None:
    found: dict[str, list[float]] = {}
    for window in range(world.sessions.count - 6):
        for story in world.plan.stories(window):
            if story.kind == "event" and (z := _drift_z(world, story.stock.code, story.enters)) is not None:
                found.setdefault(story.event.name, []).append(z)
    for sign in (1, -1):
        planted = [z * sign for name, values in found.items() if EFFECTS.get(name, 0) * sign > 0 for z in values]
        assert len(planted) > 80
        mean, error = statistics.mean(planted), statistics.stdev(planted) / math.sqrt(len(planted))
        assert 2.5 < mean < 4.5
        assert mean / error > 4
    silent = [z for name, values in found.items() if EFFECTS.get(name, 0) == 0 for z in values]
    assert abs(statistics.mean(silent)) < 3 * statistics.stdev(silent) / math.sqrt(len(silent))


def test_event_types_are_all_printed_and_none_is_named_in_the_text(world: World) -> None:
    kinds = Counter(story.event.name for window in range(world.sessions.count) for story in world.plan.stories(window))
    assert set(EFFECTS) <= set(kinds)
    text = " ".join(article.searchable for article in world.newsroom.published(START))
    assert not any(name in text for name in (*EFFECTS, "effect", "sigma"))


def test_indices_stay_near_their_sigma(world: World) -> None:
    for index in INDEX_START:
        closes = [world.market.bar(index, session).close for session in range(world.sessions.count)]
        assert 0.006 < statistics.pstdev(math.log(b / a) for a, b in itertools.pairwise(closes)) < 0.016
