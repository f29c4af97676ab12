"""The neighbours' member: formula, cuts and silence."""

import math

import pytest

from backend.domain.forecasts import Neighbour
from backend.domain.members import KnnParameters, MemberState
from backend.models.members import knn
from tests.models.items import make_item

PARAMETERS = {"k": 100, "shrinkage": 50, "p0": 0.48, "z": None}


def neighbours(count: int, *, y: float = 1.0, similarity: float = 0.9, age: int = 10) -> list[Neighbour]:
    return [Neighbour(n, f"{n:06d}", similarity, age, y, y - 0.5) for n in range(count)]


def test_probability_is_the_shrunk_weighted_share() -> None:
    item = make_item(neighbours=neighbours(60), background_similarity=0.8, story_id=999)
    assert knn.predict(PARAMETERS, item).p_up == pytest.approx((60 + 50 * 0.48) / 110)


def test_nearer_and_newer_stories_weigh_more() -> None:
    near, far, old = knn.neighbour_weights(
        [
            Neighbour(1, "000001", 1.0, 0, 1, 0),
            Neighbour(2, "000001", 0.8, 0, 1, 0),
            Neighbour(3, "000001", 1.0, 250, 1, 0),
        ],
        background_similarity=0.6,
    )
    assert (near, far, old) == pytest.approx((1.0, math.exp(-0.5 / knn.TEMPERATURE), 0.5))


def test_compressed_cosines_still_tell_near_from_unrelated() -> None:
    """The nearest stories of e5 lie about .95, the hundredth about .88: they must not weigh nearly the same."""
    pair = [Neighbour(1, "000001", 0.95, 0, 1, 0), Neighbour(2, "000001", 0.88, 0, 1, 0)]
    near, unrelated = knn.neighbour_weights(pair, background_similarity=0.88)
    assert near > 5 * unrelated


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"neighbours": neighbours(19), "background_similarity": 0.8, "story_id": 1},
            {"state": "few_similar_stories", "done": 19, "wanted": 20, "unit": "stories"},
        ),
        (
            {"neighbours": neighbours(60), "background_similarity": 0.95, "story_id": 1},
            {"state": "few_similar_stories", "done": 0, "wanted": 20, "unit": "stories"},
        ),
        ({"neighbours": neighbours(60), "background_similarity": 0.8}, {"state": "no_new_story"}),
        ({"neighbours": neighbours(60), "story_id": 1}, {"state": "similarity_unknown"}),
    ],
)
def test_it_gives_the_base_rate_and_the_reason_when_it_cannot_tell(
    changes: dict[str, object], reason: MemberState
) -> None:
    forecast = knn.predict(PARAMETERS, make_item(**changes))
    assert (forecast.p_up, forecast.abstained) == (0.48, reason)


def test_it_learns_until_there_are_300_labelled_stories() -> None:
    parameters = {**PARAMETERS, **knn.fit(120, KnnParameters())}
    item = make_item(neighbours=neighbours(60), background_similarity=0.8, story_id=999)
    assert knn.predict(parameters, item).abstained == {
        "state": "learning",
        "done": 120,
        "wanted": 300,
        "unit": "stories",
    }


def test_a_story_counts_once_and_a_day_of_a_stock_at_most_three_times() -> None:
    same_story = [Neighbour(7, f"{n:06d}", 0.9, n, 1, 0) for n in range(5)]
    same_day = [Neighbour(100 + n, "000660", 0.8, 40, 1, 0) for n in range(5)]
    chosen = knn.select_neighbours([*same_story, *same_day], 100)
    assert [n.story_id for n in chosen] == [7, 100, 101, 102]
