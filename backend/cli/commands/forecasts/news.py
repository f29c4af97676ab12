"""`azak news`: list news and filings, or show one with its stocks and what the price did afterwards."""

from typing import Annotated, Any, Final

import typer

from backend.cli.client import open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.figures import return_cell
from backend.cli.naming import find_stock
from backend.cli.output import print_fields, print_json, print_rows

news = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="News and filings.")
_COLUMNS: Final = {
    "id": "news", "published_at": "published", "known_at": "seen", "source": "source", "stock_codes": "stocks",
    "title": "title",
}  # fmt: skip
_IMPACTS: Final = {
    "stock_code": "stock", "horizon": "days", "state": "state", "exit_trade_date": "exit", "raw_return": "return",
    "adjusted_return": "against market",
}  # fmt: skip


@news.command("list")
def list_news(
    *,
    stock: Annotated[str | None, typer.Option(help="Only about this stock: code, name or alias.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source, as in 'azak sources list'.")] = None,
    kind: Annotated[str | None, typer.Option(help="article or filing.")] = None,
    limit: int = 20,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """News and filings, newest first."""
    with open_client(open_settings(demo)) as client:
        code = None if stock is None else find_stock(client, stock, archived=True)["code"]
        wanted = {"stock_code": code, "source": source, "kind": kind, "limit": limit}
        given = {name: value for name, value in wanted.items() if value is not None}
        found = request(client, "GET", "/api/news", params=given)
    if json:
        print_json(found)
        return
    rows = [row | {"stock_codes": ",".join(row["stock_codes"] or ())} for row in found["items"]]
    print_rows(rows, _COLUMNS, empty="No news is like that; 'azak jobs run crawl_news --wait' reads the sources.")


@news.command()
def show(
    news_id: Annotated[int, typer.Argument(help="Its number, as in 'azak news list'.")],
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """One item with its stocks, its story and the returns after it."""
    with open_client(open_settings(demo)) as client:
        found = request(client, "GET", f"/api/news/{news_id}")
    if json:
        print_json(found)
        return
    item, story = found["news"], found["story"]
    shown = ("title", "publisher", "source", "published_at", "known_at", "url", "snippet")
    stocks = ", ".join(f"{link['name']} ({link['stock_code']})" for link in found["links"])
    copies = None if story is None else f"{story['event_type']}, {story['size']} items"
    print_fields({name: item[name] for name in shown} | {"stocks": stocks or None, "story": copies})
    print_rows([_line(row) for row in found["impacts"]], _IMPACTS, empty="No return is measured after it yet.")


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: return_cell(row[name]) for name in ("raw_return", "adjusted_return")}
