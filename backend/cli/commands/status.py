"""`azak status`: prints the health of all parts and the age of the data (GET /api/health)."""

from typing import Any

import typer

from backend.cli.client import open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_fields, print_json, print_rows, say
from backend.cli.sentences import in_commands

status = typer.Typer(add_completion=False, rich_markup_mode=None)


@status.command()
def show(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Show the parts; exit code 1 when one needs a look, 3 when the API does not answer."""
    with open_client(open_settings(demo)) as client:
        health = request(client, "GET", "/api/health")
    if json:
        print_json(health)
    else:
        _print_parts(health)
    raise typer.Exit(0 if health["status"] == "ok" else 1)


def _print_parts(health: dict[str, Any]) -> None:
    database, scheduler, models = health["database"], health["scheduler"], health["models"]
    silent_s = scheduler["heartbeat_age_s"]
    reach = "ok" if database["reachable"] else "not reachable"
    print_fields(
        {
            "status": health["status"],
            "database": f"{reach}, revision {database['revision']} of {database['expected_revision']}",
            "scheduler": scheduler["state"] if silent_s is None else f"{scheduler['state']}, {silent_s:.0f} s ago",
            "models": models["state"],
        }
    )
    for reason in health["reasons"]:
        say(f"! {in_commands(reason)}")
    for notice in health["notices"]:
        say(f"- {in_commands(notice)}")
    workers = {
        "role": "executor",
        "host": "host",
        "pid": "pid",
        "state": "state",
        "running": "runs",
        "models": "models",
    }
    print_rows(health["workers"], workers, empty="No process executes runs.")
    columns = {
        "id": "source",
        "kind": "kind",
        "state": "state",
        "newest_item_at": "newest item",
        "last_ok_at": "last ok",
        "off_reason": "off",
    }
    print_rows(health["sources"], columns, empty="No source was asked yet.")
