"""The command that starts the scheduler again, by what started this process."""

import pytest

from backend.services.operations.health import Health
from backend.services.operations.restart import SUPERVISED_BY, restart_command


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({}, "azak scheduler"),
        ({"pm_id": "2"}, "npx pm2 restart azak-scheduler"),
        ({SUPERVISED_BY: "azak up"}, "azak stop && azak up"),
        ({SUPERVISED_BY: "azak up --demo"}, "azak stop --demo && azak up --demo"),
        ({SUPERVISED_BY: "azak up", "pm_id": "2"}, "azak stop && azak up"),
    ],
)
def test_the_remedy_names_the_command_of_what_started_azak(
    environment: dict[str, str], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (SUPERVISED_BY, "pm_id"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert restart_command() == command
    assert Health(reachable=True, silent_after_s=30).list_sentences() == [
        f"No scheduler is active: unknown; start it again with '{command}'."
    ]
