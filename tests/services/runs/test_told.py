"""What a run and a refusal say in one sentence."""

import pytest

from backend.domain.runs import NOTHING_DONE, Counts, RunReason, summarise
from backend.services.operations.named import _listed

OF_THE_CLOCK = {"paused", "still_open", "late", "standstill", "expired"}


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (Counts(), "Nothing new."),
        (Counts(read=7), "Nothing new: looked at 7."),
        (Counts(read=7, skipped=7, detail={"unchanged": 7, "predictions": 0}), "Wrote 0: unchanged 7."),
        (Counts(detail={"too_late": 2, "without_prices": 1}), "Wrote 0: too late 2, without prices 1."),
        (Counts(detail={"set_aside": 1, "sessions_left": 9}), "Wrote 0: set aside 1, sessions left 9."),
        (Counts(failed=2), "Wrote 0: failed 2."),
        (Counts(failed=2, detail={"failed": 2}), "Wrote 0: failed 2."),
        (Counts(written=3), "Wrote 3."),
        (Counts(written=5, detail={"a.news": 2, "b.news": 1, "a.links": 2, "a.read": 9}), "Wrote 5: news 3, links 2."),
        (Counts(written=4, detail={"articles_read": 9, "bars_read": 8, "daily_bars": 4}), "Wrote 4: daily bars 4."),
        (Counts(written=4, failed=1, detail={"unchanged": 6, "news": 4}), "Wrote 4: news 4, unchanged 6, failed 1."),
    ],
)
def test_a_run_says_what_it_wrote_or_why_it_did_not(counts: Counts, sentence: str) -> None:
    assert summarise(counts) == sentence


def test_every_reason_for_doing_nothing_has_a_sentence_or_is_the_clocks() -> None:
    assert {reason.value for reason in set(RunReason) - NOTHING_DONE.keys()} == OF_THE_CLOCK
    assert all(sentence.endswith(".") and len(sentence) > 30 for sentence in NOTHING_DONE.values())


@pytest.mark.parametrize(
    ("count", "end"), [(1, "00"), (20, "18, 19"), (21, "18, 19 and 1 more"), (100, "18, 19 and 80 more")]
)
def test_a_refusal_names_twenty_and_counts_the_rest(count: int, end: str) -> None:
    told = _listed([f"{number:02}" for number in range(count)])
    assert told.endswith(end)
    assert told.count(",") == min(count, 20) - 1
