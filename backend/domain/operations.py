"""Sources as an operator sees them: their condition, why one is not asked, and the data that no source delivers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple


class SourceCondition(StrEnum):
    """What a person should think of a source. stalled: it answers, but what it says is old."""

    OK = "ok"
    FAILING = "failing"
    STALLED = "stalled"
    BLOCKED = "blocked"
    OFF = "off"
    NEVER_ASKED = "never_asked"


class OffCode(StrEnum):
    """The reasons, for programs; pages word them in the reader's language."""

    NEEDS_KEY = "needs_key"
    NEEDS_CONSENT = "needs_consent"  # its endpoints are unofficial: somebody must say that they may be used
    SWITCHED_OFF = "switched_off"
    REPLACED = "replaced"  # another source of the same data is used
    PAPER_ACCOUNT = "paper_account"  # which lacks what the source has


@dataclass(frozen=True, slots=True)
class Off:
    """`setting` decides it, by its whole name; `sentence` says both in English."""

    code: OffCode
    setting: str
    sentence: str


def needs_key(setting: str) -> Off:
    """Off for want of the key in `setting`, its whole name."""
    return Off(OffCode.NEEDS_KEY, setting, f"off: needs {setting}")


class SourceSwitch(NamedTuple):
    """A source of this installation as its settings have it. `keys`: the settings of its keys, by their whole names."""

    id: str
    kind: str
    off: Off | None = None
    keys: tuple[str, ...] = ()


class SourceData(StrEnum):
    """A kind of data. The sources of prices differ in it: not each one has prices of the running session."""

    NEWS = "news"
    FILINGS = "filings"
    PRICES = "prices"
    LIVE_PRICES = "live_prices"
    LISTINGS = "listings"


# What each source of prices has: bars of closed sessions, or the last trades of the running one.
DATA_OF_PRICE_SOURCE: Final[Mapping[str, Collection[SourceData]]] = {
    "kis": (SourceData.PRICES, SourceData.LIVE_PRICES),
    "public_data": (SourceData.PRICES,),
    "naver_chart": (SourceData.PRICES,),
    "naver_polling": (SourceData.LIVE_PRICES,),
}


def data_of(source: str, kind: str) -> Collection[SourceData]:
    """What a source has; `kind` is that of its row."""
    return DATA_OF_PRICE_SOURCE.get(source) or ((SourceData(kind),) if kind in set(SourceData) else ())


@dataclass(frozen=True, slots=True)
class Gap:
    """Data that no source which is on delivers: what follows, and how to switch one on."""

    data: SourceData
    finding: str
    remedy: str

    @property
    def reason(self) -> str:
        return f"{self.data.replace('_', ' ')}: {self.finding}: {self.remedy}"


_TAKE_OUT: Final = "take one out of AZAK_SOURCES_OFF and start azak again, see 'azak sources'"
_SET_KEYS: Final = (
    "set AZAK_SOURCES_KIS_APP_KEY and AZAK_SOURCES_KIS_APP_SECRET, or AZAK_SOURCES_NAVER_PRICES=true (unofficial), "
    "and start azak again, see 'azak sources'"
)
_GAPS: Final = {
    gap.data: gap
    for gap in (
        Gap(SourceData.NEWS, "no source is on, so no new stories", _TAKE_OUT),
        Gap(SourceData.FILINGS, "no source is on, so no new filings", _TAKE_OUT),
        Gap(SourceData.PRICES, "no source is on, so no predictions", _SET_KEYS),
        Gap(SourceData.LIVE_PRICES, "no source is on, so no prices during a session", _SET_KEYS),
        Gap(SourceData.LISTINGS, "no source is on, so no list of stocks", _TAKE_OUT),
    )
}


def list_gaps(on: Collection[SourceData], of: Collection[SourceData] = tuple(SourceData)) -> list[Gap]:
    """The data among `of` that is not `on`. Without any prices the live ones are not named on their own."""
    missing = [data for data in SourceData if data in of and data not in on]
    if SourceData.PRICES in missing and SourceData.LIVE_PRICES in missing:
        missing.remove(SourceData.LIVE_PRICES)
    return [_GAPS[data] for data in missing]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody should look. `code`: its class (backend.trouble); `subject`: whom it is about, as "crawl_news".

    Both together stay the same while it lasts. `sentence` says it with its remedy; it may count minutes or runs, so it
    is no identity. `values`: what the sentence names, for the page's words. `since`: from when on it is so, where
    that is known; for data the last time that it came.
    """

    code: str
    subject: str
    sentence: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    since: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.code}:{self.subject}"
