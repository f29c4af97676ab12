"""A title made ready for the patterns: folded, one kind of quote and of middle dot, without the paper's own marks."""

import re
from typing import Final

from backend.text.cleaning import ONE_MARK, fold

_TAG = re.compile(r"\[[^\[\]]{1,40}\]|<[^<>]{1,40}>|\((?:종합|속보|상보|단독|영상|1보|2보)\d?보?\)")
_DOTS = re.compile(r"\.{2,}|⋯")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# An epithet in quotes before a name, "'the largest of all' name …": what it says of the name is no news.
_EPITHET = re.compile(r"^['\"][^'\"]{1,16}['\"]\s(?=[가-힣a-z0-9])")
# A clause before the name that it describes: 'that changed hands name, …'. Its verb ends in one of these syllables.
_CLAUSE = re.compile(
    r"^[^\s,…'\"][^,…'\"]{0,24}\s[^\s,…'\"]{0,6}"
    r"(?:[된던는은운친린긴킨낸뀐쥔뗀꾼쏜푼튼뺀쓴탄찬둔든뜬]|(?<![신제권북남무시])한|(?<![재대피고가])난)\s(?=[가-힣a-z0-9&]{2,14},)"
)
TITLE_LIMIT: Final = 300  # letters that are read: no headline is longer


def ready(title: str) -> str:
    """`title` folded, with one form of each mark, 4,420 as 4420; what is beyond TITLE_LIMIT is not read."""
    text = fold(title[:TITLE_LIMIT]).translate(ONE_MARK)
    if ".." in text or "⋯" in text:
        text = _DOTS.sub("…", text)
    return _THOUSANDS.sub("", text) if "," in text else text


def without_tags(text: str) -> str:
    """A ready title without bracketed tags such as [단독] and 속보 marks."""
    return _TAG.sub(" ", text).strip() if "[" in text or "<" in text or "(" in text else text


def without_epithet(body: str) -> str:
    """A ready title without its tags and without the epithet at its head."""
    return _EPITHET.sub("", body)


def without_clause(body: str) -> str:
    """A ready title without its tags and without the clause that describes the name at its head: old news."""
    return _CLAUSE.sub("", body)
