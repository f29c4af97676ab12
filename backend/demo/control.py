"""Planted faults and the journal of requests of the stand-in.

Both are bounded and in memory, and reachable under /_control only, never through a source.
"""

import re
from collections import deque
from dataclasses import asdict, dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from backend.demo.wire.more_feeds import FEED_HOSTS

SOURCES: Final = (
    *FEED_HOSTS, "naver_hub", "naver_legacy", "naver_chart", "naver_polling", "naver_world", "kis", "kis_master",
    "dart", "dart_api", "kind", "public_data",
)  # fmt: skip
JOURNAL_LENGTH: Final = 5_000
FAULTS_WAITING: Final = 100
_KEYS: Final = re.compile(r"(?i)((?:crtfc_key|serviceKey)=)[^&]*")

# A status may also be a number.
FaultKind = Annotated[
    Literal[
        "500", "401", "403", "429", "slow", "drip", "reset", "html", "spa", "empty", "truncated", "gzip", "charset",
        "loop", "away", "big", "skew", "stalled", "repeat",
    ],
    BeforeValidator(str),
]  # fmt: skip


def _known(source: str) -> str:
    if source not in SOURCES:
        raise ValueError(f"source is one of {', '.join(SOURCES)}")
    return source


class Fault(BaseModel):
    """A fault of the next `count` requests to `source`.

    `retry_after`: header of a 429, None for none. `delay_s`: duration of a slow or dripping response, or how far the
    clock of a source is ahead (skew) or behind (stalled).
    """

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, AfterValidator(_known)]
    kind: FaultKind
    count: int = Field(1, ge=1, le=10_000)
    delay_s: float = Field(30, ge=0, le=864_000)
    retry_after: str | None = "1"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request to a source. Keys are never stored: headers are not, and keys in the query are masked."""

    source: str
    path: str
    time: str
    status: int
    conditional: bool
    fault: str | None


def without_keys(path: str) -> str:
    """Mask the keys in a path with query."""
    return _KEYS.sub(r"\1***", path)


class Control:
    """State of /_control: pending faults, journal of requests, revoked KIS tokens."""

    def __init__(self) -> None:
        self._faults: dict[str, deque[Fault]] = {source: deque(maxlen=FAULTS_WAITING) for source in SOURCES}
        self._journal: deque[JournalEntry] = deque(maxlen=JOURNAL_LENGTH)
        self.revoked: set[str] = set()

    def plant(self, fault: Fault) -> None:
        self._faults[fault.source].append(fault)

    def take(self, source: str) -> Fault | None:
        """Take the fault for the next request to `source`; None if there is none."""
        waiting = self._faults[source]
        if not waiting:
            return None
        fault = waiting.popleft()
        if fault.count > 1:
            waiting.appendleft(fault.model_copy(update={"count": fault.count - 1}))
        return fault

    def record(self, entry: JournalEntry) -> None:
        self._journal.append(entry)

    def journal(self, source: str | None) -> list[dict[str, object]]:
        """Entries, oldest first, of one source or of all."""
        return [asdict(entry) for entry in self._journal if source in (None, entry.source)]

    def waiting(self) -> dict[str, int]:
        """Number of pending faults, by source."""
        return {source: sum(fault.count for fault in faults) for source, faults in self._faults.items()}

    def reset(self) -> None:
        self._journal.clear()
        for faults in self._faults.values():
            faults.clear()
