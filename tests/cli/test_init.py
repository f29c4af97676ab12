"""`azak init` keeps keys where only their owner can read them, and tells what it did with them."""

import stat
import subprocess
from pathlib import Path

import pytest

from backend.cli.commands.init import PREFIX, PROVIDERS, UNOFFICIAL
from backend.config import SourceSettings
from backend.pipelines.sources.catalogue import SOURCES
from tests.cli.azak import COMMAND, environment_of
from tests.fixtures.database import free_port

PASSED = "\n"


def init(folder: Path, typed: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    given = {"AZAK_DATA_DIR": str(folder), "AZAK_API_PORT": str(free_port())} | settings
    environment = {name: value for name, value in environment_of({}).items() if not name.startswith(PREFIX)} | given
    command = [*COMMAND, "init"]
    return subprocess.run(
        command, env=environment, input=typed, capture_output=True, text=True, check=False, timeout=60
    )


def test_each_provider_has_the_settings_and_a_source_that_tries_them() -> None:
    for provider in PROVIDERS:
        names = tuple(name.lower() for name in provider.settings)
        assert SOURCES[provider.source].key_settings == names
        assert set(names) <= set(SourceSettings.model_fields)
    assert UNOFFICIAL in SOURCES


def test_keys_are_kept_beside_the_secrets_and_replaced_by_the_next_ones(tmp_path: Path) -> None:
    first = init(tmp_path, f"{PASSED}dart-key-1234\n{PASSED}{PASSED}n\n")
    assert first.returncode == 0, first.stderr
    assert "none was tried" in first.stdout
    assert "azak sources check dart" in first.stdout
    assert "dart-key-1234" not in first.stdout + first.stderr
    second = init(tmp_path, f"naver-id-1\nnaver-key-1\ndart-key-5678\n{PASSED}{PASSED}y\n")
    assert second.returncode == 0, second.stderr
    file = tmp_path / "azak.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = dict(line.split("=", 1) for line in file.read_text().splitlines())
    assert kept.keys() >= {"AZAK_API_KEY", "AZAK_SCHEDULER_TOKEN"}
    assert {name: value for name, value in kept.items() if name.startswith(PREFIX)} == {
        f"{PREFIX}NAVER_HUB_KEY_ID": "naver-id-1", f"{PREFIX}NAVER_HUB_KEY": "naver-key-1",
        f"{PREFIX}DART_KEY": "dart-key-5678", f"{PREFIX}NAVER_PRICES": "true",
    }  # fmt: skip


@pytest.mark.parametrize("typed", ["short\n", "naver-id-1\n\n", "naver id with blanks\nx\n"])
def test_what_is_no_key_is_refused_and_nothing_is_kept(tmp_path: Path, typed: str) -> None:
    done = init(tmp_path, typed)
    assert (done.returncode, "nothing was kept" in done.stderr) == (2, True)
    assert PREFIX not in (tmp_path / "azak.env").read_text()


def test_passing_all_over_changes_nothing(tmp_path: Path) -> None:
    done = init(tmp_path, PASSED * 5)
    assert (done.returncode, done.stdout.endswith("Nothing was changed.\n")) == (0, True)


@pytest.mark.parametrize("name", [f"{PREFIX}DART_KEY", f"{PREFIX}dart_key".lower()])
def test_what_the_environment_says_is_not_asked_for(tmp_path: Path, name: str) -> None:
    """It is read first, so that a key kept beside it would never be used."""
    done = init(tmp_path, PASSED * 4, **{name: "dart-key-1234"})
    assert f"OpenDART: {PREFIX}DART_KEY stands in the environment, which is read first" in done.stdout
    assert (done.returncode, done.stdout.endswith("Nothing was changed.\n")) == (0, True)
