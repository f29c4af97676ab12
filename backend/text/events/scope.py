"""Whom a title is about: funds, the market, an industry, public bodies, or a company (words in lexicon/scope.toml)."""

import re
from typing import Final

from backend.domain.understanding.events import Scope
from backend.text.events.patterns import either, pattern, read_words

_WORDS: Final = read_words("scope")["scope"]
_FUND, _LIST, _MARKET, _INVESTORS, _SECTOR, _PROFILE = (
    pattern(_WORDS[name]) for name in ("fund", "list", "market", "investors", "sector", "profile")
)
_PUBLIC = re.compile(rf"^['\"\s]*(?:{either(_WORDS['public'])})")
_SECTOR_FIRST: Final = frozenset(_WORDS["sector_first"])
# What public bodies do to companies: such a title is about the company.
_BODIES_ACT: Final = frozenset(_WORDS["bodies_act"])
_ONLY_COMPANIES: Final = frozenset(_WORDS["only_companies"])
_ANALYSTS = re.compile(r"(?:^(?:증권사들?|월가|여의도)|증권가)(?:[,에]?서?\s|(?=…)|$)")
_QUOTED = re.compile(r"\s['\"]([^'\",]{2,16}),")
_AFTER_CAUSE = re.compile(r"[가-힣]에\s")
# What somebody says before the dots is not what the title is about.
_SPEECH = re.compile(r"^['\"][^'\"]{2,40}['\"]…")
_NAME = r"[가-힣a-z0-9&]{2,14}"
_SEVERAL = re.compile(rf"^['\"\s]*{_NAME}(?:·{_NAME}){{1,4}}(?:[,\s…]|$)|^{_NAME}-[가-힣a-z&]{{2,14}},")
_HEAD = re.compile(r"^['\"(\s]*[^,…]{0,24}[,…]")
MANY: Final = 6  # companies: a title that names so many is a roundup


def quotes(body: str) -> bool:
    """Whether somebody speaks in a ready title."""
    return "'" in body or '"' in body


def is_fund(text: str) -> bool:
    return _FUND.search(text) is not None


def is_list(text: str) -> bool:
    return _LIST.search(text) is not None


def is_market(text: str) -> bool:
    return _MARKET.search(text) is not None


def is_of_investors(text: str) -> bool:
    """Whether a ready title speaks of those who trade: of the market, unless it names a company."""
    return _INVESTORS.search(text) is not None


def without_speech(body: str) -> str:
    """A ready title without its tags and without the speech at its head."""
    return _SPEECH.sub("", body)


def without_analysts(body: str) -> str:
    """A ready title without its tags and without the analysts, who speak of a company."""
    return _ANALYSTS.sub("", body)


def head(body: str) -> str:
    """What a ready title without its tags says before its first comma or dots; all of it without any."""
    found = _HEAD.match(body)
    return found[0][:-1] if found else body


def quoted_subject(body: str) -> str:
    """Of whom a broker speaks in a ready title without its tags: what is before the comma in its quote; "" without."""
    found = _QUOTED.search(body)
    return found[1] if found else ""


def after_cause(text: str) -> str:
    """What a part of a ready title says after the cause that it names first: '유가 급등에 …강세'."""
    return _AFTER_CAUSE.split(text)[-1]


def is_sector(text: str) -> bool:
    """Whether a ready title without its tags speaks of an industry, in its first word or as a group of shares."""
    words = text.lstrip("'\"").replace(",", " ").split(maxsplit=1)
    if not words:
        return False
    return words[0] in _SECTOR_FIRST or _SECTOR.search(text) is not None


def is_public(text: str) -> bool:
    """Whether a ready title without its tags begins with a public body, a politician or the like."""
    return _PUBLIC.match(text) is not None


def is_profile(text: str) -> bool:
    """Whether a ready title is marked as a portrait, an interview, an opinion or advice."""
    return _PROFILE.search(text) is not None


def bodies_act(event_type: str) -> bool:
    """Whether authorities and agencies do this to companies."""
    return event_type in _BODIES_ACT


def only_companies(event_type: str) -> bool:
    """Whether this happens to companies alone."""
    return event_type in _ONLY_COMPANIES


def company_scope(body: str, companies: int | None) -> Scope:
    """COMPANIES where the title begins with two names or more; a counterparty does not count."""
    if companies is not None and companies >= MANY:
        return Scope.MARKET
    return Scope.COMPANIES if _SEVERAL.match(body) else Scope.COMPANY
