"""A message to people, and its text in the length that a channel takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_MORE: Final = "… {} more: GET /api/health."


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the same in every try, so that a receiver can drop a second copy. `body`: what a plain webhook gets."""

    id: str
    title: str
    lines: Sequence[str]
    is_urgent: bool
    body: Mapping[str, Any] = field(default_factory=dict)


def fit(message: Message, limit: int, size: Callable[[str], int] = len, *, with_title: bool = True) -> str:
    """Title and lines in at most `limit` of what `size` counts; lines that do not fit are counted."""
    head = [message.title] if with_title else []
    lines = [f"- {' '.join(line.split())}" for line in message.lines]
    for kept in range(len(lines), -1, -1):
        left = len(lines) - kept
        text = "\n".join([*head, *lines[:kept], *([_MORE.format(left)] if left else [])])
        if size(text) <= limit:
            return text
    return _cut("\n".join(head) or _MORE.format(len(lines)), limit, size)


def _cut(text: str, limit: int, size: Callable[[str], int]) -> str:
    while size(text) > limit:
        text = text[:-1]
    return text


def utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
