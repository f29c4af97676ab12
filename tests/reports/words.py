"""Every text that Python writes for people in Korean, beside its English: `npm run words` in dashboard/ prints them."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from backend.domain.reports import DISCLAIMER
from backend.reports import brief_template, report_words
from backend.reports.llm import compose

_BACKEND: Final = Path(__file__).parents[2] / "backend"
HANGUL: Final = re.compile(r"[가-힣]")
_PAIRS: Final = ("DIRECTIONS", "VERDICTS", "EVENTS", "SIGNS", "STAGES", "STUDIES", "WORLD", "GAPS", "UNITS")
# Their sentences stand in the code, in Korean alone or with the English in the same text.
_IN_CODE: Final = ("api/page_heads.py", "api/pages.py", "api/session.py", "reports/event_phrases.py")


def _by_key() -> Iterator[tuple[str, str, str, str]]:
    books = {"report": report_words.WORDS, "brief": brief_template.WORDS, "llm": compose.WORDS}
    for book, words in books.items():
        for key, korean in words["ko"].items():
            yield book, key, korean, words["en"][key]
    for name in _PAIRS:
        for key, (korean, english) in getattr(report_words, name).items():
            yield "report", f"{name}.{key}", korean, english
    yield "report", "disclaimer", DISCLAIMER["ko"], DISCLAIMER["en"]


def _in_code() -> Iterator[tuple[str, str, str, str]]:
    for name in _IN_CODE:
        nodes = list(ast.walk(ast.parse((_BACKEND / name).read_text())))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
                continue
            if HANGUL.search(node.value):
                yield name, f"line {node.lineno}", " ".join(node.value.split()), ""


def written_words() -> Iterator[tuple[str, str, str, str]]:
    """File or book, key, Korean, English (empty where the code has none)."""
    yield from _by_key()
    yield from _in_code()


if __name__ == "__main__":
    sys.stdout.writelines("\t".join(row) + "\n" for row in written_words())
