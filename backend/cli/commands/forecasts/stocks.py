"""`azak stocks`: list the watched stocks, add one, name it, pause, resume, archive it, confirm its name."""

import sys
from typing import Annotated, Any, Final

import typer

from backend.cli.client import WrongArgumentError, open_client, request, request_all
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.figures import return_cell
from backend.cli.naming import find_stock
from backend.cli.output import print_json, print_rows, printable, say
from backend.cli.sentences import in_commands
from backend.cli.waiting import require_success, wait_for_run
from backend.domain.market import STOCK_CODE, fold_name

stocks = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Stocks that azak watches."
)
Stock = Annotated[str, typer.Argument(help="Code, name or alias, for example 005930 or 삼성전자.")]
_COLUMNS: Final = {
    "code": "stock", "name": "name", "market": "market", "kind": "kind", "state": "state",
    "last_price_krw": "last price", "change": "change", "price_at": "price at", "aliases": "aliases",
}  # fmt: skip


@stocks.command("list")
def list_stocks(
    state: Annotated[str | None, typer.Option(help="active, paused or archived; all but archived if left out.")] = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Every watched stock with its last price."""
    with open_client(open_settings(demo)) as client:
        found = request_all(client, "/api/stocks", **({} if state is None else {"state": state}))
    if json:
        print_json(found)
    else:
        none = "No stock is watched; add one: 'azak stocks add NAME'." if state is None else f"No stock is {state}."
        print_rows([_line(row) for row in found], _COLUMNS, empty=none)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"change": return_cell(row["change"]), "aliases": ", ".join(row["aliases"])}


@stocks.command()
def add(
    stock: Annotated[str, typer.Argument(help="Code or name on the exchange's list, for example 005930 or 삼성전자.")],
    *,
    name: Annotated[str | None, typer.Option(help="Name of a code that the exchange's list does not have.")] = None,
    market: Annotated[str | None, typer.Option(help="KOSPI, KOSDAQ or KONEX, of such a code.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until its history is loaded.")] = False,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Watch a stock: load its history, then predict it and write about it."""
    given = stock.strip()
    named = {"code": given.upper(), "name": name} if STOCK_CODE.match(given.upper()) else {"name": given}
    body = {key: value for key, value in (named | {"market": market}).items() if value is not None}
    with open_client(open_settings(demo)) as client:
        added = request(client, "POST", "/api/stocks", json=body)
        run = wait_for_run(client, added) if wait else added
    if json:
        print_json(run)
    else:
        say(f"{run['kind']} {run['state']}: azak runs show {run['id']}")
    if notice := added.get("notice"):
        print(printable(in_commands(notice)), file=sys.stderr)
    if wait:
        require_success(run)


@stocks.command()
def pause(stock: Stock, demo: DemoOption = False) -> None:
    """Do no more work for a stock until it is resumed; it stays in the lists."""
    _change(stock, "paused", demo=demo)


@stocks.command()
def resume(stock: Stock, demo: DemoOption = False) -> None:
    """Work again for a paused or archived stock."""
    _change(stock, "active", demo=demo, archived=True)


@stocks.command()
def archive(stock: Stock, demo: DemoOption = False) -> None:
    """Do no more work for a stock and hide it; its record stays."""
    _change(stock, "archived", demo=demo)


@stocks.command()
def alias(
    stock: Stock,
    name: Annotated[str, typer.Argument(help="Another name that headlines call it by, for example 삼전.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take a name away that you gave.")] = False,
    demo: DemoOption = False,
) -> None:
    """Give a stock another name that headlines call it by; it counts for what is read from now on."""
    with open_client(open_settings(demo)) as client:
        found = find_stock(client, stock)
        given = name.strip()
        known = [one for one in found["aliases"] if fold_name(one) != fold_name(given)]
        if remove and len(known) == len(found["aliases"]):
            raise WrongArgumentError(f"'{given}' is no name that you gave {found['name']}; see 'azak stocks list'.")
        aliases = known if remove else [*known, given]
        changed = request(client, "PATCH", f"/api/stocks/{found['code']}", json={"aliases": aliases})
    say(f"{found['name']} ({found['code']}): {', '.join(changed['aliases']) or 'no other name'}")


@stocks.command()
def seen(stock: Stock, demo: DemoOption = False) -> None:
    """Confirm that you looked at a stock's new name: it is the same company."""
    with open_client(open_settings(demo)) as client:
        found = find_stock(client, stock)
        request(client, "PATCH", f"/api/stocks/{found['code']}", json={"seen": True})
    say(f"{found['name']} ({found['code']}): seen")


def _change(stock: str, state: str, *, demo: bool, archived: bool = False) -> None:
    with open_client(open_settings(demo)) as client:
        found = find_stock(client, stock, archived=archived)
        request(client, "PATCH", f"/api/stocks/{found['code']}", json={"state": state})
    say(f"{found['name']} ({found['code']}): {state}")
