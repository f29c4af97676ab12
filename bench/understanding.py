"""`python -m bench.understanding [--titles FILE] [--listed FILE] [--labels FILE ...] [--json FILE]`: news understood.

FILE of titles: a JSON object a line with `title` and `codes` (the stocks that a portal tagged). FILE of stocks: columns
code, name, market (`etf` is a fund); all of them are watched; without it listed.csv beside the titles. Most tags are
mentions in the body, so recall of them is low by nature; it is compared with that of another matcher on the same file.
`--links FILE` writes the number of the title (from 0) and the code of each link that counts, so that links which one
matcher alone has can be read by hand. FILE of labels: docs/events.md; without it the set of this repository.

Linking, by the title alone, with the names that azak ships:
- tagged_found, tagged_pairs: pairs of a title and a tagged stock that are linked at a confidence that counts (.5), and
  all such pairs; funds apart.
- other_found: links that count and are not tagged, funds apart.
- titles_per_s: titles linked in a second on one thread, the best of three.

Stories: story_recall of the pairs that tell one event, story_precision of those that were joined, by words alone.

Events: type_sign_accuracy of all titles, amount_accuracy of those with a labelled amount; typed_precision of those that
azak gives a type, type_recall of those labelled with one, sign_accuracy of those of the right type.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.harness import event_labels, linking, story_labels
from bench.harness.command import Figures, publish, say
from bench.harness.linking import Listed

OWN: Final = tuple(story_labels.DATA / name for name in ("events.jsonl", "pairs.jsonl", "opposites.jsonl"))


def measure_titles(titles: Path, listed: Listed, links: Path | None) -> Figures:
    """Linking on a file of titles."""
    tagged = linking.read_titles(titles)
    if links is not None:
        linking.write_links(links, linking.link_titles(listed.names, tagged))
    return linking.measure(tagged, listed)


def measure_labels(files: Sequence[Path], listed: Listed | None) -> Figures:
    """Stories and events on files of labels."""
    pairs, labels = story_labels.read_pairs(files), list(event_labels.read_labels(files))
    say(f"{len(labels)} titles and {len(pairs)} pairs with labels")
    figures = event_labels.measure(labels, listed.names if listed else None)
    if pairs:
        score = story_labels.score_pairs(pairs, story_labels.read_names())
        figures |= {"story_recall": score.recall, "story_precision": score.precision}
        for pair in score.wrong:
            say(f"  {'missed' if pair.same else 'JOINED'} ({pair.why}): {pair.titles[0]} / {pair.titles[1]}")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.understanding", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--titles", type=Path, metavar="FILE")
    parser.add_argument("--listed", type=Path, metavar="FILE")
    parser.add_argument("--labels", type=Path, nargs="+", default=OWN, metavar="FILE")
    parser.add_argument("--links", type=Path, metavar="FILE", help="writes the links, a line 'number,code' each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    beside = given.listed or (given.titles.parent / "listed.csv" if given.titles else None)
    if beside and not beside.exists():
        parser.error(f"{beside} is not there; name the list of stocks with --listed.")
    listed = linking.read_listed(beside) if beside else None
    figures = measure_titles(given.titles, listed, given.links) if given.titles and listed else {}
    figures |= measure_labels(given.labels, listed)
    publish({name: round(value, 4) for name, value in figures.items()}, given.json)


if __name__ == "__main__":
    main()
