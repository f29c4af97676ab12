"""Whether a title names a company, told from how names look and where they stand; links may tell it better."""

import re
from typing import Final

from backend.text.events import scope
from backend.text.events.patterns import either, pattern, read_words

_WORDS: Final = read_words("scope")["names"]
_PARTICLE = r"[이가은는을를와과의도에로만]|에서|에게|株|證|發|측|\d"
_BY_ENDING = re.compile(
    rf"(?<![가-힣a-z0-9])[가-힣a-z0-9&]{{1,9}}(?:{either(_WORDS['endings'])})(?=[\s,·…'\"()\[\]\-]|$|{_PARTICLE})"
)
_KNOWN = re.compile(rf"(?<![가-힣a-z])(?:{either(_WORDS['known'])})[가-힣a-z0-9&+\-]{{0,12}}")
_GENERIC = re.compile(
    rf"(?<![가-힣a-z0-9])(?:{either(_WORDS['generic'])})(?:들|[이가은는을를와과의도에로만])?(?=[\s,·…'\"]|$)"
)
_NO_NAME = re.compile(rf"(?:{either(_WORDS['no_name_ends'])})$")
_TAGS = pattern(_WORDS["tags"])
_WORD = r"[^\s,·…'\"()]{1,16}"
_LEAD = re.compile(rf"(?:^|…)['\"(\s]*((?:㈜|\(주\))?{_WORD}(?:[\s·]{_WORD}){{0,3}})['\")]?\s?,")
_SPEAKS = re.compile(r"^[가-힣a-z0-9&]{2,12}\s['\"]")
_LEADERS: Final = tuple(_WORDS["leaders"])


def names_company(body: str) -> bool:
    """Whether a ready title without its tags names a company, listed or not."""
    return leads_with_name(body) or has_name(body) or _SPEAKS.match(body) is not None


def is_tagged(text: str) -> bool:
    """Whether a ready title bears a tag of columns on single stocks, or a stock's code."""
    return _TAGS.search(text) is not None


def leads_with_name(body: str) -> bool:
    """Whether a ready title without its tags begins 'name, ...', or has such a part after dots."""
    found = _LEAD.search(body)
    if found is None or _NO_NAME.search(found[1]) or scope.is_sector(found[1]):
        return False
    words = found[1].split()
    return len(words) == 1 or has_name(found[1]) or words[-1].endswith(_LEADERS)


def has_name(text: str) -> bool:
    """Whether a word of a ready title looks like a company, or is one that everybody knows."""
    if not _looks_like_name(text):
        return False
    return _looks_like_name(_GENERIC.sub(" ", text))


def _looks_like_name(text: str) -> bool:
    return _KNOWN.search(text) is not None or _BY_ENDING.search(text) is not None
