"""Asks the language model of the settings, if there is one: kept answers first, then within budget and deadline.

No transaction is open while it answers. Whatever goes wrong is in the ledger and ends in None, never in an error: what
asked has to do without, as it does where no model is configured.
"""

import asyncio
import random
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from backend import clock
from backend.domain.language_models import CallState, micro_usd
from backend.errors import SourceError, SourceRefusedError, SourceTemporaryError
from backend.pipelines.context import RunContext
from backend.pipelines.sources import llm_capability
from backend.services.operations import llm_calls, llm_endpoints
from backend.services.operations.llm_calls import Caps, OverBudgetError
from backend.sources.llm.client import adapt, complete, read_form
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

Form = TypeVar("Form", bound=BaseModel)
# What a run keeps for storing its results.
RESERVE_S: Final = 10.0
# With less nothing can be answered.
LEAST_S: Final = 1.0
LONGEST_WAIT_S: Final = 10.0
# A token is at least a byte; a chat template adds some.
TEMPLATE_TOKENS: Final = 100
ADAPTATIONS: Final = 4
PROBE: Final = llm_calls.PROBE
REPAIR: Final = (
    "That was not the JSON object asked for. Answer again with the one JSON object in the given form and nothing else."
)


@dataclass(frozen=True, slots=True)
class Answered(Generic[Form]):
    """A valid answer, the model that says it gave it, and its row in the ledger."""

    form: Form
    model: str
    call_id: int


@dataclass
class Ask(Generic[Form]):
    """One question of one run with its deadline (monotonic seconds), asked with `capability`.

    `share`: of the day's and the run's budget that may be spent by then, its own cost included.
    """

    context: RunContext
    endpoint: Endpoint
    purpose: str
    prompt: Prompt
    key: str
    form: type[Form]
    capability: Capability
    deadline: float
    share: float = 1.0
    retries: int = field(default=1)
    repairs: int = field(default=1)
    adaptations: int = field(default=ADAPTATIONS)

    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    async def run(self) -> Answered[Form]:
        """Ask until there is a valid answer, at most once again for trouble and once for another form.

        Raises OverBudgetError or the SourceError of the last request.
        """
        while True:
            try:
                return await self._once()
            except UnsupportedRequestError as error:
                if not self._can_adapt(error.reason):
                    raise
            except UnusableAnswerError as error:
                if not self._can_repair(error):
                    raise
            except SourceTemporaryError as error:
                if not await self._may_retry(error):
                    raise
            if self.seconds_left() <= LEAST_S:
                raise _too_late()

    def _can_adapt(self, reason: str) -> bool:
        lower = adapt(self.endpoint, self.capability, reason)
        self.adaptations -= 1
        if lower is None or self.adaptations < 0:
            return False
        self.capability = lower
        return True

    def _can_repair(self, error: UnusableAnswerError) -> bool:
        """Show the model its own answer once and ask for the form again."""
        self.repairs -= 1
        if not error.may_repair or error.completion is None or self.repairs < 0:
            return False
        said = error.completion.text[: 4 * self.prompt.answer_tokens]
        self.prompt = replace(self.prompt, earlier=(("assistant", said), ("user", REPAIR)))
        return True

    async def _may_retry(self, error: SourceTemporaryError) -> bool:
        """Wait a moment of chance, or as long as the endpoint asks for; no if that or the retry would come too late."""
        self.retries -= 1
        wait_s = random.uniform(0.2, 1.0) if error.retry_after_s is None else error.retry_after_s + random.random()  # noqa: S311
        if self.retries < 0 or wait_s > min(LONGEST_WAIT_S, self.seconds_left() - LEAST_S):
            return False
        await asyncio.sleep(wait_s)
        return True

    async def _once(self) -> Answered[Form]:
        """One request: reserved, sent, settled. Raises OverBudgetError or what went wrong with it."""
        tools, started, now = self.context.tools, time.monotonic(), clock.now()
        amount = _dearest(self.context, self.prompt)
        if amount > micro_usd(tools.settings.llm.usd_per_call):
            raise OverBudgetError("The prompt costs more than AZAK_LLM_USD_PER_CALL; raise it.")
        async with tools.database.write() as session:
            call_id = await llm_calls.reserve(
                session, run_id=self.context.run_id, amount=amount, caps=_caps(self.context, self.share),
                purpose=self.purpose, endpoint=self.endpoint.url, model=self.endpoint.model, prompt_hash=self.key,
                now=now,
            )  # fmt: skip
        completion, form, error = await self._send()
        async with tools.database.write() as session:
            await llm_calls.settle(
                session, call_id, reserved_at=now, state=CallState.OK if form else CallState.FAILED,
                cost=_cost(self.context, completion, error, amount), ms=round((time.monotonic() - started) * 1000),
                answered_by=completion.model if completion else None,
                tokens_in=completion.tokens_in if completion else None,
                tokens_out=completion.tokens_out if completion else None,
                error=error.detail if error else None, error_kind=self._kind_of(error),
                answer=form.model_dump_json() if form else None,
            )  # fmt: skip
        if error is not None:
            raise error
        assert form is not None
        assert completion is not None
        return Answered(form, completion.model, call_id)

    async def _send(self) -> tuple[Completion | None, Form | None, SourceError | None]:
        completion: Completion | None = None
        try:
            left = max(LEAST_S, self.seconds_left())
            completion = await complete(self.endpoint, self.prompt, self.capability, within_s=left)
            return completion, read_form(completion, self.form), None
        except UnusableAnswerError as error:
            return error.completion or completion, None, error
        except SourceError as error:
            return completion, None, error

    def _kind_of(self, error: SourceError | None) -> str | None:
        if error is None:
            return None
        if isinstance(error, SourceRefusedError):
            return llm_calls.REFUSED
        if isinstance(error, UnsupportedRequestError):
            can_adapt = self.adaptations > 0 and adapt(self.endpoint, self.capability, error.reason) is not None
            return llm_calls.UNSUPPORTED if can_adapt else error.trouble.code
        return llm_calls.UNUSABLE if isinstance(error, UnusableAnswerError) else error.trouble.code


def _too_late() -> SourceTemporaryError:
    return SourceTemporaryError(f"{SOURCE} did not answer in time; raise AZAK_LLM_TIMEOUT_S or choose a faster model.")


def _caps(context: RunContext, share: float) -> Caps:
    llm = context.settings.llm
    return Caps(day=micro_usd(share * llm.usd_per_day), run=micro_usd(share * llm.usd_per_run))


def _price(context: RunContext, tokens_in: int, tokens_out: int) -> int:
    """Micro-dollars: dollars a million tokens are micro-dollars a token."""
    llm = context.settings.llm
    exact = tokens_in * llm.usd_per_million_in + tokens_out * llm.usd_per_million_out
    return -int(-exact // 1)  # rounded up


def _dearest(context: RunContext, prompt: Prompt) -> int:
    """What the request can cost at most: a token for each byte sent, and the longest answer."""
    sent = [prompt.system, prompt.user, str(prompt.schema), *(text for _, text in prompt.earlier)]
    return _price(context, sum(len(text.encode()) for text in sent) + TEMPLATE_TOKENS, prompt.answer_tokens)


def _cost(context: RunContext, completion: Completion | None, error: SourceError | None, reserved: int) -> int:
    """What it did cost; all that was reserved where the endpoint does not count or nobody knows how far it came."""
    if completion is not None and completion.tokens_in is not None and completion.tokens_out is not None:
        return _price(context, completion.tokens_in, completion.tokens_out)
    is_refused = isinstance(error, SourceRefusedError | UnsupportedRequestError)
    return 0 if is_refused else reserved


async def ask(
    context: RunContext, purpose: str, prompt: Prompt, key: str, form: type[Form], *, share: float = 1.0
) -> Answered[Form] | None:
    """The model's answer in the form, or None: switched off, over budget, closed after failures, or without use.

    `key`: equal for equal questions, whatever their fences are. `share`: see Ask.
    """
    settings = context.settings.llm
    if not settings.is_on:
        return None
    endpoint = Endpoint.of(settings)
    deadline = _deadline(context)
    prompt_hash = f"{key}:{endpoint.model}"
    async with context.read() as session:
        kept = await llm_calls.find_answer(session, prompt_hash)
    if kept is not None and (found := _read_kept(kept, form)) is not None:
        return found
    capability = await find_capability(context, endpoint, deadline=deadline)
    if capability is None or deadline - time.monotonic() <= LEAST_S:
        return None
    asked = Ask(context, endpoint, purpose, prompt, prompt_hash, form, capability, deadline, share)
    try:
        answered = await asked.run()
    except (SourceError, OverBudgetError):  # the ledger says which
        return None
    if asked.capability != capability:
        await _remember(context, endpoint, asked.capability, answered.model)
    return answered


def _deadline(context: RunContext) -> float:
    """On the monotonic clock: the settings' seconds, or what the run has left without those to store its results."""
    return time.monotonic() + min(context.settings.llm.timeout_s, context.seconds_left() - RESERVE_S)


def _read_kept(kept: llm_calls.KeptAnswer, form: type[Form]) -> Answered[Form] | None:
    try:
        return Answered(form.model_validate(kept.answer), kept.answered_by, kept.call_id)
    except ValidationError:  # of a version with another form
        return None


async def find_capability(context: RunContext, endpoint: Endpoint, *, deadline: float) -> Capability | None:
    """What the endpoint can do, asked if nobody remembers; None while it is closed or does not answer."""
    async with context.read() as session:
        closed_until = await llm_calls.closed_until(session, endpoint.url, endpoint.model)
        known = await llm_endpoints.find_endpoint(session, endpoint.url, endpoint.model)
    if closed_until is not None or deadline - time.monotonic() <= LEAST_S:
        return None
    if known is not None and llm_endpoints.is_fresh(known):
        return Capability(Mode(known.mode), known.limit_field, known.takes_temperature, known.takes_lengths)
    try:
        return await probe(context, endpoint, deadline=deadline)
    except (SourceError, OverBudgetError):
        return None


async def probe(context: RunContext, endpoint: Endpoint, *, deadline: float) -> Capability:
    """Try the strictest mode first, and remember the first that is not refused and not ignored.

    Raises OverBudgetError or a SourceError if it does not answer at all.
    """
    capability, answered_by = Capability(), endpoint.model
    while True:
        prompt, key = llm_capability.question(capability.mode), f"probe:{endpoint.url}:{endpoint.model}"
        asked = Ask(
            context, endpoint, PROBE, prompt, key, llm_capability.Town, capability, deadline, repairs=0
        )  # fmt: skip
        try:
            answered_by = (await asked.run()).model
        except UnusableAnswerError:
            capability = asked.capability
            lower = adapt(endpoint, capability, "")
            if lower is not None:  # taken and ignored, which some hosts do
                capability = lower
                continue
        capability = asked.capability
        break
    await _remember(context, endpoint, capability, answered_by)
    return capability


async def _remember(context: RunContext, endpoint: Endpoint, capability: Capability, answered_by: str) -> None:
    async with context.tools.database.write() as session:
        await llm_endpoints.record_endpoint(
            session, endpoint=endpoint.url, model=endpoint.model, answered_by=answered_by, **asdict(capability)
        )


async def probe_now(context: RunContext) -> Mode:
    """Ask again what the endpoint can do, whatever is remembered. Raises OverBudgetError or a SourceError."""
    return (await probe(context, Endpoint.of(context.settings.llm), deadline=_deadline(context))).mode
