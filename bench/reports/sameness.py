"""How much of a day's reports is the same text: sentences that stand in another stock's report, too.

Names (of stocks, counterparties, publishers), numbers and dates are masked first. Headings of sections, tables, the
disclaimer and the sentence that no cause is known are left out; the claim on top counts as a sentence.
"""

import html
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from backend.domain.reports import DISCLAIMER
from backend.reports.report_words import WORDS

_LINK: Final = re.compile(r"\[(n\d+)\]\([^)]*\)")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_NUMBER: Final = re.compile(r"[+\-−±]?\d[\d,.:/-]*(?<=\d)\s?(?:%|조|억|만|천|σ|tn|bn|mn|k)*(?:원|주)?")
_END: Final = re.compile(r"(?<=[.!?])\s+")
_LEFT_OUT: Final = (*DISCLAIMER.values(), *(WORDS[language]["no_cause"] for language in WORDS))


def sentences(text: str, *, with_tables: bool = False) -> list[str]:
    """Sentences of a report as it reads: its claim, its list items and its paragraphs."""
    found = []
    for line in text.splitlines():
        if line.startswith(("## ", "| ---")) or not line.strip() or (line.startswith("|") and not with_tables):
            continue
        said = re.sub(r"^(?:# |- )", "", line).strip("_ ")
        found += [sentence for sentence in _END.split(said) if sentence not in _LEFT_OUT]
    return found


def mask(sentence: str, names: Collection[str]) -> str:
    """The sentence without names, numbers, dates and marks."""
    said = _LINK.sub("#", html.unescape(_ESCAPE.sub(r"\1", sentence))).replace("**", "")
    for name in sorted(filter(None, names), key=len, reverse=True):
        said = said.replace(name, "@")
    return " ".join(re.sub(r"#+", "#", _NUMBER.sub("#", said)).split())


def same_share(reports: Mapping[str, str], names: Collection[str], *, with_tables: bool = False) -> float:
    """Share of all sentences that, masked, stand in the report of another stock. `reports`: text by stock."""
    masked: dict[str, Sequence[str]] = {
        stock: [mask(sentence, names) for sentence in sentences(text, with_tables=with_tables)]
        for stock, text in reports.items()
    }
    stocks = Counter(sentence for said in masked.values() for sentence in set(said))
    total = sum(map(len, masked.values()))
    same = sum(stocks[sentence] > 1 for said in masked.values() for sentence in said)
    return same / total if total else 0.0
