"""Markdown from facts: prices and times in one format each, and text from outside that cannot become markup.

Headlines are hostile: a title may hold HTML (stored cross-site scripting), a link, a table cell or an instruction.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from backend.clock import KST

# Brackets and parentheses mean something together only, and a title never begins a line.
_MARKUP = re.compile(r"([\\`*_|~@]|\](?=[(\[:])|(?<=!)\[)")
_SPACE = re.compile(r"\s+")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What a reader's Markdown would turn into a link by itself.
_LINKS = re.compile(r"://|www\.", re.IGNORECASE)


def _is_shown(character: str) -> bool:
    """Control, format and bidirectional override characters change how a line looks without being seen."""
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or character in "\t\n\r"


def escape(text: str, *, limit: int = 200) -> str:
    """Plain text for the middle of a line: no markup, no HTML, no link, at most `limit` characters of the original."""
    visible = "".join(filter(_is_shown, unicodedata.normalize("NFC", text)))
    line = _SPACE.sub(" ", visible).strip()[:limit]
    line = "".join(_ENTITIES.get(character, character) for character in line)
    line = _MARKUP.sub(r"\\\1", line)
    return _LINKS.sub(lambda match: match[0].replace("/", r"\/").replace(".", r"\."), line)


def krw(price: int) -> str:
    return f"{price:,}"


def moment(at: datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M} KST"


def short_moment(at: datetime) -> str:
    """Month, day and time in Seoul, for a report that names its year."""
    return f"{at.astimezone(KST):%m-%d %H:%M}"


def day(on: date | datetime) -> str:
    """A date; a moment's is that of Seoul."""
    local = on.astimezone(KST) if isinstance(on, datetime) else on
    return f"{local:%Y-%m-%d}"


def citation(news_id: int) -> str:
    """[n123], linked to the item at the API."""
    return f"[n{news_id}](/api/news/{news_id})"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heading, ["---"] * len(heading), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
