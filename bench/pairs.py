"""`python -m bench.pairs COMMIT NAME... [--after COMMIT] [--pairs 5] [--quick] [--json FILE]`: two commits compared.

Each pair runs `python -m bench.NAME` in a worktree of COMMIT and then here, or in one of `--after`, so that the
machine's mood falls on both. Prints the medians of every figure that both have, and the later one over the earlier one.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench.harness.command import Figures, publish, say

HERE = Path(__file__).parents[1]
UV = (os.environ.get("UV", "uv"), "run", "--frozen")  # `uv run` tells its children where it is


@contextmanager
def _worktree(commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="azak-pairs-") as folder:
        tree = Path(folder) / commit
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], cwd=HERE, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=HERE, check=True)


def _measure(tree: Path, name: str, *, quick: bool) -> Figures:
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    with tempfile.NamedTemporaryFile(suffix=".json") as written:
        command = [*UV, "python", "-m", f"bench.{name}", "--json", written.name, *(["--quick"] if quick else [])]
        subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)
        figures: Figures = json.loads(Path(written.name).read_text())
    return figures


def compare(before: list[Figures], after: list[Figures]) -> Figures:
    """Per figure its two medians and their ratio, of what every run told."""
    told = set.intersection(*(set(figures) for figures in before + after))
    compared: Figures = {}
    for figure in (figure for figure in before[0] if figure in told):
        old, new = (median(figures[figure] for figures in runs) for runs in (before, after))
        compared |= {f"{figure}_before": old, f"{figure}_after": new}
        if old:
            compared[f"{figure}_ratio"] = round(new / old, 3)
    return compared


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.pairs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commit")
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--after", metavar="COMMIT", help="the later one, in place of this tree")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the quick form of each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    compared: Figures = {}
    with ExitStack() as trees:
        earlier = trees.enter_context(_worktree(given.commit))
        later = trees.enter_context(_worktree(given.after)) if given.after else HERE
        for name in given.names:
            before, after = [], []
            for pair in range(1, given.pairs + 1):
                before.append(_measure(earlier, name, quick=given.quick))
                after.append(_measure(later, name, quick=given.quick))
                say(f"{name} {pair}/{given.pairs}: {json.dumps(compare(before[-1:], after[-1:]))}")
            compared |= {f"{name}.{figure}": value for figure, value in compare(before, after).items()}
    publish(compared, given.json)


if __name__ == "__main__":
    main()
