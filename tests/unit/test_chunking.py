"""A document is cut where a reader would cut it, nothing is lost, and every passage fits the embedder."""

import math
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.knowledge.chunking import chunk, with_header
from core.knowledge.content import Block, BlockKind, Content
from core.knowledge.splitting import sentences


def words(text: str) -> int:
    """The plainest of tokenizers."""
    return len(text.split())


def pairs_of_letters(text: str) -> int:
    """A tokenizer that cuts words and counts white space, with two tokens of its own around every text."""
    return 2 + -(-len(text) // 2)


def document(*blocks: Block) -> Content:
    return Content("Handbook", blocks)


def message(author: str, text: str, minute: float) -> Block:
    return Block(text, BlockKind.MESSAGE, place=f"{minute}", author=author, said_at=minute * 60)


def letters(text: str) -> str:
    return "".join(text.split())


texts = st.text(alphabet=st.sampled_from("ab é咖。.!? \n\t👍\u0301|"), max_size=300)
blocks = st.builds(
    Block,
    text=texts,
    kind=st.sampled_from([BlockKind.PROSE, BlockKind.CODE]),
    place=st.sampled_from(["", "p. 1", "p. 2"]),
    heading=st.sampled_from(["", "Short", "A heading that is far longer than any header may be in so small a passage"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(blocks, max_size=6), st.sampled_from([words, pairs_of_letters]), st.integers(8, 60), texts)
@example([Block("\u0301" * 5)], pairs_of_letters, 8, "")
def test_no_letter_is_lost_and_every_passage_fits(content, count, limit, header):
    chunks = chunk(document(*content), limit, count, header)
    assert letters("".join(c.text for c in chunks)) == letters("".join(b.text for b in content))
    assert all(c.text.strip() for c in chunks)
    assert all(count(with_header(c.header, c.text)) <= limit for c in chunks)
    assert [c.ordinal for c in chunks] == list(range(len(chunks)))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Ana", "Ben Okri"]), texts, st.integers(0, 40)), max_size=8),
    st.integers(12, 60),
)
def test_no_message_is_lost(said, limit):
    talk = [message(who, text, minute) for who, text, minute in sorted(said, key=lambda s: s[2])]
    chunks = chunk(document(*talk), limit, pairs_of_letters)
    without_names = "".join(c.text for c in chunks).replace("Ana:", "").replace("Ben Okri:", "")
    assert letters(without_names) == letters("".join(b.text for b in talk))
    assert all(pairs_of_letters(with_header(c.header, c.text)) <= limit for c in chunks)


def test_paragraphs_share_a_passage_until_it_is_full():
    paragraphs = [Block(f"This is paragraph number {n}.") for n in range(6)]
    chunks = chunk(document(*paragraphs), 11, words)
    assert [c.text.count("paragraph") for c in chunks] == [2, 2, 2]
    assert chunks[0].text == "This is paragraph number 0.\n\nThis is paragraph number 1."


def test_a_paragraph_that_fits_by_itself_is_not_cut():
    first, second = "one " * 7 + "end.", "A sentence here. " * 3 + "And the last one."
    chunks = chunk(document(Block(first), Block(second)), 14, words)
    assert [c.text for c in chunks] == [first, second]


def test_long_prose_is_cut_between_sentences():
    text = "The drum is warm. Charge at two hundred degrees! Is the fan on? Then wait for the crack."
    assert [c.text for c in chunk(document(Block(text)), 9, words)] == [
        "The drum is warm. Charge at two hundred degrees!",
        "Is the fan on? Then wait for the crack.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is. Isn't it? Yes!", ["It is. ", "Isn't it? ", "Yes!"]),
        ("咖啡豆很新鲜。水温是多少？九十四度！", ["咖啡豆很新鲜。", "水温是多少？", "九十四度！"]),
        ("कॉफ़ी ताज़ा है। पानी गरम है।", ["कॉफ़ी ताज़ा है। ", "पानी गरम है।"]),
        ("هل القهوة جاهزة؟ نعم.", ["هل القهوة جاهزة؟ ", "نعم."]),
        ("Ask Dr. Blum at 9.30 about no. 4.", ["Ask Dr. Blum at 9.30 about no. 4."]),
        ("Version 1.2.3 is out. See docs.", ["Version 1.2.3 is out. ", "See docs."]),
    ],
)
def test_sentences_in_any_script(text, expected):
    assert sentences(text) == expected


def test_a_cut_off_tail_is_evened_out():
    text = " ".join(f"Sentence {n} ends." for n in range(7))
    sizes = [words(c.text) for c in chunk(document(Block(text)), 18, words)]
    assert sizes == [12, 9]


def test_a_passage_never_spans_pages_so_that_its_citation_is_true():
    chunks = chunk(document(Block("Grind fine.", place="p. 3"), Block("Brew hot.", place="p. 4")), 50, words)
    assert [(c.place, c.text) for c in chunks] == [("p. 3", "Grind fine."), ("p. 4", "Brew hot.")]


def test_sections_are_passages_of_their_own_and_are_named_in_the_header():
    chunks = chunk(
        document(Block("Wash hands.", heading="Hygiene"), Block("Lock up.", heading="Closing")), 50, words, "Safety.md"
    )
    assert [(c.header, c.heading) for c in chunks] == [
        ("Safety.md · Hygiene", "Hygiene"),
        ("Safety.md · Closing", "Closing"),
    ]
    assert with_header(chunks[0].header, chunks[0].text) == "Safety.md · Hygiene\nWash hands."


def test_the_header_takes_at_most_a_third():
    header = "#general · " + ", ".join(f"Person{n}" for n in range(40))
    chunks = chunk(document(Block("word " * 100, heading="Deploys")), 30, words, header)
    assert all(words(c.header) <= 10 for c in chunks)
    assert chunks[0].header.startswith("#general · Person0, Person1")
    assert "… · Deploys" in chunks[0].header


def test_every_passage_of_a_table_repeats_its_header_row():
    rows = "\n".join(f"bean{n} | {n}.50" for n in range(20))
    chunks = chunk(document(Block(f"Bean | Price\n{rows}", BlockKind.TABLE, place="sheet Prices")), 24, words)
    assert len(chunks) == 3
    assert all(c.text.startswith("Bean | Price\n") and c.place == "sheet Prices" for c in chunks)
    assert [line for c in chunks for line in c.text.split("\n")[1:]] == rows.split("\n")


def test_a_table_with_a_million_columns_loses_none():
    columns = " | ".join(f"c{n}" for n in range(100_000))
    chunks = chunk(document(Block(f"{columns}\n1 | 2", BlockKind.TABLE)), 128, words)
    assert letters("".join(c.text for c in chunks)) == letters(columns + "1|2")


def test_code_is_cut_between_lines_and_functions_stay_whole():
    functions = [f"def brew{n}():\n    water = heat({n})\n    return pour(water)" for n in range(4)]
    code = [Block(f, BlockKind.CODE, place=f"line {1 + 4 * n}", heading="Python") for n, f in enumerate(functions)]
    chunks = chunk(document(*code), 16, words)
    assert [c.text for c in chunks] == ["\n\n".join(functions[:2]), "\n\n".join(functions[2:])]
    assert [c.place for c in chunks] == ["line 1", "line 9"]
    long = "\n".join(f"    step_{n}(a, b)" for n in range(30))
    lines = [line for c in chunk(document(Block(long, BlockKind.CODE)), 10, words) for line in c.text.split("\n")]
    assert lines == long.split("\n")


def test_messages_are_packed_by_name_until_somebody_pauses():
    talk = [message("Ana", "Is the drum warm?", 0), message("Ben", "Yes, since six.", 4), message("Ana", "Lunch?", 15)]
    chunks = chunk(document(*talk), 128, words)
    assert [(c.text, c.place, c.authors) for c in chunks] == [
        ("Ana: Is the drum warm?\nBen: Yes, since six.", "0", ("Ana", "Ben")),
        ("Ana: Lunch?", "15", ("Ana",)),
    ]
    assert len(chunk(document(*talk), 128, words, pause_seconds=math.inf)) == 1


def test_a_message_is_cut_only_when_it_alone_is_too_long():
    talk = [
        message("Ana", "One two three four.", 0),
        message("Ben", "Five six seven. Eight nine ten. Eleven twelve now.", 1),
    ]
    chunks = chunk(document(*talk), 8, words)
    assert [c.text for c in chunks] == [
        "Ana: One two three four.",
        "Ben: Five six seven. Eight nine ten.",
        "Ben: Eleven twelve now.",
    ]


def test_a_word_of_a_megabyte_becomes_passages_of_bearable_size():
    chunks = chunk(document(Block("x" * 1_000_000)), 128, words)
    assert sum(len(c.text) for c in chunks) == 1_000_000
    assert max(len(c.text) for c in chunks) <= 128 * 12


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BlockKind.PROSE, "The kettle is set to ninety four degrees. " * 25_000),
        (BlockKind.PROSE, "no stop in sight " * 60_000),
        (BlockKind.CODE, "def f(x):\n    return x + 1\n\n" * 36_000),
    ],
)
def test_a_million_characters_take_seconds_and_few_counts(kind, text):
    counted = 0

    def count(piece: str) -> int:
        nonlocal counted
        counted += len(piece)
        return words(piece)

    began = time.monotonic()
    chunks = chunk(document(Block(text, kind)), 128, count)
    assert time.monotonic() - began < 10
    assert counted < 6 * len(text)
    assert letters("".join(c.text for c in chunks)) == letters(text)


def test_nothing_makes_no_passage():
    assert chunk(document(), 128, words) == []
    assert chunk(document(Block(" \n ")), 128, words) == []


def test_a_text_without_header_stays_as_it_is():
    assert with_header("", "text") == "text"


def test_the_number_of_a_list_item_stays_with_its_item() -> None:
    assert sentences("4. Ring the bell.\n5. Call 112.") == ["4. Ring the bell.\n", "5. Call 112."]
