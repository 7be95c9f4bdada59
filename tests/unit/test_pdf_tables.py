"""Tables of PDFs keep their columns; what only looks like a table keeps its text."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfWriter

from core.knowledge.content import Block, BlockKind
from core.knowledge.extraction import ExtractionLimits, extract
from core.knowledge.readers import pdf_lines
from core.knowledge.readers.parser import parse
from core.knowledge.readers.pdf import MIME, read_pdf
from core.knowledge.readers.pdf_glance import Glance
from tests import pdf_pages

PROSE = "The roaster must be warm before the first batch of the day, because a cold drum scorches the bean. "
ROASTS = [
    ["Coffee", "Charge", "First crack", "Drop"],
    ["Night Ferry", "198 °C", "9:10", "212 °C"],
    ["Plum Lane (filter)", "205 °C", "", "207 °C"],
    ["Quiet Hours", "190 °C", "8:50", "208 °C"],
]
ROASTS_READ = (
    "Coffee | Charge | First crack | Drop\nNight Ferry | 198 °C | 9:10 | 212 °C\n"
    "Plum Lane (filter) | 205 °C |  | 207 °C\nQuiet Hours | 190 °C | 8:50 | 208 °C"
)
CARE = [
    ["Complaint", "Who takes care of it", "How soon"],
    ["About the taste of a coffee of any kind", "Priya Nandakumar, and Ines when she is away", "one working day"],
    ["Delivery", "Tomasz", "the same day, before the van leaves the yard"],
    ["Invoice, payment and deposit of a machine", "Otto", "two weeks"],
]
CARE_READ = "\n".join(" | ".join(row) for row in CARE)
STOCK = [["Lot", "Bean", "Sacks"], *([f"KP-{n:03}", f"Bean number {n}", str(n % 17)] for n in range(90))]


def blocks(path: Path) -> list[Block]:
    """The blocks, which say each word of the file as often as it does."""
    return read_pdf(path.read_bytes(), path.name)


def tables(path: Path) -> list[str]:
    return [block.text for block in blocks(path) if block.kind is BlockKind.TABLE]


def words_of(text: str) -> Counter[str]:
    return Counter(text.replace(" | ", " ").split())


def test_a_table_without_lines_has_its_columns_page_and_heading(tmp_path):
    table = pdf_pages.table(ROASTS, pdf_pages.BOLD_HEADER, pdf_pages.FIGURES_RIGHT)
    path = pdf_pages.flowing(
        tmp_path / "a.pdf", ["# How we roast", PROSE * 2, table, PROSE * 2, "# Resting", PROSE * 2]
    )
    before, roasts, after, resting = blocks(path)
    assert roasts == Block(ROASTS_READ, BlockKind.TABLE, "p. 1", "How we roast")
    assert before.text == after.text == (PROSE * 2).strip()
    assert (after.heading, resting.heading) == ("How we roast", "Resting")


def test_a_line_over_a_table_is_its_heading(tmp_path):
    parts = [PROSE * 2, "<b>Who to call</b>", pdf_pages.table(ROASTS, pdf_pages.BOLD_HEADER)]
    assert blocks(pdf_pages.flowing(tmp_path / "a.pdf", parts))[1].heading == "Who to call"
    only = pdf_pages.flowing(tmp_path / "b.pdf", ["# Roasts of the year", pdf_pages.table(ROASTS)])
    assert blocks(only) == [Block(ROASTS_READ, BlockKind.TABLE, "p. 1", "Roasts of the year")]


def test_a_header_set_like_its_rows_is_known_by_the_figures_below(tmp_path):
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", [PROSE, pdf_pages.table(ROASTS), PROSE])) == [ROASTS_READ]


def test_a_header_is_known_by_a_ruled_grid(tmp_path):
    people = [["What", "Who", "Where"], ["Gas, fire", "Ines Calder", "yard"], ["Pallets", "Tomasz Wren", "dock"]]
    read = ["What | Who | Where\nGas, fire | Ines Calder | yard\nPallets | Tomasz Wren | dock"]
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", [pdf_pages.table(people, pdf_pages.GRID)])) == read
    assert tables(pdf_pages.flowing(tmp_path / "b.pdf", [pdf_pages.table(people)])) == [], "it may be anything"
    two = [row[:2] for row in people]
    below_header = [("LINEBELOW", (0, 0), (-1, 0), 0.5, pdf_pages.colors.grey)]
    read = ["What | Who\nGas, fire | Ines Calder\nPallets | Tomasz Wren"]
    assert tables(pdf_pages.flowing(tmp_path / "c.pdf", [pdf_pages.table(two, below_header)])) == read
    assert tables(pdf_pages.flowing(tmp_path / "d.pdf", [pdf_pages.table(two, pdf_pages.GRID)])) == [], "a form has it"


def test_a_row_with_figures_is_no_header_because_it_is_ruled_off(tmp_path):
    shifts = [["Ines Calder", "7:00", "dock"], ["Otto Brandt", "late", "yard"], ["Priya", "9:00", "shop"]]
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", [pdf_pages.table(shifts, pdf_pages.GRID)])) == []


def test_years_over_figures_are_a_header_beside_an_empty_corner(tmp_path):
    sums = [
        ["", "2024", "2025"],
        ["Revenue", "1,200", "900"],
        ["Cost of goods", "800", "12,000"],
        ["Profit", "400", ""],
    ]
    read = [" | 2024 | 2025\nRevenue | 1,200 | 900\nCost of goods | 800 | 12,000\nProfit | 400 | "]
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", [pdf_pages.table(sums, pdf_pages.FIGURES_RIGHT)])) == read


@pytest.mark.parametrize("middle", [False, True])
@pytest.mark.parametrize("lines", [[], pdf_pages.GRID])
def test_wrapped_cells_are_whole(tmp_path, lines, middle):
    table = pdf_pages.wrapping(CARE, [110, 130, 110], lines, middle=middle)
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", [PROSE, table, PROSE])) == [CARE_READ]


def test_wrapped_names_of_columns_are_whole(tmp_path):
    cells = [["Name of the coffee", "Charge of the drum", "Time of first crack", "Drop"], *ROASTS[1:]]
    table = pdf_pages.wrapping(cells, [70, 70, 80, 60])
    (read,) = tables(pdf_pages.flowing(tmp_path / "a.pdf", [PROSE, table]))
    assert read.split("\n")[0] == "Name of the coffee | Charge of the drum | Time of first crack | Drop"
    assert read.split("\n")[2] == "Plum Lane (filter) | 205 °C |  | 207 °C"


def test_cells_at_tab_stops_right_under_a_paragraph(tmp_path):
    stops = [60, 180, 260, 340]
    rows = [(stop, 112 + 12 * at, cell) for at, row in enumerate(ROASTS) for stop, cell in zip(stops, row, strict=True)]
    path = pdf_pages.placed(tmp_path / "a.pdf", [[(60, 100, "These are the ones that matter."), *rows]])
    assert [block.text for block in blocks(path)] == ["These are the ones that matter.", ROASTS_READ]


def test_rows_that_are_one_string_with_jumps(tmp_path):
    cells = [[cell.replace("°", "deg") or " " for cell in row] for row in ROASTS]
    path = pdf_pages.kerned(tmp_path / "a.pdf", cells, [60, 180, 260, 340])
    assert tables(path) == [ROASTS_READ.replace("°", "deg")]


def test_a_line_break_of_a_cell_that_the_next_row_has_not_to_do_with(tmp_path):
    """Lines as close as rows: words that had room above are a row of their own, others go on."""
    first = [(60, 100, "*Day"), (160, 100, "*Shifts")]
    monday = [(60, 112, "Monday"), (160, 112, "early, from seven to noon, and"), (160, 124, "late, until six")]
    rest = [
        (60, 136, "Tuesday"),
        (160, 136, "early"),
        (60, 148, "Sunday"),
        (160, 148, "none"),
        (160, 160, "(but fairs)"),
    ]
    (read,) = tables(pdf_pages.placed(tmp_path / "a.pdf", [[*first, *monday, *rest]]))
    assert read.split("\n") == [
        "Day | Shifts",
        "Monday | early, from seven to noon, and late, until six",
        "Tuesday | early",
        "Sunday | none",
        " | (but fairs)",
    ]


def test_a_word_that_all_columns_have_is_no_typewriter_s(tmp_path):
    cells = [[f"Column {each}" for each in "ABCD"], *([f"v{row}{at} x" for at in range(4)] for row in range(4))]
    table = pdf_pages.wrapping(cells, [50, 50, 50, 50], pdf_pages.GRID)
    (read,) = tables(pdf_pages.flowing(tmp_path / "a.pdf", [table]))
    assert read.startswith("Column A | Column B | Column C | Column D\nv00 x | v01 x | v02 x | v03 x\n")


def test_two_tables_on_a_page_have_columns_of_their_own(tmp_path):
    discounts = [["Kilos a week", "Discount"], ["6 to 11", "0 %"], ["12 to 29", "4 %"], ["30 to 59", "7 %"]]
    parts = [pdf_pages.table(ROASTS), "Table 2: Discounts", pdf_pages.table(discounts), PROSE]
    read = [ROASTS_READ, "Kilos a week | Discount\n6 to 11 | 0 %\n12 to 29 | 4 %\n30 to 59 | 7 %"]
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", parts)) == read


@pytest.mark.parametrize("repeat_header", [True, False])
def test_a_table_over_pages_has_its_header_on_each(tmp_path, repeat_header):
    table = pdf_pages.table(STOCK, pdf_pages.GRID, repeat_header=repeat_header)
    path = pdf_pages.flowing(tmp_path / "a.pdf", ["# Stock", PROSE, table, PROSE * 2], "Blue Kettle")
    parts = [block for block in blocks(path) if block.kind is BlockKind.TABLE]
    assert [part.place for part in parts] == ["p. 1", "p. 2", "p. 3"]
    assert {part.text.split("\n")[0] for part in parts} == {"Lot | Bean | Sacks"}
    assert {part.heading for part in parts} == {"Stock"}
    rows = [row for part in parts for row in part.text.split("\n")[1:]]
    assert rows == [" | ".join(row) for row in STOCK[1:]]


def test_the_one_row_on_the_last_page_has_the_header_too(tmp_path):
    pages = [[(60, 60 + 12 * at, cells[0]), (200, 60 + 12 * at, cells[2])] for at, cells in enumerate(STOCK[:60])]
    first = [text for row in pages for text in row]
    path = pdf_pages.placed(tmp_path / "a.pdf", [first, [(60, 60, "KP-099"), (200, 60, "4")]])
    assert tables(path)[1:] == ["Lot | Sacks\nKP-099 | 4"]


def test_rows_under_lines_such_as_islands_have_the_header_too(tmp_path):
    cafes = [["Town", "Cafes", "Kilos"], ["Ferro", "4", "120"], ["Lund", "5", "80"], ["All the towns of the mainland"]]
    cells = [*cafes, ["Port", "44", "1,120"], ["Hill", "15", "280"]]
    padded = [[*row, "", ""][:3] for row in cells]
    span = [("SPAN", (0, 3), (-1, 3))]
    path = pdf_pages.flowing(tmp_path / "a.pdf", [pdf_pages.table(padded, pdf_pages.BOLD_HEADER, span)])
    head = "Town | Cafes | Kilos"
    assert tables(path) == [f"{head}\nFerro | 4 | 120\nLund | 5 | 80", f"{head}\nPort | 44 | 1,120\nHill | 15 | 280"]
    assert "All the towns of the mainland" in " ".join(f"{block.heading} {block.text}" for block in blocks(path))


def test_a_row_of_sums_is_not_the_rest_of_the_row_above(tmp_path):
    cells = [
        ["Item", "Price", "Sum"],
        ["Night Ferry", "19.50", "39.00"],
        ["Plum", "21.00", "21.00"],
        ["", "Total", "60.00"],
    ]
    table = pdf_pages.table(cells, pdf_pages.FIGURES_RIGHT)
    read = ["Item | Price | Sum\nNight Ferry | 19.50 | 39.00\nPlum | 21.00 | 21.00\n | Total | 60.00"]
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", [table, PROSE])) == read


def test_groups_of_rows_under_names_of_their_own(tmp_path):
    cells = [["Town", "Cafes", "Kilos"], ["Islands"], ["Ferro", "4", "120"], ["Lund", "5", "80"], ["Mainland"]]
    padded = [[*row, "", ""][:3] for row in [*cells, ["Port", "44", "1,120"], ["Hill", "15", "280"]]]
    path = pdf_pages.flowing(tmp_path / "a.pdf", [pdf_pages.table(padded, pdf_pages.BOLD_HEADER)])
    assert tables(path) == ["\n".join(" | ".join(row) for row in padded)]


def test_a_heading_between_two_tables_is_not_a_row(tmp_path):
    hours = [["Day", "From", "To"], ["Monday", "7:00", "16:30"], ["Friday", "8:00", "15:30"]]
    table = pdf_pages.table(hours, pdf_pages.BOLD_HEADER)
    path = pdf_pages.flowing(tmp_path / "a.pdf", ["<b>Summer</b>", table, "<b>Winter</b>", table, PROSE * 2])
    read = "\n".join(" | ".join(row) for row in hours)
    assert [(block.heading, block.text) for block in blocks(path)[:2]] == [("Summer", read), ("Winter", read)]


def test_a_page_that_is_shown_on_its_side(tmp_path):
    upright = pdf_pages.flowing(tmp_path / "a.pdf", [PROSE, pdf_pages.table(ROASTS)])
    for degrees in (90, 270):
        writer = PdfWriter(clone_from=upright)
        writer.pages[0].rotate(-degrees).transfer_rotation_to_content()
        writer.pages[0].rotate(degrees)
        turned = tmp_path / f"{degrees}.pdf"
        writer.write(turned)
        assert tables(turned) == [ROASTS_READ], degrees


def test_columns_in_other_scripts(tmp_path):
    greek = [["Καφές", "Ώρα"], ["Πλαμ", "8:30"], ["Νύχτα", "9:10"], ["Ησυχία", "8:50"]]
    read = ["Καφές | Ώρα\nΠλαμ | 8:30\nΝύχτα | 9:10\nΗσυχία | 8:50"]
    assert tables(pdf_pages.in_any_script(tmp_path / "a.pdf", greek, [60, 200])) == read


def test_rows_as_long_as_the_lines_of_a_paragraph(tmp_path):
    cells = [["Complaint that somebody has", "Who takes care of it", "How soon it is done at the latest"]]
    cells += [
        [f"About {each} of any kind and size", "Priya Nandakumar or Ines", "one working day"] for each in "abcdef"
    ]
    table = pdf_pages.table(cells, pdf_pages.BOLD_HEADER)
    assert tables(pdf_pages.flowing(tmp_path / "a.pdf", [table])) == ["\n".join(" | ".join(row) for row in cells)]


# What only looks like a table


def newspaper(path: Path) -> Path:
    return pdf_pages.in_columns(path, [PROSE * 5] * 6)


def three_columns(path: Path) -> Path:
    return pdf_pages.in_columns(path, ["Short notes stand here. Mabel was 36 on May 4.", PROSE] * 12, columns=3)


def newspaper_line_by_line(path: Path) -> Path:
    lines = PROSE.split(", ") * 9
    page = [(60.0 + 240 * (at % 2), 100.0 + 12 * (at // 2), line) for at, line in enumerate(lines)]
    return pdf_pages.placed(path, [page])


def justified_prose(path: Path) -> Path:
    words = "Characteristically extraordinary internationalisation overwhelmed disproportionate expectations. "
    return pdf_pages.in_columns(path, [words * 9, PROSE * 3, words * 9], columns=3)


def in_lines(path: Path, lines: list[list[tuple[int, str]]]) -> Path:
    """A page of lines, each of texts and how far from the left they stand."""
    page = [(left, 100 + 14 * at, text) for at, line in enumerate(lines) for left, text in line]
    return pdf_pages.placed(path, [page])


def bulleted_list(path: Path) -> Path:
    items = ["11 g of coffee", "180 ml of water", "Four minutes", "Scores on paper", "7 points at least"]
    return in_lines(path, [[(60, "•"), (90, item)] for item in items])


def numbered_list(path: Path) -> Path:
    items = ["*Step", "Gas off", "Damper shut", "Drum turning", "Door shut"]
    return in_lines(path, [[(60, f"{at}."), (90, item)] for at, item in enumerate(items)])


def contents_with_leaders(path: Path) -> Path:
    titles = ["Who we are", "Working hours", "Money and coffee", "How we roast", "Orders"]
    lines = [[(60, title), (200, "." * 60), (400, str(at * 7 + 1))] for at, title in enumerate(titles)]
    return in_lines(path, lines)


def contents_without_leaders(path: Path) -> Path:
    titles = ["1 Who we are", "2 Working hours", "3 Money and coffee", "4 How we roast", "5 Orders"]
    return in_lines(path, [[(60, title), (400, str(at * 7 + 1))] for at, title in enumerate(titles)])


def code(path: Path) -> Path:
    lines = [
        "name         kind    size",
        "port         int     8080",
        "roast_level  int     3",
        "timeout      float   30",
    ]
    return pdf_pages.placed(path, [[(60, 100 + 12 * at, line) for at, line in enumerate(lines)]], font="Courier")


def form(path: Path) -> Path:
    fields = [("Invoice number", "2026-114"), ("Date", "3 March 2026"), ("Customer", "The Lighthouse Café")]
    page = [
        text
        for at, (name, value) in enumerate(fields)
        for text in ((60, 100 + 14 * at, name), (200, 100 + 14 * at, value))
    ]
    return pdf_pages.placed(path, [page])


def from_right_to_left(path: Path) -> Path:
    rows = [["סגירה", "פתיחה", "יום"], ["16:30", "7:00", "ראשון"], ["15:30", "8:00", "שני"], ["17:30", "9:00", "שלישי"]]
    return pdf_pages.in_any_script(path, rows, [60, 160, 260])


LOOKALIKES = [
    newspaper,
    three_columns,
    newspaper_line_by_line,
    justified_prose,
    bulleted_list,
    numbered_list,
    contents_with_leaders,
    contents_without_leaders,
    code,
    form,
    from_right_to_left,
]


@pytest.mark.parametrize("write", LOOKALIKES)
def test_what_only_looks_like_a_table_is_left_as_it_stands(tmp_path, write):
    path = write(tmp_path / "a.pdf")
    pages = [page["content"] for page in parse(path.read_bytes(), path.name, MIME).pages]
    assert pdf_lines.lines_with_tables(path.read_bytes(), pages) == [pdf_lines.lines_of_text(page) for page in pages]
    assert all(block.kind is BlockKind.PROSE for block in blocks(path))


# Nothing is lost, doubled or too much


def test_all_words_are_there_once(tmp_path):
    care = pdf_pages.wrapping(CARE, [110, 130, 110], pdf_pages.GRID)
    roasts = pdf_pages.table(ROASTS, pdf_pages.FIGURES_RIGHT)
    parts = ["# Handbook", PROSE * 3, care, "<b>Roasts</b>", roasts, PROSE, pdf_pages.table(STOCK[:9]), PROSE]
    path = pdf_pages.flowing(tmp_path / "a.pdf", parts)
    read = blocks(path)
    headings = [block.heading for block in read]
    said = " ".join([*(block.text for block in read), headings[0], *(b for a, b in pairwise(headings) if a != b)])
    assert words_of(said) == words_of(parse(path.read_bytes(), path.name, MIME).content)
    assert len(tables(path)) == 3


def test_a_page_whose_text_is_told_otherwise_keeps_it(tmp_path):
    data = pdf_pages.flowing(tmp_path / "a.pdf", [pdf_pages.table(ROASTS)]).read_bytes()
    other = "Coffee Charge\nand what a scan said"
    assert pdf_lines.lines_with_tables(data, [other]) == [pdf_lines.lines_of_text(other)]


def test_pages_of_paragraphs_are_not_read_a_second_time(tmp_path):
    parts = [part for n in range(4) for part in (f"# Chapter {n}", *[f"Batch {n} is special. {PROSE * 4}"] * 9)]
    path = pdf_pages.flowing(tmp_path / "a.pdf", [*parts, pdf_pages.table(ROASTS)], "Blue Kettle")
    pages = [page["content"] for page in parse(path.read_bytes(), path.name, MIME).pages]
    assert len(pages) > 3
    glance = Glance(pages)
    assert [glance.may_hold_table(page) for page in pages] == [False] * (len(pages) - 1) + [True]
    assert not Glance(["", ""]).may_hold_table("")


def test_what_took_long_to_read_is_not_searched_for_tables(tmp_path, monkeypatch):
    path = pdf_pages.flowing(tmp_path / "a.pdf", [pdf_pages.table(ROASTS)])
    monkeypatch.setattr(pdf_lines, "_cpu_seconds", lambda: 0.0)
    (text,) = blocks(path)
    assert text.kind is BlockKind.PROSE
    assert words_of(text.text) == words_of(" ".join(cell for row in ROASTS for cell in row))


def test_a_page_of_tiny_texts_stays_within_limits(tmp_path):
    path = pdf_pages.crowded(tmp_path / "a.pdf", 60_000)
    limits = ExtractionLimits(seconds=60, memory_mb=1024, characters=1_000_000, file_mb=20)
    (text,) = extract(path, path.name, "", limits).blocks
    assert text.text.count("x") == 60_000
