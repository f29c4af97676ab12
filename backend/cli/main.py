"""Entry point of `azak`: lists the commands and imports the module of a command only when it is called.

`azak --help` then imports typer only: 0.1 s instead of 3 s with SQLAlchemy, Alembic and httpx (measured).
"""

import importlib
import keyword
import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from backend.errors import AzakError
from backend.trouble import INTERNAL_ERROR

FAILED, WRONG_USAGE, UNREACHABLE = 1, 2, 3
# HTTP status of a refusal -> exit code; every other one is FAILED.
EXIT_CODES: Final = {404: WRONG_USAGE, 422: WRONG_USAGE, 503: UNREACHABLE}

COMMANDS = {
    "init": ("init", "Ask for the keys of sources, keep them and try each one."),
    "up": ("service.up", "Start all in the foreground (--demo: with a stand-in world)."),
    "stop": ("service.stop", "End the running 'azak up' of this data directory."),
    "open": ("open", "Open the page in a browser, or print its address."),
    "status": ("status", "Show which parts are alive and how old the data is."),
    "doctor": ("doctor", "Check this machine and say how to repair what is wrong."),
    "logs": ("service.logs", "Print the last log lines of each process; -f follows."),
    "stocks": ("forecasts.stocks", "List, add, pause, resume and archive stocks."),
    "news": ("forecasts.news", "List news and filings, or show one."),
    "predict": ("forecasts.predict", "Make new predictions for a stock and print them."),
    "report": ("forecasts.reports", "Write a new report about a stock and print it."),
    "reports": ("forecasts.reports", "List reports, or print one again."),
    "models": ("forecasts.models", "List, show, add and retire models."),
    "ab": ("forecasts.ab", "Compare two models: draft, start and decide A/B tests."),
    "import": ("imports", "Bring prices, news and listings of your own files in."),
    "backtest": ("forecasts.record", "Score the models on past sessions, as it would have been then."),
    "audit": ("forecasts.record", "Make stored predictions again and compare."),
    "jobs": ("jobs", "List, pause and change the schedule, run a job now, show its history."),
    "runs": ("runs", "List and show executions, cancel them or try them again."),
    "sources": ("sources", "List the places data comes from, or ask each one now."),
    "calendar": ("calendar", "List and set days with unusual hours of the exchange."),
    "keys": ("keys", "Make, list and revoke keys of programs and people."),
    "sign-in": ("keys", "Print a link that signs one browser in, once."),
    "config": ("settings", "Show the settings in force, or an example of all."),
    "db": ("db", "Migrate the database, or show its revision."),
    "dashboard": ("dashboard", "Build the page that the API shows at /."),
    "api": ("service.processes", "Run one API process in the foreground."),
    "scheduler": ("service.processes", "Run the scheduler service in the foreground."),
    "worker": ("service.processes", "Run one more executor of runs, on this or another machine."),
    "version": ("version", "Print the version of azak, as --version does."),
}


class _LazyGroup(TyperGroup):
    """Command group that lists COMMANDS and loads a command when it is called.

    By importlib, because argv decides which module is needed.
    """

    def __init__(self, **options: Any) -> None:
        stubs = {name: TyperCommand(name, help=summary) for name, (_, summary) in COMMANDS.items()}
        super().__init__(**(options | {"commands": stubs}))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, stub, rest = super().resolve_command(ctx, args)
        return name, (_load(name) if name else stub), rest


def _load(name: str) -> Any:
    module = importlib.import_module(f"backend.cli.commands.{COMMANDS[name][0]}")
    attribute = name.replace("-", "_")
    return typer.main.get_command(getattr(module, f"{attribute}_" if keyword.iskeyword(attribute) else attribute))


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        importlib.import_module("backend.cli.commands.version").print_version()
        raise typer.Exit


@app.callback()
def azak(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Reads Korean stock news, predicts what each story means for a stock, and keeps an honest record.

    Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 a service does not answer.
    """


def main() -> None:
    """Run the command line; an expected refusal is one line on stderr and an exit code, and so is known trouble."""
    try:
        app(prog_name="azak")
    except Exception as error:
        refusal = error if isinstance(error, AzakError) else _explain(error)
        if refusal is None:
            raise
        print(f"azak: {refusal.detail}", file=sys.stderr)
        sys.exit(EXIT_CODES.get(refusal.trouble.status, FAILED))


def _explain(error: Exception) -> AzakError | None:
    """The trouble that an exception of a library means; None: a bug. Loaded now, because it needs SQLAlchemy."""
    found: AzakError = importlib.import_module("backend.db.troubles").explain(error)
    return None if found.trouble is INTERNAL_ERROR else found
