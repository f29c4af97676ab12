"""What a text cites is in the repository, so that whoever reads it can read on."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"(?<![\w-])([A-Za-z0-9_-]+\.md)\b")
_SECTION = re.compile(r"\b([a-z]+\.md) (\d+(?:\.\d+)*)")
# Names that are made of others, and folders that tests make.
_PATTERNS = {"NAME.md"}


def tracked(*endings: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if name.endswith(endings) and (ROOT / name).is_file()]


def test_every_document_that_is_cited_exists() -> None:
    known = {path.name for path in tracked(".md")}
    cited = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked(".py", ".md", ".ts", ".tsx", ".toml", ".js")
        for name in _NAMED.findall(path.read_text())
        if name not in known | _PATTERNS
    }
    assert cited == set()


def test_a_cited_section_exists() -> None:
    """A number behind a document is the number of one of its headings."""
    documents = {path.name: path.read_text() for path in tracked(".md")}
    missing = {
        f"{path.relative_to(ROOT)}: {name} {number}"
        for path in tracked(".py", ".ts", ".tsx")
        for name, number in _SECTION.findall(path.read_text())
        if not re.search(rf"^#+ {re.escape(number)}\b", documents.get(name, ""), re.MULTILINE)
    }
    assert missing == set()
