"""From bytes of a source to clean text: charsets, HTML entities and tags, invisible characters.

Text is cut to a limit before a pattern or a normalisation runs on it, and both take time linear in its length, so that
no feed can keep the process busy.
"""

import codecs
import html
import re
import unicodedata
from typing import Any, Final

TITLE_LIMIT: Final = 500
SNIPPET_LIMIT: Final = 1_000
REPLACEMENT: Final = "\ufffd"
FIELD_LIMIT: Final = 16_000  # letters of one field as a source wrote it: markup included, many times what is stored
_HEADER_LIMIT: Final = 200
# For str.translate: one kind of each quote and of the middle dot, for matching.
ONE_MARK: Final = str.maketrans(
    dict.fromkeys("‘’‛`´′", "'") | dict.fromkeys("“”„‟″「」『』", '"') | dict.fromkeys("ㆍᆞ・‧∙•⋅‥", "·")
)

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_KOREAN = frozenset({"euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "cp949", "ms949", "uhc", "x-windows-949"})
# Only tags of HTML: '<표>', '<A사>' and '<KT 임원 인사>' in headlines are text. One with attributes has a '=' or is
# ASCII alone: '<b 뉴스>' is text, too.
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|audio|b|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|embed|figcaption"
    r"|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta|nav|noscript"
    r"|object|ol|option|p|param|picture|pre|q|s|script|section|select|small|source|span|strike|strong|style|sub|sup|svg"
    r"|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|video|wbr)"
    r"(?:\s(?:[ -;=?-~]{0,400}|[^<>=]{0,40}=[^<>]{0,2000}))?/?>",
    re.IGNORECASE,
)
# Longer than any letter's number; html.unescape raises ValueError at thousands of digits.
_ENDLESS_NUMBER = re.compile(r"&#[0-9]{9,};?")
_BLANKS = re.compile(r"\s+")
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn"})


def _whole(body: bytes, charset: str) -> str | None:
    """`body` in `charset`, or None. An incomplete last character is dropped."""
    try:
        return codecs.getincrementaldecoder(charset)("strict").decode(body)
    except UnicodeDecodeError:
        return None


def decode(body: bytes, content_type: str = "") -> str:
    """Text of `body`, whatever charset it declares.

    UTF-8 first: Korean in CP949 is never valid UTF-8 by chance, while a UTF-8 body declared as EUC-KR is
    common. CP949 holds EUC-KR and the letters it lacks. Bytes of neither become U+FFFD under the declared charset.
    """
    for charset in ("utf-8-sig", "cp949"):
        text = _whole(body, charset)
        if text is not None:
            return text
    found = _DECLARED.search(content_type[:_HEADER_LIMIT].encode("ascii", "ignore")) or _DECLARED.search(body[:1024])
    declared = found.group(1).decode().lower() if found else "utf-8"
    return body.decode("cp949" if declared in _KOREAN else "utf-8", "replace")


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cc":
        return " " if letter.isspace() else ""
    return "" if category in _INVISIBLE else letter


def read_field(value: Any) -> str:
    """A field of an answer as text of at most FIELD_LIMIT letters; "" for one that is absent or empty."""
    return str(value or "")[:FIELD_LIMIT]


def _without_comments(text: str) -> str:
    """`text` without HTML comments; one that is never closed runs to the end, as in a browser."""
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0:
        kept.append(text[place:start])
        end = text.find("-->", start + 4)
        place = len(text) if end < 0 else end + 3
    return "".join(kept) + text[place:]


def _without_tags(text: str, instead: str = "") -> str:
    return _TAG.sub(instead, _without_comments(text))


def clean(text: str, limit: int) -> str:
    """One line for storage: no tags, entities resolved at most twice, NFC, no invisible characters, <= `limit`."""
    text = text[:FIELD_LIMIT]
    for _ in range(2):
        text = _without_tags(text, " " if "<br" in text.lower() else "")
        text = html.unescape(_ENDLESS_NUMBER.sub(REPLACEMENT, text))
    text = _without_tags(text)
    if not text.isprintable():  # going through every character takes 0.1 ms a title, and few need it
        text = "".join(map(_visible, text))
    # Cut twice: composing letters takes quadratic time on a long row of accents.
    text = _BLANKS.sub(" ", text).strip()[: 4 * limit]
    text = unicodedata.normalize("NFC", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fold(text: str) -> str:
    """Text for matching only: width and case folded (ＬＧ -> lg); cut again, as one letter may become 18."""
    return unicodedata.normalize("NFKC", text[:SNIPPET_LIMIT]).lower()[:SNIPPET_LIMIT]
