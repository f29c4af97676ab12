"""The page's own checks (types, lint, import rules, format, vitest), its lock file, and the size of its files."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from statistics import median

import pytest

from backend.cli.commands.dashboard import find_npm
from backend.config import DASHBOARD_SOURCE
from backend.domain.forecasts import Mode, Verdict, word_key
from backend.domain.market import StockKind, StockState, StockStatus  # fmt: skip
from backend.domain.members import TABLE
from backend.domain.news import Flag, LinkMethod, NewsKind
from backend.domain.operations import SourceCondition
from backend.domain.record import OutcomeState
from backend.domain.runs import Origin, RunReason, RunState
from backend.domain.understanding.event_types import BY_ID
from backend.domain.understanding.events import Sign
from backend.scheduler.registry import KINDS

LONGEST_FILE = 300
LONGEST_TRANSLATION = 400
MEDIAN_FILE = 100
FULLEST_FOLDER = 15


@pytest.mark.parametrize("script", ["check", "test"])
def test_own_checks(built_page: None, script: str) -> None:
    command = [*find_npm(), "run", "--silent", script]
    result = subprocess.run(command, cwd=DASHBOARD_SOURCE, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]


def test_lock_names_the_public_registry_only() -> None:
    text = (DASHBOARD_SOURCE / "package-lock.json").read_text()
    hosts = set(re.findall(r'"resolved": "([a-z+]+://[^/"]+)', text))
    assert hosts <= {"https://registry.npmjs.org"}
    packages = json.loads(text)["packages"]
    unsure = [name for name, package in packages.items() if name and not package.get("integrity")]
    assert unsure == []


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("job", KINDS), ("run", RunState), ("origin", Origin), ("mode", Mode),
        ("word", {word_key(verdict, side) for verdict in Verdict for side in (-1, 1)}),
        ("flag", Flag), ("kind", NewsKind), ("method", LinkMethod), ("status", StockStatus), ("outcome", OutcomeState),
        ("condition", SourceCondition), ("event", BY_ID), ("sign", Sign), ("reason", RunReason),
        ("stockState", StockState), ("stockKind", StockKind),
    ],
)  # fmt: skip
def test_every_value_of_the_api_has_words(group: str, values: Iterable[str]) -> None:
    folder = DASHBOARD_SOURCE / "src/i18n"
    words = "".join(path.read_text() for path in [*folder.glob("*.ts"), *folder.glob("ko/*.ts")])
    assert [value for value in values if f'"{group}.{value}":' not in words] == []


def test_files_and_folders_are_short() -> None:
    root = DASHBOARD_SOURCE / "src"
    sources = [path for path in root.rglob("*.ts*") if path.name != "schema.d.ts"]
    lengths = {path.relative_to(root): len(path.read_text().splitlines()) for path in sources}
    limits = {path: LONGEST_TRANSLATION if path.parts[0] == "i18n" else LONGEST_FILE for path in lengths}
    long = {str(path): length for path, length in lengths.items() if length > limits[path]}
    full = {str(folder): n for folder, n in Counter(path.parent for path in lengths).items() if n > FULLEST_FOLDER}
    assert (len(sources) > 50, long, full) == (True, {}, {})
    assert median(lengths.values()) <= MEDIAN_FILE


def test_models_have_the_names_of_the_table_of_kinds() -> None:
    text = (DASHBOARD_SOURCE / "src/i18n/model-names.ts").read_text()
    korean, english = (
        dict(re.findall(r'"model\.(\w+)": "(.+)",', part)) for part in text.split("export const enModels")
    )
    assert korean == {kind.name: kind.korean for kind in TABLE}
    assert english == {kind.name: kind.english for kind in TABLE}
