"""The source table: the file to read first about sources. One entry is one source, with how each job reads it.

Sources of the same data stand in the order in which they are preferred. KIS and data.go.kr give the exchange's regular
close; Naver's daily close may be the 20:00 after-market price since 2026-09-14, so it comes last.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from backend.config import SourceSettings
from backend.domain.feeds import FEEDS
from backend.domain.operations import Off, OffCode
from backend.errors import ConfigurationError
from backend.pipelines.sources import news_readers, price_readers, samples, world_readers
from backend.pipelines.sources.news_readers import FillReader, NewsReader
from backend.pipelines.sources.price_readers import DailyReader, QuoteReader
from backend.pipelines.sources.samples import Sampler
from backend.pipelines.sources.world_readers import WorldReader
from backend.sources import (
    dart,
    kind,
    kis,
    kis_actions,
    kis_flows,
    kis_master,
    kis_news,
    naver_prices,
    naver_search,
    public_data,
)
from backend.sources.spec import (
    FILINGS,
    INDEX,
    LISTINGS,
    NEWS,
    PRICES,
    SourceInfo,
    SourceSpec,
    missing_key,
    whole_name,
)
from backend.sources.world import kis_world, naver_world

_FEED_PER_S: Final = 4.0
_DART_ITEMS: Final = 50
_NAVER_PRICES: Final = "naver_prices"
_KIS_KEYS: Final = ("kis_app_key", "kis_app_secret")
# KIS lists the whole market, a search only what names a watched stock.
_HEADLINES: Final = (kis_news.SOURCE, naver_search.HUB.source, naver_search.LEGACY.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(SourceSpec):
    """A source and its readers; a reader is None where the source has nothing of that kind.

    `sample` asks the smallest real question (`azak sources check`). `has_addresses`: whether its news items tell where
    the article stands; the items of a source without are stored after all others, so that they find the address of the
    same article. `fill` reads what was published between two times; `filled_by` are the sources whose `fill` may stand
    in for what this one did not show (empty: it is read by stock, so nobody can tell what it did not show).
    `day_holds`: the most items of a feed that begins anew each Korean day; with fewer it shows the whole day.
    """

    sample: Sampler
    news: NewsReader | None = None
    fill: FillReader | None = None
    filled_by: tuple[str, ...] = ()
    day_holds: int | None = None
    daily: DailyReader | None = None
    quotes: QuoteReader | None = None
    world: WorldReader | None = None
    has_addresses: bool = True


def _hub_is_on(settings: SourceSettings) -> Off | None:
    if missing_key(settings, tuple(naver_search.HUB.headers.values())):
        return None
    name = whole_name("naver_hub_key")
    return Off(OffCode.REPLACED, name, f"off: NAVER API HUB is used ({name})")


def _not_on_paper(what: str) -> Callable[[SourceSettings], Off | None]:
    """Off with a paper account, which lacks `what`."""
    name = whole_name("kis_paper")
    off = Off(OffCode.PAPER_ACCOUNT, name, f"off: the paper account has no {what} ({name})")
    return lambda settings: off if settings.kis_paper else None


def _kis_per_s(settings: SourceSettings) -> float:
    """Below KIS's limits of 20 requests a second and 2 with a paper account; prices and headlines share them."""
    return 1.8 if settings.kis_paper else 18.0


def _naver_prices_per_s(settings: SourceSettings) -> float:
    return settings.naver_prices_per_s


_TABLE: Final = (
    *(
        Source(id=feed.source, kind=NEWS, url_setting=feed.url_setting, requests_per_s=_FEED_PER_S, obeys_robots=True,
               news=news_readers.read_feed, filled_by=_HEADLINES, sample=samples.ask_feed)
        for feed in FEEDS
    ),
    # API HUB allows 50 requests a second.
    Source(id=naver_search.HUB.source, kind=NEWS, url_setting=naver_search.HUB.url_setting, requests_per_s=40.0,
           key_settings=tuple(naver_search.HUB.headers.values()), quota=25_000,
           news=news_readers.search, fill=news_readers.search_back, sample=samples.ask_search),
    Source(id=naver_search.LEGACY.source, kind=NEWS, url_setting=naver_search.LEGACY.url_setting, requests_per_s=8.0,
           key_settings=tuple(naver_search.LEGACY.headers.values()), off_because=_hub_is_on, quota=25_000,
           news=news_readers.search, fill=news_readers.search_back, sample=samples.ask_search),
    Source(id=dart.RSS, kind=FILINGS, url_setting="dart_url", requests_per_s=_FEED_PER_S, obeys_robots=True,
           news=news_readers.read_dart_feed, filled_by=(dart.LIST,), day_holds=_DART_ITEMS,
           sample=samples.ask_dart_feed),
    # KIS lists the exchange's own disclosures among its headlines.
    Source(id=kind.SOURCE, kind=FILINGS, url_setting="kind_url", requests_per_s=_FEED_PER_S, obeys_robots=True,
           news=news_readers.read_kind, filled_by=(kis_news.SOURCE,), day_holds=kind.ITEMS, sample=samples.ask_kind),
    # OpenDART allows 1,000 requests a minute. Its items have a day but no hour, so today's count as of midnight.
    Source(id=dart.LIST, kind=FILINGS, url_setting="dart_api_url", requests_per_s=10.0, key_settings=("dart_key",),
           quota=20_000, late_sessions=1, news=news_readers.read_filings, fill=news_readers.fill_filings,
           filled_by=(dart.LIST,), sample=samples.ask_filings),
    Source(id=kis_news.SOURCE, kind=NEWS, url_setting="kis_url", requests_per_s=_kis_per_s, key_settings=_KIS_KEYS,
           off_because=_not_on_paper("headlines"), news=news_readers.read_titles, fill=news_readers.fill_titles,
           filled_by=(kis_news.SOURCE,), sample=samples.ask_titles, has_addresses=False),
    Source(id=kis.SOURCE, kind=PRICES, url_setting="kis_url", requests_per_s=_kis_per_s, key_settings=_KIS_KEYS,
           daily=price_readers.read_kis_daily, quotes=price_readers.read_kis_quotes,
           sample=samples.ask_daily(price_readers.read_kis_daily)),
    Source(id=kis_master.SOURCE, kind=LISTINGS, url_setting="kis_master_url", requests_per_s=_FEED_PER_S,
           sample=samples.ask_master),
    Source(id=kis_actions.SOURCE, kind=LISTINGS, url_setting="kis_url", requests_per_s=_kis_per_s,
           key_settings=_KIS_KEYS, off_because=_not_on_paper("corporate actions"), sample=samples.ask_actions),
    Source(id=public_data.SOURCE, kind=PRICES, url_setting="public_data_url", requests_per_s=10.0,
           key_settings=("public_data_key",), quota=10_000, late_sessions=2,
           daily=price_readers.read_public_daily, sample=samples.ask_daily(price_readers.read_public_daily)),
    Source(id=naver_prices.CHART, kind=PRICES, url_setting="naver_chart_url", requests_per_s=_naver_prices_per_s,
           consent_setting=_NAVER_PRICES,
           daily=price_readers.read_naver_daily, sample=samples.ask_daily(price_readers.read_naver_daily)),
    Source(id=naver_prices.POLLING, kind=PRICES, url_setting="naver_polling_url", requests_per_s=_naver_prices_per_s,
           consent_setting=_NAVER_PRICES,
           quotes=price_readers.read_naver_quotes, sample=samples.ask_quotes(price_readers.read_naver_quotes)),
    Source(id=kis_flows.SOURCE, kind=INDEX, url_setting="kis_url", requests_per_s=_kis_per_s, key_settings=_KIS_KEYS,
           sample=samples.ask_flows),
    Source(id=kis_world.SOURCE, kind=INDEX, url_setting="kis_url", requests_per_s=_kis_per_s, key_settings=_KIS_KEYS,
           off_because=_not_on_paper("foreign indices"), world=world_readers.read_kis_world,
           sample=samples.ask_world(world_readers.read_kis_world)),
    Source(id=naver_world.SOURCE, kind=INDEX, url_setting="naver_world_url", requests_per_s=_naver_prices_per_s,
           consent_setting=_NAVER_PRICES, world=world_readers.read_naver_world,
           sample=samples.ask_world(world_readers.read_naver_world)),
)  # fmt: skip
SOURCES: Final = {source.id: source for source in _TABLE}
# Those that can be asked by time, the ones that tell most first.
FILLERS: Final = tuple(
    source.id for source in sorted(_TABLE, key=lambda one: one.id in _HEADLINES[1:]) if source.fill is not None
)


def refuse_unknown_sources(settings: SourceSettings) -> None:
    """Raises ConfigurationError when AZAK_SOURCES_OFF names a source that does not exist, with the closest id."""
    for name in settings.off_ids:
        if name not in SOURCES:
            close = difflib.get_close_matches(name, SOURCES, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(SOURCES)}."
            raise ConfigurationError(f"AZAK_SOURCES_OFF names the source '{name}', which does not exist: {hint}")


def fillers_of(source: str) -> tuple[str, ...]:
    """The sources that may fill what this one did not show; none for one that does not exist any more."""
    found = SOURCES.get(source)
    return () if found is None else found.filled_by


def list_source_infos(settings: SourceSettings) -> list[SourceInfo]:
    """Every source, on or off, in the order of the table."""
    return [source.configure(settings) for source in _TABLE]


def list_news_infos(settings: SourceSettings) -> list[SourceInfo]:
    """The sources that a crawl reads."""
    return [source.configure(settings) for source in _TABLE if source.news is not None]


def list_daily_infos(settings: SourceSettings) -> list[SourceInfo]:
    """The sources of daily bars, the most trusted first."""
    return [source.configure(settings) for source in _TABLE if source.daily is not None]


def list_quote_infos(settings: SourceSettings) -> list[SourceInfo]:
    """The sources of last trades, the most trusted first."""
    return [source.configure(settings) for source in _TABLE if source.quotes is not None]


def get_source_info(settings: SourceSettings, source: str) -> SourceInfo:
    """The source with this id. KeyError if there is none."""
    return SOURCES[source].configure(settings)


def get_search_info(settings: SourceSettings) -> SourceInfo:
    """The gateway of the news search that is on; API HUB if neither is."""
    hub, legacy = (get_source_info(settings, gateway.source) for gateway in (naver_search.HUB, naver_search.LEGACY))
    return legacy if hub.off and not legacy.off else hub
