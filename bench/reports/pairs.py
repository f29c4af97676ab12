"""The page docs/reports-before-after.md: reports of the same facts by the earlier and the present template, shuffled.

`before.json` holds the fact sheets, and the Korean text that template-4 (2026-11-28) wrote of each; the present text is
written anew whenever the page is made. The key stands at the end.
"""

import json
import random
from pathlib import Path
from typing import Final

from backend import codec
from backend.reports import report_template
from backend.reports.fact_sheet import FactSheet

BEFORE: Final = Path(__file__).with_name("before.json")
_INTRO: Final = """# Reports, before and after

Twenty companies, two reports of the same facts each: one by the template of 2026-11-28 (template-4), one by the present
one, in an order drawn at random. Companies, news and prices are invented. Which would you rather have read before the
close? Note A or B for each and count with the [key](#key) at the end. Made by `python -m bench.reports --pairs FILE`.
"""


def page() -> str:
    """The whole page; the same order every time."""
    chance = random.Random(20)
    told = json.loads(BEFORE.read_text())
    sheets = codec.decode(FactSheet, [row["sheet"] for row in told])
    lines, key = [_INTRO], []
    for number, (sheet, row) in enumerate(zip(sheets, told, strict=True), start=1):
        texts = [("before", row["korean"]), ("after", report_template.write(sheet).korean)]
        chance.shuffle(texts)
        lines.append(f"## {number}\n")
        for letter, (_, text) in zip("AB", texts, strict=True):
            lines += [f"### {number} {letter}\n", _quoted(text)]
        key.append(f"{number} {'A' if texts[0][0] == 'after' else 'B'}")
    lines += ["## Key\n", f"The present template wrote: {', '.join(key)}.\n"]
    return "\n".join(lines)


def _quoted(markdown: str) -> str:
    """As a block quote, whose links to an installation's items are plain text."""
    plain = report_plain(markdown)
    return "\n".join(f"> {line}".rstrip() for line in plain.splitlines()) + "\n"


def report_plain(markdown: str) -> str:
    """Without links, and with headings that stay below the page's own."""
    lines = []
    for line in markdown.splitlines():
        marks = len(line) - len(line.lstrip("#"))
        lines.append("#" * min(6, marks + 3) + line[marks:] if marks else line)
    text = "\n".join(lines)
    while (start := text.find("](/api/news/")) >= 0:
        text = text[: start + 1] + text[text.index(")", start) + 1 :]
    return text
