"""Random breaks: `python -m tests.mutations.draw LINES --seed N --count 60 [--run] [--only REGEX]`.

LINES is made by `python -m tests.mutations.lines`. A line of the backend is drawn (each that a test runs and that can
be broken is equally likely), then one of its breaks. Without --run they are printed as entries of breaks.toml, with the
files of tests that run the line; with --run each is tried against all tests that run its line, up to LIMIT_S of them.
"""

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.mutations.lines import DECLARATIONS
from tests.mutations.listing import ROOT, Break
from tests.mutations.operators import Edit, applied, edits_of, is_program
from tests.mutations.runner import run_breaks

LIMIT_S = 300
TEST_FILES = 3


def breakable(traced: dict[str, Any], only: str) -> list[tuple[str, int]]:
    """(file, line) of what a test runs and an operator can change."""
    return [
        (file, line)
        for file, lines in traced["files"].items()
        if re.search(only, file)
        for line in sorted({edit.line for edit in edits_of((ROOT / file).read_text())})
        if lines.get(str(line))
    ]


def break_of(file: str, edit: Edit, tests: tuple[str, ...], source: str) -> Break:
    """The edit as an entry: its line, with lines before it until the text occurs once."""
    text = (ROOT / file).read_text()
    lines = text.splitlines()
    first = edit.line - 1
    new = applied(lines[first], edit)
    while text.count("\n".join(lines[first : edit.line])) > 1 and first > 0:
        first -= 1
    before = lines[first : edit.line - 1]
    return Break(file, "\n".join([*before, lines[edit.line - 1]]), "\n".join([*before, new]), tests, source)


def draw(traced: dict[str, Any], *, seed: int, count: int, only: str, whole: bool) -> Iterator[Break]:
    """`count` breaks of different lines, with every test that runs the line (`whole`) or three files of tests."""
    chance = random.Random(seed)
    lines = breakable(traced, only)
    chance.shuffle(lines)
    drawn = 0
    for file, line in lines:
        source = (ROOT / file).read_text()
        edits = [edit for edit in edits_of(source) if edit.line == line]
        chance.shuffle(edits)
        edit = next((edit for edit in edits if is_program(source, edit)), None)
        if edit is None:
            continue
        tests = chosen_tests(traced, traced["files"][file][str(line)])
        if not whole:
            tests = tuple(dict.fromkeys(test.partition("::")[0] for test in tests))[:TEST_FILES]
        yield break_of(file, edit, tests, f"seed {seed}")
        drawn += 1
        if drawn == count:
            return


def chosen_tests(traced: dict[str, Any], numbers: list[int]) -> tuple[str, ...]:
    """Tests of the given numbers as the time allows: those that compare declarations, then quick files first."""
    files: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for number in numbers:
        name, seconds = traced["tests"][number]
        files[name.partition("::")[0]].append((seconds, name))
    chosen, left = [], LIMIT_S / 2
    for tests in sorted(files.values(), key=_order):
        for seconds, name in sorted(tests):
            if seconds > left:
                break
            chosen.append(name)
            left -= seconds
    return tuple(chosen)


def _order(tests: list[tuple[float, str]]) -> tuple[bool, float]:
    return not any(name.startswith(DECLARATIONS) for _, name in tests), sum(seconds for seconds, _ in tests)


def as_toml(item: Break) -> str:
    """An entry of the list."""
    fields = {"file": item.file, "old": item.old, "new": item.new, "tests": list(item.tests), "source": item.source}
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
    return "\n".join(["[[break]]", *lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations.draw", description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--only", default="", help="files that match this regular expression")
    parser.add_argument("--run", action="store_true", help="run them and print the share that was seen")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    traced = json.loads(arguments.lines.read_text())
    items = list(
        draw(traced, seed=arguments.seed, count=arguments.count, only=arguments.only, whole=arguments.run),
    )
    if not arguments.run:
        print("\n".join(map(as_toml, items)))
        return
    seen = 0
    for outcome in run_breaks(items, jobs=arguments.jobs, limit_s=LIMIT_S):
        seen += outcome.seen
        state = "seen" if outcome.seen else "SURVIVED"
        print(f"{state:<9}{outcome.seconds:5.1f} s {len(outcome.item.tests):4} tests  {outcome.item.name}", flush=True)
        print(f"{'':9}{outcome.by}", flush=True)
    print(json.dumps({"breaks": len(items), "seen": seen, "seed": arguments.seed}))


if __name__ == "__main__":
    main()
