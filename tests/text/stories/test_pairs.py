"""The labelled pairs: how many of them are told apart or together rightly, and each kind that must never be joined."""

import pytest

from bench.harness import story_labels
from bench.harness.story_labels import Pair, is_joined, score_pairs

PAIRS = story_labels.read_pairs([story_labels.DATA / "pairs.jsonl", story_labels.DATA / "opposites.jsonl"])
NAMES = story_labels.read_names()
# Kinds that words alone must join, whatever happens to the harder ones.
SURE = ("copy", "cut title", "reporter's tag", "rounding", "column same day")


def titles(pair: Pair) -> str:
    return " / ".join(pair.titles)


def test_the_labels_are_enough_and_of_both_sides() -> None:
    assert len(PAIRS) >= 150
    assert min(sum(pair.same for pair in PAIRS), sum(not pair.same for pair in PAIRS)) >= 75
    assert {code for pair in PAIRS for codes in pair.codes for code in codes} <= set(NAMES)
    assert sum(pair.why == "opposite" for pair in PAIRS) >= 40


def test_words_alone_find_three_quarters_of_the_pairs_and_join_nothing_else() -> None:
    score = score_pairs(PAIRS, NAMES)
    assert score.recall >= 0.75
    assert score.precision >= 0.97


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not pair.same], ids=titles)
def test_two_events_are_two_stories(pair: Pair) -> None:
    assert not is_joined(pair, NAMES)


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.same and pair.why in SURE], ids=titles)
def test_copies_and_roundings_are_one_story(pair: Pair) -> None:
    assert is_joined(pair, NAMES)
