"""Real documents, made on the spot: what the tests of reading, indexing and uploading feed on."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

import openpyxl
from docx import Document
from PIL import Image, ImageDraw
from pptx import Presentation
from pptx.util import Inches
from pypdf import PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

Rows = Sequence[Sequence[object]]


def pdf(path: Path, pages: Sequence[str], running_header: str = "") -> Path:
    """A page for each text; a line that starts with "# " is a heading, blank lines part paragraphs."""
    styles = getSampleStyleSheet()
    story: list[object] = []
    for page in pages:
        for part in page.split("\n\n"):
            style = styles["Heading1" if part.startswith("# ") else "BodyText"]
            story.append(Paragraph(part.removeprefix("# "), style))
        story.append(PageBreak())

    def furnish(canvas, document):
        if running_header:
            canvas.drawString(72, 820, running_header)
            canvas.drawString(72, 30, f"Page {document.page}")

    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=furnish, onLaterPages=furnish)
    return path


def locked_pdf(path: Path, password: str = "secret") -> Path:
    writer = PdfWriter(clone_from=pdf(path.with_suffix(".open.pdf"), ["Nobody may read this."]))
    writer.encrypt(password)
    writer.write(path)
    return path


def scanned_pdf(path: Path, words: str = "Only a picture of words") -> Path:
    return screenshot(path, [words])


def screenshot(path: Path, pages: Sequence[str], ink: str = "black", ground: str = "white") -> Path:
    """A picture of each text; more than one where the kind of file can hold them."""
    pictures = [Image.new("RGB", (900, 300), ground) for _ in pages]
    for page, words in zip(pictures, pages, strict=True):
        ImageDraw.Draw(page).text((40, 100), words, fill=ink, font_size=48)
    pictures[0].save(path, **({"save_all": True, "append_images": pictures[1:]} if pictures[1:] else {}))
    return path


def picture(path: Path) -> Path:
    Image.new("RGB", (40, 40), "teal").save(path)
    return path


def docx(path: Path, sections: Mapping[str, Sequence[str]], table: Rows = ()) -> Path:
    """Headings with their paragraphs; the table, if any, stands at the end."""
    document = Document()
    for heading, paragraphs in sections.items():
        document.add_heading(heading, level=1)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, values in zip(grid.rows, table, strict=True):
            for cell, value in zip(row.cells, values, strict=True):
                cell.text = str(value)
    document.save(str(path))
    return path


def pptx(path: Path, slides: Sequence[tuple[str, str]], notes: str = "", table: Rows = ()) -> Path:
    """Slides of title and text; the notes and the table, if any, are the last slide's."""
    deck = Presentation()
    for title, text in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    if notes:
        slide.notes_slide.notes_text_frame.text = notes
    if table:
        size = (Inches(1), Inches(4), Inches(6), Inches(1))
        grid = slide.shapes.add_table(len(table), len(table[0]), *size).table
        for row, values in enumerate(table):
            for column, value in enumerate(values):
                grid.cell(row, column).text = str(value)
    deck.save(str(path))
    return path


def xlsx(path: Path, sheets: Mapping[str, Rows]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


def eml(path: Path, subject: str, sender: str, text: str, attachments: Sequence[str] = (), html: str = "") -> Path:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, sender, "team@example.org"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    if html:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(text)
    for attachment in attachments:
        mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename=attachment)
    path.write_bytes(mail.as_bytes())
    return path


def odt(path: Path, heading: str, paragraph: str) -> Path:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:text="{space}:text:1.0"><office:body>'
        f'<office:text><text:h text:outline-level="1">{heading}</text:h><text:p>{paragraph}</text:p></office:text>'
        "</office:body></office:document-content>"
    )
    return zipped(path, {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def epub(path: Path, heading: str, paragraph: str) -> Path:
    container = (
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{heading}</h1><p>{paragraph}</p></body></html>'
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "c.opf": package}
    return zipped(path, {**members, "a.xhtml": page})


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def bomb(path: Path, honest: Path, member: str, opening: str, filling: str, megabytes: int) -> Path:
    """An office file whose `member` unpacks to that many megabytes of the same filling."""
    with zipfile.ZipFile(honest) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != member:
                target.writestr(name, source.read(name))
        block = filling.encode() * (2**20 // len(filling))
        with target.open(member, "w", force_zip64=True) as unpacked:
            unpacked.write(opening.encode())
            for _ in range(megabytes):
                unpacked.write(block)
    return path


def lying_about_sizes(path: Path) -> Path:
    """The same zip, whose directory says that every member unpacks to a hundred bytes."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset : at + offset + 4] = (100).to_bytes(4, "little")
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    return path


def pdf_bomb(path: Path, megabytes: int) -> Path:
    """A page whose drawing unpacks to that many megabytes of text-showing instructions."""
    import zlib

    packer = zlib.compressobj(9)
    instruction = b"(boom) Tj 1 0 Td "
    block = instruction * (2**20 // len(instruction))
    stream = packer.compress(b"BT /F1 9 Tf ") + b"".join(packer.compress(block) for _ in range(megabytes))
    stream += packer.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj%s endobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets))
    out.write(b"trailer<</Size 6/Root 1 0 R>>startxref %d\n%%%%EOF" % start)
    path.write_bytes(out.getvalue())
    return path
