"""`azak backtest` and `azak audit`: score models on past sessions, and recompute stored predictions.

Both start a run of the scheduler, wait for it and print its result. Ctrl-C stops waiting, not the run.
"""

from typing import Annotated, Any

import httpx
import typer

from backend.cli.client import RequestRefusedError, open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.figures import audit_cells, metric_cells
from backend.cli.output import print_json, print_rows, say
from backend.cli.waiting import run_to_success

backtest = typer.Typer(add_completion=False, rich_markup_mode=None)
audit = typer.Typer(add_completion=False, rich_markup_mode=None)
_COLUMNS = {
    "model": "model", "horizon": "days", "n": "n", "n_days": "sessions", "skill": "Brier skill %",
    "accuracy": "right side %", "base": "base %", "opinions": "calls right %", "coverage": "calls %",
    "needed": "needed",
}  # fmt: skip


@backtest.command()
def run_backtest(
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First session.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last session.")] = None,
    models: Annotated[str | None, typer.Option(help="Models to show, separated by commas; all without it.")] = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Predict past sessions as it would have been then, score them, print the figures and draw their reliability.

    Without --from and --to the last 60 sessions.
    """
    given = {"first": first, "last": last, "models": models.split(",") if models else None}
    arguments = {name: value for name, value in given.items() if value is not None} | {"report": True}
    with open_client(open_settings(demo)) as client:
        run = _finished(client, "backtest", arguments)
        (result, *_) = [line["data"] for line in _log(client, run) if line["message"] == "result"] or [None]
    if result is None:
        raise RequestRefusedError(f"The run ended before its figures (azak runs show {run['id']}); start it again.")
    if json:
        print_json(result)
        return
    print_rows(
        [metric_cells(row) for row in result["rows"]], _COLUMNS, empty="No prediction of these sessions is scored yet."
    )
    say(
        "[ ]: 95% interval over independent blocks of sessions; right side: of 50%, call or not; base: the base rate's;"
        " calls right: of those made; needed: sessions until it shows."
    )
    say(f"{result['first']} to {result['last']}: {result['directory']}")


@audit.command()
def audit_predictions(
    ids: Annotated[list[int] | None, typer.Argument(help="Predictions; without them a sample.")] = None,
    sample: Annotated[int, typer.Option(min=1, max=1000, help="How many to draw.")] = 20,
    mode: Annotated[str, typer.Option(help="live, backtest or backfill: where to draw from.")] = "live",
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Recompute stored predictions as of their time; exit code 1 if one differs."""
    arguments = {"prediction_ids": ids} if ids else {"sample": sample, "mode": mode}
    with open_client(open_settings(demo)) as client:
        run = _finished(client, "audit_predictions", arguments)
        lines = [line["data"] for line in _log(client, run) if line["data"]]
    detail = run["counts"]["detail"]
    if json:
        print_json({"counts": run["counts"], "predictions": lines})
    else:
        columns = {
            "prediction_id": "prediction", "model": "model", "stock_code": "stock", "asof": "made at",
            "horizon": "days", "said": "stored", "again": "recomputed", "reason": "why",
        }  # fmt: skip
        if lines:
            print_rows([audit_cells(line) for line in lines], columns, empty="")
        say(f"{detail['reproduced']} are reproduced, {detail['differ']} differ.")
    if detail["differ"]:
        raise typer.Exit(1)


def _finished(client: httpx.Client, kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return run_to_success(client, request(client, "POST", f"/api/jobs/{kind}/runs", json={"arguments": arguments}))


def _log(client: httpx.Client, run: dict[str, Any]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    while page := request(
        client, "GET", f"/api/runs/{run['id']}/events", params={"after": lines[-1]["id"] if lines else 0}
    )["items"]:
        lines += page
    return lines
