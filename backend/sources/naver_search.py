"""NAVER news search: headlines per stock, on either of its two gateways.

API HUB issues new keys; keys of the old Developers Center end on 2027-06-30. Both return the same items. The body is
JSON sent as text/plain; an answer whose `items` is a list is a success, whatever its status.
Settings: AZAK_SOURCES_NAVER_HUB_{URL,KEY_ID,KEY}, AZAK_SOURCES_NAVER_LEGACY_{URL,CLIENT_ID,CLIENT_SECRET}.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from backend.config import SourceSettings
from backend.domain.market import WatchedStock
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.sources.articles import Parsed, RawItem, build_articles
from backend.sources.http.client import RATE_LIMIT_PAUSE_S, Answer, SourceClient, seconds_to_midnight
from backend.sources.http.json_bodies import read_object
from backend.text.cleaning import read_field


@dataclass(frozen=True, slots=True)
class Gateway:
    """One of the two gateways: `headers` maps the names of its key headers to the settings that hold the keys."""

    source: str
    path: str
    url_setting: str
    headers: dict[str, str]

    def read_keys(self, settings: SourceSettings) -> dict[str, str | None]:
        """The key headers as configured."""
        held = {name: getattr(settings, setting) for name, setting in self.headers.items()}
        return {name: value.get_secret_value() if value else None for name, value in held.items()}


HUB: Final = Gateway(
    "naver_search",
    "search/v1/news",
    "naver_hub_url",
    {"X-NCP-APIGW-API-KEY-ID": "naver_hub_key_id", "X-NCP-APIGW-API-KEY": "naver_hub_key"},
)
LEGACY: Final = Gateway(
    "naver_search_legacy",
    "v1/search/news.json",
    "naver_legacy_url",
    {"X-Naver-Client-Id": "naver_legacy_client_id", "X-Naver-Client-Secret": "naver_legacy_client_secret"},
)
GATEWAYS: Final = {gateway.source: gateway for gateway in (HUB, LEGACY)}
PAGE_SIZE: Final = 100
LAST_START: Final = 1_000
_EXPLAINED: Final = (400, 401, 403, 404, 413, 429, 430)
_KEY_CODES: Final = frozenset({"024", "028", "200", "210", "401"})
_DAILY_QUOTA_CODES: Final = frozenset({"010", "400"})
_RATE_CODES: Final = frozenset({"012", "410", "420", "SE99", "500", "510"})
# NAVER and Kakao: their names are in every second article as portal or publisher, so they are searched with a cue.
_NEEDS_CUE: Final = frozenset({"035420", "035720"})
_PUBLISHERS: Final = {
    "hankyung.com": "한국경제",
    "mk.co.kr": "매일경제",
    "yna.co.kr": "연합뉴스",
    "asiae.co.kr": "아시아경제",
    "fnnews.com": "파이낸셜뉴스",
    "newsis.com": "뉴시스",
    "etoday.co.kr": "이투데이",
    "mt.co.kr": "머니투데이",
    "edaily.co.kr": "이데일리",
    "einfomax.co.kr": "연합인포맥스",
    "sedaily.com": "서울경제",
    "chosun.com": "조선일보",
    "joongang.co.kr": "중앙일보",
    "donga.com": "동아일보",
    "heraldcorp.com": "헤럴드경제",
}


def search_query(stock: WatchedStock) -> str:
    """The query for a stock: its name, with '주가' (share price) where the name alone is ambiguous."""
    return f"{stock.name} 주가" if len(stock.name) <= 2 or stock.code in _NEEDS_CUE else stock.name


async def fetch_news(
    client: SourceClient, settings: SourceSettings, query: str, *, start: int = 1, display: int = PAGE_SIZE
) -> Answer:
    """One page of results, newest first, from the gateway that `client` belongs to."""
    gateway = GATEWAYS[client.source]
    return await client.get(
        gateway.path,
        params={"query": query, "display": str(display), "start": str(start), "sort": "date", "format": "json"},
        headers={name: key or "" for name, key in gateway.read_keys(settings).items()},
        explained=_EXPLAINED,
    )


async def fetch_pages(
    client: SourceClient, settings: SourceSettings, stock: WatchedStock, since: datetime | None
) -> AsyncIterator[Parsed]:
    """New articles page by page, newest first, until a page reaches back to `since` (None: one page) or has none.

    A search has at most 1,000 results. Raises a SourceError after the pages before it have been yielded.
    """
    seen: set[str] = set()
    for start in range(1, LAST_START + 1, PAGE_SIZE):
        answer = await fetch_news(client, settings, search_query(stock), start=start)
        page = parse_news(answer, stock.code, source=client.source)
        fresh = [article for article in page.articles if article.url_key not in seen]
        page.dropped["repeated"] += len(page.articles) - len(fresh)
        page.articles = fresh
        seen |= {article.url_key for article in page.articles}
        yield page
        if since is None or not page.articles or _oldest_is_before(page, since):
            return


def _oldest_is_before(page: Parsed, since: datetime) -> bool:
    oldest = min((article.published_at for article in page.articles if article.published_at), default=None)
    return oldest is not None and oldest < since


def reaches(page: Parsed, since: datetime | None) -> bool:
    """Whether this last page of a search tells all since `since`: it goes back beyond it, or is the end of the results.

    A full page without anything new is neither: the gateway repeats itself.
    """
    is_end = len(page.articles) + page.dropped.total() < PAGE_SIZE
    return since is None or is_end or _oldest_is_before(page, since)


def parse_news(answer: Answer, stock_code: str | None = None, *, source: str = HUB.source) -> Parsed:
    """Articles of one page, tagged with the stock searched for (a weak tag). Raises a SourceError."""
    body = read_object(source, answer)
    items = body.get("items")
    if not isinstance(items, list):
        raise _error(source, answer, body)
    codes = (stock_code,) if stock_code else ()
    return build_articles(source, [_raw(item, codes) for item in items if isinstance(item, dict)], answer.fetched_at)


def _error(source: str, answer: Answer, body: dict[str, Any]) -> SourceError:
    inner = body.get("error")
    found = inner if isinstance(inner, dict) else body
    code = str(found.get("errorCode", found.get("errId", "")))[:20]
    settings = ", ".join(f"AZAK_SOURCES_{name.upper()}" for name in GATEWAYS[source].headers.values())
    if code in _KEY_CODES or answer.status in (401, 403):
        return SourceRefusedError(f"{source} refused the key (code {code}); check {settings}.")
    if code in _DAILY_QUOTA_CODES:
        return SourceTemporaryError(
            f"{source} has no quota left today (code {code}); it is asked again after midnight.",
            retry_after_s=seconds_to_midnight(answer.fetched_at),
        )
    if code in _RATE_CODES or answer.status in (429, 430):
        return SourceTemporaryError(
            f"{source} asks us to slow down (code {code}); it is asked again later.", retry_after_s=RATE_LIMIT_PAUSE_S
        )
    return SourceChangedError(f"{source} does not understand our question (code {code}); report this as a bug.")


def _raw(item: dict[str, Any], codes: tuple[str, ...]) -> RawItem:
    url = _address(read_field(item.get("originallink")), read_field(item.get("link")))
    return RawItem(
        publisher=_publisher(url),
        url=url,
        title=read_field(item.get("title")),
        snippet=read_field(item.get("description")),
        date=read_field(item.get("pubDate")),
        feed_codes=codes,
    )


def _address(original: str, portal: str) -> str:
    """The publisher's own address, so that a feed's copy has the same key; the portal's if it is only a front page."""
    try:
        return original if urlsplit(original).path.strip("/") else portal
    except ValueError:
        return portal


def _publisher(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return next((name for domain, name in _PUBLISHERS.items() if host == domain or host.endswith(f".{domain}")), host)
