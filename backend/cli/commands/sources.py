"""`azak sources`: list the data sources, or send each a test request with the operator's keys."""

from typing import Annotated, Any

import httpx
import typer

from backend.cli.client import open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_json, print_rows
from backend.cli.waiting import require_success, wait_for_run

sources = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Where data comes from, and how it does."
)
_LIST = {
    "id": "source", "kind": "kind", "state": "state", "newest_item_at": "newest item", "last_ok_at": "last ok",
    "quota": "requests today", "address_checked": "address seen", "finding": "why",
}  # fmt: skip
_CHECK = {"source": "source", "result": "result", "items": "items", "age": "newest", "ms": "ms", "finding": "finding"}


@sources.command("list")
def list_sources(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Every source, on or off, with its state."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/sources")
    if json:
        print_json(found)
        return
    rows = [row | {"quota": _quota(row), "finding": _reason(row)} for row in found["items"]]
    print_rows(rows, _LIST, empty="No source was asked yet; run 'azak jobs run crawl_news --wait'.")


@sources.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Sources to ask, even if closed; all that are on.")] = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Ask each source one small question and say what came back and how old it is; exit code 1 if one fails."""
    with open_client(open_settings(demo)) as client:
        rows = ask(client, {"sources": names} if names else {})
    if json:
        print_json(rows)
    else:
        print_findings(rows)
    raise typer.Exit(1 if any(row["result"] not in ("ok", "off") for row in rows) else 0)


def ask(client: httpx.Client, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """What each source answered to a run of check_sources, those that are off last."""
    run = wait_for_run(client, request(client, "POST", "/api/jobs/check_sources/runs", json={"arguments": arguments}))
    events = request(client, "GET", f"/api/runs/{run['id']}/events")["items"]
    rows = [event["data"] for event in events if event["data"] and "result" in event["data"]]
    if not rows:
        require_success(run)
    return sorted(rows, key=lambda row: (row["result"] == "off", row["source"]))


def print_findings(rows: list[dict[str, Any]]) -> None:
    print_rows([row | {"age": _age(row["age_s"])} for row in rows], _CHECK, empty="No source was asked.")


def _age(seconds: int | None) -> str | None:
    """An age for people: 45 s, 12 min, 3.5 h, 2.0 d."""
    if seconds is None or seconds < 0:
        return None
    for unit, size in (("d", 86_400), ("h", 3_600)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


def _quota(row: dict[str, Any]) -> str:
    limit = row["quota_limit"]
    return f"{row['quota_used']:,}" + (f" of {limit:,}" if limit else "")


def _reason(row: dict[str, Any]) -> str | None:
    """Why the source is off, blocked, failing or stalled; None if it is well."""
    if row["state"] == "off":
        reason: str = row["off_reason"]
        return reason
    if row["state"] in ("blocked", "failing"):
        return (row["last_error"] or {}).get("message")
    return "it answers, but brings nothing new" if row["state"] == "stalled" else None
