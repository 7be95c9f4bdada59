"""What goes by its name (a ticket, an error code, a lot) is found among what reads alike; on LanceDB and MiniLM."""

from pathlib import Path

import pytest

from core.knowledge.access import AccessScope
from core.knowledge.dense_weight import dense_weight
from core.knowledge.embedding import Embedder
from core.knowledge.stores.lancedb import LanceDBStore
from core.knowledge.stores.passage_store import StoredPassage

PUBLIC = AccessScope("T1", frozenset({"public"}))
EACH = 100
FOUND_FIRST = 0.99
"""Share of the questions. It was .977 while small differences in meaning were stretched as far as large ones."""

ALIKE = (
    ("Ana: OPS-{name} is fixed, the {part} was full and we restarted it.", "What was wrong in OPS-{name}?"),
    (
        "The grinder says E{name} when the {part} is blocked; clean it and press reset.",
        "What does the grinder mean by E{name}?",
    ),
    ("We roasted lot {name} on Monday, in front of the {part}.", "When did we roast lot {name}?"),
)
PARTS = ("cache", "queue", "hopper", "burr", "chute", "fan", "index")


def pairs() -> list[tuple[str, str]]:
    """What was said, and a question for it alone."""
    return [
        (
            said.format(name=1000 * kind + 7 * number, part=PARTS[number % len(PARTS)]),
            asked.format(name=1000 * kind + 7 * number),
        )
        for kind, (said, asked) in enumerate(ALIKE, start=1)
        for number in range(EACH)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> LanceDBStore:
    """All of it in one index."""
    folder: Path = tmp_path_factory.mktemp("named")
    texts = [said for said, _ in pairs()]
    passages = [
        StoredPassage(f"p{number}", f"d{number}", "T1", "C1", "public", text, vector)
        for number, (text, vector) in enumerate(zip(texts, minilm.embed_passages(texts), strict=True))
    ]
    store = LanceDBStore(folder, minilm.name, minilm.dimension)
    store.replace("T1", {each.document_id: [each.id] for each in passages}, passages)
    return store


def test_a_name_is_found_among_what_reads_alike(store: LanceDBStore, minilm: Embedder) -> None:
    first = [
        store.search(asked, minilm.embed_question(asked), PUBLIC, 8, dense_weight(minilm.readability(asked)))[
            0
        ].passage_id
        for _, asked in pairs()
    ]
    right = sum(found == f"p{number}" for number, found in enumerate(first))
    assert right >= FOUND_FIRST * len(first)
