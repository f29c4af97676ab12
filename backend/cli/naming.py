"""What people type for a thing -> the thing: the beginning of an id, a stock's code, name or alias.

What names nothing, or more than one thing, is refused with what it may have meant.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpx

from backend.cli.client import WrongArgumentError, request, request_all
from backend.domain.market import fold_name

_UUID_LENGTH: Final = 36
_ID_BEGINNING = re.compile(r"^(-?[0-9a-f]){1,32}-?$")
_SHOWN_CANDIDATES: Final = 5


def find_run(client: httpx.Client, given: str) -> str:
    """The id of the run whose id begins with `given`. Raises WrongArgumentError."""
    beginning = _id_beginning(given, "azak runs list")
    if len(beginning) == _UUID_LENGTH:
        return beginning
    wanted = {"id_prefix": beginning, "limit": _SHOWN_CANDIDATES + 1}
    return _only(beginning, request(client, "GET", "/api/runs", params=wanted)["items"], "kind", "azak runs list")


def find_key(client: httpx.Client, given: str) -> str:
    """The id of the API key whose id begins with `given`. Raises WrongArgumentError."""
    beginning = _id_beginning(given, "azak keys list")
    keys = request(client, "GET", "/api/keys")["items"]
    return _only(beginning, [key for key in keys if key["id"].startswith(beginning)], "name", "azak keys list")


def _id_beginning(given: str, command: str) -> str:
    beginning = given.strip().lower()
    if not _ID_BEGINNING.match(beginning):
        raise WrongArgumentError(f"'{given}' is no id; take one, or its beginning, from '{command}'.")
    return beginning


def _only(beginning: str, found: Sequence[dict[str, Any]], label: str, command: str) -> str:
    if not found:
        raise WrongArgumentError(f"No id begins with '{beginning}'; see '{command}'.")
    if len(found) > 1:
        shown = ", ".join(f"{item['id']} ({item[label]})" for item in found[:_SHOWN_CANDIDATES])
        more = " and more" if len(found) > _SHOWN_CANDIDATES else ""
        raise WrongArgumentError(f"'{beginning}' begins several ids, give more of it: {shown}{more}.")
    found_id: str = found[0]["id"]
    return found_id


def find_stock(client: httpx.Client, given: str, *, archived: bool = False) -> dict[str, Any]:
    """The watched stock of this code, name or alias; case and spaces do not count. Raises WrongArgumentError.

    `archived`: look among the archived ones, too.
    """
    stocks = request_all(client, "/api/stocks")
    wanted = fold_name(given)
    found = _meant(wanted, stocks)
    if not found:
        kept = _meant(wanted, request_all(client, "/api/stocks", state="archived"))
        if kept and not archived:
            code = kept[0]["code"]
            raise WrongArgumentError(f"'{given}' is archived; bring it back with 'azak stocks resume {code}'.")
        found = kept
    if len(found) > 1:
        raise WrongArgumentError(f"'{given}' names several stocks, give the code: {_listed(found)}.")
    if not found:
        close = _close(wanted, stocks)
        meant = f"did you mean {_listed(close)}? Otherwise add it" if close else "add it"
        raise WrongArgumentError(f"'{given}' is not watched; {meant} with 'azak stocks add {given}'.")
    return found[0]


def _meant(wanted: str, stocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [stock for stock in stocks if fold_name(stock["code"]) == wanted] or [
        stock for stock in stocks if wanted in map(fold_name, (stock["name"], *stock["aliases"]))
    ]


def _close(wanted: str, stocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stocks one of whose names holds `wanted`, is held by it or is spelt much like it; the nearest first."""

    def likeness(stock: dict[str, Any]) -> float:
        names = [fold_name(name) for name in (stock["code"], stock["name"], *stock["aliases"])]
        holds = any(wanted in name or name in wanted for name in names if wanted)
        return holds + max(difflib.SequenceMatcher(None, wanted, name).ratio() for name in names)

    near = sorted(((likeness(stock), stock["code"], stock) for stock in stocks), reverse=True)
    return [stock for score, _, stock in near if score >= 0.6][:_SHOWN_CANDIDATES]


def _listed(stocks: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{stock['name']} ({stock['code']})" for stock in stocks)
