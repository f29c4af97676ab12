"""`azak import`: prices, news and listings of files that a person holds, read by the scheduler on its machine.

It starts one run, waits for it and prints how each file was read, what was stored and what was refused. Ctrl-C stops
waiting, not the run. With --dry-run the same is printed and nothing is stored.
"""

import datetime as dt
import shlex
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer

from backend.cli.client import WrongArgumentError, open_client, request
from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_json, say
from backend.cli.waiting import require_success, wait_for_run
from backend.domain.market import STOCK_CODE

import_ = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
_DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_ENCODINGS: Final = ("utf-8", "utf-8-sig", "cp949", "utf-16")
_REFUSED_SHOWN: Final = 10
_NAMES: Final = {
    "new": "new", "changed": "changed", "same": "the same as stored", "merged": "said twice in the file",
    "without_trade": "without a trade", "rebased_series": "series adjusted anew", "stocks": "stocks added as paused",
    "links": "links to stocks", "stories": "stories", "companies": "numbers of DART", "named": "stocks named",
}  # fmt: skip

Files = Annotated[list[Path], typer.Argument(help="Files on the machine of the scheduler.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be stored, and store nothing.")]
Map = Annotated[list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column a field is.")]
Encoding = Annotated[str | None, typer.Option(help="utf-8, utf-8-sig, cp949 or utf-16; else it is found.")]
Delimiter = Annotated[str | None, typer.Option(help="comma, semicolon, tab or bar; else it is found.")]
Code = Annotated[str | None, typer.Option(help="The stock of a file whose rows have no code.")]


@import_.callback()
def about() -> None:
    """Bring history of your own in."""


@import_.command()
def prices(
    files: Files,
    *,
    dry_run: DryRun = False,
    adjusted: Annotated[bool, typer.Option("--adjusted", help="Prices are adjusted for splits.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Prices are as they were traded.")] = False,
    code: Code = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The day of a file without one.")] = None,
    columns: Map = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Daily bars: KRX, pykrx, FinanceDataReader, marcap, yfinance, KIS, Kiwoom and others, as CSV or JSON."""
    if adjusted and raw:
        raise WrongArgumentError("Give --adjusted or --raw, not both.")
    basis = "adjusted" if adjusted else "raw" if raw else None
    said = {"basis": basis, "code": _code(code), "day": _day(date), "dry_run": dry_run}
    said |= _form(columns, encoding, delimiter)
    _run("prices", files, said, demo=demo, json=json)


@import_.command()
def news(
    files: Files,
    *,
    dry_run: DryRun = False,
    code: Code = None,
    columns: Map = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Titles: Naver's search, BigKinds, or any CSV or JSON lines with a title and a date."""
    said = {"code": _code(code), "dry_run": dry_run} | _form(columns, encoding, delimiter)
    _run("news", files, said, demo=demo, json=json)


@import_.command()
def listed(
    files: Files,
    *,
    dry_run: DryRun = False,
    market: Annotated[str | None, typer.Option(help="KOSPI, KOSDAQ or KONEX, of a file without it.")] = None,
    columns: Map = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Listed stocks: KRX, KIND, FinanceDataReader, DART's CORPCODE.xml."""
    said = {"market": market, "dry_run": dry_run} | _form(columns, encoding, delimiter)
    _run("listed", files, said, demo=demo, json=json)


def _code(text: str | None) -> str | None:
    """A code in the forms that people write it: 005930, 5930, A005930."""
    if text is None:
        return None
    code = text.strip().upper()
    code = code.zfill(6) if code.isdigit() else code.removeprefix("A")
    if not STOCK_CODE.match(code):
        raise WrongArgumentError(f"--code {text} is no code of a Korean stock; write it like 005930.")
    return code


def _day(text: str | None) -> str | None:
    try:
        return text and dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise WrongArgumentError(f"--date {text} is no day; write it like 2026-03-20.") from error


def _form(columns: list[str] | None, encoding: str | None, delimiter: str | None) -> dict[str, Any]:
    """How the files are written, as the run's arguments."""
    pairs = [pair.partition("=") for pair in columns or ()]
    if wrong := [name for name, _, column in pairs if not (name and column)]:
        raise WrongArgumentError(f"--map {wrong[0]} names no column; write it like --map open=시가2.")
    if encoding is not None and encoding not in _ENCODINGS:
        raise WrongArgumentError(f"--encoding {encoding} is none; take one of {', '.join(_ENCODINGS)}.")
    if delimiter is not None and delimiter not in _DELIMITERS:
        raise WrongArgumentError(f"--delimiter {delimiter} is none; take one of {', '.join(_DELIMITERS)}.")
    mapping = {name.strip(): column.strip().strip("'\"") for name, _, column in pairs}
    return {"columns": mapping or None, "encoding": encoding, "delimiter": delimiter and _DELIMITERS[delimiter]}


def _run(kind: str, files: list[Path], said: dict[str, Any], *, demo: bool, json: bool) -> None:
    given = {name: value for name, value in said.items() if value is not None}
    arguments = given | {"kind": kind, "files": [str(path.absolute()) for path in files]}
    with open_client(open_settings(demo)) as client:
        run = wait_for_run(
            client, request(client, "POST", "/api/jobs/import_files/runs", json={"arguments": arguments})
        )
        lines = _log(client, run)
    if json:
        print_json({"run": run, "files": lines["file"], "result": lines["result"][-1] if lines["result"] else None})
    else:
        for file in lines["file"]:
            _print_file(kind, file)
        for result in lines["result"][-1:]:
            _print_result(result)
    require_success(run)


def _log(client: httpx.Client, run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Data of the run's log lines about files and of the whole; those of its last attempt."""
    found: dict[str, list[dict[str, Any]]] = {"file": [], "result": []}
    after = 0
    while page := request(client, "GET", f"/api/runs/{run['id']}/events", params={"after": after})["items"]:
        after = page[-1]["id"]
        for line in page:
            if line["message"] in found:
                found[line["message"]].append(line["data"])
    newest = {file["path"]: file for file in found["file"]}
    return found | {"file": list(newest.values())}


def _print_file(kind: str, file: dict[str, Any]) -> None:
    say(file["path"], "bold")
    if "form" in file:
        header = f"header in line {file['header_line']}" if file["header_line"] else None
        parts = [file.get("layout"), file["form"], file["encoding"], header]
        say(f"  read as {', '.join(part for part in parts if part)}")
        say(f"  columns {', '.join(f'{name}={column}' for name, column in file['columns'].items())}")
        _print_found(file)
        say(f"  the same again: azak import {kind} {shlex.quote(file['path'])} {' '.join(file['repeat'])}")
    if file["fault"]:
        say(f"  not read: {file['fault']}", "red")
        return
    say(f"  {file['counts'].get('rows', 0)} rows: {_counted(file['counts'])}")
    if file["refused"]:
        told = ", ".join(f"{kind} {number}" for kind, number in file["refused"].items())
        say(f"  refused {sum(file['refused'].values())}: {told}")
    for one in file["first_refused"][:_REFUSED_SHOWN]:
        of = " ".join(part for part in (one["code"], one["day"]) if part)
        say(f"    line {one['line']} {of}: {one['reason']}{' [' + one['value'] + ']' if one['value'] else ''}")


def _print_found(file: dict[str, Any]) -> None:
    if file.get("first_day"):
        missing = file.get("sessions_missing", 0)
        told = f", {missing} sessions in between are missing ({', '.join(file.get('missing', []))})" if missing else ""
        say(f"  days {file['first_day']} to {file['last_day']}{told}")
    if file.get("basis"):
        say(f"  prices are {file['basis']}: {file['basis_because']}")
    if file["is_cut"]:
        say("  the archive is cut: only what came before is read", "red")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts[name]} {words}" for name, words in _NAMES.items() if counts.get(name)) or "nothing new"


def _print_result(result: dict[str, Any]) -> None:
    head = "Nothing is stored; the import would store" if result["dry_run"] else "Stored"
    say(f"{head}: {_counted(result['counts'])}; refused {result['counts'].get('refused', 0)}.")
    if result["counts"].get("stocks"):
        say("Stocks that were not known are paused: their history counts, and nothing new is made of them until"
            " 'azak stocks resume CODE'.")  # fmt: skip
    if result.get("flaws"):
        say(f"Looked at: {', '.join(f'{name} {number}' for name, number in result['flaws'].items())}")
    if result["rejects"]:
        say(f"Every refused row: {result['rejects']}")
