"""`azak doctor`: read-only checks of this machine; each failure comes with its remedy."""

import asyncio
import importlib.util
import os
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final, Literal

import asyncpg
import httpx
import typer
from sqlalchemy.exc import SQLAlchemyError

from backend.channels.kinds import event_channel, list_channels
from backend.cli.commands.dashboard import find_uv
from backend.cli.environment import DemoOption, JsonOption, local_host, open_settings
from backend.cli.output import console, print_json, say
from backend.cli.start.services import is_free, ports_needed
from backend.config import SECRETS_FILE, Settings, SourceSettings
from backend.db.connections.budget import connections_allowed, connections_wanted
from backend.db.connections.connecting import connect
from backend.db.revision import read_revision, refuse_newer, require_extensions, require_schema
from backend.db.session import Database
from backend.db.troubles import explain
from backend.domain.operations import DATA_OF_PRICE_SOURCE, SourceData, list_gaps
from backend.errors import AzakError
from backend.services.operations.llm_status import NO_ADDRESS, NO_BUDGET, ModelStatus, read_status
from backend.trouble import INTERNAL_ERROR

doctor = typer.Typer(add_completion=False, rich_markup_mode=None)
# Weights 0.5 GB, a year of news and prices of a few hundred stocks about 1 GB.
LEAST_FREE_BYTES: Final = 2_000_000_000
# The variable lets pip install into a system Python marked as externally managed (Debian 12, Ubuntu 24.04).
INSTALL_UV: Final = "PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install uv"
_PATIENCE_S: Final = 5.0
_LIVE_WORKERS: Final = """
SELECT count(*) FROM workers WHERE role = 'worker' AND stopped_at IS NULL AND heartbeat_at > now() - interval '1 minute'
"""
_COLOURS: Final = {"pass": "green", "warn": "yellow", "fail": "red"}


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `remedy`: the command or setting that repairs it."""

    name: str
    result: Literal["pass", "warn", "fail"]
    finding: str
    remedy: str = ""


def _python(_settings: Settings) -> list[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    found = Check("python", "pass", f"{version} at {sys.executable}")
    uv = find_uv()
    return [found, Check("uv", "pass", uv) if uv else Check("uv", "warn", "not on PATH", INSTALL_UV)]


def _groups(_settings: Settings) -> list[Check]:
    """Whether the packages of each dependency group are installed; they are not imported."""
    remedies = {"apscheduler": ("scheduler", "uv sync"), "torch": ("ml", "uv sync  (or AZAK_MODELS_ENGINE=light)")}
    checks = []
    for package, (group, remedy) in remedies.items():
        if importlib.util.find_spec(package) is not None:
            checks.append(Check(f"group {group}", "pass", f"{package} is installed"))
        else:
            checks.append(
                Check(f"group {group}", "warn", f"{package} is not installed; an API-only host is fine", remedy)
            )
    return checks


def _data(settings: Settings) -> list[Check]:
    folder = settings.data_dir
    if not folder.exists():
        return [Check("data", "warn", f"{folder} does not exist yet", "azak up")]
    checks = [
        Check("data", "pass", str(folder))
        if os.access(folder, os.W_OK)
        else Check("data", "fail", f"{folder} is not writable", f"chown $USER {folder}, or set AZAK_DATA_DIR")
    ]
    free = shutil.disk_usage(folder).free
    room = f"{free / 1e9:.1f} GB free"
    low = Check("disk", "warn", room, "free some space, or set AZAK_DATA_DIR")
    checks.append(low if free < LEAST_FREE_BYTES else Check("disk", "pass", room))
    return checks + _secrets(settings)


def _secrets(settings: Settings) -> list[Check]:
    path = settings.data_dir / SECRETS_FILE
    if not path.exists():
        return [Check("secrets", "warn", f"{path} does not exist yet", "azak up")]
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return [Check("secrets", "fail", f"{path} can be read by others", f"chmod 600 {path}")]
    return [Check("secrets", "pass", f"{path}, for its owner only")]


def _is_alive(settings: Settings, port: int) -> bool:
    try:
        url = f"http://{local_host(settings)}:{port}/livez"
        return httpx.get(url, timeout=2, trust_env=False, verify=False).is_success  # noqa: S501  (plain HTTP)
    except httpx.TransportError:
        return False


def _ports(settings: Settings) -> list[Check]:
    checks = []
    for port, setting in ports_needed(settings, demo=False).items():
        name = f"port {port}"
        if is_free(port):
            checks.append(Check(name, "warn", f"nobody listens ({setting})", "azak up"))
        elif setting == "AZAK_DATABASE_PORT":
            checks.append(Check(name, "pass", f"taken ({setting}); see database"))
        elif _is_alive(settings, port):
            checks.append(Check(name, "pass", f"azak answers ({setting})"))
        else:
            checks.append(Check(name, "fail", "taken by another program", f"stop it, or change {setting}"))
    return checks


def _database(settings: Settings) -> list[Check]:
    try:
        return asyncio.run(_examine_database(settings))
    except Exception as error:
        found = explain(error)
        if found.trouble is INTERNAL_ERROR:
            raise
        finding, _, remedy = found.detail.partition("; ")
        return [Check("database", "fail", finding, remedy.rstrip("."))]


async def _examine_database(settings: Settings) -> list[Check]:
    address = settings.database_address(direct=True)
    connection = await connect(address, "doctor", timeout_s=_PATIENCE_S)
    try:
        revision = await read_revision(connection)
        refuse_newer(revision)
        await require_extensions(connection)  # before the schema, whose remedy could not be followed without them
        require_schema(revision)
        checks = [Check("database", "pass", f"reachable, at revision {revision}")]
        encrypted = await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        if not encrypted and not address.is_local:
            open_line = "the database is on another machine and the connection is not encrypted"
            checks.append(Check("database TLS", "warn", open_line, "sslmode=verify-full in AZAK_DATABASE_URL"))
        return [*checks, await _budget(settings, connection)]
    finally:
        await connection.close()


async def _budget(settings: Settings, connection: asyncpg.Connection) -> Check:
    """Whether all processes at once find a connection."""
    workers: int = await connection.fetchval(_LIVE_WORKERS)
    wanted, allowed = connections_wanted(settings, workers=workers), await connections_allowed(connection)
    finding = f"azak may open {wanted} with {settings.api.instances} API processes and {workers} workers, of {allowed}"
    if wanted <= allowed:
        return Check("connections", "pass", finding)
    remedy = f"max_connections of {wanted + 10} in PostgreSQL, or a smaller AZAK_DATABASE_POOL_SIZE"
    return Check("connections", "fail", finding, remedy)


def _sources(settings: Settings) -> list[Check]:
    """Whether sources of each required kind of data are configured; `azak sources check` tries the keys."""
    sources = settings.sources
    hub = sources.naver_hub_key_id and sources.naver_hub_key
    legacy = sources.naver_legacy_client_id and sources.naver_legacy_client_secret
    search = Check("news search", "pass", "a key of NAVER is set; try it with 'azak sources check'")
    if not (hub or legacy):
        need = "set AZAK_SOURCES_NAVER_HUB_KEY_ID and AZAK_SOURCES_NAVER_HUB_KEY"
        search = Check("news search", "warn", "off: feeds only, no history", need)
    filings = Check("filings", "pass", "OpenDART key is set")
    if not sources.dart_key:
        filings = Check("filings", "pass", "DART's feed, without a key; OpenDART needs AZAK_SOURCES_DART_KEY")
    return [search, filings, *_prices(settings)]


def price_sources_on(settings: SourceSettings) -> set[str]:
    """Ids of the sources of prices that these settings switch on."""
    has_kis = settings.kis_app_key and settings.kis_app_secret
    on = {"kis"} if has_kis else set()
    on |= {"public_data"} if settings.public_data_key else set()
    on |= {"naver_chart", "naver_polling"} if settings.naver_prices else set()
    return on - settings.off_ids


def _prices(settings: Settings) -> list[Check]:
    """The same findings and remedies as /api/health."""
    on = price_sources_on(settings.sources)
    data = {data for source in on for data in DATA_OF_PRICE_SOURCE[source]}
    if gaps := list_gaps(data, of=(SourceData.PRICES, SourceData.LIVE_PRICES)):
        return [Check(gap.data.replace("_", " "), "warn", gap.finding, gap.remedy) for gap in gaps]
    if "kis" in on:
        return [Check("prices", "pass", "KIS keys are set")]
    finding = "Naver's unofficial endpoints; a close first read after 16:00 may be the after-market's"
    return [Check("prices", "pass", finding)]


def _language_model(settings: Settings) -> list[Check]:
    """What the endpoint of the language model was found to do, and what it has cost today."""
    if not settings.llm.is_on:
        return [Check("language model", "pass", NO_ADDRESS if settings.llm.url is None else NO_BUDGET)]
    try:
        status = asyncio.run(_model_status(settings))
    except (AzakError, SQLAlchemyError, OSError) as error:
        return [Check("language model", "warn", f"the ledger cannot be read ({type(error).__name__})", "azak up")]
    name = f"{status.model} at {status.host}"
    if status.mode is None:
        return [Check("language model", "warn", f"{name} was never asked", "azak sources check llm")]
    spent = f"${status.spent_today_usd:.2f} of ${status.budget_today_usd:.2f} spent today"
    finding = f"{name} answers as {status.answered_by}, bound by {status.mode}; {spent}"
    if status.closed_until is not None:
        return [Check("language model", "warn", f"{finding}; paused after failures", "azak sources check llm")]
    return [Check("language model", "pass", finding)]


async def _model_status(settings: Settings) -> ModelStatus:
    database = Database(settings, "doctor")
    try:
        async with database.read() as session:
            return await read_status(session, settings.llm)
    finally:
        await database.close()


def _channels(settings: Settings) -> list[Check]:
    """Who is told of trouble; what a channel did not take is in `azak status`."""
    names = [channel.name for channel in list_channels(settings.watchdog)]
    names += ["ping"] if settings.watchdog.ping is not None else []
    if not names:
        remedy = "set AZAK_WATCHDOG_NTFY, _SLACK, _DISCORD, _TELEGRAM_TOKEN or _WEBHOOK"
        return [Check("channels", "warn", "nobody is told when azak is in trouble", remedy), *_events(settings)]
    return [Check("channels", "pass", f"told of trouble: {', '.join(names)}"), *_events(settings)]


def _events(settings: Settings) -> list[Check]:
    """The program that is told of what is new."""
    if event_channel(settings.webhook) is None:
        return []
    return [Check("webhook", "pass", f"told of: {settings.webhook.events}")]


_CHECKS: Final[tuple[Callable[[Settings], list[Check]], ...]] = (
    _python, _groups, _data, _ports, _database, _sources, _language_model, _channels,
)  # fmt: skip


@doctor.command()
def examine(demo: DemoOption = False, json: JsonOption = False) -> None:
    """Check Python, packages, data directory, ports, database, sources and language model; exit code 1 if one fails."""
    settings = open_settings(demo)
    checks = [check for examine_part in _CHECKS for check in examine_part(settings)]
    if json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            console.print(f"[{_COLOURS[check.result]}]{check.result}[/]  {check.name:<16} ", end="")
            say(check.finding)
            if check.remedy and check.result != "pass":
                say(f"{'':23}-> {check.remedy}")
    raise typer.Exit(1 if any(check.result == "fail" for check in checks) else 0)
