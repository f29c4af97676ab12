"""The table of troubles, written down a second time: a change of what azak does about one is a decision, not a slip."""

from backend.trouble import TROUBLES, Trouble

# code: area, status, what azak does (r: tried again, d: its connection is dropped, a: the operator is told), and when a
# client may ask again, in s
DECIDED: dict[str, tuple[str, int, str, int | None]] = {
    "database-unavailable": ("database", 503, "rda", 5),
    "database-busy": ("database", 503, "r-a", 5),
    "database-refuses-login": ("database", 503, "rda", 5),
    "database-missing": ("database", 503, "rda", 5),
    "database-tls": ("database", 503, "rda", 5),
    "database-read-only": ("database", 503, "rda", 5),
    "database-full": ("database", 503, "r-a", 60),
    "database-too-many-clients": ("database", 503, "rda", 5),
    "database-plan-stale": ("database", 503, "r-a", 1),
    "database-extension-missing": ("database", 503, "r-a", 60),
    "database-rights": ("database", 503, "r-a", 60),
    "database-schema-older": ("database", 503, "r-a", 60),
    "database-schema-newer": ("database", 503, "r-a", 60),
    "database-schema-unknown": ("database", 503, "r-a", 60),
    "database-no-schema": ("database", 503, "rda", 60),
    "database-fault": ("database", 503, "rda", 5),
    "database-pooler": ("database", 503, "rda", 60),
    "log-gone": ("machine", 500, "--a", None),
    "disk-full": ("machine", 507, "r-a", 60),
    "disk-low": ("machine", 507, "--a", None),
    "disk-refuses": ("machine", 507, "r-a", 60),
    "no-korean-font": ("machine", 501, "---", None),
    "too-many-files": ("machine", 503, "r-a", 5),
    "clock-wrong": ("machine", 503, "r-a", None),
    "source": ("source", 502, "---", None),
    "source-temporary": ("source", 502, "r--", None),
    "source-changed": ("source", 502, "--a", None),
    "sources-failed": ("source", 502, "---", None),
    "run-unreported": ("service", 500, "---", None),
    "source-refused": ("source", 502, "--a", None),
    "source-quota-gone": ("source", 503, "--a", None),
    "model-process": ("model", 503, "r-a", None),
    "model-member": ("model", 500, "--a", None),
    "model-drifts": ("model", 500, "--a", None),
    "scheduler-unavailable": ("service", 503, "r-a", None),
    "too-many-streams": ("service", 503, "r--", 30),
    "too-many-exports": ("service", 503, "r--", 10),
    "loop-stopped": ("service", 503, "--a", None),
    "process-silent": ("service", 503, "--a", None),
    "queue-unserved": ("service", 503, "--a", None),
    "job-overdue": ("service", 503, "--a", None),
    "scheduler-problem": ("service", 503, "--a", None),
    "news-not-seen": ("source", 503, "--a", None),
    "listing-odd": ("source", 503, "--a", None),
    "channel-failing": ("service", 502, "r-a", None),
    "data-missing": ("source", 503, "--a", None),
    "unreachable": ("service", 503, "r--", None),
    "replica-stale": ("service", 503, "--a", None),
    "lease-lost": ("service", 500, "r--", None),
    "invalid-input": ("input", 422, "---", None),
    "unstorable": ("input", 422, "---", None),
    "not-found": ("input", 404, "---", None),
    "conflict": ("input", 409, "---", None),
    "unauthorized": ("input", 401, "---", None),
    "forbidden": ("input", 403, "---", None),
    "too-many-requests": ("input", 429, "---", None),
    "nothing-to-do": ("input", 409, "---", None),
    "run-cancelled": ("input", 409, "---", None),
    "configuration": ("azak", 500, "--a", None),
    "timed-out": ("azak", 500, "r-a", None),
    "internal-error": ("azak", 500, "r-a", None),
}


def acts(trouble: Trouble) -> str:
    marks = {"r": trouble.retries, "d": trouble.drops, "a": trouble.alarms}
    return "".join(mark if does else "-" for mark, does in marks.items())


def test_what_azak_does_about_each_trouble_is_what_was_decided() -> None:
    found = {
        code: (trouble.area.value, trouble.status, acts(trouble), trouble.retry_after_s)
        for code, trouble in TROUBLES.items()
    }
    assert found == DECIDED
