"""Sources are switched and given keys while azak runs; what is kept is for its owner's eyes alone."""

import os
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.config import Settings
from backend.domain.operations import OffCode
from backend.errors import ConfigurationError, ConflictError, InvalidInputError, NotFoundError
from backend.internal import SourceChange
from backend.pipelines.sources.switching import change_source

SECRET = "a-secret-of-forty-letters-0123456789abcd"


def key(name: str, value: str = SECRET) -> dict[str, str]:
    return {"setting": f"AZAK_SOURCES_{name}", "value": value}


KIS = [key("KIS_APP_KEY"), key("KIS_APP_SECRET", SECRET[::-1])]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of an installation without any key, with a secret of its own in azak.env."""
    monkeypatch.setenv("AZAK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AZAK_ENV_FILE", str(tmp_path / ".env"))
    (tmp_path / ".env").touch()
    (tmp_path / "azak.env").write_text("AZAK_API_KEY=kept-as-it-was\n")
    return Settings()


def codes(settings: Settings, source: str, **change: object) -> dict[str, OffCode | None]:
    """Why each source is off after the change."""
    switches = change_source(settings, source, SourceChange.model_validate(change))
    return {switch.id: None if switch.off is None else switch.off.code for switch in switches}


def test_a_source_is_switched_off_and_on_again(settings: Settings, tmp_path: Path) -> None:
    assert codes(settings, "rss_mk", on=False)["rss_mk"] is OffCode.SWITCHED_OFF
    assert codes(settings, "dart_rss", on=False)["rss_mk"] is OffCode.SWITCHED_OFF
    assert settings.sources.off_ids == {"rss_mk", "dart_rss"}
    assert codes(settings, "rss_mk", on=True)["rss_mk"] is None
    assert Settings().sources.off_ids == {"dart_rss"}, "it stays so over a restart"
    assert "AZAK_API_KEY=kept-as-it-was\n" in (tmp_path / "azak.env").read_text()


def test_keys_switch_on_all_that_they_open(settings: Settings, tmp_path: Path) -> None:
    after = codes(settings, "kis", keys=KIS)
    assert {name for name, code in after.items() if name.startswith("kis") and code is not None} == set()
    assert settings.sources.kis_app_key is not None
    assert settings.sources.kis_app_key.get_secret_value() == SECRET
    assert stat.S_IMODE((tmp_path / "azak.env").stat().st_mode) == 0o600


def test_unofficial_endpoints_are_asked_once_somebody_says_yes(settings: Settings) -> None:
    after = codes(settings, "naver_chart", on=True)
    assert [after[name] for name in ("naver_chart", "naver_polling", "naver_world")] == [None, None, None]
    off = codes(settings, "naver_polling", on=False)
    assert (off["naver_polling"], off["naver_chart"]) == (OffCode.SWITCHED_OFF, None)


def test_a_better_source_replaces_another(settings: Settings) -> None:
    legacy = [key("NAVER_LEGACY_CLIENT_ID"), key("NAVER_LEGACY_CLIENT_SECRET")]
    assert codes(settings, "naver_search_legacy", keys=legacy)["naver_search_legacy"] is None
    hub = [key("NAVER_HUB_KEY_ID"), key("NAVER_HUB_KEY")]
    assert codes(settings, "naver_search", keys=hub)["naver_search_legacy"] is OffCode.REPLACED


@pytest.mark.parametrize(
    ("source", "change", "said"),
    [
        ("rss_nowhere", {"on": True}, "There is no source rss_nowhere"),
        ("kis", {"on": True}, "without AZAK_SOURCES_KIS_APP_KEY; give its keys"),
        (
            "kis",
            {"on": True, "keys": KIS[:1]},
            "AZAK_SOURCES_KIS_APP_SECRET",
        ),
        ("kis", {"keys": KIS[:1]}, "AZAK_SOURCES_KIS_APP_SECRET"),  # no process would start with half a pair
        ("rss_mk", {"keys": KIS}, "it takes no key"),
        ("dart", {"keys": KIS}, "it takes AZAK_SOURCES_DART_KEY"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    settings: Settings, tmp_path: Path, source: str, change: dict[str, object], said: str
) -> None:
    with pytest.raises((NotFoundError, InvalidInputError), match=said):
        codes(settings, source, **change)
    assert (tmp_path / "azak.env").read_text() == "AZAK_API_KEY=kept-as-it-was\n"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"keys": [key("DART_KEY", "two\nAZAK_API_KEY=lines")]},
        {"keys": [key("DART_KEY", "short")]},
        {"keys": [key("DART_KEY", "${AZAK_API_KEY}")]},
        {"keys": [key("DART_KEY", "'quoted-as-a-value'")]},
        {"keys": [key("DART_KEY", "x" * 301)]},
        {"keys": [key("DART_KEY", f"{SECRET}\n")]},
        {"keys": [{"setting": "AZAK_API_KEY", "value": SECRET}]},
        {"keys": [key("DART_KEY\n")]},
        {"off": True},
    ],
)
def test_a_change_that_would_write_anything_else_is_no_change(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SourceChange.model_validate(change)


def test_what_is_read_first_is_changed_where_it_stands(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"AZAK_SOURCES_DART_KEY={SECRET}\n")
    with pytest.raises(ConflictError, match=rf"AZAK_SOURCES_DART_KEY stands in {tmp_path}/\.env of the scheduler"):
        codes(settings, "dart", keys=[key("DART_KEY", SECRET[::-1])])
    monkeypatch.setenv("AZAK_SOURCES_OFF", "kind")
    with pytest.raises(ConflictError, match="AZAK_SOURCES_OFF stands in the environment"):
        codes(settings, "rss_mk", on=False)


def test_a_file_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / f".azak.env.{os.getpid()}").mkdir()
    with pytest.raises(ConfigurationError, match=r"azak\.env cannot be written"):
        codes(settings, "rss_mk", on=False)
