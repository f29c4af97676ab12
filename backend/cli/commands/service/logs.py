"""`azak logs`: the last lines of each process's log file, of `azak up` and of PM2; `-f` goes on with new ones."""

import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from backend.cli.client import WrongArgumentError
from backend.cli.environment import DemoOption, open_settings
from backend.cli.output import cell, is_terminal, say
from backend.config import DASHBOARD_SOURCE, Settings

logs = typer.Typer(add_completion=False, rich_markup_mode=None)
_POLL_S: Final = 0.3
# Where PM2 writes: ecosystem.config.js.
_OF_PM2: Final = DASHBOARD_SOURCE.parent / "logs"
_SHOWN_APART: Final = ("ts", "level", "event", "service")


class _Tail:
    """The new lines of a file that grows, and that may be moved aside and begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._offset = 0

    def read(self) -> Iterator[str]:
        """Every whole line since the last call; what is half written comes with the next one."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return
        if status.st_ino != self._inode or status.st_size < self._offset:
            self._inode, self._offset = status.st_ino, 0
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield line.decode(errors="replace").rstrip()


@logs.command()
def print_logs(
    process: Annotated[str | None, typer.Argument(help="scheduler, api, database, ...; all if left out.")] = None,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, help="Lines of each process.")] = 20,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with new lines until Ctrl-C.")] = False,
    demo: DemoOption = False,
) -> None:
    """Print the last log lines of each process: in a pipe the name, a tab and the line as it is."""
    tails = {name: _Tail(path) for name, path in _chosen(open_settings(demo), process).items()}
    for name, tail in tails.items():
        for line in deque(tail.read(), maxlen=lines):
            _print(name, line)
    try:
        while follow:
            for name, tail in tails.items():
                for line in tail.read():
                    _print(name, line)
            time.sleep(_POLL_S)
    except KeyboardInterrupt:
        return


def _chosen(settings: Settings, process: str | None) -> dict[str, Path]:
    """Name of a process -> its log file. Raises WrongArgumentError if there is none of that name."""
    files = [*settings.data_dir.glob("logs/*.jsonl"), *settings.data_dir.glob("logs/*.log"), *_OF_PM2.glob("azak-*.*")]
    found = {path.stem: path for path in sorted(files) if path.suffix in {".jsonl", ".log"}}
    chosen = {name: path for name, path in found.items() if _is_meant(process, name)}
    if not chosen:
        known = f"there are {', '.join(found)}" if found else "start azak with 'azak up'"
        raise WrongArgumentError(f"There is no log of {process or 'any process'}; {known}.")
    return chosen


def _is_meant(process: str | None, name: str) -> bool:
    return process is None or process in {name, name.removeprefix("azak-"), name.rstrip("0123456789").rstrip("-")}


def _print(name: str, line: str) -> None:
    if not is_terminal():
        print(f"{name}\t{line}", flush=True)
        return
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    say(f"{name:<10} {_readable(fields) if isinstance(fields, dict) else line}")


def _readable(fields: Mapping[str, Any]) -> str:
    """A JSON line for people: time in Seoul, level, event, then its other fields."""
    more = " ".join(f"{key}={value}" for key, value in fields.items() if key not in _SHOWN_APART)
    return f"{cell(fields.get('ts'))} {fields.get('level', ''):<7} {fields.get('event', '')} {more}"
