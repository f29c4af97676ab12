"""Prometheus' text format: what this process counted of its requests, and readings of the moment.

Instances that share a port count each for itself; a scrape reaches one of them, and `process` keeps their series apart.
Written by hand, because importing prometheus-client costs each process 1.2 MB resident of its 90 (measured); its parser
reads this in the tests.
"""

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fastapi import Response

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, float("inf"))
_REQUESTS = "azak_request_seconds"
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(slots=True)
class _Timings:
    """Requests of one status: how many took at most each of _BUCKETS_S, not counted in a smaller one."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(_BUCKETS_S))
    seconds: float = 0.0


_by_status: dict[int, _Timings] = {}


def count_request(status: int, seconds: float) -> None:
    """Count one request; `status` 0 is one whose client left before the answer began."""
    timings = _by_status.get(status)
    if timings is None:
        timings = _by_status[status] = _Timings()
    timings.buckets[bisect_left(_BUCKETS_S, seconds)] += 1
    timings.seconds += seconds


@dataclass(frozen=True, slots=True)
class Reading:
    """A number of this moment; those of one `name` have the same `meaning` and the same names of labels."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def prometheus_response(readings: Iterable[Reading]) -> Response:
    """What was counted, then the readings."""
    return Response("".join(f"{line}\n" for line in (*_requests(), *_gauges(readings))), media_type=_CONTENT_TYPE)


def _requests() -> Iterator[str]:
    yield f"# HELP {_REQUESTS} Time to answer a request."
    yield f"# TYPE {_REQUESTS} histogram"
    for status, timings in sorted(_by_status.items()):
        labels, count = {"process": str(os.getpid()), "status": str(status)}, 0
        for limit, more in zip(_BUCKETS_S, timings.buckets, strict=True):
            count += more
            yield _sample(f"{_REQUESTS}_bucket", count, labels | {"le": f"{limit:g}".replace("inf", "+Inf")})
        yield _sample(f"{_REQUESTS}_count", count, labels)
        yield _sample(f"{_REQUESTS}_sum", timings.seconds, labels)


def _gauges(readings: Iterable[Reading]) -> Iterator[str]:
    name = None
    for reading in sorted(readings, key=lambda reading: reading.name):  # the format wants those of a name together
        if reading.name != name:
            name = reading.name
            yield f"# HELP {name} {reading.meaning}"
            yield f"# TYPE {name} gauge"
        yield _sample(name, reading.value, reading.labels)


def _sample(name: str, value: float, labels: Mapping[str, str]) -> str:
    told = ",".join(f'{label}="{given.translate(_ESCAPES)}"' for label, given in labels.items())
    return f"{name}{{{told}}} {float(value)!r}" if told else f"{name} {float(value)!r}"
