"""Whether two articles tell one event: guards that bar it whatever the words are, and a score of the words.

The weights were fitted to the labelled pairs of tests/data/understanding and to half of 157 pairs of real headlines
read by hand, then rounded. On the other half they joined 43 of 66 pairs of one event and none of two; 3-grams, 11.
"""

import re
from datetime import timedelta
from typing import Final

from backend.domain.understanding.events import NO_TYPE, Event, Sign
from backend.text.events import opposite
from backend.text.stories import figures
from backend.text.stories.candidate import Member
from backend.text.stories.opposites import are_opposite
from backend.text.stories.wording import Wording

WINDOW: Final = timedelta(hours=48)
FILING_WINDOW: Final = timedelta(hours=30)  # an article tells a filing on its day or the next morning
_OCCASION: Final = timedelta(hours=12)  # a daily column, or a price's day, is another one later
LINE: Final = 2.3
CERTAIN: Final = 9.0
_WEIGHTS: Final = (1.0, 1.0, 1.5, 1.0)  # both share letters; the shorter one's; the better, the worse match of words
_LETTERS, _WORDS = 6, 3  # a title that says less is not wholly in another because of a word or two
_FIGURE: Final = 1.3  # a figure worth naming is in both
_DAY: Final = 1.5  # less for each day between them
_UNNAMED: Final = 1.0  # less where no stock stands for the two
# Papers write one event under any type of a row.
_KIN: Final = (
    frozenset({"acquisition", "merger", "stake_sale", "ownership_change", "tender_offer", "major_holding"}),
    frozenset({"investigation", "lawsuit", "embezzlement", "disclosure_violation"}),
    frozenset({"halt", "managed_issue", "delisting", "audit_opinion", "insolvency"}),
    frozenset({"accident", "production_halt", "strike"}),
    frozenset({"product", "partnership", "contract", "licence", "trial", "approval", "investment"}),
    frozenset({"results", "guidance"}),
)
_ANY: Final = frozenset({NO_TYPE, "price_move", "report", "inquiry", "market_warning"})
_ORGANISATION = re.compile(r"(?:증권|운용|거래소|은행|금융|그룹|위원회|공사|공단|당국|정부|부|청|위|협회)$")


def score(one: Member, other: Member) -> float:
    """How surely both tell one event: from LINE on they do, 0 where something bars it."""
    if is_barred(one, other):
        return 0.0
    if one.receipt and other.receipt:
        return CERTAIN  # the same filing
    if one.receipt or other.receipt:
        return CERTAIN if _is_article_of(one, other) or _is_article_of(other, one) else 0.0
    if one.wording.text == other.wording.text or one.wording.grams == other.wording.grams:
        return CERTAIN if one.codes or _are_of_one_occasion(one, other) else 0.0
    return _of_words(one, other)


def is_barred(one: Member, other: Member) -> bool:
    """Whether the two cannot tell one event, however near their texts are."""
    if not _share_stocks(one, other) or abs(one.at - other.at) > WINDOW or are_opposed(one, other):
        return True
    a, b = one.wording, other.wording
    if not _are_of_one_occasion(one, other) and ((a.is_price and b.is_price) or (a.column and a.column == b.column)):
        return True
    return figures.conflict(a.figures, b.figures, are_moves=a.is_price and b.is_price) or _swaps_a_word(a, b)


def are_opposed(one: Member, other: Member) -> bool:
    """Whether the two can never be in one story: other filings, opposite words, other kinds of event."""
    if one.receipt and other.receipt and one.receipt != other.receipt:
        return True
    return are_opposite(one.wording.sides, other.wording.sides) or _bars(one.event, other.event)


def _share_stocks(one: Member, other: Member) -> bool:
    return any(code in other.codes for code in one.codes) or not (one.codes or other.codes)


def _are_of_one_occasion(one: Member, other: Member) -> bool:
    return abs(one.at - other.at) < _OCCASION


def _bars(one: Event, other: Event) -> bool:
    if {one.sign, other.sign} == {Sign.POSITIVE, Sign.NEGATIVE} or opposite(one, other):
        return True
    if (one.sign is Sign.REVERSED) != (other.sign is Sign.REVERSED) and NO_TYPE not in (one.type, other.type):
        return True
    if one.amount_krw and other.amount_krw:
        larger = max(one.amount_krw, other.amount_krw)
        if abs(one.amount_krw - other.amount_krw) > figures.NEAR * larger:
            return True
    return not _are_kin(one.type, other.type)


def _are_kin(one: str, other: str) -> bool:
    return one == other or one in _ANY or other in _ANY or any(one in row and other in row for row in _KIN)


def _is_article_of(filing: Member, article: Member) -> bool:
    """Whether an article tells what was filed: its event has the type of the form, or it says the form's words."""
    if not filing.receipt or article.receipt or abs(filing.at - article.at) > FILING_WINDOW:
        return False
    is_typed = filing.event.type not in _ANY and filing.event.type == article.event.type
    form = filing.wording.form
    return is_typed or (bool(form) and all(word in article.wording.text for word in form))


def _of_words(one: Member, other: Member) -> float:
    a, b = one.wording.grams, other.wording.grams
    common = len(a & b)
    if not common:
        return 0.0
    first, second = one.wording.heads, other.wording.heads
    heads = len(first & second)
    fewer, more = sorted((len(first), len(second)))
    parts = (
        2 * common / (len(a) + len(b)),
        common / max(_LETTERS, min(len(a), len(b))),
        heads / max(_WORDS, fewer),
        heads / max(_WORDS, more),
    )
    words = sum(weight * part for weight, part in zip(_WEIGHTS, parts, strict=True))
    figure = _FIGURE if figures.shared(one.wording.figures, other.wording.figures) else 0.0
    days = abs(one.at - other.at) / timedelta(days=1)
    return words + figure - _DAY * days - (0.0 if one.codes else _UNNAMED)


def _swaps_a_word(one: Wording, other: Wording) -> bool:
    """Whether the titles are the same but for one word in its place: another product, fund or country.

    The last word must be shared, because the same event often ends in another verb; and who publishes it may differ.
    """
    a, b = list(one.words), list(other.words)
    before = after = 0
    while a and b and _alike(a[0], b[0]):
        del a[0], b[0]
        before += 1
    while a and b and _alike(a[-1], b[-1]):
        del a[-1], b[-1]
        after += 1
    if one.form or other.form or not after or len(a) != 1 or len(b) != 1:
        return False
    return bool(before) or not (_ORGANISATION.search(a[0]) or _ORGANISATION.search(b[0]))


def _alike(one: str, other: str) -> bool:
    """Whether two words share two letters in a row."""
    return any(one[i : i + 2] in other for i in range(len(one) - 1))
