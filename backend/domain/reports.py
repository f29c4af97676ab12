"""Written reports, and the sentence that stands below every forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

DISCLAIMER: Final = {
    "ko": "투자 권유가 아닌 참고용 정보입니다.",
    "en": "Reference information, not investment advice.",
}


@dataclass(frozen=True, slots=True)
class ReportText:
    """A written report: Markdown in two languages and the news ids it cites."""

    korean: str
    english: str
    citations: Sequence[int]
    writer: str


class ReportWriter(Protocol):
    """Turns a fact sheet into text in both languages."""

    async def write(self, fact_sheet: Mapping[str, Any]) -> ReportText: ...
