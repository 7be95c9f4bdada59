"""Threads and days of a channel as passages: titles, names, windows, what is left out."""

import math
from itertools import count

from core.knowledge.chunking import chunk
from core.knowledge.content import Block, BlockKind, Content
from core.knowledge.conversations import Conversation, prepare
from core.records.documents import Document, DocumentKind, document_id
from core.records.messages import Message
from tests.fakes.embedder import FakeEmbedder

PEOPLE = {"U1": "Ana", "U2": "Ben", "UBOT": "Journeyman"}
COUNT = FakeEmbedder().count_tokens


def said(ts: float, text: str, person: str = "U1", **more) -> Message:
    return Message(
        workspace_id="T1", channel_id="C1", ts=f"{ts:.6f}", day="2026-03-01", person_id=person, text=text, **more
    )


def passages(conversation: Conversation, limit: int = 60):
    document = Document(
        id=document_id("T1", DocumentKind.THREAD, "C1:1"),
        workspace_id="T1",
        channel_id="C1",
        audience="public",
        kind=DocumentKind.THREAD,
        key="C1:1",
        title="",
    )
    return [cut.passage for cut in prepare(conversation).cuts(document, limit, COUNT, edition=0)]


def thread(*messages: Message, root: Message, sources: tuple[Message, ...] | None = None) -> Conversation:
    kept = messages if sources is None else sources
    return Conversation(kept, "#garden", PEOPLE, {"C1": "garden"}, math.inf, root)


def test_every_passage_of_a_thread_says_what_it_began_with() -> None:
    root = said(1772352000.0, "Who waters the plants while Chloé is away?")
    replies = [
        said(1772352000.0 + n, f"Reply {n} with quite some more words in it than that.", "U2") for n in range(1, 9)
    ]
    found = passages(thread(root, *replies, root=root), limit=40)
    assert len(found) > 1
    assert all(each.header == "#garden · 1 March 2026 · Who waters the plants while Chloé is away?" for each in found)
    assert all(root.ts in each.places for each in found), "forgetting the root forgets the titles made of it"


def test_a_question_to_the_bot_is_the_title_and_no_source() -> None:
    root = said(1772352000.0, "<@UBOT> where is the <#C1|garden>'s key?", asks_journeyman=True)
    answer = said(1772352001.0, "Under the third pot.", "U2")
    [found] = passages(thread(root=root, sources=(answer,)))
    assert found.header == "#garden · 1 March 2026 · where is the #garden's key?"
    assert found.text == "Ben: Under the third pot."
    assert set(found.places) == {root.ts, answer.ts}


def test_words_of_a_nameless_author_are_not_put_into_another_mouth() -> None:
    messages = said(1772352000.0, "I painted the shed."), said(1772352001.0, "I lost its key.", "U404")
    [found] = passages(thread(*messages, root=messages[0]))
    assert found.text == "Ana: I painted the shed.\nSomebody: I lost its key."


def test_a_long_root_is_shortened_between_words_and_noise_makes_no_title() -> None:
    root = said(1772352000.0, "word " * 100)
    [first, *_] = passages(thread(root, root=root), limit=120)
    assert first.header.endswith("word…")
    assert len(first.header) < 130
    thanks = said(1772352000.0, "thanks!")
    [found] = passages(thread(thanks, said(1772352002.0, "It is in the shed."), root=thanks))
    assert found.header == "#garden · 1 March 2026"


def test_a_window_ends_rather_where_the_speaker_changes() -> None:
    numbers = count(1)
    says = [(name, "word " * 9) for name in ("Ana", "Ana", "Ana", "Ben", "Ben", "Ben", "Ana")]
    blocks = tuple(
        Block(text.strip(), BlockKind.MESSAGE, place=str(at := next(numbers)), author=name, said_at=float(at))
        for name, text in says
    )
    chunks = chunk(Content("", blocks), 50, COUNT)
    assert [each.authors for each in chunks][:2] == [("Ana",), ("Ben", "Ana")]


def test_code_in_a_message_is_cut_between_lines() -> None:
    code = "\n".join(f"line_{n} = compute(n, {n}). then = 1" for n in range(12))
    block = Block(f"Try this. It works.\n```\n{code}\n```", BlockKind.MESSAGE, place="1", author="Ana", said_at=1.0)
    for each in chunk(Content("", (block,)), 40, COUNT):
        assert all(
            line.removeprefix("Ana: ").startswith(("line_", "```", "Try")) for line in each.text.splitlines() if line
        ), each.text
