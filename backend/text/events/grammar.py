"""Reads an event out of one title: scope, type, sign, stage, amounts. docs/events.md is the rule book.

Scope comes first, because a word such as 배당 means a dividend only where a company pays it.
"""

import re
from typing import Final

from backend.domain.news import NewsKind
from backend.domain.understanding.event_types import PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE, Event, Scope, Sign, Stage
from backend.text.events import price, scope
from backend.text.events.amounts import read_amount, read_share, read_surprise
from backend.text.events.forms import read_form
from backend.text.events.names import (
    first_name,
    has_name,
    is_tagged,
    leading_name,
    may_begin_with_name,
    names_company,
    tells_mover,
)
from backend.text.events.parties import read_counterparty
from backend.text.events.rules import (
    COMPARED,
    EXPLAINS,
    FEATURES,
    FUTURE,
    HOPED,
    HOPES,
    LOOKS_BACK,
    MAY_BE_HOPED,
    NEEDS_NEWS,
    VIEW_TYPES,
    Rule,
    first_fit,
    is_view,
)
from backend.text.events.signs import read_sign
from backend.text.events.stages import read_stage
from backend.text.events.words import ready, without_epithet, without_tags

_PER_SHARE: Final = (PRICE_MOVE, "target_price")  # their won are prices of one share
_FORECASTS: Final = ("guidance", "results")  # analysts speak of them, too
_AFTER_FIRST: Final = re.compile(r"^[^\s,]{1,20},?\s['\"]?")
_OF_COMPANIES: Final = (Scope.COMPANY, Scope.COMPANIES)
_CLAUSES: Final = re.compile(r"…|,|(?<=고)\s|\s['\"]")


def read_event(title: str, kind: NewsKind, companies: int | None = None) -> Event:
    """`companies`: how many companies the title names by its links, None where nobody has looked.

    Any title has an event: one that tells nothing has NO_TYPE.
    """
    text = ready(title)
    if kind is NewsKind.FILING and (form := read_form(text)):
        return _event(text, Scope.COMPANY, form.type, form.sign, form.stage)
    body = without_tags(text)
    if apart := _list_or_fund(text, body):
        return _event(text, apart, NO_TYPE, Sign.NEUTRAL, Stage.ANNOUNCED)
    found = first_fit(text, body)
    where = _apart(text, body, found, companies) or scope.company_scope(body, companies)
    if where not in _OF_COMPANIES and companies and tells_mover(body) and (where is Scope.SECTOR or is_tagged(text)):
        where, found = scope.company_scope(body, companies), None
    if where not in _OF_COMPANIES or scope.is_profile(text):
        return _event(text, where, NO_TYPE, Sign.NEUTRAL, Stage.ANNOUNCED)
    event_type = _type(text, found)
    sign = read_sign(event_type, text)
    return _event(text, where, event_type, sign, read_stage(event_type, sign, text))


def _type(text: str, found: Rule | None) -> str:
    if found is not None and not _is_news(text, found):
        found = None
    if found is None or (found.type not in VIEW_TYPES and HOPES.search(text) and price.reports_price(text)):
        told = text if is_tagged(text) else scope.without_speech(without_tags(text))
        moved = price.reports_price(told) or price.reports_trading(told)
        return PRICE_MOVE if moved else NO_TYPE
    if found.type == "results" and _waits(text, found, FUTURE) and not COMPARED.search(text):
        return "guidance"
    return found.type


def _is_news(text: str, found: Rule) -> bool:
    """Whether what `found` tells has happened or is planned: no look back and no mere hope."""
    if found.type not in VIEW_TYPES and LOOKS_BACK.search(text):
        return False
    if found.type in NEEDS_NEWS and FEATURES.search(text):
        return False
    if found.type not in VIEW_TYPES and _waits(text, found, EXPLAINS):
        return False
    return not (found.type in MAY_BE_HOPED and _waits(text, found, HOPED) and not _told_before_hope(text, found))


def _waits(text: str, found: Rule, words: re.Pattern[str]) -> bool:
    """Whether what `found` tells is still to come by `words`, and the part before the dots tells nothing else."""
    body = without_tags(text)
    if not words.search(body):
        return False
    first, dots, _ = body.partition("…")
    return not (dots and found.fits(first) and not words.search(first))


def _told_before_hope(text: str, found: Rule) -> bool:
    """Whether `found` is told before the last clause, which only hopes: 'joins hands with …, aims at …'."""
    clauses = _CLAUSES.split(without_tags(text))
    return any(found.fits(clause) and not HOPED.search(clause) for clause in clauses[:-1])


def _list_or_fund(text: str, body: str) -> Scope | None:
    """A broker's words on one share may stand in a column of lists, so that its tag alone makes no list of them."""
    if scope.is_list(text) and (scope.is_list(body) or not (scope.quotes(body) and is_view(body))):
        return Scope.MARKET
    return Scope.FUND if scope.is_fund(text) else None


def _apart(text: str, body: str, found: Rule | None, companies: int | None) -> Scope | None:
    """The scope of a title that is about no company, else None."""
    acts = found is not None and scope.bodies_act(found.type)
    viewed = found is not None and found.type in VIEW_TYPES
    forecast = found is not None and (viewed or found.type in _FORECASTS)
    body = scope.without_speech(scope.without_analysts(body) if forecast else body)
    head = scope.head(without_epithet(body))
    if companies or has_name(scope.after_cause(head)):
        head = scope.after_cause(head)
    named, first = leading_name(body), has_name(head)
    if scope.is_sector(_told(body, head, companies, forecast=forecast)) and not ((acts or viewed) and companies):
        return Scope.SECTOR
    if scope.is_public(body):
        tells = (acts and (companies or _acts_on_name(body))) or (companies and _told_after(body, found))
        return None if tells else Scope.OTHER
    if companies or named or is_tagged(text):
        return Scope.MARKET if scope.is_market(head) else None
    if scope.is_market(head if acts or first else body):
        return Scope.MARKET
    if first or names_company(body) or _begins_with_name(body, found):
        return None
    return Scope.MARKET if scope.is_of_investors(body) else Scope.OTHER


def _begins_with_name(body: str, found: Rule | None) -> bool:
    """Whether what happens to companies alone is told of the first word, or of the first word behind dots."""
    if found is None or not scope.only_companies(found.type):
        return False
    first, *others = body.split("…")
    return may_begin_with_name(first) or any(found.fits(part) and may_begin_with_name(part) for part in others)


def _acts_on_name(body: str) -> bool:
    """Whether a title that begins with a public body names behind it whom it acts on."""
    return has_name(body) or may_begin_with_name(_AFTER_FIRST.sub("", body))


def _told_after(body: str, found: Rule | None) -> bool:
    """Whether a title that begins with a public body tells after the dots what happens to companies alone."""
    rest = body.partition("…")[2]
    return found is not None and scope.only_companies(found.type) and found.fits(rest)


def _told(body: str, head: str, companies: int | None, *, forecast: bool) -> str:
    """The part of a title that says whom it is about."""
    if forecast and (quoted := scope.quoted_subject(body)):
        return quoted
    if first := first_name(body):
        return first
    named = leading_name(body)
    if named and (companies or named in head or has_name(named)):
        return named
    return head if named or has_name(head) else scope.after_cause(body)


def _event(text: str, where: Scope, event_type: str, sign: Sign, stage: Stage) -> Event:
    is_results = event_type in ("results", "guidance")
    return Event(
        scope=where,
        type=event_type,
        sign=sign,
        stage=stage,
        amount_krw=None if event_type in _PER_SHARE else read_amount(text, of_profit=is_results),
        counterparty=read_counterparty(event_type, text),
        share=read_share(text),
        surprise=read_surprise(text) if is_results else None,
    )
