"""Labelled pairs of titles and how many of them the grouping of stories gets right.

A line of a file of pairs: {"pair": [title, title], "codes": [[stock codes], [stock codes]], "hours": between them,
"same": whether they tell one event, "why": the kind of pair}; of filings also "receipts": [number or "", ...], or
"kind": "filing" of both.
Names of stocks that azak does not ship stand in pair_names.json beside the pairs: {code: [name, ...]}.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from backend.domain.news import NewsKind
from backend.text.events import read_event
from backend.text.linking.shipped import names_of
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import StoryIndex

DATA: Final = Path(__file__).resolve().parents[2] / "tests" / "data" / "understanding"
NOON: Final = datetime(2026, 11, 3, 3, tzinfo=UTC)
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
    kind: NewsKind = NewsKind.ARTICLE


@dataclass(frozen=True, slots=True)
class Score:
    """`recall` of the pairs that are one event, `precision` of those that were joined; `wrong` pairs to read."""

    recall: float
    precision: float
    wrong: tuple[Pair, ...]


def read_pairs(files: Iterable[Path]) -> list[Pair]:
    """The pairs of these files; lines of events and links are left out."""
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines() if line.strip()]
    return [_pair(row) for row in rows if "pair" in row]


def read_names(path: Path = DATA / "pair_names.json") -> dict[str, list[str]]:
    """Names of stocks by code."""
    names: dict[str, list[str]] = json.loads(path.read_text())
    return names


def score_pairs(pairs: Sequence[Pair], names: Names) -> Score:
    """Place each pair in an index of its own, as a crawl would, and count."""
    joined = {id(pair): is_joined(pair, names) for pair in pairs}
    same = [pair for pair in pairs if pair.same]
    right = sum(joined[id(pair)] for pair in same)
    together = sum(joined.values())
    wrong = tuple(pair for pair in pairs if joined[id(pair)] != pair.same)
    return Score(right / max(1, len(same)), right / together if together else 1.0, wrong)


def is_joined(pair: Pair, names: Names) -> bool:
    """Whether both come into one story, the earlier one placed first."""
    both = [_candidate(pair, place, names) for place in (0, 1)]
    return len(set(StoryIndex().assign(both).values())) == 1


def _candidate(pair: Pair, place: int, names: Names) -> Candidate:
    title, receipt = pair.titles[place], pair.receipts[place]
    codes = pair.codes[place]
    known_as = {name for code in codes for name in names.get(code, ())}
    kind = NewsKind.FILING if receipt else pair.kind
    return Candidate(
        key=str(place),
        title=title,
        at=NOON + timedelta(hours=pair.hours * place),
        codes=codes,
        names=frozenset(known_as) | names_of(codes),
        receipt=receipt,
        event=read_event(title, kind, len(codes) or None),
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
        NewsKind(str(row.get("kind", NewsKind.ARTICLE))),
    )
