"""The settings of the API, AZAK_API_*."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from backend.config.groups import Group

# What stands first in azak's own paths: below it a request would not be told from one without the base path.
_OWN_PATHS = frozenset({
    "api", "assets", "docs", "health", "livez", "metrics", "models", "news", "openapi.json", "operations", "problems",
    "readyz", "settings", "sign-in", "stock",
})  # fmt: skip


def _check_base_path(path: str) -> str:
    if path and (not re.fullmatch(r"/[a-z0-9][a-z0-9._-]*", path) or path[1:] in _OWN_PATHS):
        raise ValueError("write one name after a slash, such as /azak, and none that azak's own paths begin with")
    return path


def _check_origins(text: str) -> str:
    for origin in filter(None, text.split(",")):
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin.strip()):
            raise ValueError("write origins such as https://desk.example, without a path, and no *")
    return text


class ApiSettings(Group):
    model_config = SettingsConfigDict(env_prefix="AZAK_API_")

    host: str = Field("127.0.0.1", description="Address the API binds; another than loopback needs AZAK_API_KEY.")
    port: int = Field(8000, ge=1, le=65535, description="Port of the API; instances share it.")
    base_path: Annotated[str, AfterValidator(_check_base_path)] = Field(
        "",
        description="Path under which a proxy serves azak, such as /azak; empty for the root of a host.",
    )
    instances: int = Field(2, ge=1, description="API processes that 'azak up' starts.")
    key: SecretStr | None = Field(None, description="Bearer key for writes; 'azak up' makes one.")
    scheduler_timeout_s: float = Field(
        1.0, gt=0, description="Seconds the API waits for the scheduler before it defers a run."
    )
    scheduler_pause_s: float = Field(
        5.0,
        ge=0,
        description="Seconds a scheduler that did not answer in time is not asked again.",
    )
    deferred_expiry_s: float = Field(
        900, gt=0, description="Seconds after which a deferred run is not started any more."
    )
    allowed_hosts: str = Field(
        "localhost,127.0.0.1,[::1]", description="Host names the API answers to, separated by commas."
    )
    cors_origins: Annotated[str, AfterValidator(_check_origins)] = Field(
        "",
        description="Pages of other hosts that may use the API with a key, separated by commas, such as "
        "https://desk.example; empty: none.",
    )
    body_limit_bytes: int = Field(1_000_000, gt=0, description="Largest request body.")
    request_within_s: float = Field(20, gt=0, description="Seconds in which a request must have arrived whole.")
    open_reads: bool = Field(True, description="False: reading needs a key with the scope 'read', too.")
    event_streams: int = Field(100, ge=0, description="Open streams of /api/events an instance serves at once.")
    blocked_s: float = Field(
        20, gt=0, description="Seconds after which an instance whose event loop stands still ends; it is started again."
    )
    frozen_s: float = Field(
        60, ge=0, description="Silence after which a stopped instance is killed by its machine's scheduler (0: never)."
    )
    orders_per_minute: int = Field(
        120, ge=1, description="Requests for work (reports, predictions, jobs) accepted in a minute from all keys."
    )

    def cors_origins_list(self) -> list[str]:
        """The origins of AZAK_API_CORS_ORIGINS, one by one."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]
