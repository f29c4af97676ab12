"""What a text cites is in the repository, so that whoever reads it can read on."""

import re
import subprocess
from pathlib import Path

from backend.config.groups import Group

ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"(?<![\w-])([A-Za-z0-9_-]+\.md)\b")
_SECTION = re.compile(r"\b([a-z]+\.md) (\d+(?:\.\d+)*)")
_DEFAULT = re.compile(r"`(AZAK_[A-Z_]+)`(?: \(|, )(\d[\d.]*)\)")
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


def test_a_default_that_a_document_states_is_the_default() -> None:
    """As `AZAK_LOG_FILES` (5), or `AZAK_API_FROZEN_S`, 60; decisions tell what was so when they were made."""
    defaults = {
        f"{group.model_config['env_prefix']}{name}".upper(): field.default
        for group in Group.__subclasses__()
        for name, field in group.model_fields.items()
    }
    stated = [
        (f"{path.relative_to(ROOT)}: {name}", float(number), defaults[name])
        for path in tracked(".md")
        if "decisions" not in path.parts
        for name, number in _DEFAULT.findall(path.read_text())
    ]
    assert len(stated) > 5
    assert [(where, number) for where, number, default in stated if number != default] == []
