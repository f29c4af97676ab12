"""The stand-in over real HTTP: bytes as the real sources send them, faults and journal."""

import ast
import html
import itertools
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import httpx
import pytest

from backend import clock
from backend.clock import KST
from tests.fixtures.standin import HUB_KEYS, StandIn, minutes_ago, running_standin

MK, HANKYUNG, HUB = "/mk/rss/50200011/", "/hankyung/feed/finance", "/naver-hub/search/v1/news"
CHART, POLLING = "/naver-chart/siseJson.naver", "/naver-polling/api/realtime/domestic/stock"
YEAR = {"requestType": "1", "startTime": "20200101", "endTime": "20991231", "timeframe": "day"}


@pytest.fixture(scope="module")
def third_session() -> Iterator[StandIn]:
    """Ten minutes into the third demo session, in which one stock is halted."""
    with running_standin(minutes_ago(130)) as running:
        yield running


@pytest.fixture
def client(third_session: StandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=third_session.url, timeout=10, verify=False) as client:
        yield client
        client.post("/_control/reset")


def search(client: httpx.Client, **parameters: Any) -> httpx.Response:
    return client.get(HUB, params={"query": "삼성전자", "sort": "date"} | parameters, headers=HUB_KEYS)


def daily(client: httpx.Client, symbol: str) -> list[list[Any]]:
    rows: list[list[Any]] = ast.literal_eval(client.get(CHART, params=YEAR | {"symbol": symbol}).text.strip())
    return rows


def quotes(client: httpx.Client, codes: str) -> dict[str, dict[str, Any]]:
    return {quote["itemCode"]: quote for quote in client.get(f"{POLLING}/{codes}").json()["datas"]}


def test_two_processes_serve_the_same_bytes(client: httpx.Client, third_session: StandIn) -> None:
    with running_standin(third_session.start) as second, httpx.Client(base_url=second.url, verify=False) as other:
        closed = YEAR | {"symbol": "000660", "endTime": f"{clock.now() - timedelta(days=4):%Y%m%d}"}
        assert client.get(CHART, params=closed).content == other.get(CHART, params=closed).content
        first, again = search(client, start=101, sort="sim").json(), search(other, start=101, sort="sim").json()
        assert first["items"] == again["items"]
        for path in (MK, HANKYUNG):
            items = (re.findall(r"<item>.*?</item>", source.get(path).content.decode("cp949", "replace"))
                     for source in (client, other))  # fmt: skip
            mine, theirs = (set(found) for found in items)
            assert len(mine & theirs) >= 45


def test_hankyung_is_utf8_with_cdata_blanks_and_no_guid(client: httpx.Client) -> None:
    answer = client.get(HANKYUNG)
    text = answer.content.decode("utf-8")
    feed = feedparser.parse(answer.content)
    assert len(feed.entries) == 50
    assert re.search(r"<title><!\[CDATA\[.+?\]\]></title><link> https://www\.hankyung\.com/article/\d+ </link>", text)
    assert "guid" not in text
    assert "<description" not in text
    dates = [parsedate_to_datetime(date) for date in re.findall(r"<pubDate>(.+? \+0900)</pubDate>", text)]
    assert len(dates) == 50
    assert dates == sorted(dates, reverse=True)
    assert clock.now() - timedelta(hours=1) < dates[0] <= clock.now()


def test_mk_declares_euc_kr_and_sends_cp949(client: httpx.Client) -> None:
    body = client.get(MK).content
    assert body.startswith(b'<?xml version="1.0" encoding="EUC-KR"?>')
    with pytest.raises(UnicodeDecodeError):
        body.decode("euc-kr")
    text = body.decode("cp949")
    assert len(re.findall(r"<item><no>\d{8}</no>", text)) == 50
    assert re.search(r"<pubDate>\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+09:00</pubDate>", text)
    assert any(letters in text for letters in ("똠", "펲", "뷁", "쓩"))


@pytest.mark.parametrize("path", [MK, HANKYUNG])
def test_an_unchanged_feed_answers_304(client: httpx.Client, path: str) -> None:
    fresh = client.get(path)
    for name, header in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")):
        again = client.get(path, headers={name: fresh.headers[header]})
        if again.status_code == 200:  # a story came out in between
            assert again.headers["etag"] != fresh.headers["etag"]
        else:
            assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"old"'}).status_code == 200
    assert [entry["conditional"] for entry in client.get("/_control/journal").json()["requests"]][:2] == [False, True]


def test_search_is_json_as_text_with_marks_and_entities(client: httpx.Client) -> None:
    answer = search(client, display=100)
    assert answer.headers["content-type"] == "text/plain;charset=UTF-8"
    body = json.loads(answer.text)
    assert (body["start"], body["display"], len(body["items"])) == (1, 100, 100)
    assert body["total"] >= 100
    dates = [parsedate_to_datetime(item["pubDate"]) for item in body["items"]]
    assert dates == sorted(dates, reverse=True)
    for item in body["items"]:
        assert re.search("삼성전자|삼전", html.unescape(item["title"] + item["description"]))
    assert any("<b>삼성전자</b>" in item["title"] for item in body["items"])
    older = json.loads(search(client, display=100, start=101).text)["items"]
    assert any("&amp;quot;" in item["title"] + item["description"] for item in body["items"] + older)
    assert {item["link"] == item["originallink"] for item in body["items"]} == {True, False}


def test_search_pages_hold_every_hit_once(client: httpx.Client) -> None:
    pages = [search(client, query="기아", display=100, start=start).json() for start in (1, 101, 201, 301)]
    links = [item["originallink"] for page in pages for item in page["items"]]
    assert len(links) == len(set(links)) == pages[-1]["total"]


def test_a_search_by_alias_or_with_a_cue_finds_the_stock(client: httpx.Client) -> None:
    by_name = search(client, query="NAVER").json()["total"]
    assert by_name > 50
    assert (
        search(client, query="네이버").json()["total"] == search(client, query="네이버 주가").json()["total"] == by_name
    )
    none = search(client, query="없는회사이름").json()
    assert (none["total"], none["display"], none["items"]) == (0, 0, [])


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"query": ""}, 400, "SE01"),
        ({"display": 101}, 400, "SE02"),
        ({"display": "x"}, 400, "SE02"),
        ({"start": 1001}, 400, "SE03"),
        ({"start": 0}, 400, "SE03"),
        ({"sort": "new"}, 400, "SE04"),
    ],
)
def test_search_refuses_as_the_gateway_does(
    client: httpx.Client, parameters: dict[str, Any], status: int, code: str
) -> None:
    answer = search(client, **parameters)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)


def test_search_needs_its_keys_its_path_and_utf8(client: httpx.Client) -> None:
    without = client.get(HUB, params={"query": "기아"})
    assert (without.status_code, without.json()["error"]["errorCode"]) == (401, "200")
    assert client.get("/naver-hub/search/v1/other", headers=HUB_KEYS).json()["errorCode"] == "SE05"
    assert client.get(f"{HUB}?query=%B1%E2%BE%C6", headers=HUB_KEYS).json()["errorCode"] == "SE06"


def test_daily_bars_are_naver_text_with_an_unfinished_last_row(client: httpx.Client) -> None:
    text = client.get(CHART, params=YEAR | {"symbol": "005930"}).text
    assert text.startswith("\n\t[['날짜', '시가', '고가', '저가', '종가', '거래량', '외국인소진율'],\n[\"20")
    assert text.endswith("],\n]\n")
    rows = daily(client, "005930")[1:]
    assert len(rows) == 263
    live = quotes(client, "005930")["005930"]
    assert live["marketStatus"] == "OPEN"
    assert rows[-1][1] == int(live["openPriceRaw"])
    assert datetime.strptime(rows[-1][0], "%Y%m%d").replace(tzinfo=KST) > clock.now() - timedelta(days=4)
    assert len(client.get(CHART, params=YEAR | {"symbol": "005930", "startTime": "20991231"}).text.splitlines()) == 3


def test_an_unknown_symbol_gives_the_header_only(client: httpx.Client) -> None:
    assert len(daily(client, "999999")) == 1
    assert quotes(client, "999999") == {}


def test_the_index_has_decimals(client: httpx.Client) -> None:
    for index in ("KOSPI", "KOSDAQ"):
        rows = daily(client, index)[1:]
        assert len(rows) == 263
        assert any(row[4] != int(row[4]) for row in rows)


def test_adjusted_rows_know_no_split(client: httpx.Client) -> None:
    closes = [row[4] for row in daily(client, "005490")[1:]]
    assert all(0.7 <= after / before <= 1.3 for before, after in itertools.pairwise(closes))


def test_a_halted_stock_says_so_and_has_no_trade(client: httpx.Client) -> None:
    found = quotes(client, "086520,005930")
    halted, trading = found["086520"], found["005930"]
    assert halted["tradeStopType"]["name"] == "HALTED"
    assert halted["accumulatedTradingVolumeRaw"] == "0"
    assert halted["compareToPreviousPrice"]["code"] == "3"
    assert trading["tradeStopType"] == {"code": "1", "name": "TRADING"}
    assert datetime.fromisoformat(halted["localTradedAt"]) < datetime.fromisoformat(trading["localTradedAt"])
    assert [row[1:6] for row in daily(client, "086520")[1:] if row[5] == 0][-1][:3] == [0, 0, 0]


def test_quotes_write_numbers_as_naver_does(client: httpx.Client) -> None:
    quote = quotes(client, "0126Z0")["0126Z0"]
    assert re.fullmatch(r"\d{3},\d{3}", quote["closePrice"])
    change = int(quote["compareToPreviousClosePriceRaw"])
    assert quote["compareToPreviousClosePrice"] == f"{abs(change):,}"
    assert quote["compareToPreviousPrice"]["code"] == ("3" if change == 0 else "2" if change > 0 else "5")


def test_market_is_closed_between_sessions_and_opens_near_the_last_real_close() -> None:
    with running_standin(minutes_ago(53)) as between, httpx.Client(base_url=between.url, verify=False) as client:
        quote = quotes(client, "005930")["005930"]
        last_real, first_demo = daily(client, "005930")[-2:]
    assert quote["marketStatus"] == "CLOSE"
    assert int(quote["closePriceRaw"]) == first_demo[4]
    assert datetime.fromisoformat(quote["localTradedAt"]) == between.start + timedelta(minutes=50)
    assert 0.7 <= first_demo[1] / last_real[4] <= 1.3


@pytest.mark.parametrize(("kind", "status"), [(500, 500), (403, 403), (429, 429), ("html", 200), ("empty", 200)])
def test_a_planted_fault_hits_its_source_as_often_as_asked(client: httpx.Client, kind: int | str, status: int) -> None:
    client.post("/_control/faults", json={"source": "mk", "kind": kind, "count": 2}).raise_for_status()
    faulty = [client.get(MK) for _ in range(2)]
    assert [answer.status_code for answer in faulty] == [status, status]
    assert not any(b"<item>" in answer.content for answer in faulty)
    assert ("retry-after" in faulty[0].headers) == (kind == 429)
    assert client.get(HANKYUNG).content.count(b"<item>") == 50
    assert client.get(MK).content.count(b"<item>") == 50
    journal = client.get("/_control/journal", params={"source": "mk"}).json()["requests"]
    assert [entry["fault"] for entry in journal] == [str(kind), str(kind), None]


def test_fields_of_filings_tell_the_sums_that_the_press_tells(client: httpx.Client) -> None:
    """Each filed decision of the last quarter is under its own receipt, also where it corrects another."""
    today = clock.now().astimezone(KST).date()
    span = {"crtfc_key": "k", "bgn_de": f"{today - timedelta(days=80):%Y%m%d}", "end_de": f"{today:%Y%m%d}"}
    listed = client.get("/dart-api/api/list.json", params=span | {"page_count": "1000"}).json()["list"]
    calls = {"유상증자결정": "piicDecsn", "자기주식취득결정": "tsstkAqDecsn", "전환사채권발행결정": "cvbdIsDecsn"}
    told: dict[str, dict[str, str]] = {}
    for row in listed:
        call = next((call for name, call in calls.items() if name in row["report_nm"]), None)
        if call is not None:
            asked = span | {"corp_code": row["corp_code"]}
            rows = client.get(f"/dart-api/api/{call}.json", params=asked).json()["list"]
            told.setdefault(call, next(found for found in rows if found["rcept_no"] == row["rcept_no"]))
    assert set(told) == set(calls.values())
    assert re.fullmatch(r"[1-9][0-9,]*00,000,000", told["cvbdIsDecsn"]["bd_fta"])
    assert told["cvbdIsDecsn"]["ovis_fta"] == "-"
    sums = [told["piicDecsn"][f"fdpp_{purpose}"].replace(",", "") for purpose in ("fclt", "op")]
    titles = html.unescape(search(client, query=told["piicDecsn"]["corp_name"], display=100).text)
    assert f"{sum(map(int, sums)) // 100_000_000 % 10_000:,}" in titles


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"crtfc_key": ""}, "010"),
        ({"bgn_de": "x"}, "100"),
        ({"corp_code": "00000000"}, "013"),
        ({"call": "crDecsn"}, "013"),
    ],
)
def test_fields_are_refused_as_the_list_is(client: httpx.Client, parameters: dict[str, str], status: str) -> None:
    asked = {"crtfc_key": "k", "bgn_de": "20260101", "end_de": "20271231", "corp_code": "1"} | parameters
    answer = client.get(f"/dart-api/api/{asked.pop('call', 'piicDecsn')}.json", params=asked)
    assert (answer.status_code, answer.json()["status"]) == (200, status)


def test_a_truncated_answer_is_no_json(client: httpx.Client) -> None:
    client.post("/_control/faults", json={"source": "naver_hub", "kind": "truncated"})
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):  # it may be cut within a letter
        search(client).json()
    assert search(client).json()["items"]


def test_a_slow_source_outlasts_an_impatient_client(client: httpx.Client) -> None:
    client.post("/_control/faults", json={"source": "naver_chart", "kind": "slow", "delay_s": 5})
    with pytest.raises(httpx.ReadTimeout):
        client.get(CHART, params=YEAR | {"symbol": "005930"}, timeout=0.3)
    assert len(daily(client, "005930")) > 250


def test_a_wrong_fault_is_refused_and_the_journal_keeps_no_key(client: httpx.Client) -> None:
    for body in ({"source": "mk", "kind": "explode"}, {"source": "nobody", "kind": "500"}, [1]):
        assert client.post("/_control/faults", json=body).status_code == 422
    secret = {"X-NCP-APIGW-API-KEY-ID": "very-secret-id", "X-NCP-APIGW-API-KEY": "very-secret-key"}
    client.get(HUB, params={"query": "기아"}, headers=secret)
    journal = client.get("/_control/journal").text
    assert HUB in journal
    assert "very-secret" not in journal


def test_the_clock_can_be_set_and_let_go(client: httpx.Client) -> None:
    at = (clock.now() - timedelta(days=2)).isoformat()
    assert datetime.fromisoformat(
        client.post("/_control/clock", json={"at": at}).json()["now"]
    ) == datetime.fromisoformat(at)
    newest = parsedate_to_datetime(search(client, display=1).json()["items"][0]["pubDate"])
    assert newest <= datetime.fromisoformat(at)
    assert client.post("/_control/clock", json={"at": "2026-11-27T10:00:00"}).status_code == 422
    now = datetime.fromisoformat(client.post("/_control/clock", json={"at": None}).json()["now"])
    assert now > newest + timedelta(days=1)
