"""`python -m bench.understanding --titles FILE --listed FILE [--links FILE] [--json FILE]`: headlines understood.

FILE of titles: a JSON object a line with `title` and `codes` (the stocks that a portal tagged). FILE of stocks: columns
code, name, market (`etf` is a fund); all of them are watched. Most tags are mentions in the body, so recall of them is
low by nature; it is compared with that of another matcher on the same file. `--links FILE` writes the number of the
title (from 0) and the code of each link that counts, so that links which one matcher alone has can be read by hand.

Linking (bench.harness.linking), by the title alone, with the names that azak ships:
- tagged_found, tagged_pairs: pairs of a title and a tagged stock that are linked at a confidence that counts (.5), and
  all such pairs; funds apart.
- other_found: links that count and are not tagged, funds apart.
- titles_per_s: titles linked in a second on one thread, the best of three.
"""

import argparse
from pathlib import Path

from bench.harness import linking
from bench.harness.command import Figures, publish


def measure(titles: Path, listed: Path, links: Path | None) -> Figures:
    """All figures of a file of titles."""
    tagged, stocks = linking.read_titles(titles), linking.read_listed(listed)
    if links is not None:
        linking.write_links(links, linking.link_titles(stocks.names, tagged))
    return linking.measure(tagged, stocks)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m bench.understanding", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("titles", "listed"):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--links", type=Path, metavar="FILE", help="writes the links that count, a line 'number,code' each"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    figures = measure(given.titles, given.listed, given.links)
    publish({name: round(value, 3) for name, value in figures.items()}, given.json)
