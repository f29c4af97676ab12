"""One spelling for the characters that look alike: full-width digits, minus signs, quotes; what is not seen is gone."""

import unicodedata
from functools import lru_cache
from typing import Final

_ALIKE: Final = str.maketrans({
    "−": "-", "‐": "-", "‑": "-", "‒": "-", "–": "~", "—": " ", "∼": "~", "〜": "~", "’": "'", "‘": "'", "“": '"',
    "”": '"',
    "\u00a0": " ", "\u3000": " ",
})  # fmt: skip
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


@lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """The text with one form of each digit, minus and quote, without characters that are not seen."""
    seen = (" " if character in "\t\n\r" else character for character in unicodedata.normalize("NFKC", text))
    return "".join(character for character in seen if unicodedata.category(character) not in _UNSEEN).translate(_ALIKE)
