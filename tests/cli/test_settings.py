"""Settings as people write them, in the environment, `.env` and `azak.env`: right, misspelt, in the wrong place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.config import ensure_secrets, load_settings
from backend.config.groups import Group
from backend.config.halves import NEEDS
from backend.errors import ConfigurationError


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data directory that the environment names; the working directory is empty, too."""
    (tmp_path / "work").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "work" / ".env").touch()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("AZAK_ENV_FILE", ".env")
    monkeypatch.setenv("AZAK_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def places(data_dir: Path) -> list[Path]:
    """The two files that settings are read from."""
    return [Path(".env"), data_dir / "azak.env"]


@pytest.mark.parametrize("index", [0, 1], ids=[".env", "azak.env"])
@pytest.mark.parametrize(
    ("line", "close"),
    [
        ("AZAK_API_PROT=8299", "AZAK_API_PORT"),
        ("AZAK_DATABSE_URL=postgresql://u:p@h/d", "AZAK_DATABASE_URL"),
        ("azak_api_prot=8299", "AZAK_API_PORT"),
        ("Azak_Api_Prot=8299", "AZAK_API_PORT"),
        ("export AZAK_API_PROT=8299", "AZAK_API_PORT"),
        ("  AZAK_API_PROT = 8299  # port", "AZAK_API_PORT"),
        ("AZAK_API_PROT='8299'", "AZAK_API_PORT"),
        ("AZAK_API_PROT=", "AZAK_API_PORT"),
        ("\r\nAZAK_API_PROT=8299\r\n", "AZAK_API_PORT"),
        ("AZAK-API-PORT=8299", "AZAK_API_PORT"),
        ("AZAKAPI_PORT=8299", "AZAK_API_PORT"),
        ("AZK_API_PORT=8299", "AZAK_API_PORT"),
        ("SOURCES_NAVER_LEGACY_CLIENT_SECRET=x", "AZAK_SOURCES_NAVER_LEGACY_CLIENT_SECRET"),
        ("AZAK_API_PORT=8299\r\n\r\nAZAK_API_KYE=k", "AZAK_API_KEY"),
    ],
)
def test_a_misspelt_name_in_a_file_is_refused_with_the_close_one(
    data_dir: Path, index: int, line: str, close: str
) -> None:
    file = places(data_dir)[index]
    file.write_text(f"# mine\n{line}\n", newline="")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert str(file) in refused.value.detail
    assert f"did you mean {close}?" in refused.value.detail
    assert "8299" not in refused.value.detail, "a value may be a secret"


@pytest.mark.parametrize("name", ["AZAK_API_PROT", "azak_api_prot", "Azak_Api_Prot", "AZAKAPI_PORT"])
def test_a_misspelt_name_in_the_environment_is_refused_in_any_case(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "8299")
    with pytest.raises(ConfigurationError, match=r"did you mean AZAK_API_PORT\?"):
        load_settings()


@pytest.mark.parametrize("index", [0, 1], ids=[".env", "azak.env"])
@pytest.mark.parametrize(
    "text",
    [
        "AZAK_API_PORT=8299\n",
        "azak_api_port=8299\n",
        "export AZAK_API_PORT=8299\n",
        "  AZAK_API_PORT = 8299  # port\n",
        'AZAK_API_PORT="8299"',
        "\ufeffAZAK_API_PORT=8299\r\n",
        "# AZAK_API_PROT=1\n#AZAK_NO=2\n\nAZAK_API_PORT=8299\n",
        "DATABASE_URL=postgresql://other\nAPI_PORT=1\nNAME\nAZAK_API_KEY=\nAZAK_API_PORT=8299\n",
    ],
)
def test_a_right_name_is_read_however_it_is_written(data_dir: Path, index: int, text: str) -> None:
    places(data_dir)[index].write_bytes(text.encode())
    assert load_settings().api.port == 8299


@pytest.mark.parametrize("index", [0, 1], ids=[".env", "azak.env"])
@pytest.mark.parametrize("line", ["AZAK_API_PORT", "AZAK_API_PORT 8299", "AZAK_API_PORT: 8299", "AZAK_API_KEY='8299"])
def test_a_line_that_sets_nothing_is_refused_with_its_number(data_dir: Path, index: int, line: str) -> None:
    file = places(data_dir)[index]
    file.write_text(f"AZAK_API_INSTANCES=1\n\n{line}\n")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert f"Line 3 of {file} is not a setting: write it as NAME=value." in refused.value.detail
    assert "8299" not in refused.value.detail


@pytest.mark.parametrize("index", [0, 1], ids=[".env", "azak.env"])
def test_a_file_that_is_no_text_is_refused(data_dir: Path, index: int) -> None:
    places(data_dir)[index].write_bytes("AZAK_API_KEY=비밀\n".encode("cp949"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings()


@pytest.mark.parametrize("index", [0, 1], ids=[".env", "azak.env"])
@pytest.mark.parametrize("name", ["AZAK_API_PORT", "AZAK_API_INSTANCES", "AZAK_CALENDAR_DEMO_START"])
def test_a_wrong_value_is_one_sentence_that_does_not_show_it(data_dir: Path, index: int, name: str) -> None:
    places(data_dir)[index].write_text(f"{name}=s3cret\n")
    with pytest.raises(ConfigurationError, match=f"The setting {name} is wrong: ") as refused:
        load_settings()
    assert "s3cret" not in refused.value.detail


@pytest.mark.parametrize("written", ["{}", "export AZAK_DATA_DIR={}", "azak_data_dir = '{}'"])
def test_secrets_are_read_from_the_folder_that_the_file_names(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.delenv("AZAK_DATA_DIR")
    line = written.format(data_dir)
    Path(".env").write_text(f"AZAK_DATA_DIR={line}\n" if line.startswith("/") else f"{line}\n")
    secrets_file = ensure_secrets(load_settings().data_dir)
    assert secrets_file == data_dir / "azak.env"
    settings = load_settings()
    assert settings.api.key is not None
    assert f"AZAK_API_KEY={settings.api.key.get_secret_value()}\n" in secrets_file.read_text()
    assert settings.scheduler.token is not None


def test_the_home_is_meant_by_a_tilde_in_a_file(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZAK_DATA_DIR")
    monkeypatch.setenv("HOME", str(data_dir.parent))
    Path(".env").write_text("AZAK_DATA_DIR=~/data\n")
    (data_dir / "azak.env").write_text("AZAK_API_KEY=mine\n")
    settings = load_settings()
    assert settings.data_dir == data_dir
    assert settings.api.key is not None


def test_the_environment_comes_before_the_file(data_dir: Path) -> None:
    Path(".env").write_text("AZAK_DATA_DIR=/nowhere\nAZAK_API_PORT=1\n")
    (data_dir / "azak.env").write_text("AZAK_API_PORT=2\nAZAK_API_KEY=mine\n")
    settings = load_settings()
    assert settings.data_dir == data_dir
    assert (settings.api.port, settings.api.key is not None) == (1, True)


def test_the_folder_of_secrets_cannot_name_another_one(data_dir: Path) -> None:
    (data_dir / "azak.env").write_text("AZAK_DATA_DIR=/elsewhere\n")
    with pytest.raises(ConfigurationError, match=r"set it in \.env or the environment"):
        load_settings()
    (data_dir / "azak.env").write_text(f"AZAK_DATA_DIR={data_dir}\n")
    assert load_settings().data_dir == data_dir


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("backend.main", "AZAK_API_PROT=8299"),
        ("backend.scheduler_main", "AZAK_API_PROT=8299"),
        ("backend.worker_main", "AZAK_API_PORT=x"),
        ("backend.db.embedded", "AZAK_API_PROT=8299"),
        ("backend.cli up --demo", "AZAK_API_PROT=8299"),
        ("backend.cli up", "AZAK_API_PORT=x"),
    ],
)
def test_every_program_refuses_in_one_line_and_makes_nothing(data_dir: Path, program: str, line: str) -> None:
    Path(".env").write_text(f"{line}\n")
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", *program.split()],
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "AZAK_API_PORT" in done.stderr
    assert list(data_dir.iterdir()) == []


def test_the_folder_that_a_command_is_started_in_says_nothing(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody else's sent the admin key to another host."""
    Path(".env").write_text("AZAK_API_PORT=1\nAZAK_SCHEDULER_HOST=evil.test\n")
    assert load_settings().api.port == 1
    monkeypatch.delenv("AZAK_ENV_FILE")
    assert (load_settings().api.port, load_settings().scheduler.host) == (8000, "127.0.0.1")


@pytest.mark.parametrize("kind", ["missing", "folder", "link"])
def test_a_file_that_is_named_and_is_none_is_refused_with_its_path(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """With a slip in its path azak ran on defaults, against another database."""
    named = data_dir / "typo.env"
    if kind == "folder":
        named.mkdir()
    elif kind == "link":
        named.symlink_to("gone.env")
    monkeypatch.setenv("AZAK_ENV_FILE", str(named))
    with pytest.raises(ConfigurationError, match=f"AZAK_ENV_FILE names {named}, which is no file"):
        load_settings()


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_secrets_that_are_in_no_file_are_refused_with_their_path(data_dir: Path, kind: str) -> None:
    secrets = data_dir / "azak.env"
    if kind == "folder":
        secrets.mkdir()  # as a container makes one for a file that is not there
    else:
        secrets.symlink_to("gone.env")
    with pytest.raises(ConfigurationError, match=f"{secrets} is no file"):
        load_settings()


def test_a_tilde_in_the_name_of_the_file_is_the_home_for_every_reader(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(data_dir))
    monkeypatch.setenv("AZAK_ENV_FILE", "~/mine.env")
    (data_dir / "mine.env").write_text("AZAK_API_PORT=8299\n")
    assert load_settings().api.port == 8299
    (data_dir / "mine.env").write_text("AZAK_API_PROT=8299\n")
    with pytest.raises(ConfigurationError, match=r"did you mean AZAK_API_PORT\?"):
        load_settings()


def some_value(name: str) -> str:
    """What the setting may be."""
    if name == "AZAK_DATABASE_POOLER":
        return "true"
    if name.startswith("AZAK_DATABASE"):
        return "postgresql://u:geheim@h/db"
    return "https://geheim.example/x" if name.endswith(("_URL", "_WEBHOOK", "_NTFY")) else "geheim-0123456789"


@pytest.mark.parametrize(("name", "needed"), NEEDS)
def test_half_of_a_pair_is_refused_by_the_name_of_the_other(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str, needed: str
) -> None:
    """It would be ignored without a word: no line to Telegram, commands that look at another database."""
    given = {name}
    while more := {other for one, other in NEEDS if one in given} - given:
        given |= more
    for one in given - {needed}:
        monkeypatch.setenv(one, some_value(one))
    with pytest.raises(ConfigurationError, match=f" is set without {needed}; ") as refused:
        load_settings()
    assert "geheim" not in refused.value.detail
    for one in given:
        monkeypatch.setenv(one, some_value(one))
    load_settings()


def test_the_pairs_that_were_met_in_the_field_are_among_them() -> None:
    pairs = [
        ("AZAK_DATABASE_DIRECT_URL", "AZAK_DATABASE_POOLER"),
        ("AZAK_WATCHDOG_TELEGRAM_TOKEN", "AZAK_WATCHDOG_TELEGRAM_CHAT"),
        ("AZAK_WEBHOOK_URL", "AZAK_WEBHOOK_SECRET"),
        ("AZAK_SOURCES_KIS_APP_KEY", "AZAK_SOURCES_KIS_APP_SECRET"),
        ("AZAK_LLM_URL", "AZAK_LLM_MODEL"),
    ]
    assert {*pairs, *((needed, name) for name, needed in pairs)} <= set(NEEDS)


def names_of(kind: type) -> list[str]:
    """The settings of a type, whether or not they may be empty."""
    return [
        f"{group.model_config['env_prefix']}{name}".upper()
        for group in Group.__subclasses__()
        for name, field in group.model_fields.items()
        if field.annotation in (kind, kind | None)
    ]


def test_no_number_of_seconds_or_dollars_is_without_end(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = names_of(float)
    assert len(names) > 20
    for name in names:
        for value in ("inf", "Infinity", "1e999", "nan", "-inf"):
            monkeypatch.setenv(name, value)
            with pytest.raises(ConfigurationError, match=f"The setting {name} is wrong"):
                load_settings()
        monkeypatch.delenv(name)


WATCHDOG_ADDRESSES = ("WEBHOOK", "SLACK", "DISCORD", "TELEGRAM_URL", "NTFY", "PING")
ADDRESSES = [
    *(f"AZAK_WATCHDOG_{name}" for name in WATCHDOG_ADDRESSES), "AZAK_WEBHOOK_URL", "AZAK_LLM_URL",
    "AZAK_SOURCES_DEMO_URL",
    *(name for name in names_of(str) if name.startswith("AZAK_SOURCES_") and name.endswith("_URL")),
]  # fmt: skip
NO_ADDRESSES = (
    "hooks.slack.com/s3cret", "hooks.slack.com:443/s3cret", "https://", "https:/hooks.slack.com/s3cret",
    "ftp://h/s3cret", "https://h:port/s3cret", "https://[::1/s3cret", "https://h/s3cret and more", "s3cret",
)  # fmt: skip


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_that_is_none_is_refused_at_the_start(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Without its scheme `azak doctor` called it a channel, and no message ever went out."""
    assert len(ADDRESSES) > 20
    for value in NO_ADDRESSES:
        monkeypatch.setenv(name, value)
        with pytest.raises(ConfigurationError, match=f"The setting {name} is wrong") as refused:
            load_settings()
        assert "s3cret" not in refused.value.detail
