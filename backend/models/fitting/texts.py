"""Texts as numbers for the text member: the vector of a title, and its characters by hashed n-grams.

The vector tells the topic, the characters what was written: in an encoder's vectors a beat and a miss are the same to
two decimals. n-grams of 2 and 3 characters are counted in BUCKETS places with a sign each (Weinberger et al. 2009), so
that no vocabulary has to be kept; case, forms of letters and the values of digits do not count.
"""

import re
import unicodedata
import zlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np

from backend.models.fitting.panel import FloatArray

BUCKETS: Final = 256
SIZES: Final = (2, 3)
LONGEST: Final = 200  # characters of a title that are looked at
_DIGITS: Final = re.compile(r"[0-9]+")


@lru_cache(maxsize=32_768)
def characters(title: str) -> tuple[float, ...]:
    """The n-grams of a title in BUCKETS places, with length 1; all 0 for one without any."""
    written = unicodedata.normalize("NFKC", title[:LONGEST]).lower()
    plain = f" {' '.join(_DIGITS.sub('0', written).split())} "
    places = np.zeros(BUCKETS)
    for size in SIZES:
        for start in range(len(plain) - size + 1):
            code = zlib.crc32(plain[start : start + size].encode())
            places[code % BUCKETS] += 1.0 if code & 0x80000000 else -1.0
    length = float(np.linalg.norm(places))
    return tuple((places / length if length else places).tolist())


def read_vector(encoded: str) -> FloatArray:
    """A vector from base64 of big-endian float16."""
    return np.frombuffer(b64decode(encoded), dtype=">f2").astype(np.float64)


@dataclass(frozen=True)
class Label:
    """Columns of n labelled stories of one horizon: row of the text, y (0, 0.5 or 1), day number of the end."""

    texts: Any
    y: FloatArray
    days: FloatArray


@dataclass(frozen=True)
class LabelledTexts:
    """Texts and what followed them (backend.services.news.labelled_texts)."""

    payload: Mapping[str, Any]

    @cached_property
    def vectors(self) -> FloatArray:
        """(texts, dimension)."""
        rows = [read_vector(encoded) for encoded in self.payload.get("vectors", ())]
        return np.array(rows) if rows else np.zeros((0, 0))

    @cached_property
    def characters(self) -> FloatArray:
        """(texts, BUCKETS)."""
        titles: Sequence[str] = self.payload.get("titles", ())
        return np.array([characters(title) for title in titles]) if titles else np.zeros((0, BUCKETS))

    def labels(self, horizon: int) -> Label:
        """Empty where there are none."""
        columns = self.payload.get("horizons", {}).get(str(horizon), {})
        numbered = {day: float(n) for n, day in enumerate(sorted(set(columns.get("days", ()))))}
        return Label(
            np.array(columns.get("texts", ()), dtype=np.int64),
            np.array(columns.get("y", ()), dtype=np.float64),
            np.array([numbered[day] for day in columns.get("days", ())], dtype=np.float64),
        )
