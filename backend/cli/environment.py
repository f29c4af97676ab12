"""The installation that a command uses: the real one, or the demo (`--demo`).

The demo has its own database, secrets and logs in {data_dir}/demo, so that it never mixes with real data. `demo.json`
there stores what must not change between two starts: when the demo began and its seed.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from backend import clock
from backend.config import Settings, SourceSettings, load_settings, write_private
from backend.errors import ConfigurationError

DemoOption = Annotated[bool, typer.Option("--demo", help="Use the demo's data directory.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DEFAULT_SEED = 7
DEFAULT_DEMO_URL = "http://127.0.0.1:8002"
# The stand-in serves the source of AZAK_SOURCES_NAVER_HUB_URL under /naver-hub, and so on; it takes any key.
STANDIN_SOURCES = tuple(
    name.removesuffix("_url").upper()
    for name in SourceSettings.model_fields
    if name.endswith("_url") and name != "demo_url"
)
STANDIN_KEYS = ("NAVER_HUB_KEY_ID", "NAVER_HUB_KEY", "KIS_APP_KEY", "KIS_APP_SECRET", "DART_KEY", "PUBLIC_DATA_KEY")


@dataclass(frozen=True, slots=True)
class DemoState:
    """demo.json. `filled` once all steps of the fill have succeeded; `effects`: whether news moves prices."""

    start: str
    seed: int
    session_minutes: int
    filled: bool = False
    effects: bool = True

    @classmethod
    def path(cls, data_dir: Path) -> Path:
        return data_dir / "demo.json"

    @classmethod
    def load(cls, data_dir: Path) -> "DemoState | None":
        path = cls.path(data_dir)
        try:
            return cls(**json.loads(path.read_text())) if path.exists() else None
        except (ValueError, TypeError) as error:
            raise ConfigurationError(f"{path} is damaged; delete {data_dir} to begin a new demo.") from error

    def save(self, data_dir: Path) -> None:
        write_private(self.path(data_dir), json.dumps(asdict(self), indent=1) + "\n")

    @property
    def started_at(self) -> datetime:
        return datetime.fromisoformat(self.start)


def demo_url() -> str:
    """URL of the stand-in: AZAK_SOURCES_DEMO_URL, or port 8002 on loopback."""
    return (Settings().sources.demo_url or DEFAULT_DEMO_URL).rstrip("/")


def demo_environment(state: DemoState, data_dir: Path) -> dict[str, str]:
    """Environment of the demo's processes; it differs from production in URLs, keys, calendar and data directory."""
    base = demo_url()
    return {
        "AZAK_DATA_DIR": str(data_dir),
        "AZAK_CALENDAR_KIND": "demo",
        "AZAK_CALENDAR_DEMO_START": state.start,
        "AZAK_CALENDAR_SESSION_MINUTES": str(state.session_minutes),
        "AZAK_SOURCES_DEMO_URL": base,
        **{f"AZAK_SOURCES_{name}_URL": f"{base}/{name.lower().replace('_', '-')}" for name in STANDIN_SOURCES},
        **{f"AZAK_SOURCES_{name}": "demo" for name in STANDIN_KEYS},
        "AZAK_SOURCES_NAVER_PRICES": "true",
    }


def _new_state() -> DemoState:
    start = clock.now().replace(second=0, microsecond=0)
    return DemoState(start.isoformat(), DEFAULT_SEED, Settings().calendar.session_minutes)


def enter_demo(*, create: bool, effects: bool = True) -> DemoState:
    """Set the demo's environment for this process and its children; `create` makes a demo if there is none.

    `effects`: whether news moves prices in a demo that is made. Raises ConfigurationError when an older one differs.
    """
    data_dir = load_settings().data_dir / "demo"
    state = DemoState.load(data_dir)
    if state is None and not create:
        raise ConfigurationError(f"There is no demo in {data_dir}; start one with 'azak up --demo'.")
    if state is None:
        data_dir.mkdir(parents=True, exist_ok=True)
        state = replace(_new_state(), effects=effects)
        state.save(data_dir)
    if state.effects and not effects:
        raise ConfigurationError(f"News moves prices in the demo of {data_dir}; delete it to begin one without.")
    os.environ.update(demo_environment(state, data_dir))
    return state


def open_settings(demo: bool) -> Settings:
    """Settings of the real installation, or of the demo. Raises ConfigurationError if there is no demo."""
    if demo:
        enter_demo(create=False)
    return load_settings()


def local_host(settings: Settings) -> str:
    """Host at which this machine reaches the API; a wildcard address is replaced by loopback."""
    return "127.0.0.1" if settings.api.host in {"0.0.0.0", "::"} else settings.api.host  # noqa: S104  (compared only)
