"""`azak report` and `azak predict`: request a report or predictions for a stock, wait, and print them."""

from typing import Annotated, Any

import httpx
import typer

from backend.cli.client import open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.figures import forecast_cells
from backend.cli.output import console, print_json, print_rows
from backend.cli.waiting import require_success, wait_for_run

report = typer.Typer(add_completion=False, rich_markup_mode=None)
predict = typer.Typer(add_completion=False, rich_markup_mode=None)
Code = Annotated[str, typer.Argument(help="Stock code, for example 005930.")]


@report.command()
def write_report(
    code: Code,
    english: Annotated[bool, typer.Option("--english", help="Print the English text.")] = False,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Write a new report about a stock; if nothing has changed, the last one is printed."""
    with open_client(open_settings(demo)) as client:
        _ask(client, "/api/reports", code)
        found = request(client, "GET", "/api/reports", params={"stock_code": code, "limit": 1})["items"]
        newest = request(client, "GET", f"/api/reports/{found[0]['id']}") if found else None
    if json:
        print_json(newest)
    elif newest is None:
        console.print("There is no report yet: the models are not trained; run 'azak jobs run train_models --wait'.")
    else:
        console.print(newest["text_en" if english else "text_ko"], markup=False, soft_wrap=True)


@predict.command()
def make_predictions(code: Code, demo: DemoOption = False, json: JsonOption = False) -> None:
    """Make new predictions for a stock and print the newest ones."""
    with open_client(open_settings(demo)) as client:
        _ask(client, "/api/prediction", code)
        found = request(client, "GET", "/api/prediction", params={"stock_code": code, "limit": 20})["items"]
    if json:
        print_json(found)
        return
    rows = [forecast_cells(row) for row in found if row["asof"] == found[0]["asof"]]
    columns = {
        "model": "model", "horizon": "days", "p_up": "beats market", "usual": "usually", "direction": "opinion",
        "asof": "predicted at",
    }  # fmt: skip
    print_rows(rows, columns, empty="There is no prediction yet; run 'azak jobs run train_models --wait' first.")


def _ask(client: httpx.Client, path: str, code: str) -> dict[str, Any]:
    """POST the request and wait for its run. Raises RequestRefusedError when the run does not succeed."""
    run = wait_for_run(client, request(client, "POST", path, json={"stock_code": code}))
    require_success(run)
    return run
