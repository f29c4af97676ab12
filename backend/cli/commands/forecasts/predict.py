"""`azak predict STOCK`: request new predictions for a stock, wait, and print them with the record of each model."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import httpx
import typer

from backend.cli.client import open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.figures import forecast_cells
from backend.cli.naming import find_stock
from backend.cli.output import cell, is_terminal, print_json, print_rows, say
from backend.cli.waiting import run_to_success
from backend.domain.figures import percent

predict = typer.Typer(add_completion=False, rich_markup_mode=None)
_MODES: Final = ("live", "backtest")
_COLUMNS: Final = {
    "id": "prediction", "model": "model", "horizon": "days", "usual": "usually", "p_up": "now of 100",
    "band": "80% band", "word": "verdict", "news": "news", "opinions": "calls right", "held": "band held",
    "size": "expected size", "asof": "predicted at",
}  # fmt: skip
_OF_STOCK: Final = {"stock_code": "stock", "name": "name"}
_NONE_YET = "There is no prediction yet; run 'azak jobs run train_models --wait' first."


@predict.command()
def make_predictions(
    stock: Annotated[str, typer.Argument(help="Code, name or alias, for example 005930 or 삼성전자.")],
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Make new predictions for a stock and print the newest ones, a row for each model and horizon.

    usually, now of 100: how often stocks beat the market until the exit, days trading days ahead, and how often this
    one would now; verdict: a call is proven beyond base rate and cost, what leans is not; news: items it rests on;
    calls right, band held: the model's record so far, of how many; expected size: of the move without the market's.
    """
    with open_client(open_settings(demo)) as client:
        found = find_stock(client, stock)
        run_to_success(client, request(client, "POST", "/api/prediction", json={"stock_code": found["code"]}))
        newest = _newest(client, found["code"])
        if json:
            print_json(newest)
            return
        records = {horizon: _records(client, horizon) for horizon in {row["horizon"] for row in newest}}
        sizes = {row["horizon"]: row["size"] for row in newest if row["size"] is not None}
        rows = [
            _line(client, row, records[row["horizon"]])
            | {"name": found["name"], "size": _size(sizes.get(row["horizon"]))}
            for row in newest
            if row["size"] is None
        ]
    if rows and is_terminal():
        say(f"{found['name']} ({found['code']}), predicted {cell(rows[0]['asof'])}", "bold")
    print_rows(rows, _COLUMNS if is_terminal() else {"id": "", **_OF_STOCK, **_COLUMNS}, empty=_NONE_YET)


def _newest(client: httpx.Client, code: str) -> list[dict[str, Any]]:
    """The newest predictions of each horizon, by model: all models predict a horizon together, if it changed."""
    found = request(client, "GET", "/api/prediction", params={"stock_code": code, "limit": 200})["items"]
    made_at: dict[int, str] = {}
    for row in found:
        made_at.setdefault(row["horizon"], row["asof"])
    newest = [
        row for row in found
        if row["asof"] == made_at[row["horizon"]] and row["trade_date"] == found[0]["trade_date"]
    ]  # fmt: skip
    return sorted(newest, key=lambda row: (row["model"], row["horizon"]))


def _records(client: httpx.Client, horizon: int) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Name of a model -> mode and figures of its record: live ones, before the first of them those of the backtest."""
    records: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for mode in _MODES:
        wanted = {"horizon": horizon, "mode": mode}
        for item in request(client, "GET", "/api/evaluations", params=wanted)["items"]:
            if item["n"] > 0:
                records.setdefault(item["model"], (mode, item["metrics"]))
    return records


def _line(
    client: httpx.Client, row: dict[str, Any], records: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> dict[str, Any]:
    evidence = request(client, "GET", f"/api/prediction/{row['id']}")["evidence"]
    low, high = row["quantiles_krw"][1], row["quantiles_krw"][-2]
    mode, figures = records.get(row["model"], ("", {}))
    return forecast_cells(row) | {
        "band": f"{low:,}-{high:,}",
        "news": len(evidence),
        "opinions": _share(figures.get("accuracy_shown"), mode),
        "held": _share(figures.get("band_coverage"), mode),
    }


def _size(size: Mapping[str, float] | None) -> str | None:
    """The mean size that is expected and the stock's usual one; None while that is not known."""
    return None if size is None else f"±{percent(size['expected'])} (usually ±{percent(size['usual'])})"


def _share(estimate: Mapping[str, Any] | None, mode: str) -> str | None:
    """A share and of how many; None without any, as of a model that never gave an opinion."""
    if not estimate or estimate.get("value") is None or not estimate.get("n"):
        return None
    return f"{percent(estimate['value'])} of {estimate['n']:,}{'' if mode == 'live' else f' ({mode})'}"
