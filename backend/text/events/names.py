"""Whether a title names a company, told from how names look and where they stand; links may tell it better."""

import re
from typing import Final

from backend.text.events import scope
from backend.text.events.patterns import either, pattern, read_words

_WORDS: Final = read_words("scope")["names"]
_PARTICLE = r"[이가은는을를와과의도에로만]|에서|서|에게|株|證|發|측|\d"
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
# 'name, ...', also behind a quoted epithet and the sign of a country: "'the largest of all' name, ...".
_LEAD = re.compile(
    rf"(?:^|…)(?:['\"][^'\"]{{1,30}}['\"]\s)?(?:[美日中獨英佛印臺伊]\s)?['\"(\s]*((?:㈜|\(주\))?{_WORD}(?:[\s·]{_WORD}){{0,3}})['\")]?\s?,"
)
_SPEAKS = re.compile(r"^[가-힣a-z0-9&]{2,12}\s['\"]")
# One share that moves, told after what its industry did: '...…name 7%'.
_MOVER = re.compile(
    r"[…,]\s?['\"]?[가-힣a-z0-9&·]{2,20}\s['\"]?(?:\d{1,2}(?:\.\d{1,2})?%|장중|급등|급락|폭등|폭락|신고가|상한가|강세|약세)"
)
_FIRST = re.compile(
    r"^(?:['\"][^'\"]{1,30}['\"]\s)?((?:㈜|\(주\))?[가-힣a-z][가-힣a-z0-9&.\-]{1,13})(?:[은는이가]\s|[·\s,…])"
)
_COMMON = re.compile(rf"(?:{either(_WORDS['common_first'])})$")
_QUOTES: Final = ("'", '"')
_LEADERS: Final = tuple(_WORDS["leaders"])


def names_company(body: str) -> bool:
    """Whether a ready title without its tags names a company, listed or not."""
    return bool(leading_name(body)) or has_name(body) or _speaks(body)


def is_tagged(text: str) -> bool:
    """Whether a ready title bears a tag of columns on single stocks, or a stock's code."""
    return _TAGS.search(text) is not None


def leading_name(body: str) -> str:
    """The name with which a ready title without its tags begins, or a part of it after dots; "" without one."""
    found = _LEAD.search(body)
    if found is None or _NO_NAME.search(found[1]) or scope.is_sector(found[1]):
        return ""
    words = found[1].split()
    speech = body[: found.start(1)].endswith(_QUOTES) and not body.startswith(_QUOTES, found.end(1))
    is_name = (len(words) == 1 and not speech) or has_name(found[1]) or words[-1].endswith(_LEADERS)
    return found[1] if is_name else ""


def first_name(body: str) -> str:
    """The first word of a ready title without its tags if it looks like a company that stands alone, else ""."""
    first, _, rest = body.partition(" ")
    return first if has_name(first) and not rest.startswith("등") and not scope.is_sector(first) else ""


def may_begin_with_name(body: str) -> bool:
    """Whether the first word of a ready title without its tags is no common noun, verb or industry."""
    found = _FIRST.match(body)
    if found is None or _COMMON.match(found[1]) or _NO_NAME.search(found[1]):
        return False
    return not scope.is_sector(found[1])


def tells_mover(body: str) -> bool:
    """Whether a ready title ends with one name and its move, after the industry that moved."""
    return _MOVER.search(body) is not None


def has_name(text: str) -> bool:
    """Whether a word of a ready title looks like a company, or is one that everybody knows."""
    if not _looks_like_name(text):
        return False
    return _looks_like_name(_GENERIC.sub(" ", text))


def _speaks(body: str) -> bool:
    found = _SPEAKS.match(body)
    return found is not None and not scope.is_of_investors(found[0])


def _looks_like_name(text: str) -> bool:
    return _KNOWN.search(text) is not None or _BY_ENDING.search(text) is not None
