"""Cases 1-49 and 60-80 of docs/nasty-cases.md: each has a test that names its number, or a reason why it has none.

A number stands in a test's name: `test_case_7_...`, `test_cases_60_62_69_...`, `test_cases_29_to_31_...`. Cases 50-59
(linking) are tests/text/test_linking.py's.
"""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
LIST = TESTS.parent / "docs/nasty-cases.md"
REQUIRED = {*range(1, 50), *range(60, 81)}
# Cases that no test can show, and why. Empty: all of them can be shown.
UNTESTABLE: dict[int, str] = {}


def numbers(name: str) -> set[int]:
    """The case numbers that a test's name starts with."""
    found = re.match(r"test_cases?((?:_(?:\d+|to))+)(?:_|$)", name)
    if found is None:
        return set()
    parts = found.group(1).strip("_").split("_")
    if "to" in parts:
        return set(range(int(parts[0]), int(parts[2]) + 1))
    return {int(part) for part in parts if int(part) <= 80}  # test_case_7_429: 429 is a status


def test_every_nasty_case_has_a_test_that_names_its_number() -> None:
    names = [
        node.name
        for path in TESTS.glob("**/test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    covered = set().union(*map(numbers, names))
    assert REQUIRED - covered - UNTESTABLE.keys() == set()
    assert covered & UNTESTABLE.keys() == set()


def test_the_list_numbers_its_cases_without_gaps() -> None:
    numbered = re.findall(r"^(\d+)\. \S", LIST.read_text(), re.MULTILINE)
    assert list(map(int, numbered)) == list(range(1, 81))
