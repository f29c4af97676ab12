"""`azak api`, `scheduler` and `worker`: replace this process by the service (exec), so that it gets the signals."""

import os
import sys
from typing import Annotated

import typer

from backend.cli.environment import DemoOption, open_settings

api = typer.Typer(add_completion=False, rich_markup_mode=None)
scheduler = typer.Typer(add_completion=False, rich_markup_mode=None)
worker = typer.Typer(add_completion=False, rich_markup_mode=None)


def _become(module: str) -> None:
    os.execv(sys.executable, [sys.executable, "-m", module])  # noqa: S606  (a fixed module of ours, no shell)


@api.command()
def run_api(demo: DemoOption = False) -> None:
    """Run one API process in the foreground; more of them may share the port."""
    open_settings(demo)
    _become("backend.main")


@scheduler.command()
def run_scheduler(demo: DemoOption = False) -> None:
    """Run the scheduler service in the foreground; a second one stands by."""
    open_settings(demo)
    _become("backend.scheduler_main")


@worker.command()
def run_worker(
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of runs it takes, separated by commas; all if left out.")
    ] = None,
    concurrency: Annotated[int | None, typer.Option(min=2, help="Runs at the same time.")] = None,
    demo: DemoOption = False,
) -> None:
    """Run a worker in the foreground, on any machine with AZAK_DATABASE_URL; any number of them share the runs."""
    for name, value in (("AZAK_WORKER_KINDS", kinds), ("AZAK_WORKER_CONCURRENCY", concurrency)):
        if value is not None:
            os.environ[name] = str(value)
    open_settings(demo)
    _become("backend.worker_main")
