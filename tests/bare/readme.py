"""The two commands of README.md, letter by letter."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Commands(NamedTuple):
    """What a newcomer types: the first starts a demo and stays, the second runs every check and ends."""

    demo: str
    tests: str


def readme_commands(text: str) -> Commands:
    """The commands in the first code block under "Two commands". Raises ValueError when there are not two."""
    block = re.search(r"^## Two commands\n.*?^```\n(.*?)^```\n", text, re.MULTILINE | re.DOTALL)
    lines = block[1].splitlines() if block else []
    if len(lines) != len(Commands._fields):
        raise ValueError("README.md has no code block of two lines under the heading 'Two commands'.")
    return Commands(*lines)
