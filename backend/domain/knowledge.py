"""What a reader may know: the two clocks of everything that comes from outside.

`known_at` is when the world could know a thing, `recorded_at` when azak had it, `retired_at` when a better value took
its place. A live read uses only what both clocks had reached; a replay reads the past by `known_at` alone, from what
was stored when it ran. The SQL of both is one function of the database, `is_evidence`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that was known to the world at `known_by` and stored by azak at `recorded_by`."""

    known_by: datetime
    recorded_by: datetime

    @classmethod
    def live(cls, moment: datetime) -> "Knowledge":
        """What azak itself could use at `moment`."""
        return cls(moment, moment)

    @classmethod
    def newest(cls, known_by: datetime) -> "Knowledge":
        """What the world could know at `known_by` as it is stored now: for what is computed again when it changes."""
        return cls(known_by, datetime.max.replace(tzinfo=UTC))

    def bound(self) -> dict[str, datetime]:
        """The parameters known_by and recorded_by of a statement with `is_evidence`."""
        return {"known_by": self.known_by, "recorded_by": self.recorded_by}
