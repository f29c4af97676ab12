"""What `azak db` and `azak doctor` say of a database in trouble: one sentence with its remedy, never a traceback."""

import json
from pathlib import Path

import asyncpg
import pytest

from backend.config import Settings
from tests.cli.azak import azak
from tests.trouble.test_connections import WRONG, _other_url

SAID = {
    "database-refuses-login": "refuses the user or the password",
    "database-missing": "has no database of that name",
    "database-unavailable": "does not answer",
}


@pytest.mark.parametrize(("kind", "code"), WRONG)
async def test_a_wrong_url_is_told_by_its_class(settings: Settings, tmp_path: Path, kind: str, code: str) -> None:
    given = {"AZAK_DATA_DIR": str(tmp_path), "AZAK_DATABASE_URL": _other_url(settings, kind)}
    for command in ("status", "migrate"):
        ended = azak("db", command, **given)
        assert (command, ended.returncode, ended.stderr.count("\n")) == (command, 3, 1), ended.stderr
        assert SAID[code] in ended.stderr
    checks = {check["name"]: check for check in json.loads(azak("doctor", "--json", **given).stdout)}
    assert (checks["database"]["result"], SAID[code] in checks["database"]["finding"]) == ("fail", True)
    assert checks["database"]["remedy"]


async def test_a_newer_schema_is_refused_before_anything_is_changed(settings: Settings, tmp_path: Path) -> None:
    connection = await asyncpg.connect(settings.database_url())
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    given = {"AZAK_DATA_DIR": str(tmp_path), "AZAK_DATABASE_URL": settings.database_url()}
    for command in ("status", "migrate"):
        ended = azak("db", command, **given)
        assert (command, ended.returncode, ended.stderr.count("\n")) == (command, 3, 1), ended.stderr
        assert "9999" in ended.stderr
        assert "newer" in ended.stderr
    checks = {check["name"]: check for check in json.loads(azak("doctor", "--json", **given).stdout)}
    assert "9999" in checks["database"]["finding"]
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
    await connection.close()


async def test_a_role_that_may_not_write_is_told(settings: Settings, tmp_path: Path) -> None:
    connection = await asyncpg.connect(settings.database_url())
    role = f"reader_{tmp_path.name.replace('-', '_')[:20]}"
    await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'; UPDATE alembic_version SET version_num = '0034'")
    place = settings.database_url().partition("@")[2]
    ended = azak("db", "migrate", AZAK_DATA_DIR=str(tmp_path), AZAK_DATABASE_URL=f"postgresql://{role}:pw@{place}")
    assert (ended.returncode, ended.stderr.count("\n")) == (3, 1), ended.stderr
    assert "may not do this" in ended.stderr
    await connection.execute(f"DROP ROLE {role}")
    await connection.close()


async def test_doctor_counts_the_connections_of_all_processes(settings: Settings, tmp_path: Path) -> None:
    given = {"AZAK_DATA_DIR": str(tmp_path), "AZAK_DATABASE_URL": settings.database_url()}
    for instances, result in (("2", "pass"), ("8", "fail")):  # 8 x 23 + 26 + 3 > 197
        ended = azak("doctor", "--json", AZAK_API_INSTANCES=instances, **given)
        checks = {check["name"]: check for check in json.loads(ended.stdout)}
        assert (instances, checks["connections"]["result"]) == (instances, result), checks["connections"]
    assert "213" in checks["connections"]["finding"]
    assert "AZAK_DATABASE_POOL_SIZE" in checks["connections"]["remedy"]


@pytest.mark.parametrize("found", [None, "0.6.2"])
async def test_pgvector_is_asked_for_before_anything_is_changed(
    server_url: str, tmp_path: Path, found: str | None
) -> None:
    """A view before the catalogue's own shows the extensions of a server without pgvector, or with an old one."""
    name = f"bare_{'none' if found is None else 'old'}"
    server = await asyncpg.connect(f"{server_url}/postgres")
    await server.execute(f"CREATE DATABASE {name}")
    connection = await asyncpg.connect(f"{server_url}/{name}")
    version = "NULL" if found is None else f"'{found}'"
    rows = f"SELECT 'vector' AS name, {version} AS default_version, NULL AS installed_version"
    await connection.execute(f"CREATE SCHEMA shown; CREATE VIEW shown.pg_available_extensions AS {rows}")
    url = f"{server_url}/{name}?options=-c%20search_path%3Dshown,pg_catalog"
    given = {"AZAK_DATA_DIR": str(tmp_path), "AZAK_DATABASE_URL": url}
    ended = azak("db", "migrate", **given)
    assert (ended.returncode, ended.stderr.count("\n")) == (3, 1), ended.stderr
    assert "pgvector 0.7" in ended.stderr
    # The doctor names the package as well, and not a migration that could not be had.
    checks = {check["name"]: check for check in json.loads(azak("doctor", "--json", **given).stdout)}
    assert "pgvector 0.7" in checks["database"]["finding"]
    assert "postgresql-NN-pgvector" in checks["database"]["remedy"]
    made = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    assert await connection.fetchval(made) == 0
    await connection.close()
    await server.execute(f"DROP DATABASE {name}")
    await server.close()
