"""`azak runs`: one execution, whoever asked for it."""

import typer

from backend.cli.client import open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_fields, print_json, print_rows

runs = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@runs.callback()
def about() -> None:
    """One execution of a job or request."""


@runs.command()
def show(run_id: str, demo: DemoOption = False, json: JsonOption = False) -> None:
    """State, counts, error and log lines of a run."""
    with open_client(open_settings(demo)) as client:
        run = request(client, "GET", f"/api/runs/{run_id}")
        events = request(client, "GET", f"/api/runs/{run_id}/events")["items"]
    if json:
        print_json(run | {"events": events})
        return
    print_fields(run)
    print_rows(events, {"ts": "time", "level": "level", "message": "message"}, empty="It wrote no log line.")
