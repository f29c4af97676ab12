"""`python -m bench.news.neighbours [--api URL] [--stories 400] [--json FILE]`: of what kind are similar past stories?

Asks the REST API of a running demo (or fills one of its own and ends it) for the neighbours of its newest stories.

- stories, of_events: stories asked about, and those whose event azak has read.
- neighbours: similar stories shown for all of them.
- other_sign, other_type: neighbours whose sign or type of event is another than the story's (must be 0).
- fewer_than_five: stories that show fewer than five.
"""

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import httpx

from bench.harness.command import Figures, publish, say
from bench.harness.demo import filled_demo

PAGE: Final = 100
ASKED: Final = 5


def _stories(client: httpx.Client) -> Iterator[dict[str, Any]]:
    """The stories, by their newest article, each once and as GET /api/news/{id} tells it."""
    seen: set[int] = set()
    asked: dict[str, Any] = {"limit": PAGE}
    while True:
        page = client.get("/api/news", params=asked).raise_for_status().json()
        for item in page["items"]:
            if item["story_id"] is not None and item["story_id"] not in seen:
                seen.add(item["story_id"])
                found: dict[str, Any] = client.get(f"/api/news/{item['id']}").raise_for_status().json()
                yield found
        if page["next_cursor"] is None:
            return
        asked["cursor"] = page["next_cursor"]


def measure(url: str, most: int) -> Figures:
    """Read `most` stories and their neighbours."""
    figures = dict.fromkeys(("stories", "of_events", "neighbours", "other_sign", "other_type", "fewer_than_five"), 0)
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        for found in islice(_stories(client), most):
            story, path = found["story"], f"/api/news/{found['news']['id']}/similar"
            near = client.get(path, params={"k": ASKED}).raise_for_status().json()["items"]
            figures["stories"] += 1
            figures["of_events"] += bool(story["event_type"] and story["event_type"] != "other")
            figures["neighbours"] += len(near)
            figures["other_sign"] += sum(other["sign"] != story["sign"] for other in near)
            figures["other_type"] += sum(other["event_type"] != story["event_type"] for other in near)
            figures["fewer_than_five"] += len(near) < ASKED
    return dict(figures)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.news.neighbours",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--api", metavar="URL", help="a running demo; without it one is filled and ended")
    parser.add_argument("--stories", type=int, default=400, help="to ask about, the newest first (400)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    if given.api:
        publish(measure(given.api, given.stories), given.json)
        return
    say("filling a demo")
    with filled_demo() as url:
        publish(measure(url, given.stories), given.json)


if __name__ == "__main__":
    main()
