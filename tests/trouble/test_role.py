"""What azak may do in its own PostgreSQL: everything in its database, nothing with the server."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from backend.config import Settings
from backend.db import embedded
from tests.fixtures.database import GIVEN_SERVER


async def test_azaks_role_owns_its_database_and_is_no_superuser(settings: Settings) -> None:
    connection = await asyncpg.connect(settings.database_url())
    rights = await connection.fetchrow(
        "SELECT rolsuper, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = 'azak'"
    )
    assert tuple(rights) == (False, False, False)
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert await connection.fetchval(owner) == "azak"
    for refused in (
        "COPY stocks TO '/tmp/azak-stocks'",
        "ALTER SYSTEM SET max_connections = 1",
        "SELECT pg_read_file('PG_VERSION')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(refused)
    await connection.close()


@pytest.mark.skipif(GIVEN_SERVER in os.environ, reason="its files are another process's")
def test_the_superusers_password_is_private_and_another_one(data_dir: Path, server_url: str) -> None:
    files = (embedded.admin_password_file(data_dir), embedded.password_file(data_dir))
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    assert len({file.read_text() for file in files}) == 2
    assert files[0].read_text().strip() not in server_url


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the server's user can reach; those of pytest are root's alone."""
    with tempfile.TemporaryDirectory(prefix="azak-role-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_a_start_that_was_killed_in_between_begins_anew(settings: Settings, folder: Path) -> None:
    """A cluster without its role would refuse every login for ever."""
    half = folder / ".postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    ours = Settings()
    ours.general.data_dir = folder
    cluster = embedded.prepare(ours)
    assert (cluster / "global" / "pg_control").exists()
    assert not half.exists()
    asked = subprocess.run(
        [str(embedded.binaries(folder) / "postgres"), "--single", "-D", str(cluster), "template1"],
        input="SELECT rolsuper FROM pg_roles WHERE rolname = 'azak'\n", capture_output=True, text=True, check=True,
        preexec_fn=embedded._drop_root,
    )  # fmt: skip
    assert 'rolsuper = "f"' in asked.stdout
