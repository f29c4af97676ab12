"""The small forms of `python -m tests.chaos` and its siblings: real processes, real signals, a real restart."""

from collections.abc import Iterator

import pytest

from backend.scheduler.registry import KINDS
from tests.chaos.crash_points import crash_at_each
from tests.chaos.harness import run_chaos
from tests.chaos.takeover import run_takeovers
from tests.chaos.wide.ground import faketime
from tests.chaos.world import QUICK

SEED = 3


@pytest.fixture(autouse=True)
def _job_table() -> Iterator[None]:
    """The kinds of the chaos test do not stay in the job table of the tests after them."""
    before = dict(KINDS)
    yield
    KINDS.clear()
    KINDS.update(before)


def test_runs_survive_kills_freezes_cuts_and_a_restart_of_the_database() -> None:
    verdict = run_chaos(pace=QUICK, faults=12, seed=SEED)
    assert verdict.problems == [], f"replay: python -m tests.chaos --quick --faults 12 --seed {SEED}"
    assert (verdict.faults, verdict.database_restarts) == (12, 1)
    assert min(verdict.kills, verdict.freezes, verdict.model_kills, verdict.connection_cuts) >= 1
    assert verdict.runs > 50
    assert verdict.runs_started_again > 0


def test_a_death_between_two_steps_loses_and_doubles_nothing() -> None:
    """Two of the points of `python -m tests.chaos.crash_points`: a promise unsaid, an effect with its end unsaid."""
    assert crash_at_each(["accept.enqueued", "finish.updated"]) == []


@pytest.mark.skipif(faketime() is None, reason="needs libfaketime (apt-get install libfaketime)")
def test_two_schedulers_whose_clocks_are_five_minutes_apart_do_no_moment_twice() -> None:
    """The one that is ahead has done moments that the other one comes to minutes later, and the other way round."""
    verdict = run_takeovers(rounds=2, ttl_s=2, seed=SEED, apart_s=300)
    assert verdict.problems == [], f"replay: tests.chaos.takeover --rounds 2 --ttl 2 --apart 300 --seed {SEED}"
    assert (verdict.epochs, verdict.ticks_done > 0) == (3, True)
