"""`python -m tests.mutations [--json FILE] [--only REGEX] [--jobs N]`: runs the kept list of breaks.

Prints a table, and as JSON a flat object; the exit code is 1 when a break survived without a written reason.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutations.listing import StaleListError, read_list
from tests.mutations.runner import Outcome, run_breaks

LIMIT_S = 120


def summary(outcomes: Sequence[Outcome], seconds: float) -> dict[str, int | float]:
    """`survivors` counts those without a reason; `explained` those whose entry says why nobody can notice them."""
    unseen = [outcome for outcome in outcomes if not outcome.seen]
    explained = sum(bool(outcome.item.equivalent) for outcome in unseen)
    return {
        "breaks": len(outcomes),
        "seen": len(outcomes) - len(unseen),
        "explained": explained,
        "survivors": len(unseen) - explained,
        "wrongly_explained": sum(outcome.seen and bool(outcome.item.equivalent) for outcome in outcomes),
        "seconds": round(seconds, 1),
    }


def line_of(outcome: Outcome) -> str:
    """One line of the table."""
    item = outcome.item
    state = "seen" if outcome.seen else "explained" if item.equivalent else "SURVIVED"
    why = item.equivalent if item.equivalent and not outcome.seen else outcome.by
    return f"{state:<9} {outcome.seconds:5.1f} s  {item.name}\n{'':18}{why}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the counts into this file")
    parser.add_argument("--only", default="", help="run the breaks whose file or text matches this regular expression")
    parser.add_argument("--jobs", type=int, default=2, help="breaks at a time (2)")
    arguments = parser.parse_args()
    chosen = [item for item in read_list() if re.search(arguments.only, item.name)]
    if not chosen:
        parser.error(f"no break matches {arguments.only!r}; leave --only out to run all.")
    started, outcomes = time.monotonic(), []
    try:
        for outcome in run_breaks(chosen, jobs=arguments.jobs, limit_s=LIMIT_S):
            outcomes.append(outcome)
            print(line_of(outcome), flush=True)
    except StaleListError as error:
        sys.exit(str(error))
    counts = summary(outcomes, time.monotonic() - started)
    print(json.dumps(counts))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(counts) + "\n")
    return 1 if counts["survivors"] or counts["wrongly_explained"] else 0


if __name__ == "__main__":
    sys.exit(main())
