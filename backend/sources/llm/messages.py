"""Requests and answers of OpenAI's chat completions and Anthropic's messages, as values; nothing is sent here."""

import re
from collections.abc import Mapping
from typing import Any, Final

from backend.sources.llm.endpoint import SOURCE, Capability, Completion, Endpoint, Mode, Prompt, UnusableAnswerError

_ANTHROPIC_VERSION: Final = "2023-06-01"
_UNNAMEABLE: Final = re.compile(r"[^\w.:/@+ -]+")
_MODEL_LENGTH: Final = 100
_LENGTHS: Final = frozenset({"maxLength", "maxItems"})
_CUT: Final = frozenset({"length", "max_tokens", "model_context_window_exceeded"})
_REFUSED: Final = frozenset({"content_filter", "refusal"})


def path_of(endpoint: Endpoint) -> str:
    """Below the base URL; Anthropic's may be given with or without its /v1."""
    if endpoint.protocol == "openai":
        return "chat/completions"
    return "messages" if endpoint.url.endswith("/v1") else "v1/messages"


def headers_of(endpoint: Endpoint) -> dict[str, str]:
    key = endpoint.key.get_secret_value() if endpoint.key else None
    if endpoint.protocol == "openai":
        return {"Authorization": f"Bearer {key}"} if key else {}
    return {"anthropic-version": _ANTHROPIC_VERSION} | ({"x-api-key": key} if key else {})


def body_of(endpoint: Endpoint, prompt: Prompt, capability: Capability) -> dict[str, Any]:
    """The request. Text only: no tools, no pictures, nothing about users."""
    turns = [{"role": "user", "content": prompt.user}]
    turns += [{"role": role, "content": text} for role, text in prompt.earlier]
    body: dict[str, Any] = {"model": endpoint.model, capability.limit_field: prompt.answer_tokens}
    if capability.takes_temperature:
        body["temperature"] = 0
    if endpoint.protocol == "openai":
        body["messages"] = [{"role": "system", "content": prompt.system}, *turns]
        return body | _openai_format(prompt, capability)
    body |= {"system": prompt.system, "messages": turns}
    if capability.mode == Mode.JSON_SCHEMA:
        body["output_config"] = {"format": {"type": "json_schema", "schema": _schema(prompt, capability)}}
    return body


def _schema(prompt: Prompt, capability: Capability) -> dict[str, Any]:
    """The schema, without the lengths of texts and lists where they are not taken."""
    return prompt.schema if capability.takes_lengths else _without_lengths(prompt.schema)


def _without_lengths(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_lengths(part) for name, part in value.items() if name not in _LENGTHS}
    return [_without_lengths(part) for part in value] if isinstance(value, list) else value


def _openai_format(prompt: Prompt, capability: Capability) -> dict[str, Any]:
    if capability.mode == Mode.PROMPT:
        return {}
    if capability.mode == Mode.JSON_OBJECT:
        return {"response_format": {"type": "json_object"}}
    named = {"name": "answer", "schema": _schema(prompt, capability), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def read_completion(endpoint: Endpoint, body: Mapping[str, Any]) -> Completion:
    """The answer in a body. Raises UnusableAnswerError for one that is cut, refused, empty or fills the context."""
    text, finish = _read_openai(body) if endpoint.protocol == "openai" else _read_anthropic(body)
    usage = body.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    tokens_in = _count(counted.get("prompt_tokens", counted.get("input_tokens")))
    tokens_out = _count(counted.get("completion_tokens", counted.get("output_tokens")))
    completion = Completion(text, _name(body.get("model")) or endpoint.model, tokens_in, tokens_out)
    if finish in _CUT:
        raise UnusableAnswerError(
            f"{SOURCE} was cut at its token limit; choose a model that answers shorter.", completion
        )
    if finish in _REFUSED:
        raise UnusableAnswerError(f"{SOURCE} refused to answer; the report is written without it.", completion)
    if (tokens_in or 0) + (tokens_out or 0) >= endpoint.context_tokens:
        raise UnusableAnswerError(
            f"{SOURCE} filled its whole context, so its prompt was cut; raise the context and AZAK_LLM_CONTEXT_TOKENS.",
            completion,
        )
    if not text.strip():
        raise UnusableAnswerError(f"{SOURCE} answered nothing; the report is written without it.", completion)
    return completion


def _read_openai(body: Mapping[str, Any]) -> tuple[str, str]:
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise UnusableAnswerError(f"{SOURCE} sent no chat completion; check AZAK_LLM_URL.")
    text = message.get("content")
    return text if isinstance(text, str) else "", str(choice.get("finish_reason") or "")


def _read_anthropic(body: Mapping[str, Any]) -> tuple[str, str]:
    content = body.get("content")
    if not isinstance(content, list):
        raise UnusableAnswerError(f"{SOURCE} sent no message; check AZAK_LLM_URL.")
    texts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str)), str(body.get("stop_reason") or "")


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return value if is_count and isinstance(value, int) else None


def _name(value: object) -> str:
    """A model's name as it may be shown and stored."""
    return _UNNAMEABLE.sub("", value).strip()[:_MODEL_LENGTH] if isinstance(value, str) else ""
