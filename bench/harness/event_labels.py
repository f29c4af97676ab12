"""How often azak reads the events of labelled titles as a person does (the label format is in docs/events.md)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from backend.domain.news import NewsKind
from backend.domain.understanding.events import NO_TYPE, Event
from backend.text.events import read_event
from backend.text.linking import StockNames
from bench.harness.linking import COUNTS, as_article

Label = dict[str, Any]


def read_labels(files: Iterable[Path]) -> Iterator[Label]:
    """The event lines of these files; lines of pairs and links are left out."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip() and "type" in (label := json.loads(line)):
                yield label


def measure(labels: Sequence[Label], names: StockNames | None = None) -> dict[str, float]:
    """Shares of titles read rightly: type and sign of all, amounts where labelled, and of those with an event.

    `typed_precision`: right type among those azak gives one; `type_recall`: among those labelled with one;
    `sign_accuracy`: right sign among those of the right type. A share without such titles is left out. `names`:
    the companies that a title can name; without them no link helps.
    """
    pairs = [(label, _read(label, names)) for label in labels]
    typed = [pair for pair in pairs if pair[1].type != NO_TYPE]
    events = [pair for pair in pairs if pair[0]["type"] != NO_TYPE]
    found = [pair for pair in events if pair[1].type == pair[0]["type"]]
    shares = {
        "type_sign_accuracy": _share(e.type == lab["type"] and e.sign == lab["sign"] for lab, e in pairs),
        "amount_accuracy": _share(e.amount_krw == lab["amount_krw"] for lab, e in pairs if "amount_krw" in lab),
        "typed_precision": _share(e.type == lab["type"] for lab, e in typed),
        "type_recall": _share(e.type == lab["type"] for lab, e in events),
        "sign_accuracy": _share(e.sign == lab["sign"] for lab, e in found),
    }
    return {name: share for name, share in shares.items() if share is not None}


def _read(label: Label, names: StockNames | None) -> Event:
    kind = NewsKind(label.get("kind", "article"))
    links = names.link(as_article(label["title"], kind)) if names is not None else []
    named = sum(link.confidence >= COUNTS for link in links)
    return read_event(label["title"], kind, named or None)


def _share(outcomes: Iterable[bool]) -> float | None:
    told = list(outcomes)
    return round(sum(told) / len(told), 4) if told else None
