"""DART and data.go.kr on hand-written bytes (docs/nasty-cases.md: 2, 14, 15, 18, 19, 44, 59, 61, 62)."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from backend.domain.market import Company
from backend.domain.news import Flag, NewsKind, Precision
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.sources import dart, public_data
from backend.sources.http.client import RatePolicy, open_client
from tests.sources.answers import answer, json_answer, zipped
from tests.sources.outside import Outside, http


def filing(receipt: str, report: str, code: str = "005930", **fields: str) -> dict[str, str]:
    return {
        "corp_code": "00126380", "corp_name": "삼성전자", "stock_code": code, "corp_cls": "Y", "report_nm": report,
        "rcept_no": receipt, "flr_nm": "삼성전자", "rcept_dt": "20261001", "rm": "유", **fields,
    }  # fmt: skip


def test_a_filing_has_its_receipt_for_a_key_and_a_day_for_a_time() -> None:
    rows = [
        filing("20261001000123", "주요사항보고서(자기주식취득결정)          "),
        filing("20261001000124", "사업보고서", code=" ", corp_name="비상장"),
        filing("1", "접수번호가 아님"),
        filing("20261001000125", "   "),
        {},
    ]
    page = dart.parse_list(json_answer({"status": "000", "total_page": 3, "list": rows}))
    parsed = page.parsed
    assert page.pages == 3
    assert page.companies == {"dart:20261001000123": "00126380", "dart:20261001000125": "00126380"}
    assert parsed.dropped == {"not_listed": 1, "no_address": 1, "no_title": 1}
    found = parsed.articles[0]
    assert found.title == "삼성전자 - 주요사항보고서(자기주식취득결정)"
    assert (found.url_key, found.kind, found.feed_codes) == ("dart:20261001000123", NewsKind.FILING, ("005930",))
    assert (found.published_at, found.precision) == (datetime(2026, 9, 30, 15, 0, tzinfo=UTC), Precision.DAY)


@pytest.mark.parametrize("prefix", ["[기재정정]", "[첨부정정]", "[정정명령부과]"])
def test_case_44_a_correction_is_another_receipt_and_says_so(prefix: str) -> None:
    rows = [filing("20261001000123", "공급계약"), filing("20261002000001", f"{prefix}공급계약")]
    first, second = dart.parse_list(json_answer({"status": "000", "list": rows})).parsed.articles
    assert first.url_key != second.url_key
    assert not first.flags
    assert second.flags == {Flag.CORRECTION}
    assert second.title == f"{prefix} 삼성전자 - 공급계약"


def test_case_18_no_filings_are_a_success_without_a_list() -> None:
    page = dart.parse_list(json_answer({"status": "013", "message": "조회된 데이타가 없습니다."}))
    assert (page.parsed.articles, page.pages) == ([], 0)


@pytest.mark.parametrize(
    ("status", "expected", "pause"),
    [
        ("800", SourceTemporaryError, 600),
        ("020", SourceTemporaryError, 12 * 3600 + 1),
        ("010", SourceRefusedError, None),
        ("901", SourceRefusedError, None),
        ("100", SourceChangedError, None),
    ],
)
def test_cases_2_19_the_status_in_the_body_tells_what_to_do(
    status: str, expected: type[SourceError], pause: int | None
) -> None:
    with pytest.raises(expected) as caught:
        dart.parse_list(json_answer({"status": status, "message": "사용한도를 초과하였습니다."}))
    assert caught.value.retry_after_s == pause


FEED = """<?xml version="1.0" encoding="UTF-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>
<item><title>(코스닥)에코프로 - [기재정정]단일판매ㆍ공급계약체결</title><dc:date>2026-10-01T06:31:00Z</dc:date>
<link>http://dart.fss.or.kr/api/link.jsp?rcpNo=20261001000777</link><dc:creator>에코프로</dc:creator></item>
<item><title>(유가증권)삼성전자 - 분기보고서</title><link>http://dart.fss.or.kr/</link></item></channel></rss>"""


def test_the_feed_knows_the_minute_of_the_same_receipt() -> None:
    parsed = dart.parse_today(answer(FEED.encode()))
    found = parsed.articles[0]
    assert (found.title, found.url_key) == ("[기재정정] 에코프로 - 단일판매ㆍ공급계약체결", "dart:20261001000777")
    assert (found.published_at, found.precision) == (datetime(2026, 10, 1, 6, 31, tzinfo=UTC), Precision.SECOND)
    assert parsed.dropped == {"no_address": 1}


def companies(*rows: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><result>{"".join(rows)}</result>'.encode()


def company(number: str, code: str) -> str:
    return f"<list><corp_code>{number}</corp_code><corp_name>회사</corp_name><stock_code>{code}</stock_code></list>"


def test_case_59_companies_are_mapped_by_their_stock_code_and_letters_survive() -> None:
    content = companies(company("00126380", "005930"), company("00999999", " "), company("01800000", "0126Z0"))
    found = dart.parse_companies(answer(zipped("CORPCODE.xml", content)))
    assert found == [Company("005930", "00126380", "회사"), Company("0126Z0", "01800000", "회사")]


BOMB = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><result>&b;</result>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<result><status>010</status><message>x</message></result>", SourceRefusedError),
        (b"<result><status>800</status></result>", SourceTemporaryError),
        (b"<html>", SourceChangedError),
        (BOMB, SourceChangedError),
        (b"PK\x03\x04 broken", SourceTemporaryError),
        (zipped("CORPCODE.xml", b"<result><list>"), SourceChangedError),
        (zipped("CORPCODE.xml", BOMB), SourceChangedError),
        (zipped("CORPCODE.xml", companies(company("1", " "))), SourceChangedError),
    ],
    ids=["error as xml", "maintenance", "html", "bomb", "half an archive", "half a list", "zipped bomb", "nobody"],
)
def test_cases_14_15_xml_instead_of_an_archive_and_archives_that_are_none(
    body: bytes, expected: type[SourceError]
) -> None:
    with pytest.raises(expected):
        dart.parse_companies(answer(body))


def price(day: str, **fields: str) -> dict[str, str]:
    prices = {"clpr": "260500", "mkp": "256,500", "hipr": "262500", "lopr": "254000", "trqu": "11036511"}
    return {"basDt": day, "srtnCd": "005930", **prices, **fields}


def prices(items: Any) -> dict[str, Any]:
    return {"response": {"header": {"resultCode": "00"}, "body": {"totalCount": 1, "items": items}}}


def test_cases_61_62_official_bars_halts_and_no_other_codes() -> None:
    rows = [
        price("20261002"),
        price("20261001", vs="-500"),
        price("20260930", mkp="0", hipr="0", lopr="0", trqu="0"),
        price("20260929", mkp="-"),
        price("20261002", srtnCd="005935"),
    ]
    bars = public_data.parse_daily(json_answer(prices({"item": rows})), "005930")
    assert [(bar.trade_date.day, bar.open_krw) for bar in bars] == [(29, None), (30, None), (1, 256_500), (2, 256_500)]
    assert (bars[2].base_price_krw, bars[2].regular_close_krw, bars[2].source) == (261_000, 260_500, "public_data")


def test_no_prices_are_an_empty_text() -> None:
    assert public_data.parse_daily(json_answer(prices("")), "005930") == []


@pytest.mark.parametrize(
    ("code", "expected"), [("30", SourceRefusedError), ("22", SourceTemporaryError), ("12", SourceChangedError)]
)
def test_case_2_errors_are_xml_whatever_was_asked_for(code: str, expected: type[SourceError]) -> None:
    body = f"<OpenAPI_ServiceResponse><returnReasonCode>{code}</returnReasonCode></OpenAPI_ServiceResponse>"
    with pytest.raises(expected):
        public_data.parse_daily(answer(body.encode(), content_type="text/xml"), "005930")


@pytest.mark.parametrize("encoded", [False, True])
async def test_a_service_key_is_encoded_once_however_it_was_pasted(outside: Outside, encoded: bool) -> None:
    key = "abc+/=="
    outside.replies["/1160100/service/GetStockSecuritiesInfoService/getStockPriceInfo"] = http(b"{}")
    async with open_client("public_data", outside.url, RatePolicy(2, 10_000)) as client:
        given = SecretStr(quote(key, safe="") if encoded else key)
        await public_data.fetch_daily(client, given, "005930", date(2026, 10, 1), date(2026, 10, 2))
    assert outside.requests[0].query["serviceKey"] == key
