"""What a process needs before it starts: complete settings, and the secrets that all of them share."""

# ruff: noqa: E501  (one case a line)

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from backend.config import Settings
from tests.cli.azak import azak
from tests.fixtures.api_process import ROOT, compiled, instances  # noqa: F401  (a fixture)

PROCESSES = ("backend.main", "backend.scheduler_main", "backend.worker_main")


def refusal(module: str, **settings: str) -> tuple[int, str]:
    """Exit code and standard error of a process that does not start."""
    ended = subprocess.run(
        [sys.executable, "-m", module], env=os.environ | settings, cwd=ROOT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stderr


BAD: list[tuple[dict[str, str], str]] = [
    ({"AZAK_DATABASE_POOLER": "true", "AZAK_DATABASE_URL": "postgresql://u:geheim@h:6543/db"}, "AZAK_DATABASE_DIRECT_URL"),
    ({"AZAK_DATABASE_POOLER": "true"}, "AZAK_DATABASE_URL"),
    ({"AZAK_DATABASE_DIRECT_URL": "postgresql://u:geheim@h/db"}, "AZAK_DATABASE_DIRECT_URL is set without AZAK_DATABASE_URL"),
    ({"AZAK_ENV_FILE": "/nowhere/typo.env"}, "/nowhere/typo.env"),
    ({"AZAK_DATABASE_URL": "postgresql://u:geheim@h/db?ssl_mode=require"}, "sslmode"),
    ({"AZAK_DATABASE_URL": "mysql://u:geheim@h/db"}, "AZAK_DATABASE_URL"),
    ({"AZAK_API_PORT": "abc"}, "AZAK_API_PORT"),
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad[1])
@pytest.mark.parametrize("module", PROCESSES)
def test_a_process_refuses_incomplete_settings_in_one_sentence(
    module: str, bad: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    settings, words = bad
    code, said = refusal(module, AZAK_DATA_DIR=str(tmp_path), **settings)
    assert (code, said.count("\n")) == (1, 1)
    assert words in said
    assert "geheim" not in said


def test_so_does_a_command(tmp_path: Path) -> None:
    for command in (["db", "status"], ["db", "migrate"], ["doctor"], ["status"]):
        ended = azak(*command, AZAK_DATA_DIR=str(tmp_path), **BAD[0][0])
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr
        assert "AZAK_DATABASE_DIRECT_URL" in ended.stderr
    for settings, words in BAD[2:4]:
        for command in (["db", "status"], ["config", "show"]):
            ended = azak(*command, AZAK_DATA_DIR=str(tmp_path), **settings)
            assert (ended.returncode, ended.stderr.count("\n"), words in ended.stderr) == (1, 1, True), ended.stderr


async def test_two_first_processes_agree_on_the_key(
    settings: Settings,
    tmp_path: Path,
    compiled: dict[str, str],  # noqa: F811
) -> None:
    """The first start on an external database under PM2: nobody has made secrets before the API instances."""
    data_dir = tmp_path / "data"
    given = compiled | {"AZAK_DATA_DIR": str(data_dir), "AZAK_API_KEY": ""}
    with instances(settings, given, 2) as (address, _):
        secrets = data_dir / "azak.env"
        key = dict(line.split("=", 1) for line in secrets.read_text().splitlines())["AZAK_API_KEY"]
        codes = set()
        for _ in range(30):  # a new connection each, so that both are asked
            async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
                codes.add((await client.get("/api/keys")).status_code)
    assert codes == {200}
    assert [path.name for path in data_dir.iterdir()] == ["azak.env"]
    assert secrets.stat().st_mode & 0o777 == 0o600


def test_secrets_that_cannot_be_written_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = refusal("backend.main", AZAK_DATA_DIR=str(tmp_path / "file" / "below"))
    assert (code, said.count("\n")) == (1, 1)
    assert "AZAK_API_KEY" in said


async def test_what_is_no_http_is_refused_as_a_problem(
    settings: Settings,
    compiled: dict[str, str],  # noqa: F811
) -> None:
    with instances(settings, compiled) as (address, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write("GET /api/news?source=삼성 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert (json.loads(body)["status"], "%XX" in json.loads(body)["detail"]) == (400, True)


def test_pm2_gets_no_setting_that_it_would_keep_for_everybody_to_read() -> None:
    """`pm2 save` writes a file of mode 0644 with the environment of each process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AZAK_")}
    show = [
        "node",
        "-p",
        "JSON.stringify(require('./ecosystem.config.js').apps.map((app) => [app.filter_env, app.env]))",
    ]

    def loaded(**more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(show, env=kept | more, cwd=ROOT, capture_output=True, text=True, check=False)

    apps = json.loads(loaded(AZAK_ENV_FILE="/x/.env").stdout)
    assert [(filtered, env["AZAK_ENV_FILE"]) for filtered, env in apps] == [(["AZAK_"], "/x/.env")] * 3
    refused = loaded(AZAK_DATABASE_URL="postgresql://u:geheim@h/db", AZAK_API_KEY="geheim")
    assert refused.returncode != 0
    assert "AZAK_DATABASE_URL, AZAK_API_KEY" in refused.stderr
    assert "geheim" not in refused.stderr
