"""The small form of `python -m tests.chaos`, with a fixed seed: real processes, real signals, a real restart."""

from tests.chaos.harness import run_chaos
from tests.chaos.world import QUICK

SEED = 3


def test_runs_survive_kills_freezes_cuts_and_a_restart_of_the_database() -> None:
    verdict = run_chaos(pace=QUICK, faults=12, seed=SEED)
    assert verdict.problems == [], f"replay: python -m tests.chaos --quick --faults 12 --seed {SEED}"
    assert (verdict.faults, verdict.database_restarts) == (12, 1)
    assert min(verdict.kills, verdict.freezes, verdict.model_kills, verdict.connection_cuts) >= 1
    assert verdict.runs > 50
    assert verdict.runs_started_again > 0
