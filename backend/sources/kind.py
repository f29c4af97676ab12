"""What companies and the exchange announce on KIND, from its RSS of today: halts, warnings, inquiries, decisions.

The exchange's own measures are in no list of DART. An item's title is "[market]company report", its author
"[market]company", its time the item's lastBuildDate; its key is KIND's number of receipt. The feed begins anew each day
and holds as many items as are asked for. Its form is that of public projects of 2024 to 2026. Setting:
AZAK_SOURCES_KIND_URL.
"""

import re
from typing import Final

import feedparser

from backend.domain.news import NewsKind
from backend.sources.articles import Parsed, RawItem, build_articles
from backend.sources.http.client import Answer, SourceClient
from backend.sources.rss import list_entries, read_date
from backend.text.cleaning import read_field

SOURCE: Final = "kind_rss"
ITEMS: Final = 100
_PATH: Final = "disclosure/rsstodaydistribute.do"
_VIEWER: Final = "https://kind.krx.co.kr/common/disclsviewer.do?method=searchInitInfo&acptNo="
_RECEIPT: Final = re.compile(r"acptno=([0-9]{14})(?![0-9])", re.IGNORECASE)
_MARKET: Final = re.compile(r"^\s*\[[^\[\]]{1,4}\]\s*")
_PREFIX: Final = re.compile(r"^\s*(\[[^\[\]]{2,10}\])\s*")


async def fetch_today(client: SourceClient, *, etag: str | None, last_modified: str | None) -> Answer:
    """Today's newest announcements of all markets, or an answer that is `not_modified`."""
    params = {
        "method": "searchRssTodayDistribute",
        "repIsuSrtCd": "",
        "mktTpCd": "0",
        "searchCorpName": "",
        "currentPageSize": str(ITEMS),
    }
    return await client.get(_PATH, params=params, etag=etag, last_modified=last_modified)


def parse_today(answer: Answer) -> Parsed:
    """Filings of the feed. Raises SourceChangedError if the body is no feed."""
    return build_articles(SOURCE, map(_raw, list_entries(SOURCE, answer)), answer.fetched_at)


def _raw(entry: feedparser.FeedParserDict) -> RawItem:
    found = _RECEIPT.search(read_field(entry.get("link"))[:500])
    receipt = found.group(1) if found else ""
    return RawItem(
        publisher="KIND",
        url=f"{_VIEWER}{receipt}&docno=" if receipt else "",
        title=_title(read_field(entry.get("title")), read_field(entry.get("author"))),
        snippet="",
        date=read_date(entry, "updated", "published"),
        key=f"kind:{receipt}" if receipt else "",
        kind=NewsKind.FILING,
    )


def _title(told: str, author: str) -> str:
    """The title as DART's are: "[correction] company - report". Without its author's name a title stays as it is."""
    text, company = _MARKET.sub("", told, count=1).strip(), _MARKET.sub("", author, count=1).strip()
    if not company or not text.startswith(company):
        return text
    report = text[len(company) :].strip()
    prefix = _PREFIX.match(report)
    rest = report[prefix.end() :].strip() if prefix else report
    return f"{prefix.group(1) if prefix else ''} {company} - {rest}".strip() if rest else ""
