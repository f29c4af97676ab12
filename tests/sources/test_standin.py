"""All jobs of this part against the real stand-in process: what the demo does, in small."""

import pytest

from backend.config import Settings
from backend.db.session import Database
from backend.demo.world.stocks import DEMO_STOCKS
from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.krx import DemoCalendar
from backend.pipelines.market import collect_daily_bars, collect_prices, load_history
from backend.pipelines.news import crawl_news
from tests.fixtures.standin import StandIn
from tests.sources import world

BARS = ("daily_bars", "index_bars")


@pytest.fixture
async def demo(settings: Settings, database: Database, standin: StandIn) -> Settings:
    world.configure_standin(settings, standin.url)
    await world.add_stocks(database, tuple((stock.code, stock.name) for stock in DEMO_STOCKS))
    return settings


async def snapshot(database: Database, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    versions = "SELECT md5(string_agg(t.ctid::text || t.xmin::text || t::text, '|' ORDER BY t::text)) FROM {} t"
    return {name: await world.fetch_all(database, versions.format(name)) for name in tables}


async def run_all(settings: Settings, database: Database, standin: StandIn) -> dict[str, Counts]:
    calendar = DemoCalendar(standin.start, standin.session_minutes)
    counts: dict[str, Counts] = {}
    for job in (load_history, crawl_news, collect_daily_bars, collect_prices):
        kind = job.__name__.rpartition(".")[2]
        context = await world.new_context(settings, database, calendar, kind)
        arguments = load_history.Arguments() if job is load_history else NoArguments()
        counts[kind] = await job.run(context, arguments)
    return counts


async def test_a_year_of_the_demo_world_and_the_same_again(
    demo: Settings, database: Database, standin: StandIn
) -> None:
    """Every source answers; the second run writes only what was published since the first."""
    counts = await run_all(demo, database, standin)
    assert [count.failed for count in counts.values()] == [0, 0, 0, 0]
    numbers = await world.fetch_all(
        database,
        "SELECT (SELECT count(*) >= 2000 FROM news), (SELECT count(*) >= 500 FROM stories),"
        " (SELECT count(DISTINCT stock_code) FROM daily_bars), (SELECT min(n) >= 230 FROM"
        " (SELECT count(*) n FROM daily_bars GROUP BY stock_code) per_stock), (SELECT count(*) FROM quotes)",
    )
    assert numbers == [(True, True, 20, True, 20)]
    assert await world.fetch_all(database, "SELECT count(*) FROM news WHERE title ~ '[\ufffd<]|&[a-z]+;'") == [(0,)]
    assert await world.fetch_all(database, "SELECT count(*) FROM sources WHERE last_error IS NOT NULL") == [(0,)]
    split = await world.fetch_all(database, "SELECT DISTINCT stock_code FROM daily_bars WHERE adjust_factor <> 1")
    assert len(split) == 1
    bars, news = await snapshot(database, BARS), await world.fetch_all(database, "SELECT count(*) FROM news")
    again = await run_all(demo, database, standin)
    published = again["load_history"].detail["news"]
    published += sum(number for name, number in again["crawl_news"].detail.items() if name.endswith(".news"))
    assert published < 60
    assert await world.fetch_all(database, "SELECT count(*) FROM news") == [(news[0][0] + published,)]
    assert await snapshot(database, BARS) == bars
    members = "SELECT 1 FROM stories s WHERE size <> (SELECT count(*) FROM news n WHERE n.story_id = s.id)"
    assert await world.fetch_all(database, members) == []
