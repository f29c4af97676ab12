"""What a source sends costs bounded work: hostile texts through every pattern they meet, and hostile archives."""

import contextlib
import io
import re
import struct
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Final

import pytest

from backend.domain.market import WatchedStock
from backend.errors import SourceChangedError, SourceError
from backend.sources import articles, dart, kis_master, kis_news, naver_search, rss
from backend.sources.articles import Parsed
from backend.sources.http.archives import unzip
from backend.sources.http.client import Answer, parse_retry_after
from backend.text.cleaning import SNIPPET_LIMIT, clean, decode, fold
from backend.text.dates import parse_published
from backend.text.events import read_event, ready, reports_price
from backend.text.linking import StockNames
from backend.text.numbers import read_number
from backend.text.reading import title_flags
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import StoryIndex
from backend.text.url_keys import url_key
from tests.sources.answers import SEEN, answer, json_answer, zipped

MK = rss.FEED_OF["rss_mk"]

LETTERS: Final = 160_000
# Processor seconds for one hostile field; what grows with the square of it takes 10 to 1,000 times as long.
BUDGET_S: Final = 4.0 if sys.gettrace() is None else 20.0  # the tracer of a coverage run has its share
PIECES: Final = (
    "<!--", "<!--x--", "<!-- >", "<!-->", "<!--x-->", "<![CDATA[", "]]>", "<a ", "<a b='", "<b", "</", "<", "&", "&#9",
    "&#" + "9" * 50, "&amp;", "&lt;!--", "[", "(", "(a", "[a", "<?xml ", "<!DOCTYPE ", "<!ENTITY a 'b'>", "<item>",
    " ", "\t\n", "\u00a0", "\u0301\u0316", "a\u0316\u0301", "\ufdfa", "㌖", "½", "1", "1.", "실적", "분기 ", "cb ",
    "tiger ", "kodex a", "레버리", "etf", "네이버뉴스", "- ", '" - 한국', "| ", "가", "한국경제", "주가 ", "1%대 ",
)  # fmt: skip
STOCKS: Final = StockNames([WatchedStock("005930", "삼성전자", "KOSPI", ("삼전",))])


def spent(work: Callable[[], object]) -> float:
    """Processor seconds of this thread; what a source's fault raises is an answer, too."""
    began = time.thread_time()
    with contextlib.suppress(SourceError):
        work()
    return time.thread_time() - began


def feed_of(title: str, *, cdata: bool = True) -> Answer:
    inside = f"<![CDATA[{title}]]>" if cdata else title
    item = f"<item><link>https://x.kr/1</link><title>{inside}</title><description>{inside}</description></item>"
    return answer(f"<rss version='2.0'><channel>{item}</channel></rss>".encode())


def understood(parsed: Parsed) -> None:
    """What a crawl does with parsed articles."""
    for article in parsed.articles:
        links = STOCKS.link(article)
        title_flags(article.title, links)
        read_event(article.title, article.kind)
        reports_price(ready(article.title))
    index = StoryIndex()
    names = frozenset({"삼성전자", "SK하이닉스"})
    for receipt in ("", "dart:1"):
        index.assign(
            Candidate(f"{a.url_key}{receipt}", a.title, SEEN, frozenset({"005930"}), names, receipt)
            for a in parsed.articles
        )


@pytest.mark.parametrize("piece", PIECES)
def test_one_hostile_headline_does_not_stall_a_crawl(piece: str) -> None:
    hostile = piece * (LETTERS // len(piece))
    items = [{"title": hostile, "link": "https://x.kr/1", "description": hostile, "pubDate": hostile}]
    headline = {"cntt_usiq_srno": "1", "data_dt": hostile, "hts_pbnt_titl_cntt": hostile, "dorg": hostile}
    filing = {"corp_name": hostile, "stock_code": "005930", "report_nm": hostile, "rcept_no": "20261001000123"}
    sources: dict[str, Callable[[], Parsed]] = {
        "feed": lambda: rss.parse_feed(feed_of(hostile), MK),
        "feed as text": lambda: rss.parse_feed(feed_of(hostile, cdata=False), MK),
        "filings feed": lambda: dart.parse_today(feed_of(hostile)),
        "search": lambda: naver_search.parse_news(json_answer({"items": items})),
        "titles": lambda: kis_news.parse_titles(json_answer({"rt_cd": "0", "output": [headline]})),
        "filings": lambda: dart.parse_list(json_answer({"status": "000", "list": [filing]})).parsed,
    }
    for name, parse in sources.items():
        assert spent(lambda parse=parse: understood(parse())) < BUDGET_S, name  # type: ignore[misc]


@pytest.mark.parametrize("piece", PIECES)
def test_what_is_short_enough_to_be_stored_is_understood_quickly(piece: str) -> None:
    title, snippet = clean("삼성 " + piece * 500, 500) or "제목", clean("삼성 " + piece * 1_000, 1_000)
    article = articles.build_articles(
        "rss_mk", [articles.RawItem("매일경제", "https://x.kr/1", title, snippet, "")], SEEN
    ).articles
    assert spent(lambda: understood(Parsed(article))) < 0.4


@pytest.mark.parametrize(
    "text", ["\ufdfa" * 500, "㌖" * 1_000, "½" * 1_000, "가" * 5_000], ids=["phrase", "square", "half", "long"]
)
def test_folding_never_makes_a_text_longer_than_what_is_stored(text: str) -> None:
    assert len(fold(text)) <= SNIPPET_LIMIT


@pytest.mark.parametrize(
    "work",
    [
        lambda: url_key("https://x.kr/" + "a=1&" * 500_000),
        lambda: url_key("https://" + "a\u0316\u0301" * 100_000 + "/a"),
        lambda: parse_published("2026-10-01" + " " * 2_000_000, SEEN),
        lambda: parse_published("9" * 2_000_000, SEEN),
        lambda: read_number("9" * 2_000_000),
        lambda: parse_retry_after("Sat, " * 200_000),
        lambda: decode(b"\xff\xff", "charset=" + " " * 90_000 + ";"),
        lambda: decode(b"\xff" + b"charset=" + b" " * 2_000_000),
        lambda: naver_search._publisher("https://" + "a." * 100_000),
    ],
    ids=[
        "address",
        "host",
        "date of blanks",
        "date of digits",
        "number",
        "pause",
        "charset",
        "charset inside",
        "paper",
    ],
)
def test_other_fields_are_bounded_too(work: Callable[[], object]) -> None:
    assert spent(work) < BUDGET_S


def test_a_number_too_long_for_a_letter_is_no_letter_and_no_error() -> None:
    assert clean(f"삼성 &#{'9' * 5_000}; 전자 &#44032;", 500) == "삼성 \ufffd 전자 가"


def test_comments_go_and_the_text_around_them_stays() -> None:
    assert clean("앞<!-- a <b> -->뒤 <!---->끝", 500) == "앞뒤 끝"
    assert clean("앞<!-- 닫히지 않은 <b>것</b>", 500) == "앞"
    assert clean("A<B, 1 < 2 -> 3 --> 4", 500) == "A<B, 1 < 2 -> 3 --> 4"


def test_ampersands_are_repaired_outside_cdata_only() -> None:
    items = "<item><link>https://x.kr/1</link><title>A&B <![CDATA[C&D]]> E&F</title></item>"
    found = rss.parse_feed(answer(f"<rss version='2.0'><channel>{items}</channel></rss>".encode()), MK)
    assert [article.title for article in found.articles] == ["A&B C&D E&F"]


def test_an_endless_list_is_cut_and_counted() -> None:
    items = [{"title": f"삼성전자 {n}", "link": f"https://x.kr/{n}"} for n in range(articles.ITEMS_LIMIT + 7)]
    found = naver_search.parse_news(json_answer({"items": items}))
    assert (len(found.articles), found.dropped["too_many"]) == (articles.ITEMS_LIMIT, 7)


def test_an_address_too_long_to_be_kept_is_none() -> None:
    assert url_key("https://x.kr/" + "a" * 1_900) is not None
    assert url_key("https://x.kr/" + "a" * 2_000) is None


def packed(method: int, content: bytes, name: str = "kospi_code.mst") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def patched(body: bytes, offset: int, value: int) -> bytes:
    """The archive with a 16-bit field of its first entry in the central directory replaced."""
    at = body.index(b"PK\x01\x02") + offset
    return body[:at] + struct.pack("<H", value) + body[at + 2 :]


PLAIN: Final = packed(zipfile.ZIP_DEFLATED, b"x" * 100)
BOMBS: Final = {
    "bzip2": (packed(zipfile.ZIP_BZIP2, bytes(50_000_000)), "method 12"),
    "lzma": (packed(zipfile.ZIP_LZMA, bytes(50_000_000)), "method 14"),
    "deflate64": (patched(PLAIN, 10, 9), "method 9"),
    "encrypted": (patched(PLAIN, 8, 1), "encrypted"),
    "ratio": (packed(zipfile.ZIP_DEFLATED, bytes(60_000_000)), "more than"),
    "nested": (packed(zipfile.ZIP_DEFLATED, packed(zipfile.ZIP_DEFLATED, bytes(60_000_000)), "a.zip"), "without a"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_a_sentence_before_it_fills_memory(name: str) -> None:
    body, reason = BOMBS[name]
    tracemalloc.start()
    try:
        with pytest.raises(SourceChangedError, match=rf"^kis_master sent an .*{re.escape(reason)}.*\.$"):
            unzip("kis_master", body, ".mst")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


def test_an_archive_of_countless_files_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(101):
            archive.writestr(f"{number}.txt", b"")
        archive.writestr("a.mst", b"x")
    with pytest.raises(SourceChangedError, match="more than 100 files"):
        unzip("kis_master", target.getvalue(), ".mst")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_as_sources_send_them_is_unpacked(method: int) -> None:
    lines = b"".join(b"%06d" % number + b" " * 80 + b"\n" for number in range(50_000))
    assert unzip("kis_master", packed(method, lines), ".mst") == lines


def test_the_size_that_an_archive_states_is_not_believed() -> None:
    body = zipped("a.mst", b"x" * 3_000)
    with pytest.raises(SourceChangedError, match="more than 1000 bytes"):
        unzip("kis_master", body, ".mst", limit_bytes=1_000)


def test_a_bomb_in_place_of_a_master_file_is_the_sources_error() -> None:
    with pytest.raises(SourceChangedError, match="method 12"):
        kis_master.parse_master(answer(BOMBS["bzip2"][0]), kis_master.KOSPI)


@pytest.mark.parametrize(
    "inside",
    ["<a " + " ".join(f'b{n}="1"' for n in range(51)) + "/>",
     "<a " + " ".join(f'b{n}=">"' for n in range(100_000)) + "/>",
     "<!-- a comment --><x><a " + " ".join(f'b{n}="1"' for n in range(20_000)) + "></a></x>",
     "<b>" * 100_001],
    ids=["51", "with brackets", "nested", "tags"],
)  # fmt: skip
def test_a_feed_with_more_markup_than_feeds_have_is_refused_before_it_is_parsed(inside: str) -> None:
    """The parser's time grows with the square of one tag's attributes: a tag of 1 MB held a crawl for minutes."""
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><item><title>{inside}</title></item></channel></rss>'
    begun = time.process_time()
    with pytest.raises(SourceChangedError, match="open its address in a browser"):
        rss.parse_feed(answer(body.encode()), MK)
    assert time.process_time() - begun < BUDGET_S


def test_fifty_attributes_are_no_reason_to_refuse_a_feed() -> None:
    crowded = "<a " + " ".join(f'b{n}="1"' for n in range(50)) + "/>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{crowded}</channel></rss>'
    assert rss.parse_feed(answer(body.encode()), MK).articles == []
