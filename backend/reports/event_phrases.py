"""An event as a phrase of a headline, in Korean and English: counterparty, amount, kind, and whether it was undone."""

from typing import Final

from backend.domain.figures import fixed, percent
from backend.domain.understanding.events import NO_TYPE, Sign, Stage
from backend.reports.fact_sheet import StoryFacts
from backend.reports.report_markdown import escape
from backend.reports.report_words import EVENTS

_TRILLION, _BILLION, _HUNDRED_MILLION, _MILLION, _TEN_THOUSAND = 10**12, 10**9, 10**8, 10**6, 10**4
# A counterparty is partner of these, and of others only named beside them.
_WITH: Final = frozenset({"contract", "partnership", "licence", "merger"})
_FIRST, _LAST, _FINALS = 0xAC00, 0xD7A3, 28
# How the last letter or digit of a name is read aloud decides the particle after it.
_ENDS_IN_CONSONANT: Final = frozenset("LMNRlmnr013678")


# Which way an event of these types went, told by its sign: after the Korean name, and after the English one.
_SIDES: Final = {
    "results": {"+": ("호조", "that please"), "-": ("부진", "that disappoint")},
    "guidance": {"+": ("상향", "raised"), "-": ("하향", "lowered")},
    "target_price": {"+": ("상향", "raised"), "-": ("하향", "lowered")},
    "trial": {"+": ("진전", "progress"), "-": ("차질", "setback")},
    "credit_rating": {"+": ("상향", "raised"), "-": ("하향", "lowered")},
    "index_change": {"+": ("편입", "inclusion"), "-": ("편출", "exclusion")},
}
# Their amount is a profit or a target, which is no size of the event.
_WITHOUT_AMOUNT: Final = frozenset({"results", "guidance", "target_price"})


def amount_ko(krw: int) -> str:
    """2조3,480억원, 620억원, 5,000만원."""
    if krw < _HUNDRED_MILLION:
        return f"{round(krw / _TEN_THOUSAND):,}만원" if krw >= _TEN_THOUSAND else f"{krw:,}원"
    trillions, rest = divmod(round(krw / _HUNDRED_MILLION), _TRILLION // _HUNDRED_MILLION)
    return f"{f'{trillions:,}조' if trillions else ''}{f'{rest:,}억' if rest else ''}원"


def amount_en(krw: int) -> str:
    """KRW 2.35 tn, KRW 62 bn, KRW 50 mn."""
    for unit, name in ((_TRILLION, "tn"), (_BILLION, "bn"), (_MILLION, "mn")):
        if krw >= unit:
            digits = fixed(krw / unit, 2 if unit == _TRILLION else 1)
            return f"KRW {digits.rstrip('0').rstrip('.') if '.' in digits else digits} {name}"
    return f"KRW {krw:,}"


def has_final(name: str) -> bool:
    """Whether a name ends in a consonant as it is read: 과 and not 와 follows it."""
    last = next((letter for letter in reversed(name) if letter.isalnum()), "")
    if last and _FIRST <= ord(last) <= _LAST:
        return (ord(last) - _FIRST) % _FINALS != 0
    return last in _ENDS_IN_CONSONANT


def with_particle(name: str, after_consonant: str, after_vowel: str) -> str:
    return name + (after_consonant if has_final(name) else after_vowel)


def is_undone(story: StoryFacts) -> bool:
    return story.sign == Sign.REVERSED or story.stage == Stage.CANCELLED


def has_amount(story: StoryFacts) -> bool:
    """Whether its amount says how large the event is."""
    return bool(story.amount_krw) and story.event_type not in _WITHOUT_AMOUNT


def _side(story: StoryFacts, language: int) -> list[str]:
    sides = _SIDES.get(story.event_type, {})
    return [sides[story.sign][language]] if story.sign in sides else []


def _kind(story: StoryFacts, language: int) -> str:
    """The type's name; of a change of an index whose side is known, only that it is of one."""
    if story.event_type == "index_change" and _side(story, language):
        return ("지수", "index")[language]
    return EVENTS[story.event_type][language] if story.event_type in EVENTS else escape(story.event_type)


def phrase_ko(story: StoryFacts) -> str:
    """테슬라와 4조원 수주·공급 계약 철회."""
    kind = f"{_kind(story, 0)} 소식" if story.event_type == NO_TYPE else _kind(story, 0)
    words = [amount_ko(story.amount_krw or 0)] if has_amount(story) else []
    if story.surprise is not None and story.event_type == "results":
        better = "나은" if story.surprise > 0 else "못한"
        words += [f"예상·전년보다 {percent(abs(story.surprise), 0)} {better}", kind]
    else:
        words += [kind, *_side(story, 0)]
    words += ["철회·취소"] if is_undone(story) else []
    partner = escape(story.counterparty, limit=40)
    if not partner:
        return " ".join(words)
    if story.event_type in _WITH:
        return " ".join([with_particle(partner, "과", "와"), *words])
    return f"{' '.join(words)}(상대 {partner})"


def phrase_en(story: StoryFacts) -> str:
    """Contract worth KRW 4 tn called off; a name in Korean letters is left to the line that quotes it."""
    words = ["other news" if story.event_type == NO_TYPE else _kind(story, 1)]
    if story.surprise is not None and story.event_type == "results":
        better = "above" if story.surprise > 0 else "below"
        words.append(f"{percent(abs(story.surprise), 0)} {better} the consensus or a year before")
    else:
        words += _side(story, 1)
    if has_amount(story):
        words.append(f"of {amount_en(story.amount_krw or 0)}")
    if story.counterparty and story.counterparty.isascii():
        words.append(f"with {escape(story.counterparty, limit=40)}")
    return " ".join([*words, "called off"] if is_undone(story) else words)
