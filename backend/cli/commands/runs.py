"""`azak runs`: list, show, cancel and retry runs, and read their logs."""

from typing import Annotated, Any

import typer

from backend.cli.client import open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.naming import find_run
from backend.cli.output import print_fields, print_json, print_rows, say
from backend.cli.waiting import follow_log, require_success, wait_for_run

runs = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
RunId = Annotated[str, typer.Argument(help="Its id or the beginning of it, as in 'azak runs list'.")]
_COLUMNS = {
    "id": "run", "kind": "kind", "state": "state", "origin": "origin", "created_at": "created",
    "finished_at": "finished", "message": "message",
}  # fmt: skip


@runs.callback()
def about() -> None:
    """One execution of a job or request."""


def print_runs(wanted: dict[str, Any], empty: str, demo: bool, json: bool) -> None:
    """Print the newest runs. `wanted`: query parameters of GET /api/runs; `empty`: printed when there are none."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/runs", params=wanted)
    if json:
        print_json(found)
    else:
        print_rows(found["items"], _COLUMNS, empty=empty)


@runs.command("list")
def list_runs(
    kind: Annotated[str | None, typer.Option(help="Only runs of this job or request.")] = None,
    state: Annotated[str | None, typer.Option(help="Only runs in this state: running, failed, dead, ...")] = None,
    limit: int = 20,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """The newest runs."""
    wanted = {"kind": kind, "state": state, "limit": limit}
    given = {name: value for name, value in wanted.items() if value is not None}
    print_runs(given, "No run is like that.", demo, json)


@runs.command()
def show(run_id: RunId, demo: DemoOption = False, json: JsonOption = False) -> None:
    """State, counts, error and log lines of a run."""
    with open_client(open_settings(demo)) as client:
        run = request(client, "GET", f"/api/runs/{find_run(client, run_id)}")
        events = request(client, "GET", f"/api/runs/{run['id']}/events")["items"]
    if json:
        print_json(run | {"events": events})
        return
    print_fields(run)
    print_rows(events, {"ts": "time", "level": "level", "message": "message"}, empty="It wrote no log line.")


@runs.command()
def cancel(run_id: RunId, demo: DemoOption = False) -> None:
    """End a waiting run at once, a running one within seconds."""
    with open_client(open_settings(demo)) as client:
        run = request(client, "POST", f"/api/runs/{find_run(client, run_id)}/cancel")
    asked = " and was asked to stop" if run["state"] == "running" else ""
    say(f"{run['kind']} {run['id']} is {run['state']}{asked}")


@runs.command()
def retry(
    run_id: RunId,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit code 1 if it fails.")] = False,
    demo: DemoOption = False,
) -> None:
    """Retry a run that did not succeed, as a new run."""
    with open_client(open_settings(demo)) as client:
        run = request(client, "POST", f"/api/runs/{find_run(client, run_id)}/retry")
        if wait:
            run = wait_for_run(client, run)
    say(f"{run['kind']} {run['state']}: azak runs show {run['id']}")
    if wait:
        require_success(run)


@runs.command()
def logs(run_id: RunId, demo: DemoOption = False) -> None:
    """The log lines of a run; follows it while it is open."""
    with open_client(open_settings(demo)) as client:
        follow_log(client, find_run(client, run_id))
