"""`azak api` and `azak scheduler`: become the process, so that signals reach it and nothing stands between."""

import os
import sys

import typer

from backend.cli.environment import DemoOption, open_settings

api = typer.Typer(add_completion=False, rich_markup_mode=None)
scheduler = typer.Typer(add_completion=False, rich_markup_mode=None)


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
