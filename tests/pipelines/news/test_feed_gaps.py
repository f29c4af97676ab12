"""What a feed did not show is a gap, told everywhere, and closed only by a source that was asked for all of it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.demo.world.stocks import DEMO_STOCKS
from backend.demo.world.world import World as DemoWorld
from backend.domain.outside.feed_gaps import FeedGap, find_gap
from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.krx import DemoCalendar, KrxCalendar
from backend.pipelines.news import crawl_news
from backend.pipelines.sources import catalogue
from backend.services.operations import feed_gaps
from backend.text.cleaning import TITLE_LIMIT, clean
from tests.fixtures.page_words import list_unworded
from tests.fixtures.standin import minutes_ago, running_standin
from tests.sources import world
from tests.sources.outside import Outside, http

FEED, SEARCH = "/hankyung/feed/finance", "/naver-hub/search/v1/news"
NOW = clock.now().replace(second=0, microsecond=0)
GAPS = "SELECT source, since, until, closed_at IS NOT NULL, filled_by, reason, next_try_at > now() FROM feed_gaps"
NOBODY = (
    "no source that can be asked by time is on (kis_news, naver_search, naver_search_legacy); "
    "see 'azak sources list'."
)  # fmt: skip


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def feed(minutes: Sequence[float], *, undated: Collection[float] = ()) -> bytes:
    """A feed with an item of each of these minutes ago, in this order."""
    entries = "".join(
        f"<item><title>한국은행 소식 {m}호</title><link>https://www.hankyung.com/article/{int(m * 10)}</link>"
        + ("" if m in undated else f"<pubDate>{world.mail_date(ago(m))}</pubDate>")
        + "</item>"
        for m in minutes
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{entries}</channel></rss>'
    return http(text.encode(), content_type="text/xml")


def found(minutes: Sequence[int]) -> list[tuple[str, str, datetime]]:
    return [(f"https://z.kr/{m}", f"삼성전자 소식 {m}분 전", ago(m)) for m in minutes]


@pytest.fixture
async def one_feed(settings: Settings, database: Database, outside: Outside) -> Settings:
    """One stock, one feed, and a search that is on."""
    world.configure(settings, outside)
    settings.sources.off += ",rss_mk"
    await world.add_stocks(database, world.STOCKS[:1])
    outside.replies[SEARCH] = world.search_reply({"삼성전자": found(range(1, 90))})
    return settings


async def crawl(settings: Settings, database: Database) -> Counts:
    context = await world.new_context(settings, database, KrxCalendar(), "crawl_news")
    return await crawl_news.run(context, NoArguments())


async def reasons(database: Database) -> list[str]:
    async with database.read() as session:
        found = await feed_gaps.list_reasons(session)
    assert list_unworded(found) == []
    return [reason.sentence for reason in found]


def the_gap(*, closed: bool, filled_by: str | None, reason: str | None, later: bool | None) -> list[tuple[object, ...]]:
    return [("rss_hankyung", ago(160), ago(60), closed, filled_by, reason, later)]


KNOWN = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def at(*minutes: float) -> list[datetime]:
    """Moments so many minutes after the newest one known."""
    return [KNOWN + timedelta(minutes=m) for m in minutes]


@pytest.mark.parametrize(
    ("published", "holds_newest", "until"),
    [
        (at(90, 80, 70), False, 70),  # newest first, and nothing of what was known
        (at(70, 90, 80), False, 70),  # in any order
        (at(90, 70, -10), False, None),  # reaches back, although the newest one known was taken down
        (at(-10, 90, 70), False, None),
        (at(90, 70, 0), True, None),  # the newest one known is in it
        (at(90, 0, 0), False, 0),  # another item of the same minute is not the one that is known
        (at(0, 0), False, 0),
        (at(90, 70, -60 * 24 * 30), False, 70),  # an old item that the paper has pinned
        (at(-10, -20), False, None),  # nothing new
        (at(-60 * 24 * 30), False, None),
        ([], False, None),  # nothing dated: nobody can tell
    ],
)
def test_a_gap_lies_between_what_is_known_and_what_the_feed_shows(
    published: list[datetime], holds_newest: bool, until: float | None
) -> None:
    expected = None if until is None else FeedGap("rss", KNOWN, *at(until))
    assert find_gap("rss", KNOWN, published, holds_newest=holds_newest) == expected
    assert find_gap("rss", None, published, holds_newest=holds_newest) is None


async def test_an_outage_is_found_told_and_filled_by_a_search(
    one_feed: Settings, database: Database, outside: Outside
) -> None:
    outside.replies[FEED] = feed(range(160, 200))
    assert not await has_gap(await crawl(one_feed, database))
    outside.replies[FEED] = feed(range(1, 61))
    outside.replies[SEARCH] = world.search_reply({"삼성전자": found(range(1, 400))})
    counts = await crawl(one_feed, database)
    assert (counts.detail["rss_hankyung.gaps"], counts.detail["gaps.filled"]) == (1, 1)
    assert await world.fetch_all(database, GAPS) == the_gap(
        closed=True, filled_by="naver_search", reason=None, later=None
    )
    assert await reasons(database) == []
    unread = f"SELECT count(*) FROM news WHERE url_key ~ '^z.kr' AND published_at BETWEEN '{ago(159)}' AND '{ago(61)}'"
    assert await world.fetch_all(database, unread) == [(99,)]
    logged = await world.fetch_all(database, "SELECT message FROM run_events WHERE message ~ 'did not show'")
    assert len(logged) == 1
    outside.requests.clear()
    counts = await crawl(one_feed, database)
    assert not await has_gap(counts)
    assert [request.query["start"] for request in outside.requests if request.path == SEARCH] == ["1"]


async def has_gap(counts: Counts) -> bool:
    return any(name.endswith(".gaps") for name in counts.detail)


async def test_a_gap_that_nobody_can_fill_stays_listed_and_leaves_health_after_a_day(
    one_feed: Settings, database: Database, outside: Outside
) -> None:
    one_feed.sources.off += ",naver_search"
    outside.replies[FEED] = feed(range(160, 200))
    await crawl(one_feed, database)
    outside.replies[FEED] = feed(range(1, 61))
    await crawl(one_feed, database)
    expected = the_gap(closed=False, filled_by=None, reason=NOBODY, later=True)
    assert await world.fetch_all(database, GAPS) == expected
    (told,) = await reasons(database)
    first, last = ago(160).astimezone(clock.KST), ago(60).astimezone(clock.KST)
    assert told.startswith(f"News was not seen (rss_hankyung {first:%Y-%m-%d %H:%M} to ")
    assert told.endswith(f"{last:%H:%M}): {NOBODY}")
    await world.execute(database, "UPDATE feed_gaps SET found_at = found_at - interval '25 hours'")
    assert await reasons(database) == []
    async with database.read() as session:
        assert [gap["reason"] for gap in await feed_gaps.list_gaps(session)] == [NOBODY]
    one_feed.sources.off = one_feed.sources.off.replace(",naver_search", "")
    await world.execute(database, "UPDATE feed_gaps SET next_try_at = now()")
    outside.replies[SEARCH] = world.search_reply({"삼성전자": found(range(1, 400))})
    await crawl(one_feed, database)
    assert [row[3:5] for row in await world.fetch_all(database, GAPS)] == [(True, "naver_search")]


async def test_a_source_that_fails_or_does_not_reach_back_closes_nothing(
    one_feed: Settings, database: Database, outside: Outside
) -> None:
    outside.replies[FEED] = feed(range(160, 200))
    await crawl(one_feed, database)
    outside.replies[FEED] = feed(range(1, 61))
    outside.replies[SEARCH] = http(b'{"errorMessage":"x","errorCode":"SE99"}', status=500)
    await crawl(one_feed, database)
    (row,) = await world.fetch_all(database, GAPS)
    assert row[3:5] == (False, None)
    assert "naver_search" in str(row[5])
    assert row[6] is True
    busy = [(f"https://z.kr/{n}", f"삼성전자 소식 {n}", ago(1 + n / 20)) for n in range(1_200)]
    outside.replies[SEARCH] = world.search_reply({"삼성전자": busy})
    await world.execute(database, "UPDATE feed_gaps SET next_try_at = now()")
    await world.execute(database, "UPDATE sources SET blocked_until = NULL")
    await crawl(one_feed, database)
    expected = the_gap(closed=False, filled_by=None, reason="naver_search does not reach back that far.", later=None)
    assert await world.fetch_all(database, GAPS) == expected
    outside.requests.clear()
    await crawl(one_feed, database)  # nobody is asked again in vain
    assert len([request for request in outside.requests if request.path == SEARCH]) == 1


async def test_an_unchanged_an_undated_and_a_first_answer_are_no_gap(
    one_feed: Settings, database: Database, outside: Outside
) -> None:
    outside.replies[FEED] = feed(range(60, 100), undated=range(60, 100))
    await crawl(one_feed, database)
    outside.replies[FEED] = feed(range(1, 40), undated=range(1, 40))
    await crawl(one_feed, database)
    outside.replies[FEED] = feed([*range(1, 40), 500], undated=[500])  # the first that is dated at all
    await crawl(one_feed, database)
    outside.replies[FEED] = http(b"", status=304, ETag='"x"')
    await crawl(one_feed, database)
    assert await world.fetch_all(database, GAPS) == []


async def test_items_of_one_minute_are_told_apart_by_what_is_stored(
    one_feed: Settings, database: Database, outside: Outside
) -> None:
    one_feed.sources.off += ",naver_search"
    outside.replies[FEED] = feed([60, 70])
    await crawl(one_feed, database)
    outside.replies[FEED] = feed([30, 60])
    await crawl(one_feed, database)
    assert await world.fetch_all(database, GAPS) == []
    body = feed([5, 30]).replace(b"article/300", b"article/30001")  # another article of the minute of the newest one
    outside.replies[FEED] = http(body.partition(b"\r\n\r\n")[2], content_type="text/xml")
    await crawl(one_feed, database)
    assert [row[1:3] for row in await world.fetch_all(database, GAPS)] == [(ago(30), ago(30))]


@pytest.mark.parametrize("before_midnight", [timedelta(hours=6), timedelta(minutes=10)])
async def test_a_feed_of_one_day_is_whole_while_it_is_not_full(
    settings: Settings,
    database: Database,
    outside: Outside,
    monkeypatch: pytest.MonkeyPatch,
    before_midnight: timedelta,
) -> None:
    world.configure(settings, outside)
    settings.sources.kind_url = f"{outside.url}/kind"
    settings.sources.off = ",".join(name for name in catalogue.SOURCES if name != "kind_rss")
    today = datetime(2026, 11, 26, tzinfo=clock.KST)

    async def crawl_at(asked_at: datetime, *announced: datetime) -> None:
        items = "".join(
            f"<item><title>[유]한빛전자 공시</title><author>[유]한빛전자</author><link>https://k.kr/?acptNo={at:%Y%m%d%H%M%S}"
            f"</link><lastBuildDate>{world.mail_date(at)}</lastBuildDate></item>"
            for at in announced
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
        outside.replies["/kind/disclosure/rsstodaydistribute.do"] = http(body.encode(), content_type="text/xml")
        monkeypatch.setattr(clock, "now", lambda: asked_at)
        await crawl(settings, database)

    last = today - timedelta(hours=7)
    await crawl_at(today - before_midnight, last)
    await crawl_at(today + timedelta(hours=9), today + timedelta(hours=8))
    expected = [("kind_rss", last, today)] if before_midnight > timedelta(hours=1) else []
    assert [row[:3] for row in await world.fetch_all(database, GAPS)] == expected
    later = [today + timedelta(hours=15, seconds=n) for n in range(100)]
    await crawl_at(today + timedelta(hours=16), *later)  # a full one shows the end of the day only
    newest = ("kind_rss", today + timedelta(hours=8), later[0])
    assert [row[:3] for row in await world.fetch_all(database, GAPS)] == [*expected, newest]


async def test_a_long_outage_is_filled_whole_by_the_lists_of_kis_and_dart(
    settings: Settings, database: Database
) -> None:
    away = 960  # the access token that the stand-in gave before it must be good for the real clock, too
    start = minutes_ago(away + 120)
    calendar = DemoCalendar(start, 60)
    await world.add_stocks(database, tuple((stock.code, stock.name) for stock in DEMO_STOCKS))
    with running_standin(start) as standin, httpx.Client(base_url=standin.url, timeout=30) as control:
        world.configure_standin(settings, standin.url)
        settings.sources.timeout_s, settings.sources.off = 20.0, "naver_search"

        def set_clock(moment: datetime) -> None:
            control.post("/_control/reset").raise_for_status()
            control.post("/_control/clock", json={"at": moment.isoformat()}).raise_for_status()

        for minutes in (120, 120 + away):
            set_clock(start + timedelta(minutes=minutes))
            context = await world.new_context(settings, database, calendar, "crawl_news")
            counts = await crawl_news.run(context, NoArguments())
    closed = dict(await world.fetch_all(database, "SELECT source, filled_by FROM feed_gaps"))
    assert {"rss_hankyung", "kis_news", "dart_rss"} <= set(closed)
    assert {name: by for name, by in closed.items() if by != ("dart" if "dart" in name else "kis_news")} == {}
    assert counts.detail["gaps.filled"] == len(closed)
    published = DemoWorld(start, 60, 7).newsroom.published(start + timedelta(minutes=120 + away))
    since = start + timedelta(minutes=120)
    stored = {title for (title,) in await world.fetch_all(database, "SELECT title FROM news")}
    titles = {clean(article.title, TITLE_LIMIT) for article in published if article.published_at >= since}
    assert len(titles) > 500
    assert titles - stored == set()
