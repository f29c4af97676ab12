"""Recomputes the panel (estimates and verdict) of the running A/B test from its scored items.

The model process computes it (backend.stats.ab_test). A panel of the same items is not computed again, so a second run
writes nothing. States of a test: backend.services.record.ab.ab_test.
"""

import hashlib
import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from backend.db.paging import AnyRow
from backend.domain.record import AB_SIZE
from backend.pipelines.context import RunContext
from backend.services.record.ab import ab_pairs, ab_test
from backend.services.record.ab.ab_pairs import Pair, SizePair


def payload(test: AnyRow, pairs: Sequence[Pair] | Sequence[SizePair]) -> dict[str, Any]:
    """The argument of the model process's operation "compare_versions"."""
    days = [(day.isoformat(), len(list(items))) for day, items in groupby(pairs, key=lambda pair: pair.trade_date)]
    return {
        "metric": test.metric,
        "horizon": test.horizon,
        "alpha": test.alpha,
        "minimum_sessions": test.minimum_sessions,
        "seed": test.seed,
        "trade_dates": [day for day, _ in days],
        "counts": [count for _, count in days],
        "p_a": [pair.p_a for pair in pairs],
        "p_b": [pair.p_b for pair in pairs],
        "failed_a": sum(pair.failed_a for pair in pairs),
        "failed_b": sum(pair.failed_b for pair in pairs),
    }


async def _asked(context: RunContext, test: AnyRow) -> dict[str, Any]:
    if test.metric not in AB_SIZE:
        async with context.read() as session:
            pairs = await ab_pairs.list_pairs(session, test)
        return payload(test, pairs) | {"y": [pair.y for pair in pairs]}
    async with context.read() as session:
        sizes = await ab_pairs.list_size_pairs(session, test)
    losses = {
        metric: [[pair.losses_a[n] for pair in sizes], [pair.losses_b[n] for pair in sizes]]
        for n, metric in enumerate(AB_SIZE)
    }
    return payload(test, sizes) | {"losses": losses}


async def update_panels(context: RunContext) -> int:
    """Renew the panel of the running test. Returns how many were written (0 or 1)."""
    async with context.read() as session:
        tests = await ab_test.list_running(session)
    written = 0
    for test in tests:
        asked = await _asked(context, test)
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        if not asked["p_a"] or digest == test.panel_hash:
            continue
        panel = await context.models.call("compare_versions", asked)
        async with context.write() as session:
            written += await ab_test.record_panel(session, test.id, panel, digest=digest)
    return written
