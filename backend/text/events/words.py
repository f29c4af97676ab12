"""A title made ready for the patterns: folded, one kind of quote and of middle dot, without the paper's own marks."""

import re
from typing import Final

from backend.text.cleaning import ONE_MARK, fold

_TAG = re.compile(r"\[[^\[\]]{1,40}\]|<[^<>]{1,40}>|\((?:종합|속보|상보|단독|영상|1보|2보)\d?보?\)")
_DOTS = re.compile(r"\.{2,}|⋯")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# An epithet in quotes before a name, "'the largest of all' name …": what it says of the name is no news.
_EPITHET = re.compile(r"^['\"][^'\"]{1,16}['\"]\s(?=[가-힣a-z0-9])")
# A clause before the name that it describes: 'that changed hands name, …'; its verb ends in ㄴ.
_CLAUSE = re.compile(r"^([^\s,…'\"][^,…'\"]{0,24}\s[^\s,…'\"]{0,6}([가-힣]))\s(?=[가-힣a-z0-9&]{2,14},)")
_NIEUN: Final = 4  # the place of ㄴ among the final consonants of a syllable
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
    described = _CLAUSE.match(body)
    return body[described.end() :] if described and (ord(described[2]) - ord("가")) % 28 == _NIEUN else body
