"""What must be true after the wide chaos: promises kept, nothing lost, nothing twice, one leader, no wrong moments."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import asyncpg

from backend.demo.world.newsroom import DemoArticle
from backend.trouble import TROUBLES, Area
from tests.chaos import checks
from tests.chaos.wide.truth import list_lost

_RUNS: Final = "SELECT id::text, kind, state, attempt, max_attempts, origin, error FROM runs"
# What a fault may make of a run that tried as often as it may; anything else is azak's own.
_PLANTED: Final = (Area.DATABASE, Area.MACHINE, Area.SOURCE, Area.MODEL, Area.SERVICE)
_TWICE: Final = {
    "one article, two rows": "SELECT url_key FROM news GROUP BY 1 HAVING count(*) > 1",
    "one key, two runs": "SELECT key FROM runs WHERE key IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "one forecast twice": "SELECT stock_code, model_version_id, horizon, asof, mode FROM predictions"
    " GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1",
}  # fmt: skip
# Moments that no clock of the world has shown.
_UNTRUE: Final = {
    "live forecast stored after its entry": "SELECT id FROM predictions WHERE mode = 'live' AND created_at > entry_ts",
    "evidence newer than its forecast": "SELECT p.id FROM predictions p, jsonb_array_elements(p.evidence) e"
    " JOIN news n ON n.id = (e->>'news_id')::bigint WHERE n.known_at > p.asof",
    "article without a story": "SELECT id FROM news WHERE story_id IS NULL",
}  # fmt: skip
# Told, and no violation: what a wrong clock of a machine wrote. Its alarm is the remedy.
_FROM_A_WRONG_CLOCK: Final = "SELECT count(*) FROM news WHERE first_seen_at > clock_timestamp() + interval '1 minute'"


@dataclass
class Verdict:
    """Flat but for the counts by kind, for --json; `problems` says each violation in a sentence."""

    seed: int
    faults: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    violations: int = 0
    promised: int = 0
    runs: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    ended_by_faults: dict[str, int] = field(default_factory=dict)
    started_again: int = 0
    articles_served: int = 0
    articles_lost: int = 0
    gaps_told: int = 0
    journal: int = 0
    takeovers: int = 0
    leaderless_max_s: float = 0
    seen_by_a_wrong_clock: int = 0
    drain_s: float = 0
    seconds: float = 0
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "problems"}


async def judge(
    connection: asyncpg.Connection, verdict: Verdict, promised: dict[str, str], served: dict[str, DemoArticle]
) -> None:
    """Fill in `verdict`."""
    rows = {row["id"]: row for row in await connection.fetch(_RUNS)}
    verdict.promised = len(promised)
    verdict.runs = dict(Counter(row["state"] for row in rows.values()))
    verdict.kinds = dict(Counter(row["kind"] for row in rows.values()))
    verdict.started_again = sum(row["attempt"] > 1 for row in rows.values())
    problems = [f"promised and not there: {kind} {run}" for run, kind in promised.items() if run not in rows]
    for row in rows.values():
        problems += _wrong_end(row)
    failed = [row for row in rows.values() if row["state"] in ("failed", "dead")]
    verdict.ended_by_faults = dict(Counter(_code(row) for row in failed))
    lost, doubled = await list_lost(connection, served)
    verdict.articles_served, verdict.articles_lost = len(served), len(lost)
    leaders, verdict.takeovers, verdict.leaderless_max_s = await checks.list_double_leaders(connection)
    verdict.gaps_told = await connection.fetchval("SELECT count(*) FROM feed_gaps")
    problems += lost + doubled + leaders
    for what, query in (_TWICE | _UNTRUE).items():
        problems += [f"{what}: {dict(row)}" for row in await connection.fetch(query)]
    verdict.seen_by_a_wrong_clock = await connection.fetchval(_FROM_A_WRONG_CLOCK)
    verdict.problems += problems
    verdict.violations = len(verdict.problems)


def _wrong_end(row: asyncpg.Record) -> list[str]:
    """A run ends, and if not well then for what was done to it, after as many attempts as it has."""
    if row["state"] in ("queued", "running", "retry"):
        return [f"has not ended: {dict(row)}"]
    if row["state"] == "dead" and row["attempt"] < row["max_attempts"]:
        return [f"died early: {dict(row)}"]
    if row["state"] == "failed":
        trouble = TROUBLES.get(_code(row))
        if trouble is None or (trouble.area not in _PLANTED and trouble.code != "timed-out"):
            return [f"failed of itself: {dict(row)}"]
    return []


def _code(row: asyncpg.Record) -> str:
    return str((row["error"] or {}).get("code", "none") if isinstance(row["error"], dict) else _of_text(row["error"]))


def _of_text(error: str | None) -> str:
    import json  # noqa: PLC0415

    return str(json.loads(error).get("code", "none")) if error else "none"
