"""Asks a language model one question over azak's HTTP client: one deadline for all of it, a small body, no tools.

Errors are those of every source; beside them an answer without use. No message holds what the endpoint said, because
some repeat the key. Settings: AZAK_LLM_*.
"""

import json
import re
from dataclasses import replace
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from backend.errors import SourceChangedError, SourceRefusedError, SourceTemporaryError
from backend.sources.http.client import Answer, RatePolicy, open_client
from backend.sources.http.json_bodies import read_object
from backend.sources.llm.endpoint import (
    SOURCE,
    Capability,
    Completion,
    Endpoint,
    Mode,
    Prompt,
    UnsupportedRequestError,
    UnusableAnswerError,
)
from backend.sources.llm.messages import body_of, headers_of, path_of, read_completion

# An answer of the longest text has some 10,000 bytes.
BODY_LIMIT_BYTES: Final = 200_000
_EXPLAINED: Final = (400, 401, 402, 403, 404, 422)
_BAD_REQUEST: Final = (400, 422)
_THOUGHTS: Final = re.compile(r"<think>.*?</think>", re.DOTALL)
_UNNAMEABLE: Final = re.compile(r"[^\w.]+", re.ASCII)
_NEXT_MODE: Final = {
    "openai": {Mode.JSON_SCHEMA: Mode.JSON_OBJECT, Mode.JSON_OBJECT: Mode.PROMPT},
    "anthropic": {Mode.JSON_SCHEMA: Mode.PROMPT},
}
Form = TypeVar("Form", bound=BaseModel)


async def complete(endpoint: Endpoint, prompt: Prompt, capability: Capability, *, within_s: float) -> Completion:
    """One request and its answer. Raises a SourceError, UnsupportedRequestError or UnusableAnswerError."""
    remedy = "choose a model that answers shorter"
    policy = RatePolicy(within_s, BODY_LIMIT_BYTES, pause_s=1, limit_remedy=remedy)
    body = body_of(endpoint, prompt, capability)
    async with open_client(SOURCE, endpoint.url, policy) as client:
        answer = await client.post(path_of(endpoint), body, headers=headers_of(endpoint), explained=_EXPLAINED)
    _check_status(answer)
    return read_completion(endpoint, _object_of(answer))


def _object_of(answer: Answer) -> dict[str, Any]:
    try:
        return read_object(SOURCE, answer)
    except SourceTemporaryError:
        raise UnusableAnswerError(f"{SOURCE} sent half an answer; the report is written without it.") from None
    except SourceChangedError:
        raise UnusableAnswerError(f"{SOURCE} sent no JSON; check AZAK_LLM_URL.") from None


def _check_status(answer: Answer) -> None:
    if answer.status < 300:
        return
    if answer.status in (401, 402, 403):
        raise SourceRefusedError(f"{SOURCE} refused us with {answer.status}; check AZAK_LLM_API_KEY and its credit.")
    detail = f"{SOURCE} answered {answer.status}; check AZAK_LLM_URL and AZAK_LLM_MODEL."
    if answer.status in _BAD_REQUEST:
        raise UnsupportedRequestError(detail, answer.body[:2_000].decode("utf-8", "replace").lower())
    raise SourceChangedError(detail)


def adapt(endpoint: Endpoint, capability: Capability, reason: str) -> Capability | None:
    """What to ask with instead after a request was refused for `reason`; None if nothing is left to leave out."""
    if "max_completion_tokens" in reason and capability.limit_field == "max_tokens":
        return replace(capability, limit_field="max_completion_tokens")
    if "temperature" in reason and capability.takes_temperature:
        return replace(capability, takes_temperature=False)
    if ("maxlength" in reason or "maxitems" in reason) and capability.takes_lengths:
        return replace(capability, takes_lengths=False)
    lower = _NEXT_MODE[endpoint.protocol].get(capability.mode)
    return None if lower is None else replace(capability, mode=lower)


def read_form(completion: Completion, form: type[Form]) -> Form:
    """The answer's JSON object, whatever stands around it, as `form`. Raises UnusableAnswerError, worth one repair."""
    text = _THOUGHTS.sub("", completion.text)
    start = text.find("{")
    try:
        found, _ = json.JSONDecoder().raw_decode(text[start:] if start >= 0 else "")
        return form.model_validate(found)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        place = _UNNAMEABLE.sub("", ".".join(str(part) for part in wrong["loc"]))[:60]
        detail = f"{SOURCE} answered in another form ({place}: {wrong['type']}); the report is written without it."
    except (ValueError, RecursionError):
        detail = f"{SOURCE} answered no JSON object; the report is written without it."
    raise UnusableAnswerError(detail, completion, may_repair=True)
