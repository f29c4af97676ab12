"""Gauges of one process: its loops, its event loop, clock, disk and log, its connections, and the outbox."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from backend.metrics import PoolState
from backend.web.prometheus import Reading


def read_process(signs: Mapping[str, Any], pools: Iterable[PoolState]) -> Iterator[Reading]:
    """`signs` as services.operations.watching.signs.Signs.read gives them."""
    for loop, told in signs["loops"].items():
        yield Reading("azak_loop_age_seconds", "Since the last good turn of a loop.", told["age_s"], {"loop": loop})
    yield Reading("azak_event_loop_lag_seconds", "Worst lateness of the event loop in a minute.", signs["lag_s"])
    if signs["clock_ahead_s"] is not None:
        yield Reading("azak_clock_ahead_seconds", "This clock against the database's.", signs["clock_ahead_s"])
    if signs["disk"] is not None:
        yield Reading("azak_disk_free_bytes", "Free where the data directory is.", signs["disk"]["free_mb"] * 2**20)
    yield Reading("azak_log_lines_dropped", "Log lines that could not be written.", signs["log"]["dropped"])
    for pool in pools:
        yield Reading("azak_pool_connections", "Open connections of a pool.", pool.open, {"pool": pool.name})
        yield Reading("azak_pool_connections_in_use", "Connections in use.", pool.in_use, {"pool": pool.name})
        yield Reading("azak_pool_connections_limit", "Most connections of a pool.", pool.limit, {"pool": pool.name})
