"""`azak backtest` and `azak audit`: score models on past sessions, and recompute stored predictions.

Both start a run of the scheduler, wait for it and print its result. Ctrl-C stops waiting, not the run.
"""

from typing import Annotated, Any

import httpx
import typer

from backend.cli.client import RequestRefusedError, open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_json, print_rows, say
from backend.cli.waiting import run_to_success

backtest = typer.Typer(add_completion=False, rich_markup_mode=None)
audit = typer.Typer(add_completion=False, rich_markup_mode=None)
_COLUMNS = {
    "model": "model", "horizon": "days", "n": "n", "n_days": "sessions", "skill": "Brier skill %",
    "accuracy": "accuracy %", "base": "base %", "coverage": "calls %", "needed": "needed",
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
    print_rows([_line(row) for row in result["rows"]], _COLUMNS, empty="No prediction of these sessions is scored yet.")
    say("[ ]: 95 % interval by session; base: the base rate's; needed: sessions until it shows.")
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
            print_rows([_formatted(line) for line in lines], columns, empty="")
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


def _line(row: dict[str, Any]) -> dict[str, Any]:
    accuracy, need = row["accuracy"] or {}, row["sessions_needed"] or {}
    return row | {
        "skill": _range(row["brier_skill"]),
        "accuracy": _range(row["accuracy"]),
        "base": _percent(accuracy.get("baseline")),
        "coverage": _percent((row["coverage"] or {}).get("value")),
        "needed": need.get("value"),
    }


def _formatted(line: dict[str, Any]) -> dict[str, Any]:
    again = "-" if line["again"] is None else f"{line['again']:.4f}"
    return line | {"said": f"{line['said']:.4f}", "again": again}


def _range(estimate: dict[str, Any] | None) -> str:
    if estimate is None or estimate["low"] is None:
        return "-"
    value, low, high = (100 * estimate[name] for name in ("value", "low", "high"))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"
