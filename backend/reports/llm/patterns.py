"""One pattern out of many, so that lists of words stay lists."""

import re


def either(*patterns: str) -> re.Pattern[str]:
    """Any of the patterns, capital letters or not."""
    return re.compile("|".join(patterns), re.IGNORECASE)


def words(listed: str) -> str:
    """Whole English words, separated by spaces in `listed`; each may be a pattern."""
    return rf"\b(?:{'|'.join(listed.split())})\b"
