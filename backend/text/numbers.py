"""Parser of numbers as Korean price sources write them."""

import re
from typing import Any, Final

MAX_PRICE_KRW: Final = 2_000_000_000
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?", re.ASCII)


def read_number(value: Any) -> float | None:
    """'1,234', '+0.5', 12 -> number; '-', '', 'N/A', null -> None."""
    text = str(value)[:40].replace(",", "").strip()
    return float(text) if _NUMBER.fullmatch(text) else None
