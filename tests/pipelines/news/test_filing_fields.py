"""A crawl that reads DART's fields of new filings: real HTTP on loopback into a real PostgreSQL."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest
from pydantic import SecretStr

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Counts
from backend.internal import NoArguments, RestateArguments
from backend.krx import KrxCalendar
from backend.pipelines.news import crawl_news, restate_news
from backend.pipelines.sources import filing_fields
from tests.sources import world
from tests.sources.outside import Outside, http

LIST, API, FEED = "/dart-api/api/list.json", "/dart-api/api/", "/dart/api/todayRSS.xml"
TODAY: Final = f"{clock.now().astimezone(clock.KST):%Y%m%d}"
RIGHTS, BONDS, MERGER, OTHER, SALE = (f"{TODAY}0001{number:02}" for number in range(5))
EVENTS = """
    SELECT n.url_key, v.version, v.reading, v.event_type, v.sign, v.stage, v.amount_krw, v.counterparty, v.share,
           v.materiality
      FROM news_versions v JOIN news n ON n.id = v.news_id
     WHERE v.retired_at IS NULL AND n.kind = 'filing' ORDER BY n.url_key, v.version
"""
FORM_ONLY = ("rights_issue", "-", "decided", None, "", None, 3)
WITH_FIELDS = ("rights_issue", "-", "decided", 300_000_000_000, "", 0.05, 2)


def row(receipt: str, report: str, code: str = "005930", company: str = "00126380") -> dict[str, str]:
    name = dict(world.STOCKS).get(code, "한빛소재")
    return {"corp_code": company, "corp_name": name, "stock_code": code, "report_nm": report, "rcept_no": receipt,
            "rcept_dt": TODAY}  # fmt: skip


def answer(*rows: dict[str, Any]) -> bytes:
    return http(json.dumps({"status": "000", "total_page": 1, "list": rows}).encode())


def issue(receipt: str = RIGHTS) -> bytes:
    return answer(
        {"rcept_no": receipt, "fdpp_fclt": "300,000,000,000", "nstk_ostk_cnt": "5", "bfic_tisstk_ostk": "100"}
    )


@pytest.fixture
async def ready(settings: Settings, database: Database, outside: Outside) -> Settings:
    """Two watched stocks, and the list of OpenDART with a rights issue of one of them; all other sources are off."""
    world.configure(settings, outside)
    settings.sources.dart_key, settings.sources.dart_api_url = SecretStr("k"), f"{outside.url}/dart-api"
    settings.sources.off = ",".join((settings.sources.off.replace("dart,", ""), *world.CONFIGURED))
    await world.add_stocks(database)
    outside.replies[LIST] = answer(row(RIGHTS, "주요사항보고서(유상증자결정)"))
    outside.replies[f"{API}piicDecsn.json"] = issue()
    return settings


async def crawl(settings: Settings, database: Database) -> Counts:
    context = await world.new_context(settings, database, KrxCalendar(), "crawl_news")
    return await crawl_news.run(context, NoArguments())


async def events(database: Database) -> dict[str, tuple[Any, ...]]:
    """Version, reading and event of the newest text of each filing, by receipt."""
    return {key.removeprefix("dart:"): tuple(rest) for key, *rest in await world.fetch_all(database, EVENTS)}


def asked(outside: Outside) -> list[str]:
    paths = [request.path.removeprefix(API) for request in outside.requests]
    return [path for path in paths if path != "list.json"]


async def test_the_event_of_a_filing_has_the_sums_of_its_fields(
    ready: Settings, database: Database, outside: Outside
) -> None:
    counts = await crawl(ready, database)
    assert (await events(database))[RIGHTS] == (1, 1, *WITH_FIELDS)
    assert asked(outside) == ["piicDecsn.json"]
    assert counts.failed == 0
    assert await world.fetch_all(database, "SELECT quota_used FROM sources WHERE id = 'dart'") == [(2,)]
    stories = "SELECT amount_krw, share, materiality FROM stories"
    assert await world.fetch_all(database, stories) == [(300_000_000_000, 0.05, 2)]


async def test_a_filing_is_asked_for_once_and_keeps_what_was_told(
    ready: Settings, database: Database, outside: Outside
) -> None:
    await crawl(ready, database)
    assert (await crawl(ready, database)).written == 0
    assert asked(outside) == ["piicDecsn.json"]
    await world.execute(database, "UPDATE news_versions SET amount_krw = NULL")
    context = await world.new_context(ready, database, KrxCalendar(), "restate_news")
    assert (await restate_news.run(context, RestateArguments())).detail["readings"] == 1
    assert (await events(database))[RIGHTS] == (1, 2, *WITH_FIELDS)


async def test_only_filings_of_watched_stocks_whose_form_has_a_call_are_asked_for(
    ready: Settings, database: Database, outside: Outside
) -> None:
    outside.replies[LIST] = answer(
        row(RIGHTS, "단일판매ㆍ공급계약체결"),
        row(OTHER, "주요사항보고서(유상증자결정)", code="123450"),
        row(MERGER, "주요사항보고서(회사합병결정)", code="000660"),
        row(SALE, "주요사항보고서(영업양도결정)", company="none"),
    )
    outside.replies[f"{API}cmpMgDecsn.json"] = answer({"rcept_no": MERGER, "mgptncmp_cmpnm": "(주)가온시스템"})
    await crawl(ready, database)
    found = await events(database)
    assert asked(outside) == ["cmpMgDecsn.json"]
    assert found[MERGER] == (1, 1, "merger", "0", "decided", None, "가온시스템", None, 3)
    assert found[OTHER] == (1, 1, *FORM_ONLY)


async def test_a_filing_that_the_feed_told_first_gets_its_fields_as_another_version(
    ready: Settings, database: Database, outside: Outside
) -> None:
    ready.sources.dart_url = f"{outside.url}/dart"
    on, ready.sources.off = ready.sources.off, f"{ready.sources.off.replace('dart_rss,', '')},dart"
    moment = f"{clock.now() - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
    feed = (
        '<?xml version="1.0"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel><item>'
        f"<title>(유가증권)삼성전자 - 주요사항보고서(유상증자결정)</title><dc:date>{moment}</dc:date>"
        f"<link>http://dart.fss.or.kr/api/link.jsp?rcpNo={RIGHTS}</link></item></channel></rss>"
    )
    outside.replies[FEED] = http(feed.encode(), content_type="text/xml")
    await crawl(ready, database)
    assert (await events(database))[RIGHTS] == (1, 1, *FORM_ONLY)
    ready.sources.off = on
    await crawl(ready, database)
    versions = [tuple(found[1:]) for found in await world.fetch_all(database, EVENTS)]
    assert versions == [(1, 1, *FORM_ONLY), (2, 1, *WITH_FIELDS)]
    later = "SELECT count(*) FROM news_versions WHERE version = 2 AND known_at > (SELECT min(known_at) FROM news)"
    assert await world.fetch_all(database, later) == [(1,)]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (http(b'{"status":"020"}'), "no quota left"),
        (http(b'{"status":"100"}'), "does not understand our question"),
        (http(b"<html>", status=200), "sent no JSON"),
        (http(b"", status=404), "404"),
    ],
)
async def test_when_the_fields_cannot_be_read_the_forms_words_stand_and_the_list_is_well(
    ready: Settings, database: Database, outside: Outside, reply: bytes, told: str
) -> None:
    outside.replies[LIST] = answer(
        row(RIGHTS, "주요사항보고서(유상증자결정)"), row(BONDS, "주요사항보고서(전환사채권발행결정)")
    )
    outside.replies[f"{API}piicDecsn.json"] = reply
    counts = await crawl(ready, database)
    found = await events(database)
    assert found[RIGHTS] == (1, 1, *FORM_ONLY)
    assert found[BONDS][2] == "convertible_bond"
    assert (counts.failed, counts.detail["dart.news"]) == (0, 2)
    assert asked(outside) == ["piicDecsn.json"]
    log = await world.fetch_all(database, "SELECT message FROM run_events WHERE level = 'warning'")
    assert len(log) == 1
    assert log[0][0].startswith("The fields of 2 filings were not read, their events come from the forms' words: dart")
    assert told in log[0][0]
    await crawl(ready, database)
    assert asked(outside) == ["piicDecsn.json"]


async def test_a_slow_answer_takes_only_its_part_of_the_time(
    ready: Settings, database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_writer: object) -> None:
        await outside.closing.wait()

    monkeypatch.setattr(filing_fields, "WITHIN_S", 0.2)
    outside.raw[f"{API}piicDecsn.json"] = never
    counts = await crawl(ready, database)
    assert (await events(database))[RIGHTS] == (1, 1, *FORM_ONLY)
    assert counts.failed == 0


async def test_a_row_that_lies_about_itself_changes_no_sign_and_no_other_filing(
    ready: Settings, database: Database, outside: Outside
) -> None:
    hostile = {
        "rcept_no": RIGHTS,
        "fdpp_fclt": "9" * 30,
        "fdpp_op": ["x"],
        "nstk_ostk_cnt": "1e9",
        "dv_mth": "물적분할",
    }
    outside.replies[f"{API}piicDecsn.json"] = answer(hostile)
    await crawl(ready, database)
    assert (await events(database))[RIGHTS] == (1, 1, *FORM_ONLY)
