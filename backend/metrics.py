"""What work counts while it runs, and how busy connections are; backend.web.prometheus renders both."""

from typing import Final, NamedTuple

from prometheus_client import Histogram

ATTEMPTS: Final = Histogram(
    "azak_run_seconds",
    "Time of an attempt of a run in this process, by its kind and how it ended.",
    ("kind", "ended"),
    registry=None,
    buckets=(0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0),
)


def count_attempt(kind: str, ended: str, seconds: float) -> None:
    """Count one attempt of a run; a worker has no port, so its attempts are seen in the ledger only."""
    ATTEMPTS.labels(kind, ended).observe(seconds)


class PoolState(NamedTuple):
    """A pool of connections: open ones, those in use, and the most that it opens."""

    name: str
    open: int
    in_use: int
    limit: int
