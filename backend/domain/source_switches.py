"""Why a source is not asked, and what a person would give for it to be."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class OffCode(StrEnum):
    """The reasons, for programs; pages word them in the reader's language."""

    NEEDS_KEY = "needs_key"
    NEEDS_CONSENT = "needs_consent"  # its endpoints are unofficial: somebody must say that they may be used
    SWITCHED_OFF = "switched_off"
    REPLACED = "replaced"  # another source of the same data is used
    PAPER_ACCOUNT = "paper_account"  # which lacks what the source has


@dataclass(frozen=True, slots=True)
class Off:
    """`setting` decides it, by its whole name; `sentence` says both in English."""

    code: OffCode
    setting: str
    sentence: str


def needs_key(setting: str) -> Off:
    """Off for want of the key in `setting`, its whole name."""
    return Off(OffCode.NEEDS_KEY, setting, f"off: needs {setting}")


class SourceSwitch(NamedTuple):
    """A source of this installation as its settings have it. `keys`: the settings of its keys, by their whole names."""

    id: str
    kind: str
    off: Off | None = None
    keys: tuple[str, ...] = ()
