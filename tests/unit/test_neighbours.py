"""How far a passage is read with its neighbours, and which texts a document's passages are found by."""

from core.knowledge.content import Block, BlockKind, Content
from core.knowledge.neighbours import CONTEXT_CHARACTERS, as_one_stretch, widened
from core.knowledge.prepared import Cut, PreparedDocument
from core.records.documents import Document, DocumentKind

HOUSE = Document(id="d", workspace_id="T1", kind=DocumentKind.DAY, key="k", channel_id="C1", audience="public")


def test_the_nearest_neighbours_that_fit_are_read_in_order() -> None:
    assert widened(3, dict.fromkeys(range(10), 100)) == [1, 2, 3, 4, 5]
    assert widened(0, dict.fromkeys(range(10), 100)) == [0, 1, 2]
    assert widened(3, dict.fromkeys(range(10), CONTEXT_CHARACTERS // 3)) == [2, 3, 4]
    assert widened(3, {3: CONTEXT_CHARACTERS * 2, 4: 1}) == [3]


def test_nothing_is_skipped() -> None:
    assert widened(2, {0: 10, 1: CONTEXT_CHARACTERS, 2: 10, 3: 10}) == [2, 3]
    assert widened(2, {0: 10, 2: 10, 3: 10}) == [2, 3]


def cuts(*messages: tuple[float, str], pause_s: float = 600) -> list[Cut]:
    blocks = tuple(Block(text, BlockKind.MESSAGE, place=f"{at}", said_at=at) for at, text in messages)
    written = PreparedDocument(Content("t", blocks), "#general", lambda chunk: chunk.place, pause_s=pause_s)
    return written.cuts(HOUSE, limit=8, count_tokens=lambda text: len(text.split()), edition=0)


def test_a_passage_is_found_by_its_stretch_of_talk_and_no_other() -> None:
    first, second, later = cuts(
        (0, "one two three four five six"), (60, "seven eight nine ten eleven twelve"), (7200, "quite another matter")
    )
    assert first.around == (second.passage.text,)
    assert second.around == (first.passage.text,)
    assert later.around == ()


def test_a_passage_is_another_when_what_stands_beside_it_changes() -> None:
    before = cuts((0, "one two three four five six"), (60, "seven eight nine ten eleven twelve"), (7200, "far away"))
    after = cuts((0, "one two three four five six"), (60, "seven eight nine ten eleven CHANGED"), (7200, "far away"))
    same = [one.passage.id == other.passage.id for one, other in zip(before, after, strict=True)]
    assert same == [False, False, True], "or the store would keep finding the first by the words that were taken back"
    assert before[0].passage.text == after[0].passage.text


def test_the_same_passage_said_twice_is_two() -> None:
    ids = [cut.passage.id for cut in cuts((0, "far away"), (7200, "far away"))]
    assert len(set(ids)) == 2


def test_what_runs_over_several_sections_is_read_under_their_headers() -> None:
    read = [("Plan · Goal", "42 tonnes"), ("Plan · Goal", "No customer above 12 %"), ("Plan · Dates", "April: prices")]
    assert as_one_stretch(read).splitlines() == [
        "### Plan · Goal",
        "42 tonnes",
        "No customer above 12 %",
        "### Plan · Dates",
        "April: prices",
    ]
    assert as_one_stretch(read[:2]) == "42 tonnes\nNo customer above 12 %"
