"""How every benchmark is called: `python -m bench.NAME [--quick] [--json FILE]`; its figures are one flat object."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

Figures = dict[str, float]


def say(line: str) -> None:
    """Progress, apart from the figures."""
    print(line, file=sys.stderr, flush=True)


def run(name: str, description: str | None, measure: Callable[[bool], Figures]) -> None:
    """Measure and print; `measure` gets whether it must be quick."""
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{name}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="about two minutes: less data, fewer rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    publish({name: round(value, 3) for name, value in measure(given.quick).items()}, given.json)


def publish(figures: Mapping[str, float | None], path: Path | None) -> None:
    """Print the figures as one flat object, and write it to `path` if there is one."""
    text = json.dumps(figures, indent=2)
    print(text)
    if path is not None:
        path.write_text(text + "\n")
