"""What goes to the model process comes back as it was."""

import json
import sys
from array import array
from datetime import UTC, date, datetime

from backend import codec
from backend.domain.forecasts import (
    Direction,
    Forecast,
    Neighbour,
    Opinion,
    PredictionItem,
    StoryText,
    TrainedModel,
    Verdict,
)
from backend.domain.understanding.event_studies import StoryEvent

ASOF = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
ITEM = PredictionItem(
    stock_code="00593K", asof=ASOF, trade_date=date(2026, 3, 20), horizon=3, base_price_krw=71_300, sigma=0.021,
    features={"r1": -0.01}, neighbours=[Neighbour(7, "000660", 0.91, 12, 1.0, 0.4)], background_similarity=0.86,
    story_id=None, evidence=[4, 5], events=[StoryEvent(7, "results", "+", "large")],
    texts=[StoryText(7, "영업이익 30% 증가", None)], opinions=[Opinion(7, "m", 0.52)],
)  # fmt: skip
MODEL = TrainedModel("knn", "1", date(2025, 1, 2), None, "ab12", {"k": 100, "w": [0.5, 1.5]}, {"n": 300})
FORECAST = Forecast(
    "knn", "00593K", ASOF, 3, 0.53, 0.03, Verdict.LEAN, Direction.HOLD, 0.06, [70_000, 71_000], None,
    [{"news_id": 4, "weight": 0.7}], {"abstained": False}, "ff",
)  # fmt: skip


def test_dataclasses_survive_the_wire() -> None:
    for kind, value in ((PredictionItem, ITEM), (TrainedModel, MODEL), (Forecast, FORECAST)):
        wire = json.loads(json.dumps(codec.encode(kind, [value])))
        assert codec.decode(kind, wire) == [value]
        assert codec.load(kind, codec.dump(kind, [value])) == [value]


def test_vectors_survive_the_wire() -> None:
    rows = [[1.0, -0.5, 0.25], [0.0, 3.0, -7.5]]
    floats = array("f", rows[0] + rows[1])
    if sys.byteorder == "big":
        floats.byteswap()
    assert codec.decode_vectors(codec.encode_vectors(floats.tobytes(), 3)) == rows
    assert codec.decode_vectors(codec.encode_vectors(b"", 3)) == []
