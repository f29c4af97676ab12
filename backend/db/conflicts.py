"""Turns violations of named constraints of PostgreSQL into sentences with a remedy."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from backend.errors import ConflictError

# By constraint: kind, field of the body, sentence.
_REFUSALS = {
    "pk_stocks": (
        "already-watched",
        "code",
        "This stock is watched already; run its analysis with POST /api/reports.",
    ),
    "uq_api_keys_name": ("name-taken", "name", "A key of this name exists already; choose another name."),
    "uq_models_name": ("name-taken", "name", "A model of this name exists already; choose another name."),
    "uq_ab_tests_name": ("name-taken", "name", "An A/B test of this name exists already; choose another name."),
    "uq_ab_tests_one_running": (
        "test-running",
        None,
        "Another A/B test is running; wait for its verdict before you start this one.",
    ),
}


@contextmanager
def named_conflicts() -> Iterator[None]:
    """Raise ConflictError when a statement inside breaks a constraint that has a sentence."""
    try:
        yield
    except IntegrityError as error:
        cause = getattr(error.orig, "__cause__", None)
        refusal = _REFUSALS.get(getattr(cause, "constraint_name", None) or "")
        if refusal is None:
            raise
        kind, field, sentence = refusal
        raise ConflictError(sentence, kind=kind, field=field) from error
