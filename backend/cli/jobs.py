"""`azak jobs`: the schedule, as the REST API shows it."""

import json as json_text
from typing import Annotated, Any

import typer

from backend.cli.client import RequestRefusedError, open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import console, print_json, print_rows
from backend.cli.waiting import require_success, wait_for_run

jobs = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="The schedule and its runs.")
JobId = Annotated[str, typer.Argument(help="Name of the job, as in 'azak jobs list'.")]
RUN_COLUMNS = {
    "id": "run", "state": "state", "origin": "origin", "created_at": "created", "finished_at": "finished",
    "message": "message",
}  # fmt: skip


@jobs.command("list")
def list_jobs(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Every job with its time, its last run and its next one."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/jobs")
    if json:
        print_json(found)
        return
    columns = {
        "id": "job",
        "cron": "cron (KST)",
        "run_state": "last run",
        "last_success_at": "last success",
        "next_run_at": "next",
    }
    print_rows(found["items"], columns, empty="There is no job yet: start the scheduler with 'azak up'.")


@jobs.command("run")
def run_job(
    job: JobId,
    arguments: Annotated[str, typer.Option(help="Its arguments as JSON, for example '{\"days\": 30}'.")] = "{}",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit code 1 if it fails.")] = False,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Run a job now."""
    with open_client(open_settings(demo)) as client:
        run = request(client, "POST", f"/api/jobs/{job}/runs", json={"arguments": _parsed(arguments)})
        if wait:
            run = wait_for_run(client, run)
    if json:
        print_json(run)
    else:
        console.print(f"{run['kind']} {run['state']}: azak runs show {run['id']}", markup=False)
    if wait:
        require_success(run)


@jobs.command()
def history(job: JobId, limit: int = 20, demo: DemoOption = False, json: JsonOption = False) -> None:
    """The newest runs of a job."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/runs", params={"kind": job, "limit": limit})
    if json:
        print_json(found)
    else:
        print_rows(found["items"], RUN_COLUMNS, empty=f"{job} has not run yet; start it with 'azak jobs run {job}'.")


def _parsed(arguments: str) -> Any:
    try:
        return json_text.loads(arguments)
    except json_text.JSONDecodeError as error:
        raise RequestRefusedError(f"--arguments is not JSON ({error}); write it like '{{\"days\": 30}}'.") from error
