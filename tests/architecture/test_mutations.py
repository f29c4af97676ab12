"""The kept list of breaks is fresh: each fragment stands exactly once in its file, and its tests exist."""

import ast
from collections import Counter

import pytest

from tests.mutations.lines import DECLARATIONS, FOLDERS
from tests.mutations.listing import ROOT, Break, StaleListError, broken_text, read_list

BREAKS = read_list()


def test_every_break_of_the_list_can_be_made_and_is_still_python() -> None:
    for item in BREAKS:
        ast.parse(broken_text(item))


def test_every_break_names_tests_that_exist() -> None:
    for item in BREAKS:
        assert item.tests, item.name
        for test in item.tests:
            assert (ROOT / test.partition("::")[0]).exists(), test


def test_the_list_holds_enough_breaks_half_of_them_drawn() -> None:
    assert len(BREAKS) >= 120
    drawn = Counter(item.source == "hand" for item in BREAKS)
    assert min(drawn.values()) >= 55
    assert len({(item.file, item.old, item.new) for item in BREAKS}) == len(BREAKS)
    assert sum(bool(item.equivalent) for item in BREAKS) <= 6


@pytest.mark.parametrize(
    ("file", "old", "words"),
    [
        ("backend/clock.py", "no such line", "0 times instead of once"),
        ("backend/clock.py", "datetime", "times instead of once"),
        ("backend/gone.py", "x", "does not exist"),
    ],
)
def test_a_stale_entry_is_refused(file: str, old: str, words: str) -> None:
    with pytest.raises(StaleListError, match=f"the list is stale: .*{words}"):
        broken_text(Break(file, old, "y", ()))


def test_the_folders_and_files_that_are_traced_exist() -> None:
    named = [f"tests/{folder}" for folder in FOLDERS] + [test.partition("::")[0] for test in DECLARATIONS]
    assert [name for name in named if not (ROOT / name).exists()] == []
