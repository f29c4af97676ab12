"""`azak report STOCK` writes a report and prints it; `azak reports` lists those there are and prints one again."""

from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import RequestRefusedError, WrongArgumentError, open_client, request, request_file
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
_DRAWN_WITHIN_S = 90
_FORMS = ("md", "html", "pdf")
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


@reports.command()
def save(
    report_id: Annotated[int, typer.Argument(help="Its number, as in 'azak reports list'.")],
    file: Annotated[Path, typer.Argument(help="Where to; its ending says the form: .md, .html or .pdf.")],
    english: English = False,
    demo: DemoOption = False,
) -> None:
    """Save a report as a file: Markdown, HTML that prints well, or PDF."""
    form = file.suffix.removeprefix(".").lower()
    if form not in _FORMS:
        raise WrongArgumentError(f"A report is saved as {', '.join(_FORMS)}; end the file's name in one of these.")
    with open_client(open_settings(demo)) as client:
        asked = {"language": "en" if english else "ko"}
        content = request_file(client, f"/api/reports/{report_id}.{form}", params=asked, timeout=_DRAWN_WITHIN_S)
    file.write_bytes(content)
    say(f"Saved {file}.")


@reports.command()
def briefs(
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 1,
    english: English = False,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Print the newest briefs of the watchlist: before a session opens, and after its close."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", "/api/briefs", params={"limit": limit})
    if json:
        print_json(found)
        return
    if not found["items"]:
        say("There is no brief yet; one is written 20 minutes before each session and 45 minutes after its close.")
    for brief in found["items"]:
        _print(brief, english=english, json=False)


def _print(found: dict[str, Any], *, english: bool, json: bool) -> None:
    if json:
        print_json(found)
        return
    text, news = (found["text_en"], "news") if english else (found["text_ko"], "뉴스")
    for line, is_heading in report_lines(text, news):
        say(line, "bold" if is_heading else "")
