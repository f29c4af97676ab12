"""TLS to a real PostgreSQL: demanded, refused, expired, of another name, of another authority."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.config import Settings, parse_database_url
from backend.db.connections.connecting import connect
from backend.db.listener import listen
from backend.db.migrations import current_revision
from backend.db.reader import open_reader
from backend.db.session import Database
from backend.db.troubles import explain
from backend.errors import ConfigurationError
from backend.scheduler import engine
from tests.fixtures.database import settings_for
from tests.trouble.certificates import Authority
from tests.trouble.tls_front import Front, fronted


@pytest.fixture
async def front(settings: Settings) -> AsyncIterator[Front]:
    async with fronted(settings.database_url()) as front:
        yield front


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def is_encrypted(front: Front, host: str, parameters: str) -> bool:
    """Whether a connection by this URL is; it must be had."""
    connection = await connect(parse_database_url(front.url(host, parameters)), "test", timeout_s=5)
    try:
        assert await connection.fetchval("SELECT 1") == 1
        return front.encrypted[-1]
    finally:
        await connection.close()


async def trouble_of(front: Front, host: str, parameters: str) -> str:
    with pytest.raises(Exception) as failed:  # noqa: PT011  (whatever it is, its class is asked)
        await is_encrypted(front, host, parameters)
    return explain(failed.value).trouble.code


async def test_tls_that_is_demanded_is_had_or_refused(front: Front, authority: Authority, tmp_path: Path) -> None:
    assert not await is_encrypted(front, "localhost", "sslmode=prefer")  # the server has none
    assert await trouble_of(front, "localhost", "sslmode=require") == "database-tls"
    front.present(authority.sign("localhost"), tmp_path)
    root = f"sslrootcert={authority.root}"
    demanding = (
        "sslmode=require",
        "ssl=true",
        f"sslmode=verify-ca&{root}",
        f"sslmode=verify-full&{root}",
        f"ssl=require&{root}",
    )
    for parameters in ("sslmode=prefer", *demanding):
        assert await is_encrypted(front, "localhost", parameters), parameters
    assert not await is_encrypted(front, "localhost", "sslmode=disable")
    assert not await is_encrypted(front, "localhost", "")


async def test_a_certificate_that_proves_nothing_is_refused(front: Front, authority: Authority, tmp_path: Path) -> None:
    front.present(authority.sign("localhost"), tmp_path)
    full = f"sslmode=verify-full&sslrootcert={authority.root}"
    assert await trouble_of(front, "127.0.0.1", full) == "database-tls"  # it says localhost
    assert await is_encrypted(front, "127.0.0.1", full.replace("full", "ca"))
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other").root
    for untrusted in (
        f"sslmode=verify-full&sslrootcert={other}",
        f"sslmode=require&sslrootcert={other}",
        "sslmode=verify-full",  # no public authority's
        "sslmode=require&channel_binding=require",
    ):
        assert (untrusted, await trouble_of(front, "localhost", untrusted)) == (untrusted, "database-tls")
    front.present(authority.sign("localhost", age_days=60), tmp_path)
    assert await trouble_of(front, "localhost", full) == "database-tls"  # expired a month ago
    front.present(authority.sign("db.example.com"), tmp_path)
    assert await trouble_of(front, "localhost", full) == "database-tls"


async def test_every_part_of_azak_has_the_tls_of_the_url(front: Front, authority: Authority, tmp_path: Path) -> None:
    front.present(authority.sign("localhost"), tmp_path)
    url = front.url("localhost", f"sslmode=verify-full&sslrootcert={authority.root}")
    settings = settings_for(url)
    database = Database(settings, "test")
    for session_of in (database.read, database.write, database.probe):
        async with session_of() as session:
            assert await session.scalar(text("SELECT 1")) == 1
    await database.close()
    reader = await open_reader(settings, "test")
    assert [row[0] for row in await reader.fetch("SELECT 1")] == [1]
    await reader.close()
    async with listen(settings, "test", "test"):
        pass
    await engine.verify(url)
    assert await current_revision(url) is not None
    assert front.encrypted == [True] * 8


async def test_a_root_certificate_that_is_not_there_is_told_by_its_name() -> None:
    url = "postgresql://u:p@localhost:1/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem"
    with pytest.raises(ConfigurationError, match="sslrootcert"):
        await connect(parse_database_url(url), "test", timeout_s=1)


def own(authority: Authority, folder: Path, *, password: str | None = None) -> str:
    """The parameters of a client's certificate that the authority signed."""
    for name, text_ in zip(("own.crt", "own.key"), authority.sign("azak", password=password), strict=True):
        (folder / name).write_text(text_)
    return f"sslcert={folder / 'own.crt'}&sslkey={folder / 'own.key'}"


async def test_a_certificate_of_ones_own_is_shown_in_every_mode(
    front: Front, authority: Authority, tmp_path: Path
) -> None:
    """The server demands one (hostssl ... clientcert=verify-ca), and psql shows it without any sslmode."""
    front.present(authority.sign("localhost"), tmp_path, clients=authority.root)
    assert await trouble_of(front, "localhost", "sslmode=require") in {"database-tls", "database-unavailable"}
    shown = own(authority, tmp_path)
    full = f"sslmode=verify-full&sslrootcert={authority.root}"
    for mode in ("", "sslmode=allow&", "sslmode=prefer&", "sslmode=require&", f"{full}&"):
        assert await is_encrypted(front, "localhost", mode + shown), mode


async def test_an_encrypted_key_is_opened_or_asked_for_by_name(
    front: Front, authority: Authority, tmp_path: Path
) -> None:
    """OpenSSL asked on the terminal, where nobody is."""
    front.present(authority.sign("localhost"), tmp_path, clients=authority.root)
    shown = own(authority, tmp_path, password="geheim")
    assert await is_encrypted(front, "localhost", f"{shown}&sslpassword=geheim")
    for given, words in (("", "is encrypted; give its password as sslpassword"), ("&sslpassword=no", "sslpassword")):
        with pytest.raises(ConfigurationError, match=words):
            await is_encrypted(front, "localhost", shown + given)
