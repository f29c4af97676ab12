"""An endpoint of a language model, what it can do, and what is asked of it and answered, in plain values."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from backend.config import LlmSettings
from backend.errors import SourceChangedError

SOURCE: Final = "llm"
Protocol = Literal["openai", "anthropic"]
_ANTHROPIC: Final = "anthropic.com"


class Mode(StrEnum):
    """How an endpoint binds an answer to a form: by a schema, to any JSON object, or by the prompt's words alone."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Capability:
    """What the endpoint takes: its mode, the field that limits the answer, a temperature, and lengths in a schema."""

    mode: Mode = Mode.JSON_SCHEMA
    limit_field: str = "max_tokens"
    takes_temperature: bool = True
    takes_lengths: bool = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. The key is never shown and never part of a message."""

    url: str
    model: str
    protocol: Protocol
    key: SecretStr | None = field(default=None, repr=False)
    context_tokens: int = 4096

    @classmethod
    def of(cls, settings: LlmSettings) -> "Endpoint":
        """The endpoint of these settings, which must be on."""
        assert settings.url is not None
        assert settings.model is not None
        host = urlsplit(settings.url).hostname or ""
        is_anthropic = host == _ANTHROPIC or host.endswith(f".{_ANTHROPIC}")
        guessed: Protocol = "anthropic" if is_anthropic else "openai"
        protocol = guessed if settings.protocol == "auto" else settings.protocol
        return cls(settings.url.rstrip("/"), settings.model, protocol, settings.api_key, settings.context_tokens)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question. `earlier`: pairs of role and text between the prompt and now, for a repair."""

    system: str
    user: str
    schema: dict[str, Any]
    answer_tokens: int
    earlier: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer as the endpoint gave it. Tokens are None where it does not count them; `model` is who it says it is."""

    text: str
    model: str
    tokens_in: int | None
    tokens_out: int | None


class UnsupportedRequestError(SourceChangedError):
    """The endpoint does not take a field of the request; `reason` is what it said, for `adapt` alone."""

    def __init__(self, detail: str, reason: str) -> None:
        super().__init__(detail)
        self.reason = reason


class UnusableAnswerError(SourceChangedError):
    """An answer without use: cut, empty, no JSON, or not of the form. `completion`: what was paid for it."""

    def __init__(self, detail: str, completion: Completion | None = None, *, may_repair: bool = False) -> None:
        super().__init__(detail)
        self.completion = completion
        self.may_repair = may_repair
