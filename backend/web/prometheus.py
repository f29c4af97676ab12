"""Metrics in Prometheus' text format: requests and runs of this process, and gauges read at the moment of the scrape.

API instances share a port and a scrape reaches one of them, so each counts its own requests; the label `process` (its
pid) keeps their series apart.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import prometheus_client
from fastapi import Response
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from backend.metrics import ATTEMPTS

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, used by nobody

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_requests = Histogram(
    "azak_request_seconds",
    "Time to answer a request, by its route.",
    ("process", "route", "status"),
    registry=None,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
_OTHER_ROUTE = "other"  # nothing a client sends may become a label


@cache
def _of_route(route: str, status: int) -> Histogram:
    return _requests.labels(os.getpid(), route, status)


def count_request(route: str | None, status: int, seconds: float) -> None:
    """Count one request by the path of its route, None for no route; `status` 0: the client left before the answer."""
    _of_route(route or _OTHER_ROUTE, status).observe(seconds)


@dataclass(frozen=True, slots=True)
class Reading:
    """A gauge's value now; readings of one `name` have the same `meaning` (its help text) and label names."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def prometheus_response(readings: Iterable[Reading]) -> Response:
    """The answer to a scrape: the histograms of requests and runs, then the gauges."""
    registry = CollectorRegistry()
    registry.register(_requests)
    registry.register(ATTEMPTS)
    gauges: dict[str, Gauge] = {}
    for reading in readings:
        if reading.name not in gauges:
            gauges[reading.name] = Gauge(reading.name, reading.meaning, tuple(reading.labels), registry=registry)
        gauge = gauges[reading.name]
        (gauge.labels(**reading.labels) if reading.labels else gauge).set(reading.value)
    return Response(generate_latest(registry), media_type=_CONTENT_TYPE)
