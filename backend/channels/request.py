"""A request to a channel, and what is said when it was not taken: never the URL, which often holds a secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from backend.errors import AzakError
from backend.trouble import CHANNEL_FAILS

TIMEOUT_S: Final = 10.0
LONGEST_PAUSE_S: Final = 3600.0


class NotDeliveredError(AzakError):
    """A channel did not take what it was sent. `is_refusal`: it would refuse the same again, so a person must look."""

    trouble = CHANNEL_FAILS

    def __init__(self, detail: str, *, is_refusal: bool = False, pause_s: float | None = None) -> None:
        super().__init__(detail)
        self.is_refusal = is_refusal
        self.pause_s = pause_s  # what the channel asks for


@dataclass(frozen=True, slots=True)
class Request:
    """One request: POST of `body` as JSON, or GET without one. `sign`: headers that prove the bytes that are sent."""

    url: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    sign: Callable[[bytes], Mapping[str, str]] | None = None
