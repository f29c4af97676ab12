"""The grammar reads the stories of the demo as what they are."""

import random

import pytest

from backend.demo.world import events, wording
from backend.demo.world.stocks import DEMO_STOCKS
from backend.domain.news import NewsKind
from backend.text.events import read_event

MEANT = {
    "earnings_beat": "results +",
    "earnings_miss": "results -",
    "supply_contract": "contract +",
    "rights_issue": "rights_issue -",
    "lawsuit": "lawsuit -",
    "buy_back": "buy_back + share_cancellation +",
    "convertible_bond": "convertible_bond -",
    "dividend": "dividend +",
    "recall": "recall -",
    "rating": "target_price + target_price 0 target_price -",
    "merger": "acquisition 0",
    "ceo_change": "ceo 0",
    "product": "product + investment +",
    "other": "other 0",
}


@pytest.mark.parametrize("kind", events.EVENT_TYPES, ids=lambda kind: kind.name)
def test_a_story_of_the_demo_is_read_as_what_it_is(kind: events.EventType) -> None:
    rng = random.Random(17)
    for stock in DEMO_STOCKS:
        fields = wording.make_fields(rng, stock, 2026, 11)
        for title in kind.titles:
            event = read_event(title.format(**fields), NewsKind.ARTICLE, 1)
            assert f"{event.type} {event.sign}" in MEANT[kind.name], title.format(**fields)
