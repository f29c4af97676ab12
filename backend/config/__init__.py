"""Settings in groups. Each group is one prefix (AZAK_API_PORT is `settings.api.port`).

Values come, in this order, from the environment, from `.env` in the working directory and from
`azak.env` in the data directory: a 0600 file with the secrets that `ensure_secrets` makes once, so
that every process of this machine agrees on them. A misspelt AZAK_ name is refused at start, wherever it stands.
"""

from functools import cache
from pathlib import Path

from backend.config.groups import (
    ApiSettings,
    CalendarSettings,
    DatabaseSettings,
    GeneralSettings,
    Group,
    ModelSettings,
    SchedulerSettings,
    SourceSettings,
    WatchdogSettings,
    WorkerSettings,
    secrets_file,
)
from backend.config.language_model import LlmSettings
from backend.config.paths import (
    DASHBOARD_DIST,
    DASHBOARD_SOURCE,
    ENV_FILE,
    MIGRATIONS,
    SECRETS_FILE,
    default_data_dir,
    ensure_secrets,
    write_private,
)
from backend.errors import ConfigurationError
from backend.setting_names import read_names, refuse_unknown_names

__all__ = [
    "DASHBOARD_DIST",
    "DASHBOARD_SOURCE",
    "MIGRATIONS",
    "SECRETS_FILE",
    "ApiSettings",
    "CalendarSettings",
    "DatabaseSettings",
    "GeneralSettings",
    "LlmSettings",
    "ModelSettings",
    "SchedulerSettings",
    "Settings",
    "SourceSettings",
    "WatchdogSettings",
    "WorkerSettings",
    "default_data_dir",
    "ensure_secrets",
    "get_settings",
    "load_settings",
    "write_private",
]


class Settings:
    """All groups, read once at the start of a process."""

    def __init__(self) -> None:
        self.general = GeneralSettings()
        self.database = DatabaseSettings()
        self.api = ApiSettings()
        self.scheduler = SchedulerSettings()
        self.worker = WorkerSettings()
        self.watchdog = WatchdogSettings()
        self.calendar = CalendarSettings()
        self.sources = SourceSettings()
        self.models = ModelSettings()
        self.llm = LlmSettings()

    @property
    def data_dir(self) -> Path:
        return self.general.data_dir

    def groups(self) -> list[Group]:
        """Every group, in the order of `.env.example`."""
        return [value for value in vars(self).values() if isinstance(value, Group)]

    def database_url(self, *, direct: bool = False) -> str:
        """DSN in libpq form, without the SQLAlchemy driver; the embedded server's when none is set."""
        url = (direct and self.database.direct_url) or self.database.url
        if url is not None:
            return url.get_secret_value().replace("postgresql+asyncpg://", "postgresql://")
        password_file = self.data_dir / "postgres.password"
        password = password_file.read_text().strip() if password_file.exists() else ""
        return f"postgresql://azak:{password}@127.0.0.1:{self.database.port}/azak"


def _known_names() -> set[str]:
    groups = Group.__subclasses__()
    return {f"{g.model_config['env_prefix']}{name}".upper() for g in groups for name in g.model_fields}


def _refuse_second_data_dir(secrets: Path) -> None:
    """`azak.env` is found by AZAK_DATA_DIR, so it cannot name another folder."""
    for name, value in read_names(secrets):
        if name.upper() == "AZAK_DATA_DIR" and value and Path(value).expanduser() != secrets.parent:
            raise ConfigurationError(
                f"AZAK_DATA_DIR in {secrets} names another folder than its own: set it in .env or the environment."
            )


def load_settings() -> Settings:
    """Read and check all settings. Raises ConfigurationError for a misspelt name or a wrong value."""
    refuse_unknown_names(_known_names(), [ENV_FILE])
    secrets = secrets_file()
    refuse_unknown_names(_known_names(), [secrets])
    _refuse_second_data_dir(secrets)
    return Settings()


@cache
def get_settings() -> Settings:
    """The settings of this process."""
    return load_settings()
