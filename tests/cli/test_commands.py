"""Commands answer fast, fail with one line that names the remedy, and never show a secret."""

import json
import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from backend.cli.commands.doctor import price_sources_on
from backend.cli.commands.settings import example_text
from backend.config import Settings, SourceSettings
from backend.db.session import Database
from backend.domain.operations import DATA_OF_PRICE_SOURCE, SourceData
from backend.pipelines.sources import catalogue
from backend.services.operations.health import get_health
from backend.services.operations.sources import record_switches
from tests.cli.azak import azak
from tests.fixtures.database import free_port

ROOT = Path(__file__).parents[2]
HEAVY = (
    "sqlalchemy",
    "alembic",
    "httpx",
    "asyncpg",
    "pydantic",
    "numpy",
    "torch",
    "rich",
    "backend.scheduler",
    "backend.models",
)


def test_help_costs_half_a_second_of_cpu_at_most() -> None:
    costs = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = azak("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert result.returncode == 0
        assert all(name in result.stdout for name in ("up", "db", "jobs", "doctor"))
    assert min(costs) <= 0.5


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys\nfrom backend.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"found = [name for name in {HEAVY} if name in sys.modules]\nassert not found, found\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nonsense"], 2, "No such command"),
        (["jobs", "run"], 2, "Missing argument"),
        (["status"], 3, "start it with 'azak up'"),
        (["report", "005930"], 3, "start it with 'azak up'"),
        (["db", "status"], 3, "AZAK_DATABASE_URL"),
        (["db", "migrate"], 3, "AZAK_DATABASE_URL"),
        (["status", "--demo"], 1, "azak up --demo"),
        (["jobs", "run", "x", "--arguments", "{"], 2, "is not JSON"),
    ],
)
def test_a_refusal_is_an_exit_code_and_a_remedy(arguments: list[str], code: int, says: str, tmp_path: Path) -> None:
    ports = {"AZAK_API_PORT": str(free_port()), "AZAK_DATABASE_PORT": str(free_port())}
    result = azak(*arguments, AZAK_DATA_DIR=str(tmp_path), **ports)
    assert (result.returncode, result.stdout) == (code, "")
    assert says in result.stderr
    if "Usage: " not in result.stderr:
        assert len(result.stderr.splitlines()) == 1
        assert result.stderr.startswith("azak: ")


def test_a_misspelt_setting_is_refused_with_the_right_name(tmp_path: Path) -> None:
    result = azak("config", "show", AZAK_DATA_DIR=str(tmp_path), AZAK_API_PROT="1")
    assert result.returncode == 1
    assert "AZAK_API_PORT" in result.stderr


def test_the_example_file_lists_every_setting() -> None:
    text = (ROOT / ".env.example").read_text()
    assert text == example_text(), "run: azak config example > .env.example"
    for group in Settings().groups():
        for name in type(group).model_fields:
            assert f"\n#{group.model_config['env_prefix']}{name}=".upper() in text.upper()


def test_the_example_file_changes_nothing_when_it_is_used(tmp_path: Path) -> None:
    shown = azak("config", "show", "--json", AZAK_DATA_DIR=str(tmp_path))
    lines = [line.removeprefix("#") for line in example_text().splitlines() if line.startswith("#AZAK_")]
    given = dict(line.split("=", 1) for line in lines)
    used = azak("config", "show", "--json", **(given | {"AZAK_DATA_DIR": str(tmp_path)}))
    assert json.loads(used.stdout) == json.loads(shown.stdout)


def test_secrets_are_masked(tmp_path: Path) -> None:
    secret = {"AZAK_API_KEY": "s3cret-key", "AZAK_DATABASE_URL": "postgresql://u:s3cret-pw@h/d"}
    for arguments in (["config", "show"], ["config", "show", "--json"]):
        result = azak(*arguments, AZAK_DATA_DIR=str(tmp_path), **secret)
        assert result.returncode == 0
        assert "s3cret" not in result.stdout + result.stderr
        assert "********" in result.stdout


async def test_db_status_and_migrate_of_a_real_database(settings: Settings, tmp_path: Path) -> None:
    given = {"AZAK_DATA_DIR": str(tmp_path), "AZAK_DATABASE_URL": settings.database_url()}
    status = azak("db", "status", "--json", **given)
    assert status.returncode == 0
    assert json.loads(status.stdout)["up_to_date"] is True
    migrated = azak("db", "migrate", **given)
    assert (migrated.returncode, json.loads(status.stdout)["head"] in migrated.stdout) == (0, True)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kis_app_key": SecretStr("key")},
        {"kis_app_key": SecretStr("key"), "kis_app_secret": SecretStr("secret")},
        {"public_data_key": SecretStr("key")},
        {"naver_prices": True},
        {"naver_prices": True, "public_data_key": SecretStr("key"), "off": "rss_mk, naver_chart"},
    ],
)
def test_doctor_knows_the_sources_of_prices_that_the_settings_switch_on(given: dict[str, Any]) -> None:
    """It has its own rule, because the command line does not load the table of sources."""
    settings = SourceSettings(**given)
    on = {info.id for info in catalogue.list_source_infos(settings) if info.kind == "prices" and not info.off_reason}
    assert price_sources_on(settings) == on


def test_what_a_source_of_prices_has_is_what_is_read_from_it() -> None:
    read = {
        source.id: ((SourceData.PRICES,) if source.daily else ()) + ((SourceData.LIVE_PRICES,) if source.quotes else ())
        for source in catalogue.SOURCES.values()
        if source.kind == "prices"
    }
    assert read == DATA_OF_PRICE_SOURCE


async def test_doctor_and_health_say_the_same(settings: Settings, tmp_path: Path, database: Database) -> None:
    await record_all_sources(database, settings)
    checks = json.loads(azak("doctor", "--json", AZAK_DATA_DIR=str(tmp_path)).stdout)
    told = next(check for check in checks if check["name"] == "prices")
    health = await get_health(database, silent_after_s=30)
    assert f"prices: {told['finding']}: {told['remedy']}." in health.list_sentences()


async def record_all_sources(database: Database, settings: Settings) -> None:
    """As the scheduler does when it starts."""
    infos = catalogue.list_source_infos(settings.sources)
    async with database.write() as session:
        await record_switches(session, [info.switch for info in infos])


async def test_doctor_names_a_port_that_another_program_took(settings: Settings, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        database = {"AZAK_DATA_DIR": str(tmp_path), "AZAK_DATABASE_URL": settings.database_url()}
        given = database | {"AZAK_API_PORT": str(port), "AZAK_SCHEDULER_PORT": str(free_port())}
        up = azak("up", **given)
        # It listens and never answers: doctor gives up after its time limit.
        result = azak("doctor", "--json", **given)
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert result.returncode == 1
    assert (checks[f"port {port}"]["result"], checks["database"]["result"]) == ("fail", "pass")
    assert "AZAK_API_PORT" in checks[f"port {port}"]["remedy"]
    assert (up.returncode, f"Port {port} is taken" in up.stderr, "AZAK_API_PORT" in up.stderr) == (1, True, True)


def test_the_installed_script_is_the_same_command() -> None:
    script = [str(Path(sys.executable).with_name("azak")), "--help"]
    result = subprocess.run(script, capture_output=True, text=True, check=True, env={"COLUMNS": "200"}, timeout=60)
    assert result.stdout == azak("--help").stdout
