"""Labelled pairs of titles and how many of them the grouping of stories gets right.

A line of a file of pairs: {"pair": [title, title], "codes": [[stock codes], [stock codes]], "hours": between them,
"same": whether they tell one event, "why": the kind of pair}, for filings also "receipts": [number or "", ...].
`python -m bench.harness.story_labels [--pairs FILE] [--names FILE] [--json FILE]`; names: {code: [name, ...]}.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from backend.domain.events import Event
from backend.domain.news import NewsKind
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import StoryIndex

DATA: Final = Path(__file__).resolve().parents[2] / "tests" / "data" / "understanding"
NOON: Final = datetime(2026, 11, 3, 3, tzinfo=UTC)
EventReader = Callable[[str, NewsKind, Sequence[str]], Event]  # title, kind, names of the linked companies
Names = Mapping[str, Sequence[str]]  # of stocks, by code


@dataclass(frozen=True, slots=True)
class Pair:
    """Two titles, `hours` apart, and whether they tell one event. `receipts`: "" for an article."""

    titles: tuple[str, str]
    codes: tuple[frozenset[str], frozenset[str]]
    hours: float
    same: bool
    why: str
    receipts: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """`recall` of the pairs that are one event, `precision` of those that were joined; `wrong` pairs to read."""

    recall: float
    precision: float
    wrong: tuple[Pair, ...]


def read_pairs(path: Path = DATA / "pairs.jsonl") -> list[Pair]:
    """The pairs of a file, blank lines left out."""
    return [_pair(json.loads(line)) for line in path.read_text().splitlines() if line.strip()]


def read_names(path: Path = DATA / "pair_names.json") -> dict[str, list[str]]:
    """Names of stocks by code."""
    names: dict[str, list[str]] = json.loads(path.read_text())
    return names


def score_pairs(pairs: Sequence[Pair], names: Names, read_event: EventReader | None = None) -> Score:
    """Place each pair in an index of its own, as a crawl would, and count."""
    joined = {id(pair): is_joined(pair, names, read_event) for pair in pairs}
    same = [pair for pair in pairs if pair.same]
    right = sum(joined[id(pair)] for pair in same)
    together = sum(joined.values())
    wrong = tuple(pair for pair in pairs if joined[id(pair)] != pair.same)
    return Score(right / max(1, len(same)), right / together if together else 1.0, wrong)


def is_joined(pair: Pair, names: Names, read_event: EventReader | None = None) -> bool:
    """Whether both come into one story, the earlier one placed first."""
    both = [_candidate(pair, place, names, read_event) for place in (0, 1)]
    return len(set(StoryIndex().assign(both).values())) == 1


def _candidate(pair: Pair, place: int, names: Names, read_event: EventReader | None) -> Candidate:
    title, receipt = pair.titles[place], pair.receipts[place]
    known_as = sorted({name for code in pair.codes[place] for name in names.get(code, ())})
    kind = NewsKind.FILING if receipt else NewsKind.ARTICLE
    return Candidate(
        key=str(place),
        title=title,
        at=NOON + timedelta(hours=pair.hours * place),
        codes=pair.codes[place],
        names=frozenset(known_as),
        receipt=receipt,
        event=read_event(title, kind, known_as) if read_event else Event(),
    )


def _pair(row: Mapping[str, object]) -> Pair:
    titles, codes, receipts = row["pair"], row.get("codes") or ((), ()), row.get("receipts") or ("", "")
    if not (isinstance(titles, list) and isinstance(codes, list | tuple) and isinstance(receipts, list | tuple)):
        raise TypeError(f"Not a pair of titles: {row}")
    return Pair(
        (str(titles[0]), str(titles[1])),
        (frozenset(codes[0]), frozenset(codes[1])),
        float(str(row.get("hours", 1))),
        bool(row["same"]),
        str(row.get("why", "")),
        (str(receipts[0]), str(receipts[1])),
    )


def main(arguments: Sequence[str] | None = None, read_event: EventReader | None = None) -> None:
    """Print recall and precision and the pairs that went wrong; write them to --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, default=DATA / "pairs.jsonl")
    parser.add_argument("--names", type=Path, default=DATA / "pair_names.json")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    pairs = read_pairs(asked.pairs)
    score = score_pairs(pairs, read_names(asked.names), read_event)
    figures = {"story_recall": round(score.recall, 4), "story_precision": round(score.precision, 4)}
    for pair in score.wrong:
        print(f"{'missed' if pair.same else 'JOINED'} ({pair.why}): {pair.titles[0]} / {pair.titles[1]}")
    print(f"{len(pairs)} pairs: {figures}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
