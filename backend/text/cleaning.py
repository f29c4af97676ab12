"""From bytes of a source to clean text: charsets, HTML entities and tags, invisible characters."""

import codecs
import html
import re
import unicodedata
from typing import Final

TITLE_LIMIT: Final = 500
SNIPPET_LIMIT: Final = 1_000
REPLACEMENT: Final = "\ufffd"

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_KOREAN = frozenset({"euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "cp949", "ms949", "uhc", "x-windows-949"})
# Only real tag names: '<표>' and '<A사>' in headlines are text.
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--.*?-->", re.DOTALL)
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
    found = _DECLARED.search(content_type.encode("ascii", "ignore")) or _DECLARED.search(body[:1024])
    declared = found.group(1).decode().lower() if found else "utf-8"
    return body.decode("cp949" if declared in _KOREAN else "utf-8", "replace")


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cc":
        return " " if letter.isspace() else ""
    return "" if category in _INVISIBLE else letter


def clean(text: str, limit: int) -> str:
    """One line for storage: no tags, entities resolved at most twice, NFC, no invisible characters, <= `limit`."""
    for _ in range(2):
        text = html.unescape(_TAG.sub(" " if "<br" in text.lower() else "", text))
    text = _TAG.sub("", text)
    if not text.isprintable():  # going through every character takes 0.1 ms a title, and few need it
        text = "".join(map(_visible, text))
    text = unicodedata.normalize("NFC", text)
    text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fold(text: str) -> str:
    """Text for matching only: width and case folded (ＬＧ -> lg)."""
    return unicodedata.normalize("NFKC", text).lower()
