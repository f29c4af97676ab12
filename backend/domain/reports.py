"""Written reports, and the sentence that stands below every forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DISCLAIMER: Final = {
    "ko": "투자 권유가 아닌 참고용 정보예요.",
    "en": "Reference information, not investment advice.",
}


class BriefKind(StrEnum):
    """When a brief of the watchlist is written: before a session opens, or after its close."""

    MORNING = "morning"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class ReportText:
    """A written report: Markdown in two languages and the news ids it cites."""

    korean: str
    english: str
    citations: Sequence[int]
    writer: str
