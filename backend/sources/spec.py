"""How a source is declared, and what the settings make of it: its address, its rate, or the reason why it is off."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Final

from backend.config import SourceSettings
from backend.domain.operations import Off, OffCode, SourceSwitch, needs_key
from backend.sources.http.client import RatePolicy, SourceClient, open_client

NEWS: Final = "news"
FILINGS: Final = "filings"
PRICES: Final = "prices"
LISTINGS: Final = "listings"
INDEX: Final = "index"
PREFIX: Final = "AZAK_SOURCES_"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source as configured; `off` names the setting it waits for, None if it is on.

    `keys`: the settings of its keys. `quota`: requests it answers in a Korean day. `late_sessions`: sessions by which
    its newest item may be late.
    """

    id: str
    kind: str
    base_url: str
    off: Off | None = None
    requests_per_s: float | None = None
    quota: int | None = None
    obeys_robots: bool = False
    late_sessions: int = 0
    keys: tuple[str, ...] = ()

    @property
    def off_reason(self) -> str | None:
        """Why it is off in a sentence, None if it is on."""
        return None if self.off is None else self.off.sentence

    @property
    def switch(self) -> SourceSwitch:
        """What is stored of it before it is asked."""
        return SourceSwitch(self.id, self.kind, self.off, self.keys)


def _never_off(_settings: SourceSettings) -> Off | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A source as declared. Settings are named without their prefix AZAK_SOURCES_ and in lower case.

    `url_setting` holds its base URL; without a value in each of `key_settings` it is off, and so it is without a yes in
    `consent_setting`. `off_because` returns any further reason to be off. `requests_per_s` may depend on the settings.
    The rest is as in SourceInfo.
    """

    id: str
    kind: str
    url_setting: str
    requests_per_s: float | Callable[[SourceSettings], float]
    key_settings: tuple[str, ...] = ()
    consent_setting: str = ""
    off_because: Callable[[SourceSettings], Off | None] = _never_off
    quota: int | None = None
    obeys_robots: bool = False
    late_sessions: int = 0

    def configure(self, settings: SourceSettings) -> SourceInfo:
        """The source under these settings."""
        rate = self.requests_per_s
        info = SourceInfo(
            self.id,
            self.kind,
            getattr(settings, self.url_setting),
            missing_key(settings, self.key_settings) or self._unagreed(settings) or self.off_because(settings),
            rate(settings) if callable(rate) else rate,
            self.quota,
            self.obeys_robots,
            self.late_sessions,
            tuple(map(whole_name, self.key_settings)),
        )
        if self.id in settings.off_ids:
            name = whole_name("off")
            return replace(info, off=Off(OffCode.SWITCHED_OFF, name, f"off: named in {name}"))
        return info

    def _unagreed(self, settings: SourceSettings) -> Off | None:
        if not self.consent_setting or getattr(settings, self.consent_setting):
            return None
        name = whole_name(self.consent_setting)
        return Off(OffCode.NEEDS_CONSENT, name, f"off: needs {name}=true (unofficial, opt-in)")


def whole_name(setting: str) -> str:
    """The name of a setting of sources as people write it."""
    return PREFIX + setting.upper()


def missing_key(settings: SourceSettings, names: tuple[str, ...]) -> Off | None:
    """Why a source is off whose keys are the settings `names`; None if all of them are set."""
    missing = next((whole_name(name) for name in names if not getattr(settings, name)), None)
    return None if missing is None else needs_key(missing)


def open_source(settings: SourceSettings, info: SourceInfo) -> AbstractAsyncContextManager[SourceClient]:
    """A client of the source for the length of the block."""
    policy = RatePolicy(settings.timeout_s, settings.body_limit_bytes, info.requests_per_s, info.obeys_robots)
    return open_client(info.id, info.base_url, policy)
