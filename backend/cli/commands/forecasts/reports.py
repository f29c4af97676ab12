"""`azak report STOCK` writes a report and prints it; `azak reports` lists those there are and prints one again."""

from typing import Annotated, Any

import typer

from backend.cli.client import RequestRefusedError, open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.naming import find_stock
from backend.cli.output import print_json, print_rows, say
from backend.cli.report_text import report_lines
from backend.cli.waiting import run_to_success

report = typer.Typer(add_completion=False, rich_markup_mode=None)
reports = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Reports about stocks.")
Stock = Annotated[str, typer.Argument(help="Code, name or alias, for example 005930 or 삼성전자.")]
English = Annotated[bool, typer.Option("--english", help="Print the English text.")]
_COLUMNS = {
    "id": "report", "stock_code": "stock", "name": "name", "asof": "as of", "trigger": "reason", "writer": "writer",
}  # fmt: skip
_NONE_YET = "There is no report yet; write one with 'azak report STOCK'."


@report.command()
def write_report(stock: Stock, english: English = False, demo: DemoOption = False, json: JsonOption = False) -> None:
    """Write a new report about a stock; if nothing has changed, the last one is printed."""
    with open_client(open_settings(demo)) as client:
        code = find_stock(client, stock)["code"]
        run_to_success(client, request(client, "POST", "/api/reports", json={"stock_code": code}))
        found = request(client, "GET", "/api/reports", params={"stock_code": code, "limit": 1})["items"]
        if not found:
            raise RequestRefusedError(
                "There is no report yet: the models are not trained; run 'azak jobs run train_models --wait'."
            )
        newest = request(client, "GET", f"/api/reports/{found[0]['id']}")
    _print(newest, english=english, json=json)


@reports.command("list")
def list_reports(
    stock: Annotated[str | None, typer.Option(help="Only about this stock: code, name or alias.")] = None,
    limit: int = 20,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Reports, newest first."""
    with open_client(open_settings(demo)) as client:
        of_stock = {} if stock is None else {"stock_code": find_stock(client, stock, archived=True)["code"]}
        found = request(client, "GET", "/api/reports", params={"limit": limit, **of_stock})
    if json:
        print_json(found)
    else:
        print_rows(found["items"], _COLUMNS, empty=_NONE_YET)


@reports.command()
def show(
    report_id: Annotated[int, typer.Argument(help="Its number, as in 'azak reports list'.")],
    english: English = False,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Print a report."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", f"/api/reports/{report_id}")
    _print(found, english=english, json=json)


def _print(found: dict[str, Any], *, english: bool, json: bool) -> None:
    if json:
        print_json(found)
        return
    text, news = (found["text_en"], "news") if english else (found["text_ko"], "뉴스")
    for line, is_heading in report_lines(text, news):
        say(line, "bold" if is_heading else "")
