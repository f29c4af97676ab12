"""The error tree. Every refusal is one sentence that names the remedy, and belongs to a class of backend.trouble.

`backend.web` turns each of these into RFC 9457 problem+json in one handler; the run ledger stores the class, the code
and the sentence. A refusal that a reader of the page can meet has a `kind`: the page words it in the reader's language
(dashboard/src/i18n/ko/problems.ts and en/problems.ts).
"""

from collections.abc import Mapping
from typing import Any

from backend import trouble as troubles
from backend.trouble import Trouble

Values = Mapping[str, str | int | float]


class AzakError(Exception):
    """Base of what azak raises on purpose. `trouble`: its class, which says the HTTP status and what is done about it.

    `kind` says for programs what the sentence says for people, `field` which field of the body it is about, `values`
    what the sentence counts or names. `errors` holds several of these at once, as web.problems.FieldError.
    """

    trouble: Trouble = troubles.INTERNAL_ERROR

    def __init__(
        self,
        detail: str,
        *,
        retry_after_s: int | None = None,
        errors: list[dict[str, Any]] | None = None,
        kind: str | None = None,
        field: str | None = None,
        values: Values | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = self.trouble.retry_after_s if retry_after_s is None else retry_after_s
        self.errors = errors
        self.values = dict(values or {})
        self.headers: dict[str, str] = {}  # further headers of its answer
        if kind is not None:
            location = ["body", field] if field else []
            self.errors = [{"location": location, "message": detail, "kind": kind, "values": self.values}]


class TroubleError(AzakError):
    """Any class of trouble, in the words of its row. `values`: the parameters that the sentence names."""

    def __init__(self, trouble: Trouble, **values: str | float) -> None:
        self.trouble = trouble
        super().__init__(trouble.sentence.format(**values), values=values)


class ConfigurationError(AzakError):
    """A setting is missing or wrong; the process refuses to start."""

    trouble = troubles.CONFIGURATION


class NotFoundError(AzakError):
    trouble = troubles.NOT_FOUND


class InvalidInputError(AzakError):
    trouble = troubles.INVALID_INPUT


class ConflictError(AzakError):
    trouble = troubles.CONFLICT


class UnauthorizedError(AzakError):
    trouble = troubles.UNAUTHORIZED


class ForbiddenError(AzakError):
    trouble = troubles.FORBIDDEN


class TooManyRequestsError(AzakError):
    trouble = troubles.TOO_MANY_REQUESTS


class MissingFontError(TroubleError):
    """This machine cannot draw Korean: its owner must install a font."""

    def __init__(self) -> None:
        super().__init__(troubles.NO_KOREAN_FONT)


class DatabaseUnavailableError(TroubleError):
    """The database cannot be reached."""

    def __init__(self) -> None:
        super().__init__(troubles.DATABASE_AWAY)


class TooManyStreamsError(TroubleError):
    def __init__(self) -> None:
        super().__init__(troubles.TOO_MANY_STREAMS)


class SchedulerUnavailableError(AzakError):
    """The scheduler did not answer in time. The API catches this and stores a deferred run instead."""

    trouble = troubles.SCHEDULER_UNAVAILABLE


class ModelProcessError(AzakError):
    """The model process died, hung or refused; the run that asked is retried."""

    trouble = troubles.MODEL_PROCESS


class LeaseLostError(AzakError):
    """This attempt no longer owns its run; whatever it was writing is rolled back."""

    trouble = troubles.LEASE_LOST


class RunCancelledError(AzakError):
    """A person cancelled the run; its body stops at the next heartbeat."""

    trouble = troubles.RUN_CANCELLED


class NothingToDoError(AzakError):
    """A run that could do nothing; it ends `skipped`, is not retried and alarms nobody. `reason`: a RunReason."""

    trouble = troubles.NOTHING_TO_DO

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class SourceError(AzakError):
    """Base of the failures of an outside source."""

    trouble = troubles.SOURCE


class SourceTemporaryError(SourceError):
    """Retry later: time-out, 5xx, rate limit, maintenance."""

    trouble = troubles.SOURCE_TEMPORARY


class SourceChangedError(SourceError):
    """The answer no longer has the format we parse: a retry cannot help, an operator must look."""

    trouble = troubles.SOURCE_CHANGED


class SourcesFailedError(SourceError):
    """All sources that a run asked failed. It is not retried at once: the schedule asks again."""

    trouble = troubles.SOURCES_FAILED


class SourceRefusedError(SourceError):
    """The source refused us: missing or wrong key, ban, quota used up."""

    trouble = troubles.SOURCE_REFUSED


def field_error(error: Mapping[str, Any], *parents: str) -> dict[str, Any]:
    """An error of pydantic as a member of `AzakError.errors`; its location is inside `parents`."""
    values = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, str | int | float)}
    location = [*parents, *error["loc"]]
    return {"location": location, "message": error["msg"], "kind": error["type"], "values": values}
