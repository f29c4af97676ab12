"""Prometheus' text format: what this process counted of its requests, and readings of the moment.

Instances that share a port count each for itself; a scrape reaches one of them, and `process` keeps their series apart.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_counted = CollectorRegistry()
_seconds = Histogram(
    "azak_request_seconds", "Time to answer a request.", ["process", "status"], buckets=_BUCKETS_S, registry=_counted
)
_by_status: dict[int, Histogram] = {}  # finding a labelled child anew costs more than counting


def count_request(status: int, seconds: float) -> None:
    """Count one request; `status` 0 is one whose client left before the answer began."""
    histogram = _by_status.get(status)
    if histogram is None:
        histogram = _by_status[status] = _seconds.labels(process=os.getpid(), status=status)
    histogram.observe(seconds)


@dataclass(frozen=True, slots=True)
class Reading:
    """A number of this moment; those of one `name` have the same `meaning` and the same names of labels."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def prometheus_response(readings: Iterable[Reading]) -> Response:
    """What was counted, then the readings."""
    registry, gauges = CollectorRegistry(), dict[str, Gauge]()
    for reading in readings:
        if reading.name not in gauges:
            gauges[reading.name] = Gauge(reading.name, reading.meaning, list(reading.labels), registry=registry)
        gauge = gauges[reading.name]
        (gauge.labels(**reading.labels) if reading.labels else gauge).set(reading.value)
    return Response(generate_latest(_counted) + generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
