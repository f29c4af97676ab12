"""The error tree. Every refusal is one sentence that names the remedy, and carries its HTTP status.

`backend.web` turns each of these into RFC 9457 problem+json in one handler; the run ledger stores
the class, the sentence and the remedy. Give an expected refusal a status below 500, else it counts as a fault of azak.
A refusal that a reader of the page can meet has a `kind`: the page words it in the reader's language
(dashboard/src/i18n/ko-problems.ts and en-problems.ts).
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class AzakError(Exception):
    """Base of what azak raises on purpose; `status` is the HTTP status, `title` and `slug` the class of problem.

    `kind` says for programs what the sentence says for people, `field` which field of the body it is about, `values`
    what the sentence counts or names. `errors` holds several of these at once, as web.problems.FieldError.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    slug: ClassVar[str] = "internal-error"

    def __init__(
        self,
        detail: str,
        *,
        retry_after_s: int | None = None,
        errors: list[dict[str, Any]] | None = None,
        kind: str | None = None,
        field: str | None = None,
        values: Mapping[str, str | int | float] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.errors = errors
        if kind is not None:
            location = ["body", field] if field else []
            self.errors = [{"location": location, "message": detail, "kind": kind, "values": dict(values or {})}]


class ConfigurationError(AzakError):
    """A setting is missing or wrong; the process refuses to start."""

    title = "Wrong configuration"
    slug = "configuration"


class NotFoundError(AzakError):
    status = 404
    title = "Not found"
    slug = "not-found"


class InvalidInputError(AzakError):
    status = 422
    title = "Invalid input"
    slug = "invalid-input"


class ConflictError(AzakError):
    status = 409
    title = "Conflict"
    slug = "conflict"


class UnauthorizedError(AzakError):
    status = 401
    title = "Not signed in"
    slug = "unauthorized"


class ForbiddenError(AzakError):
    status = 403
    title = "Not allowed"
    slug = "forbidden"


class TooManyRequestsError(AzakError):
    status = 429
    title = "Too many requests"
    slug = "too-many-requests"


class DatabaseUnavailableError(AzakError):
    status = 503
    title = "Database unavailable"
    slug = "database-unavailable"

    def __init__(
        self, detail: str = "The database does not answer; start it with 'azak up' or check AZAK_DATABASE_URL."
    ) -> None:
        super().__init__(detail, retry_after_s=5)


class MissingFontError(AzakError):
    """This machine cannot draw Korean: its owner must install a font."""

    status = 501
    title = "No Korean font"
    slug = "no-korean-font"

    def __init__(self) -> None:
        super().__init__(
            "This machine has no Korean font for PDF; install one (Debian: apt install fonts-nanum), or take .html and"
            " print it."
        )


class TooManyStreamsError(AzakError):
    status = 503
    title = "Too many streams"
    slug = "too-many-streams"

    def __init__(self) -> None:
        super().__init__(
            "This instance has as many event streams as AZAK_API_EVENT_STREAMS allows; poll /api/runs instead.",
            retry_after_s=30,
        )


class SchedulerUnavailableError(AzakError):
    """The scheduler did not answer in time. The API catches this and stores a deferred run instead."""

    status = 503
    title = "Scheduler unavailable"
    slug = "scheduler-unavailable"


class ModelProcessError(AzakError):
    """The model process died, hung or refused; the run that asked is retried."""

    status = 503
    title = "Model process unavailable"
    slug = "model-process"


class LeaseLostError(AzakError):
    """This attempt no longer owns its run; whatever it was writing is rolled back."""

    title = "Lease lost"
    slug = "lease-lost"


class RunCancelledError(AzakError):
    """A person cancelled the run; its body stops at the next heartbeat."""

    title = "Run cancelled"
    slug = "run-cancelled"


class NothingToDoError(AzakError):
    """A run that could do nothing; it ends `skipped`, is not retried and alarms nobody. `reason`: a RunReason."""

    status = 409
    title = "Nothing to do"
    slug = "nothing-to-do"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class SourceError(AzakError):
    """Base of the failures of an outside source."""

    status = 502
    title = "Source failed"
    slug = "source"


class SourceTemporaryError(SourceError):
    """Retry later: time-out, 5xx, rate limit, maintenance."""

    slug = "source-temporary"


class SourceChangedError(SourceError):
    """The answer no longer has the format we parse: a retry cannot help, an operator must look."""

    slug = "source-changed"


class SourcesFailedError(SourceError):
    """All sources that a run asked failed. It is not retried at once: the schedule asks again."""

    slug = "sources-failed"


class SourceRefusedError(SourceError):
    """The source refused us: missing or wrong key, ban, quota used up."""

    slug = "source-refused"


def field_error(error: Mapping[str, Any], *parents: str) -> dict[str, Any]:
    """An error of pydantic as a member of `AzakError.errors`; its location is inside `parents`."""
    values = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, str | int | float)}
    location = [*parents, *error["loc"]]
    return {"location": location, "message": error["msg"], "kind": error["type"], "values": values}
