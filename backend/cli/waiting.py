"""Runs from the command line: their arguments, and waiting for their end with progress on a terminal."""

import json
import time
from typing import Any, Final

import httpx
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from backend.cli.client import OPEN_STATES, RequestRefusedError, WrongArgumentError, request, run_failure
from backend.cli.output import cell, console, say

POLL_S: Final = 0.5


def wait_for_run(client: httpx.Client, run: dict[str, Any]) -> dict[str, Any]:
    """Wait for a run and return it in its final state. Ctrl-C stops waiting, not the run."""
    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_line(run), total=1)
        while run["state"] in OPEN_STATES:
            time.sleep(POLL_S)
            run = request(client, "GET", f"/api/runs/{run['id']}")
            bar.update(task, completed=run.get("progress") or 0, description=_line(run))
    return run


def follow_log(client: httpx.Client, run_id: str) -> None:
    """Print the log lines of a run, and new ones while it is open. Ctrl-C stops reading, not the run."""
    seen = 0
    while True:
        is_open = request(client, "GET", f"/api/runs/{run_id}")["state"] in OPEN_STATES
        while lines := request(client, "GET", f"/api/runs/{run_id}/events", params={"after": seen})["items"]:
            for line in lines:
                say(f"{cell(line['ts'])} {line['level']:<7} {line['message']}")
            seen = lines[-1]["id"]
        if not is_open:
            return
        time.sleep(POLL_S)


def require_success(run: dict[str, Any]) -> None:
    """Raise RequestRefusedError (exit code 1) with the reason if the run did not succeed."""
    if run["state"] != "succeeded":
        raise RequestRefusedError(f"{run_failure(run)} (azak runs show {run['id']})")


def run_to_success(client: httpx.Client, run: dict[str, Any]) -> dict[str, Any]:
    """Wait for the end of a run. Raises RequestRefusedError with the reason if it does not succeed."""
    ended = wait_for_run(client, run)
    require_success(ended)
    return ended


def parse_object(text: str, option: str, example: str) -> Any:
    """The JSON that an option holds. Raises WrongArgumentError."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise WrongArgumentError(f"{option} is not JSON ({error}); write it like '{example}'.") from error


def _line(run: dict[str, Any]) -> str:
    waits = " (the scheduler is silent; it will start when it is back)" if run.get("deferred") else ""
    return f"{run['kind']} {run['state']} {run.get('progress') or 0:.0%} {run.get('message') or ''}{waits}"
