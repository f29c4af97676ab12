"""`azak jobs`: list, pause, reschedule and run jobs, and show their runs, through the REST API."""

from typing import Annotated, Any

import typer

from backend.cli.client import RequestRefusedError, WrongArgumentError, open_client, path_of, request
from backend.cli.commands.runs import print_runs
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_json, print_rows, say
from backend.cli.waiting import follow_log, parse_object, require_success, wait_for_run

jobs = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="The schedule and its runs.")
JobId = Annotated[str, typer.Argument(help="Name of the job, as in 'azak jobs list'.")]


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
        "schedule": "schedule (KST)",
        "paused_at": "paused",
        "run_state": "last run",
        "last_success_at": "last success",
        "next_run_at": "next",
    }
    rows = [job | {"schedule": schedule_words(job)} for job in found["items"]]
    print_rows(rows, columns, empty="There is no job yet: start the scheduler with 'azak up'.")


@jobs.command()
def pause(job: JobId, demo: DemoOption = False) -> None:
    """Stop the clock for a job; it may still be run by hand."""
    _change(job, {"paused": True}, demo=demo)


@jobs.command()
def resume(job: JobId, demo: DemoOption = False) -> None:
    """Let the clock start a paused job again."""
    _change(job, {"paused": False}, demo=demo)


@jobs.command()
def schedule(
    job: JobId,
    every: Annotated[int | None, typer.Option(help="Minutes between two runs.")] = None,
    cron: Annotated[str | None, typer.Option(help="A cron line in Seoul time: '*/10 9-15 * * mon-fri'.")] = None,
    default: Annotated[bool, typer.Option("--default", help="Back to azak's own times.")] = False,
    demo: DemoOption = False,
) -> None:
    """Change when a job runs; it stays so over restarts."""
    if (every is not None) + (cron is not None) + default != 1:
        raise WrongArgumentError("Give one of --every MINUTES, --cron LINE and --default.")
    change = {"interval_minutes": every} if every is not None else {"cron": cron}
    _change(job, change, demo=demo)


def _change(job: str, change: dict[str, Any], *, demo: bool) -> None:
    with open_client(open_settings(demo)) as client:
        changed = request(client, "PATCH", path_of("jobs", job), json=change)
    say(f"{job}: {'paused' if changed['paused_at'] else schedule_words(changed)}")


def schedule_words(job: dict[str, Any]) -> str:
    """The schedule in force: an interval or cron line set by people, else azak's own cron lines."""
    if job["interval_minutes"] is not None:
        return f"every {job['interval_minutes']} min"
    return str(job["custom_cron"] or job["cron"])


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
        run = request(
            client,
            "POST",
            path_of("jobs", job, "runs"),
            json={"arguments": parse_object(arguments, "--arguments", '{"days": 30}')},
        )
        if wait:
            run = wait_for_run(client, run)
    if json:
        print_json(run)
    else:
        say(f"{run['kind']} {run['state']}: azak runs show {run['id']}")
    if wait:
        require_success(run)


@jobs.command()
def history(job: JobId, limit: int = 20, demo: DemoOption = False, json: JsonOption = False) -> None:
    """The newest runs of a job."""
    print_runs(
        {"kind": job, "limit": limit}, f"{job} has not run yet; start it with 'azak jobs run {job}'.", demo, json
    )


@jobs.command()
def logs(job: JobId, demo: DemoOption = False) -> None:
    """The log lines of a job's newest run; follows it while it is running."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/runs", params={"kind": job, "limit": 1})["items"]
        if not found:
            raise RequestRefusedError(f"{job} has not run yet; start it with 'azak jobs run {job}'.")
        follow_log(client, found[0]["id"])
