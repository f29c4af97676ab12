"""Operations of the model process by name; each takes and returns a dictionary that JSON can hold.

They run one at a time, hold no state and never reach a database: what they need comes with the call.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from backend import codec
from backend.models.fitting import market_model
from backend.models.predictor import predictor, training
from backend.stats import ab_test, event_study, metrics, ranking
from backend.stats.sizes import record as size_record

Payload = dict[str, Any]
Operation = Callable[[Payload], Payload]


class LoadedEmbedder(Protocol):
    """The part of both engines that operations use."""

    dimension: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


def embed(embedder: LoadedEmbedder, payload: Payload) -> Payload:
    """{"texts": [...]} -> codec.encode_vectors of one unit vector a text."""
    vectors = embedder.embed(payload["texts"])
    return codec.encode_vectors(vectors.astype("<f4").tobytes(), embedder.dimension)


# One line an operation; each lives in the module that owns its subject.
OPERATIONS: Final[dict[str, Operation]] = {
    "market_days": market_model.market_days,
    "stock_days": market_model.stock_days,
    "predict": predictor.predict,
    "train": training.train,
    "summarise_metrics": metrics.summarise_metrics,
    "summarise_sizes": size_record.summarise_sizes,
    "compare_versions": ab_test.compare,
    "equal_forecasts": ranking.equal_forecasts,
    "study_events": event_study.study_events,
}


def build_operations(embedder: LoadedEmbedder) -> dict[str, Operation]:
    """Every operation by name."""
    return {"embed": partial(embed, embedder), **OPERATIONS}
