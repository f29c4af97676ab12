"""`python -m tests.chaos [--quick] [--faults N] [--seed S] [--json FILE]`: exit code 1 when a promise was broken.

The time to recover is judged at the full pace only: with --quick the leases are shorter than a start of Python takes.
"""

import argparse
import json
import random
import sys
from pathlib import Path

from tests.chaos.harness import run_chaos
from tests.chaos.world import AS_SHIPPED, QUICK, Pace


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute at most: short leases, few faults")
    parser.add_argument(
        "--as-shipped", action="store_true", help="leases of 10 and 12 s instead of 5 and 6, default niceness"
    )
    parser.add_argument("--faults", type=int, help="how many faults (30; with --quick 12)")
    parser.add_argument("--seed", type=int, help="repeats a run; drawn and printed when missing")
    parser.add_argument("--json", type=Path, help="writes the verdict as one flat object")
    parser.add_argument("--logs", type=Path, help="keeps the logs of the processes in this folder")
    parser.add_argument("--pooler", action="store_true", help="through pgbouncer (apt-get install pgbouncer)")
    given = parser.parse_args()
    seed = random.randrange(10**6) if given.seed is None else given.seed
    faults = given.faults or (12 if given.quick else 30)
    paces = {"quick": given.quick, "as-shipped": given.as_shipped, "pooler": given.pooler}
    switches = "".join(f" --{name}" for name, chosen in paces.items() if chosen)
    replay = f"python -m tests.chaos{switches} --faults {faults} --seed {seed}"
    print(f"seed {seed}", flush=True)
    pace = QUICK if given.quick else AS_SHIPPED if given.as_shipped else Pace()
    verdict = run_chaos(pace=pace, faults=faults, seed=seed, logs=given.logs, pooler=given.pooler)
    print(json.dumps(verdict.as_json(), indent=2))
    if given.json is not None:
        given.json.write_text(json.dumps(verdict.as_json()) + "\n")
    for problem in verdict.problems:
        print(f"VIOLATION {problem}")
    for slow in verdict.slow:
        print(f"SLOW {slow}")
    failed = bool(verdict.problems or (verdict.slow and not given.quick))
    if failed:
        print(f"replay: {replay}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
