"""Progress of a fill: one bar on a terminal, otherwise one line per step."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class BarReporter:
    """One bar over all steps, including the progress within a step."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task
        self._position = 0

    def step(self, position: int, name: str) -> None:
        self._position = position
        self._bar.update(self._task, completed=position, step=name, message="")

    def progress(self, fraction: float, message: str) -> None:
        self._bar.update(self._task, completed=self._position + fraction, message=message[:60])


class LineReporter:
    """One line when a step begins, and one with its duration when it ends."""

    def __init__(self, say: Callable[[str], None], steps: int) -> None:
        self._say = say
        self._steps = steps
        self._name = ""
        self._begun = 0.0

    def step(self, position: int, name: str) -> None:
        self.finish()
        self._say(f"[{position + 1}/{self._steps}] {name}")
        self._name, self._begun = name, time.monotonic()

    def progress(self, fraction: float, message: str) -> None:
        """Ignored: a log has lines per step only."""

    def finish(self) -> None:
        if self._name:
            self._say(f"      {self._name} took {time.monotonic() - self._begun:.1f} s")
        self._name = ""


@contextmanager
def show_progress(console: Console, steps: int) -> Iterator[BarReporter | LineReporter]:
    """The reporter for this console: a bar on a terminal, else lines."""
    if not console.is_terminal:
        reporter = LineReporter(lambda line: console.print(line, markup=False, soft_wrap=True), steps)
        yield reporter
        reporter.finish()
        return
    columns = (
        TextColumn("{task.fields[step]:<22}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[message]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("fill", total=steps, step="stocks", message="")
        yield BarReporter(bar, task)
        bar.update(task, completed=steps, step="filled", message="")
