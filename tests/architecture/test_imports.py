"""What a static check cannot see: what a process really has in memory after its start.

import-linter holds the walls between our own modules (test_checks.py); a third-party package that
imports torch by itself, or an import by name, only shows here.
"""

import subprocess
import sys

import grimp
import pytest

from backend.scheduler.registry import KINDS

_PROGRAM = "import {module}, sys; print(' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"


def loaded_after(module: str) -> set[str]:
    """Top names in sys.modules of a fresh interpreter that imported `module`."""
    program = _PROGRAM.format(module=module)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(result.stdout.split())


def test_api_process_holds_no_models_jobs_or_engine() -> None:
    barred = {
        "torch",
        "transformers",
        "numpy",
        "pandas",
        "sklearn",
        "apscheduler",
        "pgqueuer",
        "holidays",
        "feedparser",
    }
    assert not loaded_after("backend.main") & barred


def test_scheduler_process_leaves_the_models_to_its_child() -> None:
    loaded = loaded_after("backend.scheduler_main")
    assert not loaded & {"torch", "transformers", "numpy", "sklearn"}
    assert {"apscheduler", "pgqueuer"} <= loaded


@pytest.mark.parametrize("module", ["backend.cli", "backend.demo.world.stocks"])
def test_command_line_stays_light(module: str) -> None:
    assert not loaded_after(module) & {"torch", "numpy", "sqlalchemy", "fastapi", "alembic", "holidays"}


def test_jobs_do_not_reach_each_other() -> None:
    """The job table alone knows what follows what; work that two jobs share is a module of its own."""
    graph = grimp.build_graph("backend")
    jobs = {kind.body.__module__ for kind in KINDS.values()} - {"backend.scheduler.kinds"}
    assert len(jobs) >= 18
    assert {job: found for job in sorted(jobs) if (found := graph.find_upstream_modules(job) & jobs)} == {}
