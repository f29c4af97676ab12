"""KIND's feed of today on hand-written bytes in its form."""

from datetime import UTC, datetime

import pytest

from backend.domain.news import Flag, NewsKind, Precision
from backend.errors import SourceChangedError
from backend.sources import kind
from backend.sources.http.client import RatePolicy, open_client
from tests.sources.answers import answer
from tests.sources.outside import Outside, http

VIEWER = "http://kind.krx.co.kr:80/common/disclsviewer.do?method=searchInitInfo&amp;acptNo={}&amp;docno="


def item(title: str, author: str, receipt: str = "20261001000123", at: str = "Thu, 01 Oct 2026 09:12:00 +0900") -> str:
    link = VIEWER.format(receipt).replace("&amp;", "&")
    return (
        f"<item><title><![CDATA[{title}]]></title><link><![CDATA[{link}]]></link>"
        f"<author><![CDATA[{author}]]></author><category><![CDATA[공시]]></category>"
        f"<lastBuildDate>{at}</lastBuildDate></item>"
    )


def feed(*items: str) -> bytes:
    head = "<title>오늘의 공시</title><lastBuildDate>Thu, 01 Oct 2026 10:00:00 +0900</lastBuildDate>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'
    ).encode()


@pytest.mark.parametrize(
    ("told", "author", "title"),
    [
        ("[유]한빛전자 주권매매거래정지(단기과열)", "[유]한빛전자", "한빛전자 - 주권매매거래정지(단기과열)"),
        ("[코]새벽바이오 투자경고종목지정", "[코]새벽바이오", "새벽바이오 - 투자경고종목지정"),
        ("[코]새벽 바이오 투자주의종목지정", "[코]새벽 바이오", "새벽 바이오 - 투자주의종목지정"),
        ("[유]한빛전자 [정정]현금ㆍ현물배당결정", "[유]한빛전자", "[정정] 한빛전자 - 현금ㆍ현물배당결정"),
        ("[넥]작은기계 조회공시 요구(풍문또는보도)", "[넥]작은기계", "작은기계 - 조회공시 요구(풍문또는보도)"),
        ("[유]한빛전자 분기보고서", "", "한빛전자 분기보고서"),
        ("[유]한빛전자 분기보고서", "[유]다른회사", "한빛전자 분기보고서"),
        ("한빛전자 분기보고서", "한빛전자", "한빛전자 - 분기보고서"),
    ],
)
def test_an_announcement_is_written_as_dart_writes_a_filing(told: str, author: str, title: str) -> None:
    (found,) = kind.parse_today(answer(feed(item(told, author)))).articles
    assert found.title == title
    assert (found.url_key, found.kind, found.publisher) == ("kind:20261001000123", NewsKind.FILING, "KIND")
    assert found.url == VIEWER.format("20261001000123").replace("&amp;", "&").replace("http:", "https:").replace(
        ":80", ""
    )
    assert (found.published_at, found.precision) == (datetime(2026, 10, 1, 0, 12, tzinfo=UTC), Precision.SECOND)
    assert (Flag.CORRECTION in found.flags) is ("정정" in told)


def test_what_has_no_receipt_or_no_report_is_dropped_and_a_challenge_page_is_no_feed() -> None:
    parsed = kind.parse_today(answer(feed(item("[유]한빛전자", "[유]한빛전자"), item("[유]한빛전자 공시", "", "12"))))
    assert (parsed.articles, parsed.dropped) == ([], {"no_title": 1, "no_address": 1})
    with pytest.raises(SourceChangedError, match="kind_rss sent something that is no feed"):
        kind.parse_today(answer(b"<html><body>busy</body></html>"))


async def test_all_markets_of_today_are_asked_for(outside: Outside) -> None:
    outside.replies["/kind/disclosure/rsstodaydistribute.do"] = http(feed(), content_type="text/xml")
    async with open_client(kind.SOURCE, f"{outside.url}/kind", RatePolicy(5, 1_000_000)) as client:
        found = await kind.fetch_today(client, etag='"a"', last_modified=None)
    (request,) = outside.requests
    assert request.query == {"method": "searchRssTodayDistribute", "mktTpCd": "0", "currentPageSize": "100"}
    assert request.headers["if-none-match"] == '"a"'
    assert kind.parse_today(found).articles == []
