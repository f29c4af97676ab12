"""The labelled titles of tests/data/understanding, read for the tests."""

import json
from pathlib import Path
from typing import Any, Final

from backend.domain.news import NewsKind
from backend.domain.understanding.events import Event
from backend.text.events import read_event

_FOLDER: Final = Path(__file__).parents[2] / "data" / "understanding"
Label = dict[str, Any]


def read_lines(name: str) -> list[Label]:
    return [json.loads(line) for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()]


EVENTS: Final = read_lines("events.jsonl")
PRESS: Final = read_lines("press.jsonl")  # written later, in more styles of the press
HARDER: Final = read_lines("harder.jsonl")  # later again: corrections, denials, both sides of a deal
OPPOSITES: Final = read_lines("opposites.jsonl")


def read_label(label: Label) -> Event:
    return read_event(label["title"], NewsKind(label["kind"]))
