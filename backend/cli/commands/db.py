"""`azak db`: migrate the database to the newest schema, or show its revision."""

import asyncio
import time
from typing import Annotated

import asyncpg
import typer

from backend.cli.environment import DemoOption, JsonOption, open_settings
from backend.cli.output import print_fields, print_json, say
from backend.db import migrations
from backend.db.revision import refuse_newer
from backend.db.troubles import explain
from backend.errors import TroubleError
from backend.trouble import DATABASE_AWAY, DATABASE_REFUSES

db = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Migrate the database, or show its revision.",
)


@db.command()
def migrate(
    demo: DemoOption = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait for a server that is still starting.")] = 0,
) -> None:
    """Apply every missing revision; the embedded server's database is created if needed."""
    deadline = time.monotonic() + wait
    while (away := _migrate_once(demo)) is not None:
        if time.monotonic() > deadline:
            raise away
        time.sleep(0.5)
    say(f"The database is at revision {migrations.head_revision()}.")


def _migrate_once(demo: bool) -> Exception | None:
    """Migrate. Returns why the server does not accept connections (yet)."""
    try:
        migrations.migrate(open_settings(demo))
    except (TroubleError, asyncpg.PostgresError) as error:
        if explain(error).trouble not in (DATABASE_AWAY, DATABASE_REFUSES):  # a first start has no password yet
            raise
        return error
    return None


@db.command()
def status(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Show the database's revision and the newest one; exit code 1 when they differ."""
    settings = open_settings(demo)
    current = asyncio.run(migrations.current_revision(settings.database_url(direct=True)))
    refuse_newer(current)
    head = migrations.head_revision()
    report = {"revision": current, "head": head, "up_to_date": current == head}
    if json:
        print_json(report)
    else:
        print_fields(report | {"remedy": None if current == head else "azak db migrate"})
    raise typer.Exit(0 if current == head else 1)
