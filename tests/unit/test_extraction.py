"""Every kind of file becomes text that knows where it stands, or one plain sentence that says why not."""

import json
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from core.errors import (
    DamagedFile,
    EmptyFile,
    FileTooLarge,
    LockedFile,
    NoTextInFile,
    UnreadableFile,
    UnsupportedFile,
)
from core.knowledge.content import Block, BlockKind, Content
from core.knowledge.extraction import ExtractionLimits, extract
from tests import documents

LIMITS = ExtractionLimits(seconds=30, memory_mb=1024, characters=200_000, file_mb=5)
with_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="tesseract is not installed: pictures and scans stay untested"
)
PROSE_60 = "The roaster must be warm before the first batch of the day, because a cold drum scorches the bean. " * 3


def read(path: Path, name: str = "", mimetype: str = "", limits: ExtractionLimits = LIMITS) -> Content:
    return extract(path, name or path.name, mimetype, limits)


def read_bytes(folder: Path, name: str, data: bytes | str, **more) -> Content:
    path = folder / "download"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read(path, name, **more)


def refused(kind: type[UnreadableFile], path: Path, name: str = "", **more) -> str:
    with pytest.raises(UnreadableFile) as error:
        read(path, name, **more)
    assert type(error.value) is kind, error.value.sentence
    sentence = error.value.sentence
    assert sentence.startswith(name or path.name)
    assert sentence.endswith(".")
    return sentence


def everything(content: Content) -> str:
    return "\n".join(block.text for block in content.blocks)


# What people share


def test_pdf_is_read_by_page_with_its_headings(tmp_path):
    pages = [f"# Chapter {n}\n\nBatch {n} is special. {PROSE_60}\n\nRinse the {n} filters." for n in (1, 2, 3)]
    content = read(documents.pdf(tmp_path / "Handbook.pdf", pages, running_header="Blue Kettle Handbook"))
    assert content.title == "Handbook.pdf"
    special = next(b for b in content.blocks if "Batch 2" in b.text)
    assert (special.place, special.heading, special.kind) == ("p. 2", "Chapter 2", BlockKind.PROSE)
    assert special.text == f"Batch 2 is special. {PROSE_60}".strip(), "wrapped lines are one paragraph again"
    assert "Rinse the 3 filters." in [b.text for b in content.blocks if b.place == "p. 3"]
    assert everything(content).count("Blue Kettle Handbook") == 1, "running headers are not repeated"


def test_pdf_headings_are_told_from_rows_of_a_table(tmp_path):
    page = f"Opening hours\n\n{PROSE_60}\n\nDay From To\n\nMonday 7:00 16:30\n\n{PROSE_60}\n\nParcels\n\n{PROSE_60}"
    blocks = read(documents.pdf(tmp_path / "a.pdf", [page])).blocks
    assert [b.heading for b in blocks] == ["Opening hours", "Opening hours", "Parcels"]
    assert blocks[1].text.startswith("Day From To\nMonday 7:00 16:30\n")


def test_pdf_with_a_line_or_two_a_page_loses_none(tmp_path):
    content = read(documents.pdf(tmp_path / "cards.pdf", [f"Card number {n}" for n in range(1, 6)]))
    assert [(b.place, b.text) for b in content.blocks] == [(f"p. {n}", f"Card number {n}") for n in range(1, 6)]


def test_docx_has_headings_lists_and_tables(tmp_path):
    path = documents.docx(
        tmp_path / "Onboarding.docx",
        {"First day": ["Ring the bell & wait.", "Ask for Ana."], "R&D": []},
        table=[["Tool", "Shelf"], ["Scale <new>", "3"]],
    )
    assert read(path).blocks == (
        Block("Ring the bell & wait.", heading="First day"),
        Block("Ask for Ana.", heading="First day"),
        Block("Tool | Shelf\nScale <new> | 3", BlockKind.TABLE, heading="R&D"),
    )


def test_docx_as_it_stands_with_all_changes_accepted(tmp_path):
    body = (
        "<w:p><w:r><w:t>Kept </w:t></w:r><w:del><w:r><w:t>deleted</w:t></w:r></w:del><w:ins><w:r><w:t>inserted"
        "</w:t></w:r></w:ins><w:r><w:br/><w:t>below</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>one</w:t></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:pPr><w:numPr/></w:pPr><w:hyperlink><w:r><w:t>two</w:t></w:r></w:hyperlink></w:p>"
        "</w:sdtContent></w:sdt><w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r></w:p>"
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    note = "<w:p><w:r><w:t>See p. 3</w:t></w:r></w:p>"
    members = {
        "[Content_Types].xml": "",
        "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
        "word/footnotes.xml": f"<w:footnotes {space}><w:footnote>{note}</w:footnote></w:footnotes>",
    }
    assert read(documents.zipped(tmp_path / "a.docx", members)).blocks == (
        Block("Kept inserted\nbelow"),
        Block("- one\n- two"),
        Block("In a box"),
        Block("See p. 3", heading="Notes"),
    )


def test_pptx_has_slides_titles_tables_and_notes(tmp_path):
    slides = [("Our year", "Sales doubled\nRent did not"), ("Plans", "A second drum")]
    table = [["Month", "Sacks"], ["May", "40"]]
    content = read(documents.pptx(tmp_path / "Review.pptx", slides, notes="Mention the loan.", table=table))
    assert content.blocks == (
        Block("Sales doubled\nRent did not", place="slide 1", heading="Our year"),
        Block("A second drum", place="slide 2", heading="Plans"),
        Block("Month | Sacks\nMay | 40", BlockKind.TABLE, "slide 2", "Plans"),
        Block("Notes: Mention the loan.", place="slide 2", heading="Plans"),
    )


def test_xlsx_has_sheets_row_by_row(tmp_path):
    import datetime

    sheets = {
        "Prices": [["Bean", "Price", "Since"], ["Santos", 11.5, datetime.date(2026, 3, 1)]],
        "Empty": [],
        "Stock": [["Bean", "kg"], ["Santos", 60]],
    }
    assert read(documents.xlsx(tmp_path / "Prices.xlsx", sheets)).blocks == (
        Block("Bean | Price | Since\nSantos | 11.5 | 2026-03-01", BlockKind.TABLE, "sheet Prices"),
        Block("Bean | kg\nSantos | 60", BlockKind.TABLE, "sheet Stock"),
    )


def test_mail_has_its_head_its_text_and_the_names_of_attachments(tmp_path):
    path = documents.eml(tmp_path / "a.eml", "Grinder é", "Ana <ana@example.org>", "It is fixed.", ["invoice.pdf"])
    head, body = read(path).blocks
    assert head.text.split("\n") == [
        "Subject: Grinder é",
        "From: Ana <ana@example.org>",
        "To: team@example.org",
        "Date: Mon, 02 Mar 2026 10:00:00 +0000",
        "Attachments: invoice.pdf",
    ]
    assert body == Block("It is fixed.", heading="Grinder é")
    web = documents.eml(tmp_path / "b.eml", "Hi", "a@example.org", "", html="<p>Bold <b>news</b></p><style>x</style>")
    assert read(web).blocks[1].text == "Bold news"


def test_open_formats(tmp_path):
    expected = (Block("Grind it fine.", heading="Espresso"),)
    assert read(documents.odt(tmp_path / "a.odt", "Espresso", "Grind it fine.")).blocks == expected
    assert read(documents.epub(tmp_path / "a.epub", "Espresso", "Grind it fine.")).blocks == expected
    assert everything(read_bytes(tmp_path, "a.rtf", rb"{\rtf1\ansi Caf\'e9 \b noir\b0 .\par}")) == "Café noir."


def test_html_is_read_without_its_machinery(tmp_path):
    page = (
        "<!doctype html><html><head><title>Beans</title><script>var hidden = 1</script></head><body><h1>Beans</h1>"
        "<p>Store them <b>dry</b>.<br>And dark&nbsp;&amp; cool.</p><h2>Shelf</h2><ul><li>Tins<li><p>Bags</p></li></ul>"
        "<div>Loose <span>words</span></div>at the end<style>x</style><dl><dt>Santos</dt><dd>Brazil</dd></dl>"
        "<table><tr><th>Bean<th>Days<th>Lot</tr><tr><td>Santos</td><td></td><td><div>7</div></td></tr></table>"
        "<pre>a = 1\n  b</pre><img alt='A full tin'>"
    )
    assert read_bytes(tmp_path, "beans.html", page).blocks == (
        Block("Store them dry.\nAnd dark & cool.", heading="Beans"),
        Block("- Tins\n- Bags", heading="Beans › Shelf"),
        Block("Loose words", heading="Beans › Shelf"),
        Block("at the end", heading="Beans › Shelf"),
        Block("- Santos\n- Brazil", heading="Beans › Shelf"),
        Block("Bean | Days | Lot\nSantos |  | 7", BlockKind.TABLE, heading="Beans › Shelf"),
        Block("a = 1\n  b", BlockKind.CODE, heading="Beans › Shelf"),
        Block("A full tin", heading="Beans › Shelf"),
    )


def test_markdown_has_headings_tables_and_code(tmp_path):
    text = (
        "---\nowner: Ana\n---\nIntro\n\nSafety\n======\n\n## Burns ##\nCold water,\nten minutes.\n\n"
        "| Burn | Water |\n|---|:--|\n| small | 10 min |\n\n```sh\n# not a heading\nmake alarm\n```\n# Alone\n"
    )
    assert read_bytes(tmp_path, "safety.md", text).blocks == (
        Block("owner: Ana"),
        Block("Intro"),
        Block("Cold water,\nten minutes.", heading="Safety › Burns"),
        Block("Burn | Water\nsmall | 10 min", BlockKind.TABLE, heading="Safety › Burns"),
        Block("# not a heading\nmake alarm", BlockKind.CODE, heading="Safety › Burns"),
        Block("Alone"),
    )


def test_csv_is_a_table_whatever_parts_its_cells(tmp_path):
    expected = (Block("Bean | Price\nSantos, washed | 11,50", BlockKind.TABLE),)
    assert read_bytes(tmp_path, "a.csv", 'Bean,Price\n"Santos, washed","11,50"\n').blocks == expected
    assert read_bytes(tmp_path, "a.csv", "Bean;Price\nSantos, washed;11,50\n\n").blocks == expected
    assert read_bytes(tmp_path, "a.tsv", "Bean\tPrice\nSantos, washed\t11,50").blocks == expected
    assert read_bytes(tmp_path, "export", "Bean\tPrice\n", mimetype="text/csv").blocks[0].text == "Bean | Price"


def test_each_row_has_the_cells_of_the_header(tmp_path):
    blocks = read_bytes(
        tmp_path, "a.csv", "Bean,Price,Note,\nSantos,11,,\n,,,\nYirga,12,new\nSum,,,,23\n,,soon\n"
    ).blocks
    assert blocks[0].text == "Bean | Price | Note\nSantos | 11 | \nYirga | 12 | new\nSum |  |  |  | 23\n |  | soon"


def test_a_long_csv_says_which_rows(tmp_path):
    blocks = read_bytes(tmp_path, "a.csv", "n,double\n" + "".join(f"{n},{2 * n}\n" for n in range(450))).blocks
    assert [b.place for b in blocks] == ["row 2", "row 202", "row 402"]
    assert all(b.text.startswith("n | double\n") for b in blocks)


def test_json_is_read_value_by_value_with_the_way_to_each(tmp_path):
    shop = {
        "name": "Blue Kettle",
        "open": {"monday": "9–17", "sunday": None},
        "staff": [{"name": "Ana"}, {"name": "Ben"}],
    }
    assert everything(read_bytes(tmp_path, "shop.json", json.dumps(shop))) == (
        "name: Blue Kettle\nopen.monday: 9–17\nstaff.name: Ana\nstaff.name: Ben"
    )
    lines = '{"bean": "Santos", "ok": true}\n{"bean": "Yirga", "kg": 2.5}\n'
    assert read_bytes(tmp_path, "beans.jsonl", lines).blocks == (
        Block("bean: Santos\nok: true", BlockKind.CODE, "item 1"),
        Block("bean: Yirga\nkg: 2.5", BlockKind.CODE, "item 2"),
    )
    assert everything(read_bytes(tmp_path, "half.json", '{"bean": "San')) == '{"bean": "San'


def test_source_code_knows_its_language_and_its_lines(tmp_path):
    code = "import os\n\n\ndef brew(\n    kg,\n):\n\n    return kg\n\n\nclass Drum:\n    heat = 1\n"
    assert read_bytes(tmp_path, "brew.py", code).blocks == (
        Block("import os", BlockKind.CODE, "line 1", "Python"),
        Block("def brew(\n    kg,\n):\n\n    return kg", BlockKind.CODE, "line 4", "Python"),
        Block("class Drum:\n    heat = 1", BlockKind.CODE, "line 11", "Python"),
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Crème brûlée – 94 °C, ελληνικός, 咖啡"),
        ("utf-8-sig", "Crème brûlée"),
        ("utf-16", "Crème brûlée 咖啡"),
        ("utf-16-le", "Plain enough, without a mark"),
        ("utf-16-be", "Plain enough, without a mark"),
        ("latin-1", "Caf\xe9"),
        ("cp1252", "Crème brûlée – “well done” for 5 €"),
        ("cp1251", "Кофе обжаривают при двухстах градусах, пока не треснет зерно. Потом его остужают."),
        ("shift_jis", "コーヒー豆は新鮮なうちに挽いてください。お湯の温度は九十四度です。"),
        ("gb18030", "咖啡豆需要在九十四度的水中冲泡，每天早上先预热机器四十分钟。"),
    ],
)
def test_text_in_any_encoding(tmp_path, encoding, text):
    assert everything(read_bytes(tmp_path, "note.txt", text.encode(encoding))) == text


def test_text_is_parted_at_blank_lines_and_freed_of_controls(tmp_path):
    blocks = read_bytes(tmp_path, "a.txt", "One\r\ntwo\x00.\r\n\r\n \r\nThree\x07 \ufffe\n").blocks
    assert [b.text for b in blocks] == ["One\ntwo.", "Three \ufffe"]


# What is not what its name says


def test_the_bytes_decide_not_the_name(tmp_path):
    pdf = documents.pdf(tmp_path / "notes.txt", ["A PDF all the same."])
    assert read(pdf, mimetype="text/plain").blocks == (Block("A PDF all the same.", place="p. 1"),)
    sheet = documents.xlsx(tmp_path / "a.xlsx", {"S": [["x"]]}).rename(tmp_path / "a.docx")
    assert read(sheet).blocks[0].place == "sheet S"
    assert read_bytes(tmp_path, "words.docx", "Just words.").blocks[0].text == "Just words."


def test_a_name_that_promises_a_document_over_something_else(tmp_path):
    sentence = refused(DamagedFile, documents.picture(tmp_path / "a.png").rename(tmp_path / "report.pdf"))
    assert "a PDF" in sentence
    assert "a picture" in sentence
    login = tmp_path / "page"
    login.write_text("\n<!DOCTYPE html><html><title>Sign in</title><form>Password</form></html>")
    assert "login page" in refused(DamagedFile, login, "plan.xlsx")
    error = tmp_path / "error"
    error.write_text("<Error><Code>AccessDenied</Code></Error>")
    refused(DamagedFile, error, "plan.pdf")


# What cannot be read


NOTHING = [
    ("a.pdf", b""),
    ("a.txt", b" \n\t\x00 "),
    ("a.md", b"\xef\xbb\xbf\n"),
    ("a.csv", b",,\n,,"),
    ("a.json", b'{"a": null}'),
]


@pytest.mark.parametrize(("name", "data"), NOTHING)
def test_empty(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    refused(EmptyFile, path)


def test_empty_office_files(tmp_path):
    refused(EmptyFile, documents.docx(tmp_path / "a.docx", {}))
    refused(EmptyFile, documents.xlsx(tmp_path / "a.xlsx", {"Prices": []}))
    refused(EmptyFile, documents.pptx(tmp_path / "a.pptx", [("", "")]))


@pytest.mark.parametrize("keep", [0.3, 0.9])
@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx", "pptx", "epub"])
def test_cut_off(tmp_path, kind, keep):
    path = tmp_path / f"a.{kind}"
    match kind:
        case "pdf":
            documents.pdf(path, ["Some text"])
        case "docx":
            documents.docx(path, {"Heading": ["Text"]})
        case "xlsx":
            documents.xlsx(path, {"S": [["a"]]})
        case "pptx":
            documents.pptx(path, [("Title", "Text")])
        case "epub":
            documents.epub(path, "Heading", "Text")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    refused(DamagedFile, path)


def test_scrambled_inside(tmp_path):
    for kind in ("docx", "xlsx", "pptx"):
        members = {"[Content_Types].xml": "?", "word/x": "", "xl/x": "", "ppt/x": ""}
        refused(DamagedFile, documents.zipped(tmp_path / f"a.{kind}", members))


def test_locked(tmp_path):
    assert "password" in refused(LockedFile, documents.locked_pdf(tmp_path / "a.pdf"))
    ole = tmp_path / "plan.docx"
    ole.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le"))
    refused(LockedFile, ole)
    locked = documents.zipped(tmp_path / "a.zip", {"secret.txt": "x"})
    data = bytearray(locked.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(data)
    refused(LockedFile, locked)


def test_scan_without_tesseract(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "tesseract" in refused(NoTextInFile, documents.scanned_pdf(tmp_path / "scan.pdf"))


@with_tesseract
def test_scan_with_tesseract(tmp_path):
    content = read(documents.scanned_pdf(tmp_path / "scan.pdf", "Only a picture of words"))
    assert content.blocks == (Block("Only a picture of words", place="p. 1"),)


PICTURES = ("a.png", "a.jpg", "a.gif", "a.webp", "a.tiff", "a.bmp")


def test_pictures_without_tesseract(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in PICTURES:
        sentence = refused(UnsupportedFile, documents.picture(tmp_path / name))
        assert "a picture" in sentence
        assert "install tesseract" in sentence


@with_tesseract
@pytest.mark.parametrize("name", PICTURES)
def test_the_words_of_a_screenshot(tmp_path, name):
    assert read(documents.screenshot(tmp_path / name, ["Retry limit is 25"])).blocks == (Block("Retry limit is 25"),)


@with_tesseract
def test_light_words_on_a_dark_ground(tmp_path):
    shot = documents.screenshot(tmp_path / "terminal.png", ["Retry limit is 25"], ink="#d1d2d3", ground="#1a1d21")
    assert read(shot).blocks == (Block("Retry limit is 25"),)


@with_tesseract
def test_words_on_nothing(tmp_path):
    path = documents.screenshot(tmp_path / "logo.png", ["Retry limit is 25"])
    letters = Image.open(path).convert("L").point(lambda brightness: 255 - brightness)
    Image.merge("LA", (Image.new("L", letters.size), letters)).save(path)
    assert read(path).blocks == (Block("Retry limit is 25"),)


@with_tesseract
def test_a_photo_that_was_taken_sideways(tmp_path):
    path = documents.screenshot(tmp_path / "board.jpg", ["Retry limit is 25"])
    turned = Image.open(path).transpose(Image.Transpose.ROTATE_90)
    turned.getexif()[ExifTags.Base.Orientation] = 6  # "turn me by 90 degrees, clockwise"
    turned.save(path, exif=turned.getexif())
    assert read(path).blocks == (Block("Retry limit is 25"),)


@with_tesseract
def test_pages_of_a_fax(tmp_path):
    content = read(documents.screenshot(tmp_path / "fax.tiff", ["The first page", "The second page"]))
    assert content.blocks == (Block("The first page", place="p. 1"), Block("The second page", place="p. 2"))


@with_tesseract
def test_a_picture_without_words(tmp_path):
    assert "no words" in refused(NoTextInFile, documents.picture(tmp_path / "a.png"))
    leaves = Image.effect_noise((12, 8), 200).resize((1200, 800), Image.Resampling.BICUBIC)
    leaves.save(tmp_path / "leaves.jpg")
    assert "no words" in refused(NoTextInFile, tmp_path / "leaves.jpg")


def test_a_picture_that_unpacks_to_more_than_can_be_looked_at(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    assert "smaller picture" in refused(FileTooLarge, tmp_path / "bomb.png")


@with_tesseract
def test_a_picture_that_was_cut_off(tmp_path):
    whole = documents.screenshot(tmp_path / "a.png", ["Retry limit is 25"]).read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    refused(DamagedFile, tmp_path / "half.png")


def test_kinds_that_have_no_text(tmp_path):
    assert "an archive" in refused(UnsupportedFile, documents.zipped(tmp_path / "a.zip", {"a.txt": "text"}))
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        archive.add(__file__)
    refused(UnsupportedFile, tmp_path / "a.tgz")
    shutil.copy("/bin/true", tmp_path / "run")
    assert "a program" in refused(UnsupportedFile, tmp_path / "run")
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 40)
    refused(UnsupportedFile, tmp_path / "noise.bin")


# What asks for too much


def test_too_large_is_decided_before_a_byte_is_read(tmp_path):
    path = tmp_path / "video.txt"
    with path.open("wb") as sparse:
        sparse.truncate(200 * 2**20)
    path.chmod(0)
    assert "200 MB" in refused(FileTooLarge, path)


def test_too_much_text(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("word " * 50_000)
    assert "249,999 characters" in refused(FileTooLarge, path)


SHEET = ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>", '<row><c t="inlineStr"><is><t>boom</t></is></c></row>')
STORY = (
    "word/document.xml",
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>',
    "<w:p><w:r><w:t>boom</w:t></w:r></w:p>",
)


def test_zip_bombs_are_seen_before_they_are_unpacked(tmp_path):
    sheet = documents.xlsx(tmp_path / "honest.xlsx", {"S": [["a"]]})
    assert "60 MB" in refused(FileTooLarge, documents.bomb(tmp_path / "bomb.xlsx", sheet, *SHEET, megabytes=60))
    story = documents.docx(tmp_path / "honest.docx", {"H": ["a"]})
    refused(FileTooLarge, documents.bomb(tmp_path / "bomb.docx", story, *STORY, megabytes=60))


def test_a_zip_bomb_that_lies_about_its_size_gets_no_further(tmp_path):
    story = documents.docx(tmp_path / "honest.docx", {"H": ["a"]})
    refused(DamagedFile, documents.lying_about_sizes(documents.bomb(tmp_path / "a.docx", story, *STORY, megabytes=60)))
    sheet = documents.xlsx(tmp_path / "honest.xlsx", {"S": [["a"]]})
    liar = documents.lying_about_sizes(documents.bomb(tmp_path / "a.xlsx", sheet, *SHEET, megabytes=100))
    assert "300 MB of memory" in refused(FileTooLarge, liar, limits=ExtractionLimits(20, 300, 10_000, 5))


def test_a_pdf_bomb_meets_the_memory_limit(tmp_path):
    path = documents.pdf_bomb(tmp_path / "bomb.pdf", megabytes=400)
    assert "400 MB of memory" in refused(FileTooLarge, path, limits=ExtractionLimits(20, 400, 10_000, 5))


def test_the_child_is_gone_when_its_time_is_up(tmp_path):
    path = documents.pdf_bomb(tmp_path / "bomb.pdf", megabytes=60)
    limits = ExtractionLimits(seconds=0.6, memory_mb=4096, characters=10_000, file_mb=5)
    assert "0.6 seconds" in refused(FileTooLarge, path, limits=limits)
    assert not children()


def children() -> list[str]:
    """The parsing processes that this one has left behind."""
    mine = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    commands = [Path(f"/proc/{child}/cmdline").read_text() for child in mine]
    return [command for command in commands if "extraction_child" in command]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("deep.json", b"[" * 100_000),
        ("deep.html", b"<div>" * 50_000 + b"x"),
        ("deep.rtf", b"{\\rtf1 " + b"{" * 100_000),
        ("wide.csv", b",".join(b"%d" % n for n in range(1_000_000)) + b"\n1,2\n"),
        ("deep.eml", b"Subject: x\nFrom: a\nTo: b\n" + b"Content-Type: message/rfc822\n\n" * 5_000),
        ("odd.csv", b'"never closed\n' * 1000),
        ("laughs.svg", b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>'),
    ],
)
def test_hostile_input_ends_in_text_or_in_a_plain_sentence(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    try:
        said = everything(read(path, limits=ExtractionLimits(seconds=10, characters=200_000)))
    except UnreadableFile as error:
        said = error.sentence if error.sentence.startswith(name) else ""
    assert said


def test_the_child_sees_no_secret_and_leaves_no_file(tmp_path, monkeypatch):
    """Runs a stand-in for the child's interpreter that reports what it was given."""
    seen = tmp_path / "seen"
    spy = tmp_path / "python"
    spy.write_text(f'#!/bin/sh\nenv > "{seen}"\npwd >> "{seen}"\nexit 3\n')
    spy.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(spy))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    path = tmp_path / "a.txt"
    path.write_text("x")
    refused(DamagedFile, path)
    given = seen.read_text()
    assert "PYTHONPATH" in given
    assert "xoxb-secret" not in given
    scratch = Path(given.split("\n")[-2])
    assert scratch.name.startswith("journeyman-extract-")
    assert not scratch.exists()
