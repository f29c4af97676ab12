"""`azak ab`: A/B tests of two models, from the draft to the decision."""

from typing import Annotated, Any, Final

import httpx
import typer

from backend.cli.client import RequestRefusedError, open_client, path_of, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_fields, print_json, print_rows, say

ab = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="A/B tests of two models; at most one runs."
)
TestId = Annotated[int, typer.Argument(help="Its number, as in 'azak ab list'.")]
Model = Annotated[str, typer.Argument(help="A model, as in 'azak models list'; its newest version is taken.")]
_COLUMNS: Final = {
    "id": "test", "name": "name", "state": "state", "a": "A", "b": "B", "horizon": "days", "metric": "metric",
    "verdict": "verdict", "started_at": "started",
}  # fmt: skip


@ab.command("list")
def list_tests(limit: int = 20, demo: DemoOption = False, json: JsonOption = False) -> None:
    """A/B tests, newest first."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/ab_test", params={"limit": limit})
    if json:
        print_json(found)
    else:
        rows = [_line(row) for row in found["items"]]
        print_rows(rows, _COLUMNS, empty="There is no A/B test; draft one with 'azak ab draft MODEL MODEL'.")


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "a": f"{row['model_a']} {row['version_a']}",
        "b": f"{row['model_b']} {row['version_b']}",
        "verdict": (row["verdict"] or {}).get("verdict"),
    }


@ab.command()
def show(test_id: TestId, demo: DemoOption = False, json: JsonOption = False) -> None:
    """A test and its results so far."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", f"/api/ab_test/{test_id}/status")
    if json:
        print_json(found)
        return
    line, panel = _line(found["test"]), found["panel"]
    shown = ("name", "state", "a", "b", "horizon", "metric", "minimum_sessions", "started_at", "decided_at")
    print_fields({name: line[name] for name in shown})
    if panel is None:
        say("No result yet: the first comes at 17:00 after both have a scored prediction.")
        return
    results = ("verdict", "reason", "n", "n_days", "blocks", "difference", "low", "high", "sessions_needed")
    print_fields({name: panel[name] for name in results})


@ab.command()
def draft(
    a: Model,
    b: Model,
    *,
    name: Annotated[str | None, typer.Option(help="Its name; left out: 'A against B'.")] = None,
    horizon: Annotated[int, typer.Option(help="Trading days ahead: 0, 1, 3 or 5.")] = 1,
    metric: Annotated[
        str, typer.Option(help="brier, log_loss or accuracy; of sizes size_brier or size_pinball.")
    ] = "brier",
    minimum_sessions: Annotated[int, typer.Option(help="Trading days before it may be decided.")] = 40,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Draft a test; start it with 'azak ab start'."""
    with open_client(open_settings(demo)) as client:
        body = {
            "name": name or f"{a} against {b}", "model_version_a": _newest_version(client, a),
            "model_version_b": _newest_version(client, b), "horizon": horizon, "metric": metric,
            "minimum_sessions": minimum_sessions,
        }  # fmt: skip
        drafted = request(client, "POST", "/api/ab_test", json=body)
    if json:
        print_json(drafted)
    else:
        say(f"{drafted['id']}: {drafted['name']}; start it with 'azak ab start {drafted['id']}'")


def _newest_version(client: httpx.Client, model: str) -> int:
    versions = request(client, "GET", path_of("models", model))["versions"]
    if not versions:
        raise RequestRefusedError(f"{model} is not trained yet; run 'azak jobs run train_models --wait'.")
    version: int = versions[0]["id"]
    return version


@ab.command()
def start(test_id: TestId, demo: DemoOption = False) -> None:
    """Start a draft."""
    _do("start", test_id, demo=demo)


@ab.command()
def stop(test_id: TestId, demo: DemoOption = False) -> None:
    """End a running test without a winner."""
    _do("stop", test_id, demo=demo)


@ab.command()
def decide(test_id: TestId, demo: DemoOption = False) -> None:
    """Freeze the verdict of a running test."""
    _do("decide", test_id, demo=demo)


@ab.command()
def promote(test_id: TestId, demo: DemoOption = False) -> None:
    """Show people the model that won."""
    _do("promote", test_id, demo=demo)


@ab.command()
def archive(test_id: TestId, demo: DemoOption = False) -> None:
    """Put a decided test away."""
    _do("archive", test_id, demo=demo)


def _do(action: str, test_id: int, *, demo: bool) -> None:
    with open_client(open_settings(demo)) as client:
        test = _line(request(client, "POST", f"/api/ab_test/{test_id}/{action}"))
    verdict = f" ({test['verdict']})" if test["verdict"] else ""
    say(f"{test['name']}: {test['state']}{verdict}")
