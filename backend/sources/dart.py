"""Filings from OpenDART (with key) and from DART's own RSS (without), and DART's company number of each stock.

OpenDART always answers HTTP 200; its field `status` has the result, and 013 means "no filings". A filing's key is its
receipt number. list.json has the day of a filing, todayRSS its minute. Settings: AZAK_SOURCES_DART_{API_URL,KEY,URL}.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import feedparser
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse
from pydantic import SecretStr

from backend.domain.market import STOCK_CODE, Company
from backend.domain.news import NewsKind
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.sources.articles import Parsed, RawItem, build_articles
from backend.sources.http.archives import unzip
from backend.sources.http.client import Answer, SourceClient, seconds_to_midnight
from backend.sources.http.json_bodies import list_objects, read_object
from backend.sources.rss import list_entries, read_date
from backend.text.cleaning import decode, read_field

LIST: Final = "dart"
RSS: Final = "dart_rss"
PAGE_SIZE: Final = 100
PAGES: Final = 10
KEY_PREFIX: Final = "dart:"  # before the receipt number in the key of a filing
_VIEWER: Final = "https://dart.fss.or.kr/dsaf001/main.do?rcpNo="
_NONE: Final = "013"
_KEY_REFUSED: Final = frozenset({"010", "011", "012", "901"})
_LATER: Final = frozenset({"800", "900"})
_RECEIPT: Final = re.compile(r"[0-9]{14}")
_COMPANY: Final = re.compile(r"[0-9]{8}")
_LINK: Final = re.compile(r"rcpNo=([0-9]{14})(?![0-9])")
_MARKET: Final = re.compile(r"^\s*\([^()]{1,12}\)\s*")
_PREFIX: Final = re.compile(r"^\s*(\[[^\[\]]{2,10}\])\s*")


async def fetch_list(client: SourceClient, key: SecretStr, first: date, last: date, *, page: int) -> Answer:
    """One page of all filings received within the two dates, newest first."""
    params = {
        "crtfc_key": key.get_secret_value(),
        "bgn_de": f"{first:%Y%m%d}",
        "end_de": f"{last:%Y%m%d}",
        "page_no": str(page),
        "page_count": str(PAGE_SIZE),
    }
    return await client.get("api/list.json", params=params)


@dataclass(frozen=True, slots=True)
class Page:
    """Filings of listed companies, of how many `pages`; `companies`: DART's number of each one's company by url_key."""

    parsed: Parsed = field(default_factory=Parsed)
    pages: int = 0
    companies: Mapping[str, str] = field(default_factory=dict)


def parse_list(answer: Answer) -> Page:
    """One page of the list. Raises a SourceError; no filings (013) is none."""
    body = read_body(answer)
    if body is None:
        return Page()
    rows = list_objects(body["list"])
    listed = [row for row in rows if STOCK_CODE.match(read_field(row.get("stock_code")).strip())]
    parsed = build_articles(LIST, map(_raw, listed), answer.fetched_at)
    if len(rows) > len(listed):
        parsed.dropped["not_listed"] += len(rows) - len(listed)
    numbers = {_key(read_field(row.get("rcept_no"))): read_field(row.get("corp_code")) for row in listed}
    companies = {key: number for key, number in numbers.items() if key and _COMPANY.fullmatch(number)}
    pages = body.get("total_page")
    return Page(parsed, pages if isinstance(pages, int) and 0 < pages < 10_000 else 1, companies)


def read_body(answer: Answer) -> dict[str, Any] | None:
    """The body of an answer with a list, None where there is nothing to list (013). Raises a SourceError."""
    body = read_object(LIST, answer)
    status = str(body.get("status"))
    if status == _NONE:
        return None
    if status != "000" or not isinstance(body.get("list"), list):
        raise _error(status, answer)
    return body


def _raw(row: dict[str, Any]) -> RawItem:
    receipt = read_field(row.get("rcept_no"))
    company, report = read_field(row.get("corp_name")), read_field(row.get("report_nm"))
    code = read_field(row.get("stock_code")).strip()
    return _filing(receipt, company, report, read_field(row.get("rcept_dt")), (code,))


def _filing(receipt: str, company: str, report: str, moment: str, codes: tuple[str, ...]) -> RawItem:
    key = _key(receipt)
    prefix = _PREFIX.match(report)
    rest = report[prefix.end() :] if prefix else report
    title = f"{prefix.group(1) if prefix else ''} {company.strip()} - {rest.strip()}" if rest.strip() else ""
    return RawItem(
        publisher="DART",
        url=f"{_VIEWER}{receipt}" if key else "",
        title=title,
        snippet="",
        date=moment,
        feed_codes=codes,
        key=key,
        kind=NewsKind.FILING,
    )


def _key(receipt: str) -> str:
    return f"{KEY_PREFIX}{receipt}" if _RECEIPT.fullmatch(receipt) else ""


async def fetch_today(client: SourceClient, *, etag: str | None, last_modified: str | None) -> Answer:
    """The newest filings with their time of day, or an answer that is `not_modified`."""
    return await client.get("api/todayRSS.xml", etag=etag, last_modified=last_modified)


def parse_today(answer: Answer) -> Parsed:
    """Filings of the feed. Its titles are '(market)company - report', its dc:date is UTC."""
    return build_articles(RSS, map(_raw_entry, list_entries(RSS, answer)), answer.fetched_at)


def _raw_entry(entry: feedparser.FeedParserDict) -> RawItem:
    found = _LINK.search(read_field(entry.get("link")))
    company, _, report = _MARKET.sub("", read_field(entry.get("title"))).partition(" - ")
    moment = read_date(entry, "updated", "published")  # feedparser's name for dc:date
    return _filing(found.group(1) if found else "", company, report, moment, ())


async def fetch_companies(client: SourceClient, key: SecretStr) -> Answer:
    """The zipped list of all companies (about 100,000)."""
    return await client.get("api/corpCode.xml", params={"crtfc_key": key.get_secret_value()})


def parse_companies(answer: Answer) -> list[Company]:
    """Companies with a listed stock. Raises a SourceError; OpenDART sends an error as XML instead of the archive."""
    if not answer.body.startswith(b"PK"):
        raise _error(_xml_status(answer), answer)
    content = unzip(LIST, answer.body, ".xml")
    try:
        found = list(_companies(content))
    except (ParseError, DefusedXmlException, ValueError):
        raise SourceChangedError(f"{LIST} sent a list of companies that is no XML; report this as a bug.") from None
    if not found:
        raise SourceChangedError(f"{LIST} sent a list without a listed company; report this as a bug.")
    return found


def _companies(content: bytes) -> Iterator[Company]:
    for _, element in iterparse(BytesIO(content)):
        if element.tag != "list":
            continue
        fields = {child.tag: (child.text or "").strip() for child in element}
        code = fields.get("stock_code", "")
        if STOCK_CODE.match(code) and _COMPANY.fullmatch(fields.get("corp_code", "")):
            yield Company(code, fields["corp_code"], fields.get("corp_name", ""), fields.get("corp_eng_name", ""))
        element.clear()  # 100,000 companies would take 150 MB


def _xml_status(answer: Answer) -> str:
    try:
        return str(fromstring(decode(answer.body[:2_000])).findtext("status") or "")[:10]
    except (ParseError, DefusedXmlException, ValueError):
        return ""


def _error(status: str, answer: Answer) -> SourceError:
    code = status[:10]
    if code in _KEY_REFUSED:
        return SourceRefusedError(f"{LIST} refused the key (status {code}); check AZAK_SOURCES_DART_KEY.")
    if code == "020":
        return SourceTemporaryError(
            f"{LIST} has no quota left today (status {code}); it is asked again after midnight.",
            retry_after_s=seconds_to_midnight(answer.fetched_at),
        )
    if code in _LATER:
        return SourceTemporaryError(
            f"{LIST} is under maintenance (status {code}); it is asked again later.", retry_after_s=600
        )
    return SourceChangedError(f"{LIST} does not understand our question (status {code}); report this as a bug.")
