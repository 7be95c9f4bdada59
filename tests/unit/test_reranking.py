"""The second look by a cross-encoder: a tiny one, made here and trained for a moment."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from core.errors import Misconfigured
from core.knowledge.access import AccessScope
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.hearing import HeardMessage, hear_message
from core.knowledge.indexing import Indexer
from core.knowledge.reranking import CrossEncoderReranker, Reranker
from core.knowledge.retrieval import Retrieval
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import FakeStore

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "where", "is", "the", "printer", "upstairs", "lunch", "noon"]


def tiny_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """It learns one thing: that what is upstairs answers better than lunch."""
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"))
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=32,
        num_labels=labels,
    )
    torch.manual_seed(1)
    model = BertForSequenceClassification(config)
    learner = torch.optim.Adam(model.parameters(), lr=0.002)
    right = tokenizer(["where is the printer"], ["the printer is upstairs"], return_tensors="pt")
    wrong = tokenizer(["where is the printer"], ["the lunch is the noon"], return_tensors="pt")
    for _ in range(150):
        loss = ((model(**right).logits - 4) ** 2 + (model(**wrong).logits + 4) ** 2).mean()
        learner.zero_grad()
        loss.backward()
        learner.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    assert CrossEncoder(str(folder)).num_labels == labels
    return folder


def test_each_text_is_scored_between_nothing_and_one(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(str(tiny_cross_encoder(tmp_path / "model")))
    right, wrong = reranker.scores("where is the printer", ["the printer is upstairs", "the lunch is the noon"])
    assert 0 <= wrong < 0.3 < 0.7 < right <= 1
    assert reranker.scores("where is the printer", []) == []


def test_what_cannot_be_loaded_or_does_not_rank_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"RERANKER=.*nowhere cannot be loaded"):
        CrossEncoderReranker(str(tmp_path / "nowhere")).scores("q", ["t"])
    classifier = tiny_cross_encoder(tmp_path / "classifier", labels=3)
    with pytest.raises(Misconfigured, match="gives 3 scores"):
        CrossEncoderReranker(str(classifier)).scores("q", ["t"])


class Backwards(Reranker):
    """Likes the shortest text best."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read = list(texts)
        return [1 / len(text) for text in texts]


def test_retrieval_takes_the_second_look_at_what_it_found(sqlite_record: Record, tmp_path: Path) -> None:
    embedder, store, reranker = FakeEmbedder(), FakeStore(), Backwards()
    for number, text in enumerate(["the printer is upstairs, and the printer is old", "a printer"]):
        ts = f"{1772352000 + 3600 * number}.000000"
        hear_message(sqlite_record, HeardMessage("T1", "C1", ChannelKind.PUBLIC, ts, "", "U1", text, "", ts))
    Indexer(
        sqlite_record,
        store,
        embedder,
        blobs_dir=tmp_path,
        passage_tokens=128,
        window_pause_s=600,
        limits=ExtractionLimits(),
    ).index_everything("here:1")
    everyone = AccessScope("T1", frozenset({"public"}))
    asked = "where is the printer upstairs"
    first = Retrieval(sqlite_record, store, embedder).find(asked, everyone, 2)
    again = Retrieval(sqlite_record, store, embedder, reranker).find(asked, everyone, 2)
    assert [found.quote for found in again] == [found.quote for found in reversed(first)]
    assert all("#C1" in text for text in reranker.read), "it reads the header too"
    assert again[0].score == max(1 / len(text) for text in reranker.read)
