"""How often azak reads the events of labelled titles as a person does (the label format is in docs/events.md).

`python -m bench.harness.event_labels --labels FILE...` prints the figures as JSON.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from backend.domain.events import NO_TYPE
from backend.domain.news import NewsKind
from backend.text.events import read_event

OWN: Final = Path(__file__).parents[2] / "tests" / "data" / "understanding" / "events.jsonl"
Label = dict[str, Any]


def read_labels(files: Iterable[Path]) -> Iterator[Label]:
    """The event lines of these files; lines of pairs and links are left out."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip() and "type" in (label := json.loads(line)):
                yield label


def measure(labels: Sequence[Label]) -> dict[str, float | None]:
    """Shares of titles read rightly: type and sign of all, amounts where labelled, and of those with an event.

    `typed_precision`: right type among those azak gives one; `type_recall`: among those labelled with one;
    `sign_accuracy`: right sign among those of the right type. None without such titles.
    """
    pairs = [(label, read_event(label["title"], NewsKind(label.get("kind", "article")))) for label in labels]
    typed = [pair for pair in pairs if pair[1].type != NO_TYPE]
    events = [pair for pair in pairs if pair[0]["type"] != NO_TYPE]
    found = [pair for pair in events if pair[1].type == pair[0]["type"]]
    return {
        "type_sign_accuracy": _share(e.type == lab["type"] and e.sign == lab["sign"] for lab, e in pairs),
        "amount_accuracy": _share(e.amount_krw == lab["amount_krw"] for lab, e in pairs if "amount_krw" in lab),
        "typed_precision": _share(e.type == lab["type"] for lab, e in typed),
        "type_recall": _share(e.type == lab["type"] for lab, e in events),
        "sign_accuracy": _share(e.sign == lab["sign"] for lab, e in found),
    }


def _share(outcomes: Iterable[bool]) -> float | None:
    told = list(outcomes)
    return round(sum(told) / len(told), 4) if told else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, nargs="+", default=[OWN])
    print(json.dumps(measure(list(read_labels(parser.parse_args().labels)))))


if __name__ == "__main__":
    main()
