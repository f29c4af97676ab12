"""News texts as unit vectors, by transformers and torch on the CPU: the encoder of the model process.

Settings: AZAK_MODELS_EMBEDDER, AZAK_MODELS_THREADS, AZAK_MODELS_BATCH_SIZE. Weights stay float32: dynamic
int8 embeds 1.55 times as many texts but its vectors are only 0.96-0.98 from these (measured, AVX2).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from backend.config import ModelSettings
from backend.errors import ConfigurationError
from backend.models.encoder.engine import BUNDLED
from backend.models.encoder.weights import ensure_model_folder

MAX_TOKENS = 128
_CHECK_TEXT = "삼성전자 3분기 영업이익 시장 기대치 상회"


class NewsEmbedder:
    """Mean-pooled sentence vectors. Construct, `load()`, then `embed()`, all in one thread."""

    def __init__(self, models: ModelSettings, data_dir: Path) -> None:
        self._models = models
        self._data_dir = data_dir
        # e5 was trained with a prefix on every text; without it similar and different news lie closer together.
        is_e5 = models.embedder == BUNDLED or "e5" in Path(models.embedder).name.lower()
        self._prefix = "query: " if is_e5 else ""

    def load(self) -> None:
        """Load weights and tokenizer and run one real forward pass; raises ConfigurationError if that fails."""
        source = str(ensure_model_folder(self._data_dir) if self._models.embedder == BUNDLED else self._models.embedder)
        local = Path(source).is_dir()
        transformers.logging.set_verbosity_error()  # the unused pooler of BertModel is reported as missing
        transformers.logging.disable_progress_bar()
        torch.set_num_threads(self._models.threads)
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=local)
            model = transformers.AutoModel.from_pretrained(source, local_files_only=local)
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"The weights '{source}' cannot be loaded ({str(error).splitlines()[0]}); check AZAK_MODELS_EMBEDDER."
            ) from error
        self._model = model.eval()
        self.dimension = int(model.config.hidden_size)
        norm = float(np.linalg.norm(self.embed([_CHECK_TEXT])))
        if not abs(norm - 1) < 1e-3:
            raise ConfigurationError(f"The weights '{source}' give no usable vectors; check AZAK_MODELS_EMBEDDER.")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (texts x dimension). Texts past MAX_TOKENS are cut; equal texts are computed once."""
        unique = list(dict.fromkeys(texts))
        rows = np.empty((len(unique), self.dimension), np.float32)
        # Texts of like length share a batch, so that little of it is padding.
        order = sorted(range(len(unique)), key=lambda index: len(unique[index]))
        for batch in _cut(order, self._models.batch_size):
            rows[batch] = self._forward([unique[index] for index in batch])
        index_of = {text: index for index, text in enumerate(unique)}
        return rows[[index_of[text] for text in texts]]

    def _forward(self, texts: list[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer(
            [self._prefix + text.strip() for text in texts],
            padding=True,
            truncation=True,
            max_length=MAX_TOKENS,
            return_tensors="pt",
        )
        with torch.inference_mode():
            hidden = self._model(**encoded).last_hidden_state
            mask = encoded["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            vectors: NDArray[np.float32] = torch.nn.functional.normalize(pooled.float()).numpy()
        return vectors


def _cut(order: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(order), size):
        yield order[start : start + size]


def load_embedder(models: ModelSettings, data_dir: Path) -> NewsEmbedder:
    """The loaded encoder of this engine."""
    embedder = NewsEmbedder(models, data_dir)
    embedder.load()
    return embedder
