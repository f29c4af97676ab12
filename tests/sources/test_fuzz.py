"""Every parser on random bytes and on spoilt real shapes: a SourceError or a result, never anything else.

A short slice of it runs here; `AZAK_TEST_FUZZ=5000 pytest tests/sources/test_fuzz.py` runs longer. Each example may
cost a second of processor time and 100 MB of memory.
"""

import contextlib
import json
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.errors import SourceError
from backend.sources import (
    dart,
    dart_decisions,
    kis,
    kis_actions,
    kis_master,
    kis_news,
    kis_prices,
    naver_prices,
    naver_search,
    public_data,
    rss,
)
from backend.sources.http.client import Answer
from tests.options import option
from tests.sources.answers import answer, master_line, zipped

MK = rss.FEED_OF["rss_mk"]

EXAMPLES: Final = int(option("FUZZ") or "40")
MEMORY_BYTES: Final = 100_000_000

_DATE = "<pubDate>Tue, 22 Sep 2026 14:37:38 +0900</pubDate><dc:date>2026-10-01T06:31:00Z</dc:date>"
_ITEM = (
    "<item><title><![CDATA[(코스닥)삼성전자 - 3분기 R&D]]></title>"
    f"<link> https://x.kr/1?rcpNo=20261001000777 </link>{_DATE}"
    "<description>&amp;amp; 요약 &#39;</description><guid>1</guid></item>"
)
FEED = f'<?xml version="1.0" encoding="EUC-KR"?><rss version="2.0"><channel><title>t</title>{_ITEM * 3}</channel></rss>'
SEARCH = {"total": 1, "items": [{"title": "<b>삼성</b>", "originallink": "https://x.kr/1", "link": "https://n.news.naver.com/"
          "mnews/article/015/0005212345", "description": "d", "pubDate": "Sat, 03 Oct 2026 09:12:00 +0900"}] * 2,
          "error": {"errorCode": "400"}}  # fmt: skip
SISE = (
    "\n\t[['날짜', '시가', '고가', '저가', '종가', '거래량'],\n"
    + '["20260902", 260500, 262500, 254000, 261000, 1],\n' * 3
    + "]"
)
POLLING = {"datas": [{"itemCode": "005930", "closePriceRaw": "260500", "compareToPreviousClosePriceRaw": "-500",
           "accumulatedTradingVolumeRaw": "1", "localTradedAt": "2026-10-03T11:59:58+09:00"}]}  # fmt: skip
_ROW = {"stck_bsop_date": "20261003", "stck_cntg_hour": "115900", "stck_oprc": "1000", "stck_hgpr": "1010",
        "stck_lwpr": "990", "stck_clpr": "1000", "stck_prpr": "1000", "acml_vol": "5", "cntg_vol": "5",
        "bstp_nmix_prpr": "2650.1", "inter_shrn_iscd": "005930", "inter2_prpr": "1000", "inter2_sdpr": "990",
        "cntt_usiq_srno": "1", "data_dt": "20261003", "data_tm": "093012", "hts_pbnt_titl_cntt": "제목",
        "iscd1": "005930"}  # fmt: skip
KIS = {"rt_cd": "0", "msg_cd": "EGW00201", "output": [_ROW, {}], "output2": [_ROW, {}],
       "access_token": "t", "access_token_token_expired": "2026-10-04 09:00:00"}  # fmt: skip
LIST = {"status": "000", "total_page": 2, "list": [{"corp_name": "삼성전자", "stock_code": "005930",
        "report_nm": "[기재정정]x",
        "rcept_no": "20261001000123", "rcept_dt": "20261001"}]}  # fmt: skip
PUBLIC = {"response": {"header": {"resultCode": "00"}, "body": {"items": {"item": [{"basDt": "20261001",
          "srtnCd": "005930", "clpr": "1", "mkp": "1", "hipr": "1", "lopr": "1", "trqu": "1"}]}}}}  # fmt: skip
DECISION = {"status": "000", "list": [{"rcept_no": "20261001000123", "trf_prc": "1,000", "sl_rt": "1.2",
            "dlptn_cmpnm": "(주)가온"}]}  # fmt: skip
QUESTION = dart_decisions.Question(
    dart_decisions.DECISIONS["영업양도결정"], "20261001000123", date(2026, 10, 1), date(2026, 10, 1)
)
COMPANIES = b"<result><list><corp_code>00126380</corp_code><stock_code>005930</stock_code></list></result>"
_MASTER = master_line("005930", "삼성전자")


def dumped(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


PARSERS: Final[dict[str, tuple[bytes, Callable[[Answer], object]]]] = {
    "feed": (FEED.encode("cp949"), lambda a: rss.parse_feed(a, MK)),
    "filings feed": (FEED.encode(), dart.parse_today),
    "search": (dumped(SEARCH), naver_search.parse_news),
    "sise": (SISE.encode(), lambda a: naver_prices.parse_daily(a, "005930")),
    "sise index": (SISE.encode(), lambda a: naver_prices.parse_index(a, "KOSPI")),
    "polling": (dumped(POLLING), lambda a: naver_prices.parse_quotes(a, ["005930"])),
    "kis token": (dumped(KIS), kis.parse_token),
    "kis quotes": (dumped(KIS), lambda a: kis_prices.parse_quotes(a, ["005930"])),
    "kis daily": (dumped(KIS), lambda a: kis_prices.parse_daily([a], "005930")),
    "kis index": (dumped(KIS), lambda a: kis_prices.parse_index([a], "KOSPI")),
    "kis minutes": (dumped(KIS), lambda a: kis_prices.parse_minutes(a, "005930")),
    "kis titles": (dumped(KIS), kis_news.parse_titles),
    "kis actions": (dumped(KIS), lambda a: kis_actions.parse_actions(a, kis_actions.CALLS[0])),
    "kis master": (zipped("kospi_code.mst", _MASTER * 3), lambda a: kis_master.parse_master(a, kis_master.KOSPI)),
    "dart list": (dumped(LIST), dart.parse_list),
    "dart decision": (dumped(DECISION), lambda a: dart_decisions.parse_decision(a, QUESTION)),
    "dart companies": (zipped("CORPCODE.xml", COMPANIES), dart.parse_companies),
    "public data": (dumped(PUBLIC), lambda a: public_data.parse_daily(a, "005930")),
}

_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["-1", "1e9", "9" * 400, "20261332", "\x00", "\ud800", "²", "NaN"])
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@st.composite
def spoilt_bytes(draw: st.DrawFn, shape: bytes) -> bytes:
    """The shape cut off, with a piece replaced by others, or with a piece repeated."""
    start = draw(st.integers(0, len(shape)))
    end = draw(st.integers(start, min(len(shape), start + 40)))
    piece = draw(
        st.binary(max_size=30) | st.sampled_from([b"", b"&", b"<![CDATA[", b"<", b"]]>", b"\xff\xfe", b"\x00"])
    )
    whole = shape[:start] + piece * draw(st.integers(1, 3)) + shape[end:]
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


@st.composite
def spoilt_json(draw: st.DrawFn, shape: bytes) -> bytes:
    """The JSON shape with one value anywhere replaced by any other."""
    body = json.loads(shape)
    place = body
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(_VALUES)
            return json.dumps(body).encode("utf-8", "surrogatepass")
        place = place[key]


def hostile(shape: bytes) -> st.SearchStrategy[bytes]:
    any_bytes = st.binary(max_size=400) | spoilt_bytes(shape)
    return any_bytes | spoilt_json(shape) if shape[:1] == b"{" else any_bytes


@pytest.mark.parametrize("name", PARSERS)
def test_hostile_bytes_cost_only_their_source(name: str) -> None:
    shape, parse = PARSERS[name]
    parse(answer(shape))  # the shape itself is understood

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES == 40,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(body=hostile(shape), status=st.sampled_from([200, 200, 400, 403, 500]))
    def try_one(body: bytes, status: int) -> None:
        begun = time.process_time()
        tracemalloc.start()
        with contextlib.suppress(SourceError):
            parse(answer(body, status=status, content_type="text/xml; charset=euc-kr"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert time.process_time() - begun < 1
        assert peak < MEMORY_BYTES

    try_one()
