"""Headlines of the whole market from KIS `news-title`, tagged with their stocks by the agency itself.

KIS has no address of an article. Its key is KIS's own number; its link is a search for the headline, for a person to
follow (azak does not read it). Paper accounts do not have this call.
"""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from backend.clock import KST
from backend.domain.market import STOCK_CODE
from backend.domain.news import NewsKind
from backend.sources.articles import Parsed, RawItem, build_articles
from backend.sources.http.client import Answer
from backend.sources.http.json_bodies import list_objects
from backend.sources.kis import KisClient, read_success
from backend.text.cleaning import read_field

SOURCE: Final = "kis_news"
PAGES: Final = 10
_SEARCH: Final = "https://search.naver.com/search.naver?"
# news_ofer_entp_code of the exchanges' own disclosures (KOSPI, KOSDAQ, K-OTC, others, KONEX).
_FILINGS: Final = frozenset("FGHIN")


async def fetch_titles(kis: KisClient, until: datetime | None = None) -> Answer:
    """The 40 newest headlines published at or before `until` (None: now)."""
    local = None if until is None else until.astimezone(KST)
    params = dict.fromkeys(
        (
            "FID_NEWS_OFER_ENTP_CODE",
            "FID_COND_MRKT_CLS_CODE",
            "FID_INPUT_ISCD",
            "FID_TITL_CNTT",
            "FID_INPUT_DATE_1",
            "FID_INPUT_HOUR_1",
            "FID_RANK_SORT_CLS_CODE",
            "FID_INPUT_SRNO",
        ),
        "",
    )
    if local is not None:
        params |= {"FID_INPUT_DATE_1": f"00{local:%Y%m%d}", "FID_INPUT_HOUR_1": f"0000{local:%H%M%S}"}
    return await kis.get("news-title", "FHKST01011800", params)


def parse_titles(answer: Answer) -> Parsed:
    """Headlines of one page, newest first, each with up to five stock codes."""
    rows = list_objects(read_success(answer).get("output"))
    return build_articles(SOURCE, map(_raw, rows), answer.fetched_at)


def _raw(row: dict[str, Any]) -> RawItem:
    number, title = read_field(row.get("cntt_usiq_srno")).strip()[:40], read_field(row.get("hts_pbnt_titl_cntt"))
    is_filing = str(row.get("news_ofer_entp_code")) in _FILINGS
    return RawItem(
        publisher=read_field(row.get("dorg")),
        url=_SEARCH + urlencode({"where": "news", "query": title[:200].encode("utf-8", "replace")}),
        title=title,
        snippet="",
        date=read_field(row.get("data_dt")) + read_field(row.get("data_tm")),
        feed_codes=_codes(row),
        key=f"kis:{number}" if number else "",
        kind=NewsKind.FILING if is_filing else NewsKind.ARTICLE,
    )


def _codes(row: dict[str, Any]) -> tuple[str, ...]:
    codes = (read_field(row.get(f"iscd{number}")).strip() for number in range(1, 6))
    return tuple(dict.fromkeys(code for code in codes if STOCK_CODE.match(code)))
