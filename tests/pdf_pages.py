"""PDFs with tables, and with what only looks like one, as different programs write them."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, SimpleDocTemplate, Table

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13, spaceAfter=6)
JUSTIFIED = ParagraphStyle("justified", BODY, alignment=4)
BOLD = ParagraphStyle("bold", BODY, fontName="Helvetica-Bold")
HEADING = getSampleStyleSheet()["Heading1"]
GRID = [("GRID", (0, 0), (-1, -1), 0.5, colors.grey)]
BOLD_HEADER = [("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")]
FIGURES_RIGHT = [("ALIGN", (1, 0), (-1, -1), "RIGHT")]
EVERY_SIGN = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"

Cells = Sequence[Sequence[str]]


def flowing(path: Path, parts: Sequence[str | Flowable], running_header: str = "") -> Path:
    """A4 pages of paragraphs, headings ("# …") and tables."""

    def furnish(canvas: Canvas, document: BaseDocTemplate) -> None:
        if running_header:
            canvas.drawString(72, 810, running_header)
            canvas.drawRightString(520, 30, f"Page {document.page}")

    story = [_flowable(part) if isinstance(part, str) else part for part in parts]
    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=furnish, onLaterPages=furnish)
    return path


def _flowable(text: str) -> Flowable:
    return Paragraph(text[2:], HEADING) if text.startswith("# ") else Paragraph(text, BODY)


def table(cells: Cells, *styles: Sequence[object], widths: Sequence[float] = (), repeat_header: bool = True) -> Table:
    """A table of single lines."""
    style = [each for some in styles for each in some]
    return Table(cells, list(widths) or None, style=style, repeatRows=int(repeat_header))


def wrapping(cells: Cells, widths: Sequence[float], *styles: Sequence[object], middle: bool = False) -> Table:
    """A table whose cells are wrapped at its columns' widths; the header is bold."""
    rows = [[Paragraph(text, BODY if at else BOLD) for text in row] for at, row in enumerate(cells)]
    align = ("VALIGN", (0, 0), (-1, -1), "MIDDLE" if middle else "TOP")
    return Table(rows, list(widths), style=[align, *(each for some in styles for each in some)])


def in_columns(path: Path, paragraphs: Sequence[str], columns: int = 2) -> Path:
    """A newspaper's page."""
    width = 460 / columns
    frames = [Frame(60 + at * width, 60, width - 12, 700) for at in range(columns)]
    document = BaseDocTemplate(str(path), pagesize=A4)
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build([Paragraph(each, JUSTIFIED) for each in paragraphs])
    return path


def placed(path: Path, pages: Sequence[Sequence[tuple[float, float, str]]], font: str = "Helvetica") -> Path:
    """Each text where it is told to be, as office programs write it: from the left, from the top, in points.

    A text that begins with "*" is bold.
    """
    canvas = Canvas(str(path), pagesize=A4)
    for page in pages:
        for left, top, text in page:
            canvas.setFont(f"{font}-Bold" if text.startswith("*") else font, 10)
            canvas.drawString(left, A4[1] - top, text.removeprefix("*"))
        canvas.showPage()
    canvas.save()
    return path


def kerned(path: Path, rows: Cells, stops: Sequence[float]) -> Path:
    """Each row is one string with jumps in it, as TeX writes it."""
    canvas = Canvas(str(path), pagesize=A4)
    for at, row in enumerate(rows):
        canvas.setFont("Times-Roman", 10)
        pieces = []
        for stop, following, cell in zip(stops, [*stops[1:], 0], row, strict=True):
            jump = following - stop - pdfmetrics.stringWidth(cell, "Times-Roman", 10)
            pieces.append(f"({cell})" + (f" {-100 * jump:.0f} " if following else ""))
        canvas._code.append(f"BT /F2 10 Tf 1 0 0 1 {stops[0]} {700 - 12 * at} Tm [{''.join(pieces)}] TJ ET")
    canvas.save()
    return path


def in_any_script(path: Path, rows: Cells, stops: Sequence[float]) -> Path:
    """A table in a font that has the letters of most scripts."""
    if "DejaVu" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("DejaVu", EVERY_SIGN))
    canvas = Canvas(str(path), pagesize=A4)
    for at, row in enumerate(rows):
        canvas.setFont("DejaVu", 10)
        for stop, cell in zip(stops, row, strict=True):
            canvas.drawString(stop, 700 - 20 * at, cell)
    canvas.save()
    return path


def crowded(path: Path, texts: int) -> Path:
    """A page of so many tiny texts."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica", 1)
    for at in range(texts):
        canvas.drawString(10 + at % 100 * 5, 10 + at // 100 * 0.7, "x")
    canvas.save()
    return path
