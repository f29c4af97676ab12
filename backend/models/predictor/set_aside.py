"""One model that fails must not cost the others theirs: it is set aside for the call, and the reason is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LONGEST: Final = 200


class MemberError(Exception):
    """The model `name` raised; its reason is the message."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def describe(error: Exception) -> str:
    """Kind and words of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]


@contextmanager
def blame(name: str) -> Iterator[None]:
    """Whatever the block raises becomes the MemberError of the model `name`."""
    try:
        yield
    except Exception as error:
        raise MemberError(name, describe(error)) from error
