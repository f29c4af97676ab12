"""`python -m bench.reports [--api URL [--key KEY]] [--pairs FILE] [--json FILE]`: are reports worth reading, and dear?

Of a day of 20 invented companies with one to four events each: `same_ko`, `same_en` (bound .20), the share of
sentences that, with names, numbers and dates masked, stand in another company's report; `same_ko_one_story` with one
event each; `same_ko_with_tables` counts rows of tables, too. `twice`: events that a report tells twice (0);
`uncaused`: reports that neither name a cause nor say that none is known (0).

In a database of its own with 200 stocks: `without_news_reports` (0) and `without_news_s` (< 1) of the job where no
stock has news, `one_story_reports` (200) and `one_story_s` (<= 60) where each has one; `brief_s` of a brief of all.

With `--api`: `api_same_ko` of the newest report of each stock there, and with a key `forced_s`, from POST to the
readable report, the best of 3 (<= 3). `--pairs` writes the page of reports before and after for a reader to judge.
"""

import argparse
import re
import time
from pathlib import Path
from typing import Final

import httpx

from backend.reports import report_template
from backend.reports.report_words import WORDS
from bench.harness.command import Figures, publish, say
from bench.reports import pairs, times
from bench.reports.sameness import same_share
from bench.reports.sheets import make_sheets, names

COMPANIES: Final = 20
_TRIES: Final = 3
_POLL_S: Final = 0.02


def of_sheets() -> Figures:
    written = {sheet.stock_code: (sheet, report_template.write(sheet)) for sheet in make_sheets(COMPANIES)}
    korean = {code: text.korean for code, (_, text) in written.items()}
    english = {code: text.english for code, (_, text) in written.items()}
    single = {sheet.stock_code: report_template.write(sheet).korean for sheet in make_sheets(COMPANIES, stories=1)}
    twice = sum(text.korean.count(story.title) > 1 for sheet, text in written.values() for story in sheet.stories)
    cause = WORDS["ko"]["cause"].partition("{stories}")[2].partition(":")[0]
    said = re.compile(f"{re.escape(WORDS['ko']['no_cause'])}|{re.escape(cause)}")
    return {
        "same_ko": same_share(korean, names()), "same_en": same_share(english, names()),
        "same_ko_one_story": same_share(single, names()),
        "same_ko_with_tables": same_share(korean, names(), with_tables=True), "twice": float(twice),
        "uncaused": float(sum(not said.search(text) for text in korean.values())),
    }  # fmt: skip


def of_api(url: str, key: str | None) -> Figures:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        rows = client.get("/api/reports/latest", params={"limit": 200}).raise_for_status().json()["items"]
        newest = max((row["asof"][:10] for row in rows), default="")
        of_day = [row for row in rows if row["asof"].startswith(newest)]
        texts = {row["stock_code"]: client.get(f"/api/reports/{row['id']}").json()["text_ko"] for row in of_day}
        stocks = {row["name"] for row in rows}
        figures = {"api_reports": float(len(texts)), "api_same_ko": same_share(texts, stocks)}
        if key is not None and rows:
            codes = [rows[n % len(rows)]["stock_code"] for n in range(_TRIES)]
            figures["forced_s"] = min(_forced(client, code) for code in codes)
        return figures


def _forced(client: httpx.Client, code: str) -> float:
    """Seconds from the order to the moment when the stock's newest report can be read."""
    before = time.perf_counter()
    run = client.post("/api/reports", json={"stock_code": code}).raise_for_status().json()["id"]
    while client.get(f"/api/runs/{run}").raise_for_status().json()["state"] in {"queued", "running", "retry"}:
        time.sleep(_POLL_S)
    newest = client.get("/api/reports", params={"stock_code": code, "limit": 1}).raise_for_status().json()["items"][0]
    client.get(f"/api/reports/{newest['id']}").raise_for_status()
    return time.perf_counter() - before


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.reports", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--api", metavar="URL", help="of an installation whose reports are measured, too")
    parser.add_argument("--key", help="its AZAK_API_KEY, to force reports")
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="writes the page of before and after, nothing else")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    if given.pairs is not None:
        given.pairs.write_text(pairs.page())
        return
    figures = of_sheets()
    say("200 stocks in a database of its own")
    timed, _ = times.measure()
    figures |= timed
    if given.api:
        figures |= of_api(given.api, given.key)
    publish({name: round(value, 4) for name, value in figures.items()}, given.json)


if __name__ == "__main__":
    main()
