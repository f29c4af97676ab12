"""Metrics in Prometheus' text format: the requests of this process, and gauges read at the moment of the scrape.

API instances share a port and a scrape reaches one of them, so each counts its own requests; the label `process` (its
pid) keeps their series apart.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import prometheus_client
from fastapi import Response
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, used by nobody

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_requests = Histogram(
    "azak_request_seconds",
    "Time to answer a request.",
    ("process", "status"),
    registry=None,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)


def count_request(status: int, seconds: float) -> None:
    """Count one request; `status` 0 is one whose client left before the answer began."""
    _requests.labels(os.getpid(), status).observe(seconds)


@dataclass(frozen=True, slots=True)
class Reading:
    """A gauge's value now; readings of one `name` have the same `meaning` (its help text) and label names."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def prometheus_response(readings: Iterable[Reading]) -> Response:
    """The answer to a scrape: the histogram of requests, then the gauges."""
    registry = CollectorRegistry()
    registry.register(_requests)
    gauges: dict[str, Gauge] = {}
    for reading in readings:
        if reading.name not in gauges:
            gauges[reading.name] = Gauge(reading.name, reading.meaning, tuple(reading.labels), registry=registry)
        gauge = gauges[reading.name]
        (gauge.labels(**reading.labels) if reading.labels else gauge).set(reading.value)
    return Response(generate_latest(registry), media_type=_CONTENT_TYPE)
