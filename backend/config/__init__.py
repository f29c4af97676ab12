"""Settings in groups. Each group is one prefix (AZAK_API_PORT is `settings.api.port`).

Values come, in this order, from the environment, from `.env` in azak's own folder and from
`azak.env` in the data directory: a 0600 file with the secrets that `ensure_secrets` makes once, so
that every process of this machine agrees on them. A misspelt AZAK_ name is refused at start, wherever it stands.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

from backend.config.alarms import WatchdogSettings, WebhookSettings
from backend.config.database_address import DatabaseAddress, Tls, parse_database_url
from backend.config.groups import (
    CalendarSettings,
    DatabaseSettings,
    GeneralSettings,
    Group,
    ModelSettings,
    SchedulerSettings,
    SourceSettings,
    WorkerSettings,
    secrets_file,
)
from backend.config.halves import refuse_halves
from backend.config.language_model import LlmSettings
from backend.config.paths import (
    DASHBOARD_DIST,
    DASHBOARD_SOURCE,
    MIGRATIONS,
    SECRETS_FILE,
    default_data_dir,
    ensure_secrets,
    env_file,
    write_private,
)
from backend.config.serving import ApiSettings
from backend.errors import ConfigurationError
from backend.setting_names import read_names, refuse_unknown_names

__all__ = [
    "DASHBOARD_DIST",
    "DASHBOARD_SOURCE",
    "MIGRATIONS",
    "SECRETS_FILE",
    "ApiSettings",
    "CalendarSettings",
    "DatabaseAddress",
    "DatabaseSettings",
    "GeneralSettings",
    "LlmSettings",
    "ModelSettings",
    "SchedulerSettings",
    "Settings",
    "SourceSettings",
    "Tls",
    "WatchdogSettings",
    "WebhookSettings",
    "WorkerSettings",
    "default_data_dir",
    "ensure_secrets",
    "get_settings",
    "load_settings",
    "open_installation",
    "parse_database_url",
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
        self.webhook = WebhookSettings()
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
        """The URL as it was given; the embedded server's when there is none."""
        url = (direct and self.database.direct_url) or self.database.url
        if url is not None:
            return url.get_secret_value()
        password_file = self.data_dir / "postgres.password"
        password = password_file.read_text().strip() if password_file.exists() else ""
        return f"postgresql://azak:{password}@127.0.0.1:{self.database.port}/azak"

    def replica_address(self) -> DatabaseAddress | None:
        """Where AZAK_DATABASE_REPLICA_URL points to; of several hosts any will do, because none must write."""
        url = self.database.replica_url
        if url is None:
            return None
        return replace(parse_database_url(url.get_secret_value(), "AZAK_DATABASE_REPLICA_URL"), target="any")

    def database_address(self, *, direct: bool = False) -> DatabaseAddress:
        """Where connections go; `direct`: past a transaction pooler, for what needs a session of its own."""
        is_other = direct and self.database.direct_url is not None
        return parse_database_url(
            self.database_url(direct=direct), "AZAK_DATABASE_DIRECT_URL" if is_other else "AZAK_DATABASE_URL"
        )


def _known_names() -> set[str]:
    groups = Group.__subclasses__()
    return {"AZAK_ENV_FILE"} | {
        f"{g.model_config['env_prefix']}{name}".upper() for g in groups for name in g.model_fields
    }


def _refuse_second_data_dir(secrets: Path) -> None:
    """`azak.env` is found by AZAK_DATA_DIR, so it cannot name another folder."""
    for name, value in read_names(secrets):
        if name.upper() == "AZAK_DATA_DIR" and value and Path(value).expanduser() != secrets.parent:
            raise ConfigurationError(
                f"AZAK_DATA_DIR in {secrets} names another folder than its own: set it in .env or the environment."
            )


def load_settings() -> Settings:
    """Read and check all settings. Raises ConfigurationError for a misspelt name or a wrong value."""
    refuse_unknown_names(_known_names(), [env_file()])
    secrets = secrets_file()
    refuse_unknown_names(_known_names(), [secrets])
    _refuse_second_data_dir(secrets)
    settings = Settings()
    refuse_halves(settings.groups())
    for direct in (False, True):
        settings.database_address(direct=direct)
    settings.replica_address()
    return settings


@cache
def get_settings() -> Settings:
    """The settings of this process."""
    return load_settings()


def open_installation() -> Settings:
    """The settings of a process that serves, and the secrets of this installation, which the first one makes.

    Raises ConfigurationError.
    """
    settings = get_settings()
    if settings.api.key is None or settings.scheduler.token is None:
        ensure_secrets(settings.data_dir)
        get_settings.cache_clear()
    return get_settings()
