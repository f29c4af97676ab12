"""Tables of the outside world written down a second time: papers, codes of errors, events, ratios, ticks."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.config import SourceSettings
from backend.domain.feeds import FEEDS as FEEDS_ASKED
from backend.domain.market import Basis, DailyBar, WatchedStock
from backend.domain.news import Article, Flag, LinkMethod, NewsKind, Precision
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.krx import price_limits_krw, tick_size_krw
from backend.sources import dart, kis, kis_prices, naver_prices, naver_search, public_data
from backend.text.linking import StockNames, is_roundup
from backend.text.numbers import MAX_PRICE_KRW
from backend.text.reading import title_flags
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import StoryIndex
from tests.sources.answers import answer, json_answer

# host: the paper whose articles a search finds there
PAPERS = {
    "www.hankyung.com": "한국경제", "mk.co.kr": "매일경제", "www.yna.co.kr": "연합뉴스",
    "www.asiae.co.kr": "아시아경제", "www.fnnews.com": "파이낸셜뉴스", "www.newsis.com": "뉴시스",
    "www.etoday.co.kr": "이투데이",
    "news.mt.co.kr": "머니투데이", "www.edaily.co.kr": "이데일리", "news.einfomax.co.kr": "연합인포맥스",
    "www.sedaily.com": "서울경제", "biz.chosun.com": "조선일보", "www.joongang.co.kr": "중앙일보",
    "www.donga.com": "동아일보", "biz.heraldcorp.com": "헤럴드경제", "other.kr": "other.kr", "amt.co.kr": "amt.co.kr",
}  # fmt: skip
# source: (paper, path below its base URL, its setting)
FEEDS = {
    "rss_hankyung": ("한국경제", "feed/finance", "hankyung_url"),
    "rss_mk": ("매일경제", "rss/50200011/", "mk_url"),
    "rss_yonhap_market": ("연합뉴스", "rss/market.xml", "yonhap_url"),
    "rss_yonhap_economy": ("연합뉴스", "rss/economy.xml", "yonhap_url"),
    "rss_asiae": ("아시아경제", "rss/stock.htm", "asiae_url"),
    "rss_fnnews": ("파이낸셜뉴스", "rss/r20/fn_realnews_stock.xml", "fnnews_url"),
    "rss_newsis": ("뉴시스", "RSS/economy.xml", "newsis_url"),
    "rss_etoday": ("이투데이", "eto/etoday_news_all.xml", "etoday_url"),
    "rss_mt": ("머니투데이", "mt_news_stock.xml", "mt_url"),
    "rss_edaily": ("이데일리", "stock_news.xml", "edaily_url"),
}


@pytest.mark.parametrize(("host", "paper"), PAPERS.items())
def test_an_article_of_a_search_belongs_to_the_paper_of_its_host(host: str, paper: str) -> None:
    item = {"title": "삼성전자, 새 공장", "originallink": f"https://{host}/1", "link": "https://n.news/1",
            "description": "", "pubDate": "Thu, 01 Oct 2026 09:00:00 +0900"}  # fmt: skip
    (found,) = naver_search.parse_news(json_answer({"items": [item]}), "005930").articles
    assert (found.publisher, found.url) == (paper, f"https://{host}/1")


def test_every_feed_has_its_paper_and_its_path() -> None:
    found = {feed.source: (feed.publisher, feed.path, feed.url_setting) for feed in FEEDS_ASKED}
    assert found.items() >= FEEDS.items()
    assert all(setting in SourceSettings.model_fields for _, _, setting in FEEDS.values())


@pytest.mark.parametrize(
    ("stock", "query"),
    [
        (WatchedStock("005930", "삼성전자", "KOSPI"), "삼성전자"),
        (WatchedStock("000270", "기아", "KOSPI"), "기아 주가"),
        (WatchedStock("035420", "NAVER", "KOSPI"), "NAVER 주가"),
        (WatchedStock("035720", "카카오", "KOSPI"), "카카오 주가"),
        (WatchedStock("228670", "레이몬", "KOSDAQ"), "레이몬"),
    ],
)
def test_an_ambiguous_name_is_searched_with_a_cue(stock: WatchedStock, query: str) -> None:
    assert naver_search.search_query(stock) == query


def raised(parse: object, *arguments: object) -> tuple[type[SourceError], int | None]:
    with pytest.raises(SourceError) as caught:
        parse(*arguments)  # type: ignore[operator]
    return type(caught.value), caught.value.retry_after_s


TO_MIDNIGHT = 12 * 3600 + 1  # the answers of these tests come at noon in Seoul


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("024 028 200 210 401", (SourceRefusedError, None)),
        ("010 400", (SourceTemporaryError, TO_MIDNIGHT)),
        ("012 410 420 SE99 500 510", (SourceTemporaryError, 60)),
        ("SE01 999", (SourceChangedError, None)),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_what_each_error_of_the_search_means(
    codes: str, expected: tuple[type[SourceError], int | None], nested: bool
) -> None:
    for code in codes.split():
        body = {"error": {"errorCode": code}} if nested else {"errorCode": code}
        assert raised(naver_search.parse_news, json_answer(body)) == expected, code


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("010 011 012 901", (SourceRefusedError, None)),
        ("020", (SourceTemporaryError, TO_MIDNIGHT)),
        ("800 900", (SourceTemporaryError, 600)),
        ("100 101 021", (SourceChangedError, None)),
    ],
)
def test_what_each_status_of_dart_means(codes: str, expected: tuple[type[SourceError], int | None]) -> None:
    for code in codes.split():
        assert raised(dart.parse_list, json_answer({"status": code})) == expected, code


@pytest.mark.parametrize(
    ("codes", "status", "expected"),
    [
        ("EGW00201", 500, (kis.BusyError, 2)),
        ("EGW00133", 403, (SourceTemporaryError, 61)),
        ("EGW00121 EGW00123", 500, (kis.TokenRejectedError, None)),
        ("EGW00103 EGW00105 EGW00131 EGW02004", 500, (SourceRefusedError, None)),
        ("OPSQ0001", 401, (SourceRefusedError, None)),
        ("OPSQ0001", 403, (SourceRefusedError, None)),
        ("OPSQ0001", 500, (SourceTemporaryError, None)),
        ("OPSQ0001", 400, (SourceChangedError, None)),
    ],
)
def test_what_each_code_of_kis_means(codes: str, status: int, expected: tuple[type[SourceError], int | None]) -> None:
    for code in codes.split():
        for name in ("msg_cd", "error_code"):
            found = raised(kis.read_success, json_answer({"rt_cd": "1", name: code}, status=status))
            assert found == expected, code


# Open, high, low, close, volume as three senders write them, and the bar that each row is.
NO_TRADE = (None, None, None, 1000.0, 0, ["no_trade"])
DAILY_ROWS = [
    ("a bar", ("990", "1010", "980", "1000", "7"), (990.0, 1010.0, 980.0, 1000.0, 7, [])),
    ("locked at its limit", ("1000", "1000", "1000", "1000", "7"), (1000.0, 1000.0, 1000.0, 1000.0, 7, [])),
    ("zeros beside a close", ("0", "0", "0", "1000", "0"), NO_TRADE),
    ("zeros with a volume", ("0", "0", "0", "1000", "7"), NO_TRADE),
    ("the close in every price, no volume", ("1000", "1000", "1000", "1000", "0"), NO_TRADE),
    ("blanks", ("", "", "", "1000", ""), NO_TRADE),
    ("one blank", ("990", "-", "980", "1000", "7"), NO_TRADE),
    ("moved, no volume", ("990", "1010", "980", "1000", "0"), (990.0, 1010.0, 980.0, 1000.0, 0, ["volume_break"])),
    ("no volume told", ("990", "1010", "980", "1000", ""), (990.0, 1010.0, 980.0, 1000.0, 0, ["volume_break"])),
    ("close above high", ("990", "995", "980", "1000", "7"), (990.0, 995.0, 980.0, 1000.0, 7, [])),
    ("no close", ("990", "1010", "980", "0", "7"), None),
    ("blank close", ("990", "1010", "980", "", "7"), None),
    ("low above high", ("990", "980", "1010", "1000", "7"), None),
    ("beyond all prices", ("990", "1010", "980", str(MAX_PRICE_KRW), "7"), None),
]  # fmt: skip


def read_everywhere(row: tuple[str, ...]) -> list[list[DailyBar]]:
    """The row as KIS, Naver and data.go.kr send it."""
    names = ("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr", "acml_vol")
    of_kis = {"stck_bsop_date": "20260901", **dict(zip(names, row, strict=True))}
    of_naver = f"[['날짜'],['20260901',{','.join(repr(value) for value in row)}]]"
    names = ("mkp", "hipr", "lopr", "clpr", "trqu")
    of_public = {"basDt": "20260901", "srtnCd": "005930", **dict(zip(names, row, strict=True))}
    body = {"response": {"header": {"resultCode": "00"}, "body": {"items": {"item": [of_public]}}}}
    return [
        kis_prices.parse_daily([json_answer({"rt_cd": "0", "output2": [of_kis]})], "005930"),
        naver_prices.parse_daily(answer(of_naver.encode()), "005930"),
        public_data.parse_daily(json_answer(body), "005930"),
    ]


@pytest.mark.parametrize(("row", "expected"), [case[1:] for case in DAILY_ROWS], ids=[case[0] for case in DAILY_ROWS])
def test_case_62_every_source_reads_a_day_without_a_trade_alike(
    row: tuple[str, ...], expected: tuple[object, ...] | None
) -> None:
    for bars in read_everywhere(row):
        found = [
            (bar.open_krw, bar.high_krw, bar.low_krw, bar.regular_close_krw, bar.volume, sorted(bar.flags))
            for bar in bars
        ]
        assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("close", "change", "sign", "base"),
    [("51900", "-1100", "5", 53_000), ("51900", "1100", "5", 53_000), ("10800", "2480", "2", 8_320),
     ("13000", "3000", "1", 10_000), ("7000", "3000", "4", 10_000), ("1000", "0", "3", 1_000),
     ("1000", "1000", "2", None), ("1000", "", "2", None), ("1000", "10", "", None)],
)  # fmt: skip
def test_the_base_price_of_kis_is_the_close_less_the_change_and_never_0(
    close: str, change: str, sign: str, base: int | None
) -> None:
    row = dict.fromkeys(("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr"), close) | {"acml_vol": "5"}
    row |= {"stck_bsop_date": "20180504", "prdy_vrss": change, "prdy_vrss_sign": sign}
    (bar,) = kis_prices.parse_daily([json_answer({"rt_cd": "0", "output2": [row]})], "005930")
    assert (bar.base_price_krw, bar.basis) == (base, Basis.RAW)


@pytest.mark.parametrize(
    ("lock", "change", "flags"),
    [("01", "", ["unknown_action"]), ("04", "", ["unknown_action"]), ("02", "", []), ("00", "", []), ("01", "0", [])],
)
def test_a_session_without_rights_whose_base_kis_does_not_tell_is_an_action_without_a_factor(
    lock: str, change: str, flags: list[str]
) -> None:
    row = {"stck_oprc": "990", "stck_hgpr": "1010", "stck_lwpr": "980", "stck_clpr": "1000", "acml_vol": "5"}
    row |= {"stck_bsop_date": "20180504", "flng_cls_code": lock, "prdy_vrss": change, "prdy_vrss_sign": "3"}
    (bar,) = kis_prices.parse_daily([json_answer({"rt_cd": "0", "output2": [row]})], "005930")
    assert sorted(bar.flags) == flags


@pytest.mark.parametrize(
    ("price", "tick"),
    [(1_999, 1), (2_000, 5), (4_999, 5), (5_000, 10), (19_999, 10), (20_000, 50), (49_999, 50), (50_000, 100),
     (199_999, 100), (200_000, 500), (499_999, 500), (500_000, 1_000), (2_000_000, 1_000)],
)  # fmt: skip
def test_the_price_grid(price: int, tick: int) -> None:
    assert tick_size_krw(price) == tick


@pytest.mark.parametrize(
    ("base", "limits"),
    [(10_000, (7_000, 13_000)), (71_300, (50_000, 92_600)), (1_990, (1_393, 2_585)), (999, (700, 1_298))],
)
def test_the_limits_of_a_session_are_thirty_percent_on_the_grid(base: int, limits: tuple[int, int]) -> None:
    assert price_limits_krw(base) == limits


@pytest.mark.parametrize(
    ("last", "change", "previous"),
    [(999, -1, 1_000), (MAX_PRICE_KRW - 1, 0, MAX_PRICE_KRW - 1), (MAX_PRICE_KRW - 1, -1, None),
     (MAX_PRICE_KRW, 1, None), (0, -5, None), (5, 5, None)],
)  # fmt: skip
def test_a_quote_that_no_exchange_could_make_is_left_out(last: int, change: int, previous: int | None) -> None:
    item = {"itemCode": "005930", "closePriceRaw": str(last), "compareToPreviousClosePriceRaw": str(change),
            "accumulatedTradingVolumeRaw": "7", "localTradedAt": "2026-10-02T10:00:00+09:00"}  # fmt: skip
    found = naver_prices.parse_quotes(json_answer({"datas": [item]}), ["005930"])
    assert [(quote.last_price_krw, quote.previous_close_krw, quote.volume) for quote in found] == (
        [] if previous is None else [(last, previous, 7)]
    )


STOCKS = [
    WatchedStock(f"{n:05d}0", name, "KOSPI")
    for n, name in enumerate(("가람전자", "나루화학", "다온중공업", "라온바이오", "마루통신", "바론물산"), 1)
]
NAMES = StockNames([*STOCKS, WatchedStock("009990", "긴이름전자", "KOSPI", ("긴이름",))])


def article(title: str, *, snippet: str = "", source: str = "rss_mk", codes: tuple[str, ...] = ()) -> Article:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    return Article(
        source, "매일경제", NewsKind.ARTICLE, "u", "u", title, snippet, at, Precision.SECOND, feed_codes=codes
    )


def test_the_rule_of_confidence_how_sure_each_kind_of_link_is() -> None:
    found = {
        LinkMethod.CODE: NAMES.link(article("공시 (000010) 확인")),
        LinkMethod.NAME: NAMES.link(article("가람전자, 새 공장 착공")),
        LinkMethod.ALIAS: NAMES.link(article("긴이름, 새 공장 착공")),
        LinkMethod.SNIPPET: NAMES.link(article("새 공장 착공", snippet="가람전자는 오늘")),
        LinkMethod.FEED_TAG: NAMES.link(article("새 공장 착공", codes=("000010",))),
    }
    assert {method: [(link.method, link.confidence) for link in links] for method, links in found.items()} == {
        LinkMethod.CODE: [(LinkMethod.CODE, 0.98)],
        LinkMethod.NAME: [(LinkMethod.NAME, 0.9)],
        LinkMethod.ALIAS: [(LinkMethod.ALIAS, 0.85)],
        LinkMethod.SNIPPET: [(LinkMethod.SNIPPET, 0.6)],
        LinkMethod.FEED_TAG: [(LinkMethod.FEED_TAG, 0.3)],
    }


@pytest.mark.parametrize("stocks", [5, 6])
def test_more_than_five_stocks_in_a_title_are_a_round_up(stocks: int) -> None:
    title = "·".join(stock.name for stock in STOCKS[:stocks])
    links = NAMES.link(article(title))
    assert {link.confidence for link in links} == ({0.2} if stocks > 5 else {0.9})
    assert (Flag.ROUNDUP in title_flags(title, links)) is (stocks > 5)
    assert is_roundup("가람전자, 새 공장", stocks) is (stocks > 5)


NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)


def same_story(
    first: str, second: str, *, apart: timedelta = timedelta(0), codes: tuple[str, str] = ("A", "A")
) -> bool:
    candidates = [
        Candidate("1", first, NOON, frozenset(codes[0].split())),
        Candidate("2", second, NOON + apart, frozenset(codes[1].split())),
    ]
    return StoryIndex().assign(candidates)["2"] == "1"


@pytest.mark.parametrize(("seconds", "together"), [(0, True), (1, False)])
def test_copies_of_a_story_are_at_most_two_days_apart(seconds: int, together: bool) -> None:
    apart = timedelta(hours=48, seconds=seconds)
    assert same_story("가람전자 새 공장 착공", "가람전자 새 공장 착공", apart=apart) is together


@pytest.mark.parametrize(
    ("first", "second", "codes", "together"),
    [
        ("가람전자 3분기 매출 발표", "가람전자 3분기 매출 발표", ("A", "A B"), True),
        ("가람전자 3분기 매출 발표", "가람전자 3분기 매출 발표", ("A", "B"), False),
        ("가람전자 3분기 매출 발표", "가람전자 3분기 매출 발표", ("", ""), True),
        ("가람전자 3분기 매출 발표", "가람전자 3분기 매출 발표", ("A", ""), False),
        ("가람전자 3분기 매출 발표", "가람전자 4분기 매출 발표", ("A", "A"), False),
        ("가람전자 3분기 매출 발표", "가람전자 3분기 매출 발표 1위", ("A", "A"), True),
        ("가람전자 분기 매출 1,000억", "가람전자 분기 매출 1000억", ("A", "A"), True),
        ("[속보] 가람전자 새 공장", "가람전자 새 공장(종합)", ("A", "A"), True),
    ],
)
def test_numbers_and_stocks_keep_daily_templates_apart(
    first: str, second: str, codes: tuple[str, str], together: bool
) -> None:
    assert same_story(first, second, codes=codes) is together


@pytest.mark.parametrize("code", ["20", "30", "31", "32", "22", "01", "02", "04", "05", "99", "12"])
def test_an_error_of_data_go_kr_says_what_to_do(code: str) -> None:
    body = f"<OpenAPI_ServiceResponse><returnReasonCode>{code}</returnReasonCode></OpenAPI_ServiceResponse>"
    found = raised(public_data.parse_daily, answer(body.encode(), content_type="text/xml"), "005930")
    refused, quota = (SourceRefusedError, None), (SourceTemporaryError, TO_MIDNIGHT)
    expected: dict[str, tuple[type[SourceError], int | None]] = {"22": quota}
    expected |= dict.fromkeys(("20", "30", "31", "32"), refused)
    expected |= dict.fromkeys(("01", "02", "04", "05", "99"), (SourceTemporaryError, None))
    assert found == expected.get(code, (SourceChangedError, None))
