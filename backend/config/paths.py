"""Where things are: the data directory, the migrations and the dashboard's files; and writing private files."""

import os
import secrets
import sys
from pathlib import Path

from backend.errors import ConfigurationError

SECRETS_FILE = "azak.env"
_PACKAGE = Path(__file__).parents[1]
# A wheel carries the migrations and the built dashboard inside of the package; a checkout has them beside it.
MIGRATIONS = next(level / "alembic" for level in (_PACKAGE, _PACKAGE.parent) if (level / "alembic").exists())
DASHBOARD_SOURCE = _PACKAGE.parent / "dashboard"
DASHBOARD_DIST = DASHBOARD_SOURCE / "dist" if (DASHBOARD_SOURCE / "package.json").exists() else _PACKAGE / "dashboard"


def env_file() -> Path:
    """Where people write settings: AZAK_ENV_FILE, else `.env` of azak's own folder (of a wheel: the data directory).

    Never that of the folder that a command happens to be started in, which may be somebody else's. Raises
    ConfigurationError when AZAK_ENV_FILE names no file: azak would run with defaults, and nobody would know.
    """
    if named := os.environ.get("AZAK_ENV_FILE"):
        file = Path(named).expanduser()
        if not file.is_file():
            raise ConfigurationError(f"AZAK_ENV_FILE names {file}, which is no file; make it, or correct the path.")
        return file
    own = _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").exists() else default_data_dir()
    return own / ".env"


def default_data_dir() -> Path:
    """Where azak keeps its database, weights and secrets; never inside the checkout.

    For root it is /var/lib/azak, because the unprivileged user that runs PostgreSQL must reach it.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/azak")
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/azak"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "azak"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


def ensure_secrets(data_dir: Path) -> Path:
    """Make the file with the API key and the internal token if there is none; every process may call this.

    Raises ConfigurationError when it cannot be written.
    """
    path = data_dir / SECRETS_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_secrets(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}): let azak's user write there, or set AZAK_API_KEY and "
            "AZAK_SCHEDULER_TOKEN."
        ) from error
    return path


def _make_secrets(path: Path) -> None:
    first = path.with_name(f".{path.name}.first.{os.getpid()}")
    write_private(
        first, f"AZAK_API_KEY={secrets.token_urlsafe(32)}\nAZAK_SCHEDULER_TOKEN={secrets.token_urlsafe(32)}\n"
    )
    try:
        os.link(first, path)  # fails if another process was first, whose secrets then stand
    except FileExistsError:
        pass
    finally:
        first.unlink()
