"""What no table of ours names is still the database's: a sentence everywhere, and health that answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import quote

import asyncpg
import pytest
from sqlalchemy import text

from backend.config import Settings, parse_database_url
from backend.db.connections.connecting import connect
from backend.db.migrations import current_revision
from backend.db.session import Database
from backend.db.troubles import explain
from backend.errors import TroubleError
from backend.loops.pulse import Pulse
from backend.loops.registry import Loops
from backend.services.operations.health import get_health
from backend.services.operations.watching.presence import Presence
from backend.services.operations.watching.signs import Signs
from tests.cli.azak import azak
from tests.fixtures.looking import looks
from tests.fixtures.page_words import list_unworded

REFUSED = {
    "-c statement_timeout=abc": "invalid value for parameter",
    "project=foo": "invalid command-line argument",
    "-c nosuch=1": "unrecognized configuration parameter",
}


def with_options(url: str, options: str) -> str:
    return f"{url}?options={quote(options, safe='')}"


@pytest.mark.parametrize(("options", "says"), REFUSED.items())
async def test_what_the_server_says_before_it_lets_azak_in_is_passed_on(
    settings: Settings, options: str, says: str
) -> None:
    with pytest.raises(TroubleError) as raised:
        await connect(parse_database_url(with_options(settings.database_url(), options)), "test", timeout_s=5)
    found = explain(raised.value)
    assert (found.trouble.code, says in found.detail) == ("database-fault", True), found.detail


@pytest.mark.parametrize("command", [("db", "status"), ("db", "migrate"), ("doctor",)])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("project=foo", "The database server refuses or fails"),
        ("-c search_path=nowhere", "names no schema that exists"),
    ],
)
async def test_commands_say_it_in_a_sentence(
    settings: Settings, command: tuple[str, ...], options: str, words: str
) -> None:
    done = azak(*command, AZAK_DATABASE_URL=with_options(settings.database_url(), options))
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert words in " ".join(told.split()), told
    assert "Traceback" not in told


@contextlib.asynccontextmanager
async def shut(settings: Settings) -> AsyncIterator[None]:
    """The database lets nobody in, and those who were are out."""
    address = parse_database_url(settings.database_url())
    other = await asyncpg.connect(settings.database_url().rpartition("/")[0] + "/postgres")
    await other.execute(f'ALTER DATABASE "{address.database}" ALLOW_CONNECTIONS false')
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = current_user",
        address.database,
    )
    try:
        yield
    finally:
        await other.execute(f'ALTER DATABASE "{address.database}" ALLOW_CONNECTIONS true')
        await other.close()


async def test_health_answers_for_a_database_that_lets_nobody_in(settings: Settings, database: Database) -> None:
    async with shut(settings):
        found = await get_health(database, silent_after_s=30)
        (reason,) = found.list_reasons()
    assert (found.reachable, reason.code) == (False, "database-fault")
    assert "is not currently accepting connections" in reason.sentence
    assert list_unworded([reason]) == []


@pytest.mark.parametrize(
    ("change", "rows"), [("DELETE FROM alembic_version", 0), ("INSERT INTO alembic_version VALUES ('0001')", 2)]
)
async def test_a_schema_whose_version_cannot_be_told(
    settings: Settings, database: Database, change: str, rows: int
) -> None:
    async with database.write() as session:
        await session.execute(text(change))
    (reason,) = (await get_health(database, silent_after_s=30)).list_reasons()
    assert (reason.code, f"{rows} rows" in reason.sentence) == ("database-schema-unknown", True)
    with pytest.raises(TroubleError, match=f"{rows} rows"):
        await current_revision(settings.database_url())


async def test_no_sql_stands_in_what_a_process_tells_of_itself(settings: Settings, database: Database) -> None:
    """Its row cannot be written for a fault of the server: health is read by everybody, and channels are told."""
    async with database.write() as session:
        await session.execute(text(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'index contains unexpected zero page' USING ERRCODE = 'XX002'; END $$"
        ))  # fmt: skip
        await session.execute(
            text("CREATE TRIGGER broken BEFORE INSERT ON heartbeats FOR EACH ROW EXECUTE FUNCTION broken()")
        )
    loops = Loops()
    signs = Signs(settings, "api seoul:10", loops, Pulse(loops.expect("event loop")))
    loop = loops.expect("heartbeat", within_s=-1)
    presence = Presence(database, "seoul:10:a", signs, loop)
    running = asyncio.create_task(presence.run())
    async for _ in looks(within_s=10):
        if loop.snapshot()["error"] is not None:
            break
    running.cancel()
    told = [reason.sentence for reason in signs.list_reasons()]
    assert len(told) >= 2
    assert all("index contains unexpected zero page" in one for one in told if "event loop" not in one)
    assert [one for one in told if "SQL" in one or "sqlalchemy" in one] == []
