"""What a newcomer tries first: version, help of every command, completion, a start that is not compiled again."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.azak import COMMAND, azak, environment_of

ROOT = Path(__file__).parents[2]
EVERY_HELP = """
import typer
from backend.cli.main import COMMANDS, _load, app
for name in COMMANDS:
    command = _load(name)
    for words in ([name], *([name, inner] for inner in getattr(command, "commands", {}))):
        try:
            app([*words, "-h"])
        except SystemExit as end:
            assert end.code == 0, words
"""


@pytest.mark.parametrize("word", ["--version", "version"])
def test_the_version_is_that_of_the_package(word: str) -> None:
    done = azak(word)
    assert (done.returncode, done.stdout) == (0, f"azak {importlib.metadata.version('azak')}\n")


def test_short_help_of_the_whole_is_the_long_one() -> None:
    assert azak("-h").stdout == azak("--help").stdout


def test_every_command_has_short_help() -> None:
    done = subprocess.run([sys.executable, "-c", EVERY_HELP], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage: ") >= 70
    assert done.stdout.count("-h, --help") == done.stdout.count("Usage: ")


@pytest.fixture(scope="module")
def on_path(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment with `azak` on PATH, as after an installation, and a home of its own."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "azak"
    script.write_text(f"#!{sys.executable}\nfrom backend.cli import main\nmain()\n")
    script.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    return environment_of({"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(folder), "AZAK_DATA_DIR": str(folder)})


def shell(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_bash_completes_commands_and_their_parts(on_path: dict[str, str]) -> None:
    """In a real bash: the script is shown for the shell that asks, and completes what it is given."""
    script = """
        eval "$(azak --show-completion)"
        for words in 'azak stoc' 'azak stocks ' 'azak runs sh' 'azak jobs run --'; do
            COMP_WORDS=($words); [[ $words == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
            _azak_completion azak; echo "${COMPREPLY[*]}" | tr '\\n' ' '; echo
        done
    """
    done = shell(on_path, "bash", "-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["stocks"],
        ["list", "add", "pause", "resume", "archive", "alias", "seen"],
        ["show"],
        ["--arguments", "--wait", "--demo", "--json", "--help"],
    ]


@pytest.mark.parametrize(
    ("name", "asks", "says"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "azak stocks pa"}, '"pause"'),
        ("fish", {"_TYPER_COMPLETE_ARGS": "azak stocks pa", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "pause\t"),
    ],
)
def test_zsh_and_fish_have_a_script_and_answers(
    on_path: dict[str, str], name: str, asks: dict[str, str], says: str
) -> None:
    script = shell(on_path | {"_AZAK_COMPLETE": f"source_{name}"}, *COMMAND)
    assert (script.returncode, f"_AZAK_COMPLETE=complete_{name}" in script.stdout) == (0, True)
    answer = shell(on_path | {"_AZAK_COMPLETE": f"complete_{name}"} | asks, *COMMAND)
    assert (answer.returncode, says in answer.stdout, "archive" in answer.stdout) == (0, True, False)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_completion_is_installed_for_the_shell_that_asks(on_path: dict[str, str]) -> None:
    done = shell(on_path, "bash", "-c", "azak --install-completion; cat ~/.bashrc")
    assert (done.returncode, ".bash_completions/azak.sh" in done.stdout) == (0, True)


def test_byte_code_is_stored_where_the_environment_asks_for_none(tmp_path: Path) -> None:
    """As uv compiled it before, at a second a call: by Python itself, at the first start."""
    done = azak("--version", PYTHONDONTWRITEBYTECODE="1", PYTHONPYCACHEPREFIX=str(tmp_path))
    assert done.returncode == 0
    stored = {file.name.partition(".")[0] for file in tmp_path.rglob("*.pyc")}
    assert {"main", "core", "version"} <= stored
    assert "compile-bytecode" not in (ROOT / "pyproject.toml").read_text()
    code = "import os, backend.cli; print('PYTHONDONTWRITEBYTECODE' in os.environ)"
    inherited = shell(os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, sys.executable, "-c", code)
    assert inherited.stdout == "False\n"
    assert 'PYTHONDONTWRITEBYTECODE: ""' in (ROOT / "ecosystem.config.js").read_text()
