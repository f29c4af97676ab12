"""Settings that work only with another one. Half of such a pair would be ignored without a word, so it is refused."""

from collections.abc import Iterable, Mapping
from typing import Final

from backend.config.groups import Group
from backend.errors import ConfigurationError

# A setting, and one that it needs; what needs each other stands here twice.
NEEDS: Final = (
    ("AZAK_DATABASE_POOLER", "AZAK_DATABASE_URL"),
    # Behind a transaction pooler nothing works that waits for a notification, and the engine does.
    ("AZAK_DATABASE_POOLER", "AZAK_DATABASE_DIRECT_URL"),
    # Else commands would look at one database and the API at another.
    ("AZAK_DATABASE_DIRECT_URL", "AZAK_DATABASE_URL"),
    ("AZAK_DATABASE_DIRECT_URL", "AZAK_DATABASE_POOLER"),
    ("AZAK_WATCHDOG_TELEGRAM_TOKEN", "AZAK_WATCHDOG_TELEGRAM_CHAT"),
    ("AZAK_WATCHDOG_TELEGRAM_CHAT", "AZAK_WATCHDOG_TELEGRAM_TOKEN"),
    ("AZAK_WATCHDOG_WEBHOOK_SECRET", "AZAK_WATCHDOG_WEBHOOK"),
    ("AZAK_WATCHDOG_NTFY_TOKEN", "AZAK_WATCHDOG_NTFY"),
    ("AZAK_WEBHOOK_URL", "AZAK_WEBHOOK_SECRET"),
    ("AZAK_WEBHOOK_SECRET", "AZAK_WEBHOOK_URL"),
    ("AZAK_SOURCES_NAVER_HUB_KEY_ID", "AZAK_SOURCES_NAVER_HUB_KEY"),
    ("AZAK_SOURCES_NAVER_HUB_KEY", "AZAK_SOURCES_NAVER_HUB_KEY_ID"),
    ("AZAK_SOURCES_NAVER_LEGACY_CLIENT_ID", "AZAK_SOURCES_NAVER_LEGACY_CLIENT_SECRET"),
    ("AZAK_SOURCES_NAVER_LEGACY_CLIENT_SECRET", "AZAK_SOURCES_NAVER_LEGACY_CLIENT_ID"),
    ("AZAK_SOURCES_KIS_APP_KEY", "AZAK_SOURCES_KIS_APP_SECRET"),
    ("AZAK_SOURCES_KIS_APP_SECRET", "AZAK_SOURCES_KIS_APP_KEY"),
    ("AZAK_LLM_URL", "AZAK_LLM_MODEL"),
    ("AZAK_LLM_MODEL", "AZAK_LLM_URL"),
    ("AZAK_LLM_API_KEY", "AZAK_LLM_URL"),
)
_REMEDIES: Final[Mapping[tuple[str, str], str]] = {
    ("AZAK_DATABASE_POOLER", "AZAK_DATABASE_DIRECT_URL"): "set it to the database's own address, past the pooler",
    ("AZAK_DATABASE_DIRECT_URL", "AZAK_DATABASE_POOLER"): (
        "set that to true where AZAK_DATABASE_URL leads to a transaction pooler, else leave both out"
    ),
}


def refuse_halves(groups: Iterable[Group]) -> None:
    """Raises ConfigurationError for the first setting that stands without the one that it needs."""
    values = {f"{group.model_config['env_prefix']}{name}".upper(): value for group in groups for name, value in group}
    for name, needed in NEEDS:
        if values[name] and not values[needed]:
            remedy = _REMEDIES.get((name, needed), "set that, too, or neither")
            raise ConfigurationError(f"{name} is set without {needed}; {remedy}.")
