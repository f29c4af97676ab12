"""Entry point of `azak`: lists the commands and imports the module of a command only when it is called.

`azak --help` then imports typer only: 0.3 s instead of 3 s with SQLAlchemy, Alembic and httpx (measured).
"""

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from backend.errors import AzakError

FAILED, UNREACHABLE = 1, 3

COMMANDS = {
    "up": ("up", "Start all in the foreground (--demo: with a stand-in world)."),
    "api": ("processes", "Run one API process in the foreground."),
    "scheduler": ("processes", "Run the scheduler service in the foreground."),
    "worker": ("processes", "Run one more executor of runs, on this or another machine."),
    "db": ("db", "Migrate the database, or show its revision."),
    "status": ("status", "Show which parts are alive and how old the data is."),
    "jobs": ("jobs", "List, pause and change the schedule, run a job now, show its history."),
    "report": ("stocks", "Write a new report about a stock and print it."),
    "predict": ("stocks", "Make new predictions for a stock and print them."),
    "sources": ("sources", "List the places data comes from, or ask each one now."),
    "backtest": ("record", "Score the models on past sessions, as it would have been then."),
    "audit": ("record", "Make stored predictions again and compare."),
    "calendar": ("calendar", "List and set days with unusual hours of the exchange."),
    "runs": ("runs", "List and show executions, cancel them or try them again."),
    "keys": ("keys", "Make, list and revoke keys of programs and people."),
    "sign-in": ("keys", "Print a link that signs one browser in, once."),
    "dashboard": ("dashboard", "Build the page that the API shows at /."),
    "config": ("settings", "Show the settings in force, or an example of all."),
    "doctor": ("doctor", "Check this machine and say how to repair what is wrong."),
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
    return typer.main.get_command(getattr(module, name.replace("-", "_")))


app = typer.Typer(
    cls=_LazyGroup, add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def azak() -> None:
    """Reads Korean stock news, predicts what each story means for a stock, and keeps an honest record.

    Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 a service does not answer.
    """


def main() -> None:
    """Run the command line; an expected refusal is one line on stderr and an exit code."""
    try:
        app(prog_name="azak")
    except AzakError as error:
        print(f"azak: {error.detail}", file=sys.stderr)
        sys.exit(UNREACHABLE if error.status == 503 else FAILED)
