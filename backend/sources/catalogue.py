"""All sources azak knows: kind, address, pace, quota, and why one is off. Settings: AZAK_SOURCES_*."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from backend.config import SourceSettings
from backend.sources import dart, kis, kis_master, kis_news, naver_prices, naver_search, public_data, rss
from backend.sources.http.client import Manners, SourceClient, open_client

NEWS: Final = "news"
FILINGS: Final = "filings"
PRICES: Final = "prices"
LISTINGS: Final = "listings"
# Below the limits that sources.md 9b gives: HUB 50/s, KIS 20/s and 2/s on paper, OpenDART 1,000 a minute.
_HUB_PER_S: Final = 40.0
_LEGACY_PER_S: Final = 8.0
_KIS_PER_S: Final = 18.0
_KIS_PAPER_PER_S: Final = 1.8
_DART_PER_S: Final = 10.0
_PUBLIC_DATA_PER_S: Final = 10.0
_FEED_PER_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source as configured; `off_reason` names the setting it waits for, None if it is on.

    `quota`: requests it answers in a Korean day. `late_sessions`: sessions by which its newest item may be late.
    """

    id: str
    kind: str
    base_url: str
    off_reason: str | None = None
    requests_per_s: float | None = None
    quota: int | None = None
    obeys_robots: bool = False
    late_sessions: int = 0


FEEDS: Final = {feed.source: feed for feed in rss.FEEDS}


def list_source_infos(settings: SourceSettings) -> list[SourceInfo]:
    """Every source, on or off, in the order in which sources of the same data are preferred."""
    infos = [*_feeds(settings), *_searches(settings), *_filings(settings), *_kis(settings), *_other_prices(settings)]
    switched_off = {name.strip() for name in settings.off.split(",")}
    return [_switched_off(info) if info.id in switched_off else info for info in infos]


def get_source_info(settings: SourceSettings, source: str) -> SourceInfo:
    """The source with this id. KeyError if there is none."""
    return {info.id: info for info in list_source_infos(settings)}[source]


def get_search_info(settings: SourceSettings) -> SourceInfo:
    """The gateway of the news search that is on; API HUB if neither is."""
    hub, legacy = (get_source_info(settings, gateway.source) for gateway in (naver_search.HUB, naver_search.LEGACY))
    return legacy if hub.off_reason and not legacy.off_reason else hub


def open_source(settings: SourceSettings, info: SourceInfo) -> AbstractAsyncContextManager[SourceClient]:
    """A client of the source for the length of the block."""
    manners = Manners(settings.timeout_s, settings.body_limit_bytes, info.requests_per_s, info.obeys_robots)
    return open_client(info.id, info.base_url, manners)


def _switched_off(info: SourceInfo) -> SourceInfo:
    return SourceInfo(info.id, info.kind, info.base_url, "off: named in AZAK_SOURCES_OFF")


def _needs(settings: SourceSettings, *names: str) -> str | None:
    """Why a source is off whose keys are the settings `names`."""
    missing = next((name for name in names if not getattr(settings, name)), None)
    return None if missing is None else f"off: needs AZAK_SOURCES_{missing.upper()}"


def _feeds(settings: SourceSettings) -> list[SourceInfo]:
    return [
        SourceInfo(
            feed.source, NEWS, getattr(settings, feed.url_setting), requests_per_s=_FEED_PER_S, obeys_robots=True
        )
        for feed in rss.FEEDS
    ]


def _searches(settings: SourceSettings) -> list[SourceInfo]:
    hub_off, legacy_off = (
        _needs(settings, *gateway.headers.values()) for gateway in (naver_search.HUB, naver_search.LEGACY)
    )
    if not hub_off:
        legacy_off = legacy_off or "off: NAVER API HUB is used (AZAK_SOURCES_NAVER_HUB_KEY)"
    hub, legacy = naver_search.HUB.source, naver_search.LEGACY.source
    return [
        SourceInfo(hub, NEWS, settings.naver_hub_url, hub_off, _HUB_PER_S, 25_000),
        SourceInfo(legacy, NEWS, settings.naver_legacy_url, legacy_off, _LEGACY_PER_S, 25_000),
    ]


def _filings(settings: SourceSettings) -> list[SourceInfo]:
    off = _needs(settings, "dart_key")
    return [
        SourceInfo(dart.RSS, FILINGS, settings.dart_url, requests_per_s=_FEED_PER_S, obeys_robots=True),
        # Its items have a day but no hour, so today's count as of midnight.
        SourceInfo(dart.LIST, FILINGS, settings.dart_api_url, off, _DART_PER_S, 20_000, late_sessions=1),
    ]


def _kis(settings: SourceSettings) -> list[SourceInfo]:
    """One key, one pace: the limiter is named by the address, so headlines and prices share it."""
    off = _needs(settings, "kis_app_key", "kis_app_secret")
    pace = _KIS_PAPER_PER_S if settings.kis_paper else _KIS_PER_S
    news_off = off or (
        "off: the paper account has no headlines (AZAK_SOURCES_KIS_PAPER)" if settings.kis_paper else None
    )
    return [
        SourceInfo(kis_news.SOURCE, NEWS, settings.kis_url, news_off, pace),
        SourceInfo(kis.SOURCE, PRICES, settings.kis_url, off, pace),
        SourceInfo(kis_master.SOURCE, LISTINGS, settings.kis_master_url, requests_per_s=_FEED_PER_S),
    ]


def _other_prices(settings: SourceSettings) -> list[SourceInfo]:
    off = None if settings.naver_prices else "off: needs AZAK_SOURCES_NAVER_PRICES=true (unofficial, opt-in)"
    pace = settings.naver_prices_per_s
    return [
        SourceInfo(
            public_data.SOURCE,
            PRICES,
            settings.public_data_url,
            _needs(settings, "public_data_key"),
            _PUBLIC_DATA_PER_S,
            10_000,
            late_sessions=2,
        ),
        SourceInfo(naver_prices.CHART, PRICES, settings.naver_chart_url, off, pace),
        SourceInfo(naver_prices.POLLING, PRICES, settings.naver_polling_url, off, pace),
    ]
