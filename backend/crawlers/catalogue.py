"""All sources azak knows: their kind, their address, and why one is off. Settings: AZAK_SOURCES_*."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from backend.config import SourceSettings
from backend.crawlers import naver_prices, naver_search, rss
from backend.crawlers.client import SourceClient, open_client

NEWS: Final = "news"
PRICES: Final = "prices"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source as configured; `off_reason` names the setting it waits for, None if it is on."""

    id: str
    kind: str
    base_url: str
    off_reason: str | None = None


FEEDS: Final = {feed.source: feed for feed in (rss.HANKYUNG, rss.MK)}


def list_source_infos(settings: SourceSettings) -> list[SourceInfo]:
    """Every source, on or off."""
    prices_off = None if settings.naver_prices else "off: needs AZAK_SOURCES_NAVER_PRICES=true (unofficial, opt-in)"
    return [
        SourceInfo(rss.HANKYUNG.source, NEWS, settings.hankyung_url),
        SourceInfo(rss.MK.source, NEWS, settings.mk_url),
        SourceInfo(naver_search.SOURCE, NEWS, settings.naver_hub_url, _search_off(settings)),
        SourceInfo(naver_prices.CHART, PRICES, settings.naver_chart_url, prices_off),
        SourceInfo(naver_prices.POLLING, PRICES, settings.naver_polling_url, prices_off),
    ]


def get_source_info(settings: SourceSettings, source: str) -> SourceInfo:
    """The source with this id. KeyError if there is none."""
    return {info.id: info for info in list_source_infos(settings)}[source]


def _search_off(settings: SourceSettings) -> str | None:
    if not settings.naver_hub_key_id:
        return "off: needs AZAK_SOURCES_NAVER_HUB_KEY_ID"
    return None if settings.naver_hub_key else "off: needs AZAK_SOURCES_NAVER_HUB_KEY"


def open_source(settings: SourceSettings, info: SourceInfo) -> AbstractAsyncContextManager[SourceClient]:
    """A client of the source for the length of the block."""
    return open_client(info.id, info.base_url, timeout_s=settings.timeout_s, body_limit_bytes=settings.body_limit_bytes)
