"""Settings that azak keeps for people: lines of `azak.env`, which only its owner can read."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from backend.config.paths import env_file, write_private
from backend.setting_names import read_names


def keep_settings(file: Path, given: Mapping[str, str]) -> None:
    """Write `azak.env` anew with `given`; its other lines stay. Raises OSError when it cannot be written."""
    lines = [line for line in file.read_text().splitlines() if line.partition("=")[0].strip() not in given]
    write_private(file, "\n".join([*lines, *(f"{name}={value}" for name, value in given.items())]) + "\n")


def find_fixed(names: Collection[str]) -> tuple[str, str] | None:
    """The first of `names` that stands where it is read before `azak.env`, and where that is; None if none does."""
    places = {"the environment": os.environ.items(), str(env_file()): read_names(env_file())}
    for place, settings in places.items():
        standing = {name.upper() for name, value in settings if value}  # their case does not count
        if (name := next((name for name in names if name in standing), None)) is not None:
            return name, place
    return None
