"""crawl_news and load_history over real HTTP into a real database."""

import asyncio
import json
from datetime import timedelta

import pytest
from pydantic import SecretStr

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Counts
from backend.errors import NothingToDoError, SourcesFailedError, SourceTemporaryError
from backend.internal import NoArguments
from backend.krx import KrxCalendar
from backend.pipelines.market import load_history
from backend.pipelines.news import crawl_news
from backend.pipelines.sources import news_readers
from backend.services.operations import sources
from tests.sources import world
from tests.sources.outside import Outside, http

FEED, MK_FEED, SEARCH = "/hankyung/feed/finance", "/mk/rss/50200011/", "/naver-hub/search/v1/news"
CHART = "/naver-chart/siseJson.naver"


@pytest.fixture
async def ready(settings: Settings, database: Database, outside: Outside) -> Settings:
    """Stocks in the database; two feeds with a syndicated story, a search that finds it and one more."""
    world.configure(settings, outside)
    await world.add_stocks(database)
    at = clock.now() - timedelta(minutes=30)
    first = {"https://www.hankyung.com/article/1": "삼성전자, HBM4 양산 시작", "https://x.kr/2": "환율 하락 마감"}
    second = {"https://www.mk.co.kr/news/9": "삼성전자 HBM4 양산 시작(종합)"}
    outside.replies[FEED] = world.conditional(world.rss_body(first, at), '"one"')
    outside.replies[MK_FEED] = world.conditional(world.rss_body(second, at + timedelta(minutes=5)), '"two"')
    found = [("https://www.hankyung.com/article/1?utm_source=naver", "삼성전자, HBM4 양산 시작", at)]
    other = [("https://y.kr/3", "SK하이닉스, 3분기 영업이익 기대치 상회", at)]
    outside.replies[SEARCH] = world.search_reply({"삼성전자": found, "SK하이닉스": other})
    return settings


async def crawl(settings: Settings, database: Database) -> Counts:
    context = await world.new_context(settings, database, KrxCalendar(), "crawl_news")
    return await crawl_news.run(context, NoArguments())


async def load(settings: Settings, database: Database, **arguments: object) -> Counts:
    context = await world.new_context(settings, database, KrxCalendar(), "load_history")
    return await load_history.run(context, load_history.Arguments.model_validate(arguments))


async def snapshot(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row with its version, so that a rewritten equal row shows too."""
    tables = ("news", "news_stocks", "stories", "daily_bars", "index_bars")
    return {
        name: await world.fetch_all(database, f"SELECT ctid, xmin, t.* FROM {name} t ORDER BY 1") for name in tables
    }


async def test_crawl_stores_links_and_clusters(ready: Settings, database: Database) -> None:
    counts = await crawl(ready, database)
    news = await world.fetch_all(database, "SELECT url_key, story_id FROM news ORDER BY url_key")
    story = {row[0]: row[1] for row in news}
    assert len(news) == 4
    assert story["hankyung.com/article/1"] == story["mk.co.kr/news/9"]
    assert None not in story.values()
    sizes = await world.fetch_all(database, "SELECT size, event_type FROM stories ORDER BY size DESC, event_type")
    assert sizes == [(2, "product"), (1, "other"), (1, "results")]
    links = await world.fetch_all(database, "SELECT stock_code, count(*) FROM news_stocks GROUP BY 1 ORDER BY 1")
    assert links == [("000660", 1), ("005930", 2)]
    assert counts.detail["rss_hankyung.news"] + counts.detail["naver_search.news"] == 3
    assert counts.failed == 0


async def test_a_link_keeps_its_method_and_how_sure_it_is(
    ready: Settings, database: Database, outside: Outside
) -> None:
    """The rule of confidence: what a name says counts (0.9), what the search alone says does not (0.3)."""
    at = clock.now() - timedelta(minutes=30)
    found = [("https://y.kr/4", "반도체 장비주 실적 전망", at), ("https://y.kr/5", "삼성전자, 새 공장 착공", at)]
    outside.replies[SEARCH] = world.search_reply({"삼성전자": found})
    await crawl(ready, database)
    links = await world.fetch_all(
        database,
        "SELECT n.url_key, l.stock_code, l.method, l.confidence::numeric(3, 2)::text FROM news_stocks l"
        " JOIN news n ON n.id = l.news_id WHERE n.url_key ~ '^y.kr' ORDER BY 1",
    )
    assert links == [("y.kr/4", "005930", "feed_tag", "0.30"), ("y.kr/5", "005930", "name", "0.90")]


async def test_live_news_is_known_when_first_seen(ready: Settings, database: Database) -> None:
    await crawl(ready, database)
    assert await world.fetch_all(database, "SELECT 1 FROM news WHERE known_at <> first_seen_at OR flags <> '{}'") == []
    differing = "SELECT 1 FROM news_stocks l JOIN news n ON n.id = l.news_id WHERE l.known_at <> n.known_at"
    assert await world.fetch_all(database, differing) == []


async def test_second_crawl_writes_nothing_and_asks_conditionally(
    ready: Settings, database: Database, outside: Outside
) -> None:
    await crawl(ready, database)
    before = await snapshot(database)
    health = "SELECT to_jsonb(s) - 'last_ok_at' - 'quota_used' FROM sources s ORDER BY id"
    healthy = await world.fetch_all(database, health)
    counts = await crawl(ready, database)
    assert counts.written == 0
    assert await snapshot(database) == before
    assert await world.fetch_all(database, health) == healthy
    feeds = [request.headers.get("if-none-match") for request in outside.requests if request.path == FEED]
    assert feeds == [None, '"one"']


async def test_case_47_overlapping_crawls_double_nothing(ready: Settings, database: Database) -> None:
    counts = await asyncio.gather(crawl(ready, database), crawl(ready, database))
    assert sum(c.detail[f"{source}.news"] for c in counts for source in ("rss_hankyung", "rss_mk", "naver_search")) == 4
    assert await world.fetch_all(database, "SELECT count(*), count(story_id) FROM news") == [(4, 4)]
    members = "SELECT 1 FROM stories s WHERE size <> (SELECT count(*) FROM news n WHERE n.story_id = s.id)"
    assert await world.fetch_all(database, members) == []


async def test_case_34_an_updated_article_is_shown_as_it_is_now_and_known_as_it_was_then(
    ready: Settings, database: Database, outside: Outside
) -> None:
    await crawl(ready, database)
    columns = "SELECT title, published_at, known_at, first_seen_at FROM news WHERE url_key = 'hankyung.com/article/1'"
    first = await world.fetch_all(database, columns)
    updated = {"https://www.hankyung.com/article/1": "삼성전자, HBM4 양산 시작…주가 급등"}
    outside.replies[FEED] = http(world.rss_body(updated, clock.now()), content_type="text/xml")
    await crawl(ready, database)
    ((_, *moments),) = first
    assert await world.fetch_all(database, columns) == [("삼성전자, HBM4 양산 시작…주가 급등", *moments)]
    texts = await world.fetch_all(
        database,
        "SELECT DISTINCT ON (v.title) v.title, v.known_at = n.known_at, l.stock_code FROM news_versions v"
        " JOIN news n ON n.id = v.news_id JOIN version_links l ON l.version_id = v.id"
        " WHERE url_key = 'hankyung.com/article/1' ORDER BY v.title, v.version",
    )
    assert texts == [
        ("삼성전자, HBM4 양산 시작", True, "005930"),
        ("삼성전자, HBM4 양산 시작…주가 급등", False, "005930"),
    ]


async def test_case_35_filings_are_asked_for_over_midnight(
    ready: Settings, database: Database, outside: Outside
) -> None:
    ready.sources.dart_key, ready.sources.dart_api_url = SecretStr("k"), f"{outside.url}/dart-api"
    ready.sources.off = ready.sources.off.replace("dart,", "")
    outside.replies["/dart-api/api/list.json"] = http(b'{"status":"013"}')
    yesterday = clock.now() - timedelta(days=1)
    async with database.write() as session:
        await sources.record_source_ok(session, "dart", "filings", items=1, newest_item_at=yesterday)
    await crawl(ready, database)
    asked = next(request.query for request in outside.requests if request.path == "/dart-api/api/list.json")
    days = [f"{moment.astimezone(clock.KST):%Y%m%d}" for moment in (yesterday, clock.now())]
    assert [asked["bgn_de"], asked["end_de"]] == days


async def test_case_36_a_feed_that_stood_still_is_not_healthy_and_then_gives_all_at_once(
    ready: Settings, database: Database, outside: Outside
) -> None:
    state = "SELECT is_stalled FROM sources WHERE id = 'rss_hankyung'"
    old = clock.now() - timedelta(days=6)
    outside.replies[FEED] = http(world.rss_body({"https://www.hankyung.com/article/0": "오래된 소식"}, old))
    await crawl(ready, database)
    assert await world.fetch_all(database, state) == [(True,)]
    burst = {f"https://www.hankyung.com/article/{i}": f"밀린 소식 {i}번째 기사" for i in range(1, 101)}
    outside.replies[FEED] = http(world.rss_body(burst, clock.now()))
    counts = await crawl(ready, database)
    assert counts.detail["rss_hankyung.read"] == 100
    assert await world.fetch_all(database, state) == [(False,)]
    stored = "SELECT count(*) FROM news WHERE url_key ~ '^hankyung.com/article/'"
    assert await world.fetch_all(database, stored) == [(101,)]


async def test_case_37_an_old_article_under_a_new_address_keeps_its_date_joins_no_fresh_story_and_counts_for_nothing(
    ready: Settings, database: Database, outside: Outside
) -> None:
    await crawl(ready, database)
    old = clock.now() - timedelta(days=400)
    again = {"https://www.hankyung.com/republished/1": "삼성전자, HBM4 양산 시작"}
    outside.replies[FEED] = http(world.rss_body(again, old))
    await crawl(ready, database)
    rows = await world.fetch_all(
        database,
        "SELECT published_at < now() - interval '399 days', known_at = first_seen_at, flags, story_id FROM news"
        " WHERE url_key IN ('hankyung.com/republished/1', 'hankyung.com/article/1') ORDER BY published_at",
    )
    assert [row[:3] for row in rows] == [(True, True, ["stale"]), (False, True, [])]
    assert rows[0][3] != rows[1][3]
    counting = "SELECT l.story_id FROM counting_links l WHERE stock_code = '005930'"
    assert set(await world.fetch_all(database, counting)) == {(rows[1][3],)}


async def test_case_41_one_article_in_three_section_feeds_is_one_row(
    ready: Settings, database: Database, outside: Outside
) -> None:
    at = clock.now() - timedelta(minutes=10)
    for path, section in ((FEED, "market/all"), (MK_FEED, "economy/all")):
        link = f"https://www.yna.co.kr/view/AKR20261003000100?section={section}&amp;site=rss"
        outside.replies[path] = http(world.rss_body({link: "삼성전자, 신제품 공개"}, at))
    found = [("https://m.yna.co.kr/view/AKR20261003000100", "삼성전자, 신제품 공개", at)]
    outside.replies[SEARCH] = world.search_reply({"삼성전자": found})
    counts = await crawl(ready, database)
    assert counts.failed == 0
    assert await world.fetch_all(database, "SELECT count(*) FROM news WHERE url_key ~ 'yna'") == [(1,)]


async def test_bad_sources_cost_only_themselves(ready: Settings, database: Database, outside: Outside) -> None:
    async def hang(_writer: asyncio.StreamWriter) -> None:
        await outside.closing.wait()

    outside.raw[FEED] = hang
    outside.replies[MK_FEED] = http(b"<html>Just a moment...</html>", content_type="text/html")
    counts = await crawl(ready, database)
    assert counts.failed == 2
    rows = await world.fetch_all(
        database,
        "SELECT id, last_error->>'class', last_ok_at IS NULL FROM sources WHERE off_reason IS NULL ORDER BY id",
    )
    assert rows == [
        ("naver_search", None, False),
        ("rss_hankyung", "SourceTemporaryError", True),
        ("rss_mk", "SourceChangedError", True),
    ]
    assert await world.fetch_all(database, "SELECT count(*) FROM news") == [(2,)]


async def test_a_refused_source_is_left_alone_and_its_key_stays_secret(
    ready: Settings, database: Database, outside: Outside
) -> None:
    """Case 21 and the breaker: a ban is obeyed across runs."""
    outside.replies[SEARCH] = http(b'{"error":{"errorCode":"210","message":"no permission"}}', status=401)
    first = await crawl(ready, database)
    counts = await crawl(ready, database)
    asked = [request for request in outside.requests if request.path == SEARCH]
    assert len(asked) <= 2  # the stocks that were asked at the same moment, and none in the second run
    assert counts.skipped == first.skipped + 1
    for table in ("sources", "run_events", "runs", "news"):
        rows = await world.fetch_all(database, f"SELECT 1 FROM {table} t WHERE t::text LIKE '%{world.KEY}%'")
        assert rows == []


async def test_a_source_without_its_key_says_what_it_needs(ready: Settings, database: Database) -> None:
    ready.sources.naver_hub_key = None
    await crawl(ready, database)
    reason = await world.fetch_all(database, "SELECT off_reason FROM sources WHERE id = 'naver_search'")
    assert reason == [("off: needs AZAK_SOURCES_NAVER_HUB_KEY",)]


async def test_the_old_gateway_of_the_search_is_asked_with_its_own_keys(
    ready: Settings, database: Database, outside: Outside
) -> None:
    ready.sources.naver_hub_key = None
    ready.sources.naver_legacy_url = f"{outside.url}/naver-legacy"
    ready.sources.naver_legacy_client_id = SecretStr("id")
    ready.sources.naver_legacy_client_secret = SecretStr("secret")
    ready.sources.off = ready.sources.off.replace("naver_search_legacy", "")
    item = {"title": "삼성전자, 새 공장", "originallink": "https://n.kr/1", "link": "", "description": "",
            "pubDate": world.mail_date(clock.now())}  # fmt: skip
    outside.replies["/naver-legacy/v1/search/news.json"] = http(json.dumps({"items": [item]}).encode())
    await crawl(ready, database)
    asked = [request for request in outside.requests if request.path == "/naver-legacy/v1/search/news.json"]
    assert {request.query["query"] for request in asked} == {"삼성전자", "SK하이닉스"}
    assert {(r.headers["x-naver-client-id"], r.headers["x-naver-client-secret"]) for r in asked} == {("id", "secret")}
    assert {(r.query["display"], r.query["start"], r.query["sort"]) for r in asked} == {("100", "1", "date")}
    assert await world.fetch_all(database, "SELECT source FROM news WHERE url_key = 'n.kr/1'") == [
        ("naver_search_legacy",)
    ]


@pytest.fixture
def archive(ready: Settings, outside: Outside) -> Settings:
    """250 articles of one stock, 12 hours apart, the newest 30 minutes old; page 4 repeats page 3."""
    now = clock.now()
    articles = [
        (f"https://z.kr/{i}", f"삼성전자 소식 {i}번째", now - timedelta(minutes=30, hours=12 * i)) for i in range(250)
    ]
    outside.replies[SEARCH] = world.search_reply({"삼성전자": [*articles, *articles[-50:], *articles[-100:]]})
    outside.replies[CHART] = world.sise_reply({})
    return ready


async def test_case_46_history_is_known_at_its_publication_and_a_repeated_page_ends_it(
    archive: Settings, database: Database, outside: Outside
) -> None:
    counts = await load(archive, database, days=365)
    assert counts.detail["news"] == 250
    rows = "SELECT count(*) FILTER (WHERE 'archive' = ANY (flags) AND known_at = published_at), count(*) FROM news"
    assert await world.fetch_all(database, rows) == [(249, 250)]
    # The fourth page brings nothing new and is the last one asked for.
    asked = [r.query["start"] for r in outside.requests if r.query.get("query") == "삼성전자"]
    assert asked == ["1", "101", "201", "301"]


async def test_history_twice_writes_nothing(archive: Settings, database: Database) -> None:
    await load(archive, database)
    before = await snapshot(database)
    counts = await load(archive, database)
    assert (counts.written, await snapshot(database)) == (0, before)


async def test_history_stops_at_its_days(archive: Settings, database: Database, outside: Outside) -> None:
    counts = await load(archive, database, days=30)
    assert counts.detail["news"] == 60
    assert [r.query["start"] for r in outside.requests if r.query.get("query") == "삼성전자"] == ["1"]


async def test_a_stock_added_later_gets_links_to_stored_news(
    archive: Settings, database: Database, outside: Outside
) -> None:
    at = clock.now() - timedelta(days=3)
    found = [("https://z.kr/both", "삼성전자·현대차, 전장 협력", at)]
    outside.replies[SEARCH] = world.search_reply({"삼성전자": found, "현대차": found})
    await load(archive, database)
    await world.add_stocks(database, (("005380", "현대차"),))
    counts = await load(archive, database, stock_codes=["005380"])
    assert (counts.detail["news"], counts.detail["links"]) == (0, 1)


async def test_history_keeps_what_came_and_asks_for_a_retry(
    archive: Settings, database: Database, outside: Outside
) -> None:
    whole = outside.replies[SEARCH]
    assert callable(whole)
    outside.replies[SEARCH] = lambda r: http(b"", status=500) if r.query["start"] == "201" else whole(r)
    with pytest.raises(SourceTemporaryError):
        await load(archive, database)
    assert await world.fetch_all(database, "SELECT count(*) FROM news") == [(200,)]


async def test_history_does_not_ask_a_source_that_refused(
    archive: Settings, database: Database, outside: Outside
) -> None:
    outside.replies[SEARCH] = http(b'{"errorCode":"024"}', status=401)
    assert (await load(archive, database)).failed == 1
    asked = len(outside.requests)
    with pytest.raises(SourceTemporaryError, match="closed for"):
        await load(archive, database)
    assert [request for request in outside.requests[asked:] if request.path == SEARCH] == []


async def test_a_crawl_searches_for_priority_1_first(
    ready: Settings, database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.execute(database, "UPDATE stocks SET priority = CASE code WHEN '005930' THEN 1 ELSE 5 END")
    monkeypatch.setattr(news_readers, "SEARCHES_AT_ONCE", 1)
    await crawl(ready, database)
    asked = [request.query["query"] for request in outside.requests if request.path == SEARCH]
    assert asked == ["삼성전자", "SK하이닉스"]


async def test_a_crawl_whose_every_source_fails_fails_and_one_without_any_is_skipped(
    ready: Settings, database: Database, outside: Outside
) -> None:
    for path in (FEED, MK_FEED, SEARCH):
        outside.replies[path] = http(b"", status=500)
    with pytest.raises(SourcesFailedError, match="Every source that was asked failed"):
        await crawl(ready, database)
    failures = await world.fetch_all(database, "SELECT count(*) FROM sources WHERE consecutive_failures = 1")
    assert failures == [(3,)]
    outside.replies[FEED] = world.conditional(world.rss_body({"https://x.kr/2": "환율 하락 마감"}, clock.now()), '"3"')
    assert (await crawl(ready, database)).failed == 2
    ready.sources.off += ",rss_hankyung,rss_mk,naver_search"
    with pytest.raises(NothingToDoError, match="No source of news is on"):
        await crawl(ready, database)
