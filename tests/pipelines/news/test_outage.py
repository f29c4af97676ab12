"""Three hours without a crawl: what the sources still have is read, so that nothing of a watched stock is missing."""

from datetime import timedelta

import httpx

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.demo.world.stocks import ALL_STOCKS
from backend.internal import NoArguments
from backend.krx import Calendar, DemoCalendar, KrxCalendar
from backend.pipelines.news import crawl_news
from tests.fixtures.standin import minutes_ago, running_standin
from tests.sources import world
from tests.sources.outside import Outside

SEARCH = "/naver-hub/search/v1/news"
AWAY_MINUTES = 180
LINKED = "SELECT DISTINCT stock_code, url_key FROM news_stocks l JOIN news n ON n.id = l.news_id"


async def crawl(settings: Settings, database: Database, calendar: Calendar) -> None:
    context = await world.new_context(settings, database, calendar, "crawl_news")
    await crawl_news.run(context, NoArguments())


async def test_a_busy_stock_is_read_back_to_what_we_have(
    settings: Settings, database: Database, outside: Outside
) -> None:
    world.configure(settings, outside)
    settings.sources.off += ",rss_hankyung,rss_mk"
    await world.add_stocks(database, world.STOCKS[:1])
    now = clock.now()
    articles = [
        (f"https://z.kr/{minute}", f"삼성전자 소식 {minute}분 전", now - timedelta(minutes=minute))
        for minute in range(1, 400)
    ]
    outside.replies[SEARCH] = world.search_reply({"삼성전자": articles[AWAY_MINUTES:]})
    await crawl(settings, database, KrxCalendar())
    outside.replies[SEARCH] = world.search_reply({"삼성전자": articles})
    outside.requests.clear()
    await crawl(settings, database, KrxCalendar())
    asked = [request.query["start"] for request in outside.requests]
    assert asked == ["1", "101"]
    assert await world.fetch_all(database, "SELECT count(*) FROM news") == [(AWAY_MINUTES + 100,)]
    outside.requests.clear()
    await crawl(settings, database, KrxCalendar())
    assert [request.query["start"] for request in outside.requests] == ["1"]


async def test_no_news_of_a_watched_stock_is_missing(settings: Settings, database: Database) -> None:
    start = minutes_ago(AWAY_MINUTES + 120)
    calendar = DemoCalendar(start, 60)
    await world.add_stocks(database, tuple((stock.code, stock.name) for stock in ALL_STOCKS[:20]))
    with running_standin(start) as standin, httpx.Client(base_url=standin.url, timeout=10, verify=False) as control:
        world.configure_standin(settings, standin.url)
        settings.sources.timeout_s = 10.0
        # It holds the items of the day: over midnight in Seoul the rest is a gap that is told (test_feed_gaps.py).
        settings.sources.off += ",kind_rss"

        def set_clock(minutes_before_now: float) -> None:
            control.post("/_control/reset").raise_for_status()  # and a minute later for the limits of the sources
            at = (start + timedelta(minutes=AWAY_MINUTES + 120 - minutes_before_now)).isoformat()
            control.post("/_control/clock", json={"at": at}).raise_for_status()

        async def crawl_at(minutes_before_now: float) -> set[tuple[str, str]]:
            set_clock(minutes_before_now)
            await crawl(settings, database, calendar)
            return set(await world.fetch_all(database, LINKED))

        for minutes in range(AWAY_MINUTES, -1, -20):
            always_there = await crawl_at(minutes)
        await world.execute(database, "TRUNCATE news, stories, sources CASCADE")
        before = await crawl_at(AWAY_MINUTES)
        after_the_outage = await crawl_at(0)
    assert len(always_there) > len(before) + 100
    assert always_there - after_the_outage == set()
