"""The RSS feeds that azak reads, one line each. The setting of a feed's address is made from its line (config.py)."""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `source` is its sources.id, `path` is below the base URL.

    `checked`: the day on which this address was last seen to answer with new items; None: never.
    The setting AZAK_SOURCES_{HOST}_URL replaces `base_url`; feeds of one host have the same.
    """

    source: str
    publisher: str
    host: str
    base_url: str
    path: str
    checked: date | None = None

    @property
    def url_setting(self) -> str:
        """The setting of the base URL, as a field of SourceSettings."""
        return f"{self.host}_url"


# Two public surveys of August 2026 found these alive; 'azak sources check' tells of today.
_SURVEYED: Final = date(2026, 8, 20)
FEEDS: Final = (
    Feed("rss_hankyung", "한국경제", "hankyung", "https://www.hankyung.com", "feed/finance", _SURVEYED),
    Feed("rss_mk", "매일경제", "mk", "https://www.mk.co.kr", "rss/50200011/", _SURVEYED),
    Feed("rss_yonhap_market", "연합뉴스", "yonhap", "https://www.yna.co.kr", "rss/market.xml", _SURVEYED),
    Feed("rss_yonhap_economy", "연합뉴스", "yonhap", "https://www.yna.co.kr", "rss/economy.xml", _SURVEYED),
    # The surveys saw another feed of this host.
    Feed("rss_asiae", "아시아경제", "asiae", "https://view.asiae.co.kr", "rss/stock.htm"),
    Feed("rss_fnnews", "파이낸셜뉴스", "fnnews", "https://www.fnnews.com", "rss/r20/fn_realnews_stock.xml", _SURVEYED),
    Feed("rss_newsis", "뉴시스", "newsis", "https://www.newsis.com", "RSS/economy.xml", _SURVEYED),
    Feed("rss_etoday", "이투데이", "etoday", "https://rss.etoday.co.kr", "eto/etoday_news_all.xml", _SURVEYED),
    Feed("rss_mt", "머니투데이", "mt", "https://rss.mt.co.kr", "mt_news_stock.xml"),
    # Its https speaks a TLS that OpenSSL 3 refuses.
    Feed("rss_edaily", "이데일리", "edaily", "http://rss.edaily.co.kr", "stock_news.xml", _SURVEYED),
)
# By id of the source.
ADDRESS_CHECKED: Final = {feed.source: feed.checked for feed in FEEDS}
