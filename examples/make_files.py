"""Makes the documents in files/ that are not plain text: handbook, price list, onboarding guide and slide deck.

Run it from anywhere: python examples/make_files.py
"""

import datetime
from pathlib import Path

import openpyxl
from docx import Document
from docx.shared import RGBColor as WordColour
from openpyxl.styles import Font, PatternFill
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches, Pt
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, ListFlowable, PageBreak, Paragraph, SimpleDocTemplate, Table

FILES = Path(__file__).parent / "files"
FRAME_PADDING = 6  # points that reportlab leaves free inside the margins
PLUM, COPPER, CREAM, INK = "4A2545", "B8693D", "F6EFE6", "2A2328"

BODY = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=10.5, leading=15.5, textColor=HexColor(f"#{INK}"), spaceAfter=8
)
BOLD = ParagraphStyle("bold", BODY, fontName="Helvetica-Bold")
HEADING = ParagraphStyle("heading", BOLD, fontSize=19, leading=24, textColor=HexColor(f"#{PLUM}"), spaceAfter=10)
SMALL_HEADING = ParagraphStyle(
    "small", BOLD, fontSize=12.5, leading=17, textColor=HexColor(f"#{COPPER}"), spaceBefore=8
)

# Each chapter starts a page. "## " is a heading within it, "- " an item, "| " a table row; all else is a paragraph.
HANDBOOK = [
    """Who we are
Kestrel & Plum is a coffee roastery of eleven people in the old ropeworks by the harbour. Ines Calder started it in
2014 with a sample roaster called Pip and a bicycle. Today we roast about 36 tonnes a year on Mabel, a fifteen-kilo
drum from 1968 with a cast-iron heart and a temper.
## What we promise
- Every bag says who grew the coffee and what we paid for it.
- We roast to order, on Mondays, Wednesdays and Fridays.
- Whoever calls, gets a person, not a menu.
## How we talk
We write in channels rather than in private, so that the next person finds the answer. Numbers go into the thread
they belong to. If you do not know something, ask; if you know it, write it down.""",
    """Working hours and holidays
The roastery opens at 7:00 and closes at 16:30. Office and training people may start until 9:30. Everybody has a half
hour of lunch, and the kettle is on at 10:15.
## Holidays
You have 28 days of paid holiday a year. Ask for them in the shared calendar at least three weeks before; in the
weeks before Christmas, from 24 November on, only one roaster can be away at a time. Up to five days may be carried
over and must be taken by the end of March.
## When you are ill
Tell Tomasz before 8:00, by phone or message. A doctor's note is needed from the third day on. Nobody works the
drum with a fever.
## Parents
Each parent has sixteen weeks of leave at full pay, to be taken within the first two years.""",
    """Money, coffee and other good things
Wages are paid on the 27th of each month. Expenses are paid back with the next wage if the receipt reaches Priya
within 30 days.
## Your coffee
You take home 500 g of coffee a week, of whatever was roasted too much of. Family and friends pay wholesale price
plus nothing.
## Learning
Each of us has a learning budget of 900 euros a year: courses, a barista championship, a visit to a farm. Tell the team
about it at a Thursday cupping afterwards.
## Getting here
We pay for the season ticket of bus and ferry, or 0.35 euros for each kilometre by bicycle.""",
    """How we roast
A roast is a plan, not a mood. The profile of each coffee is on the card by the drum, and these are the numbers that
matter most.
| Coffee | Charge | First crack | Drop | Development
| Night Ferry (espresso) | 198 °C | 9:10 | 212 °C | 18 %
| Plum Lane (filter) | 205 °C | 8:30 | 207 °C | 14 %
| Quiet Hours (decaf) | 190 °C | 8:50 | 208 °C | 16 %
| Single origins | 208 °C | 8:05 | 205 °C | 13 %
Development is the share of the whole roast that comes after first crack. Warm Mabel for forty minutes before the
first batch; the first batch of the day is never sold, it feeds the grinder tests.
## When a roast goes wrong
If first crack is more than 40 seconds off the card, stop, cool the batch, mark the bucket with blue tape and write the
lot number into the channel. Blue-tape coffee is cupped on Thursday before anybody decides about it.
## Resting
Espresso rests seven days before it is brewed, filter coffee four.""",
    """Orders and dispatch
Wholesale orders close on Tuesday at 14:00 for the Wednesday roast and on Thursday at 14:00 for the Friday roast. Orders
that come later go into the next roast, whoever is asking.
## Sending
Parcels leave with the 15:20 van on the day after the roast. Orders from 40 kg go on a pallet. Within the city the cargo
bicycle delivers for free from 6 kg.
## Returns and complaints
A customer who does not like a coffee gets another one, once, without questions. Complaints about taste go to Priya,
about delivery to Tomasz; each is answered within one working day. Keep a 200 g sample of each lot for 90 days.
## Machines on loan
Cafes that buy at least 12 kg a week may borrow a grinder. We service it twice a year, in March and in September.""",
    """Cupping and quality
We cup every Thursday at 15:00 in the training room. Everybody is welcome, and everybody slurps.
- 11 g of coffee to 180 ml of water at 94 °C.
- Four minutes until the crust is broken, tasting from minute ten.
- Scores go on paper first, so that nobody follows the loudest voice.
## What passes
Night Ferry needs 83 points, Plum Lane 85, a single origin 87. A lot that misses its mark twice in a row is taken off
the shelf and sold as staff coffee.
## Water
Our brewing water is filtered to 70 parts per million. The cartridge under the training bar is changed on the first
Monday of every second month.""",
    """Leaving the house
The last one out checks the list by the green door.
- Mabel: burner off, gas lever down, drum below 60 °C, chaff drawer empty.
- Packing room: sealer off, valve bags back on the shelf.
- Training room: machines to standby, milk fridge at 4 °C.
- Gates: yard gate first, then the green door. It sticks; lift while you turn.
## Who to call
| What | Who | When
| Gas, fire, broken glass | Ines Calder | day and night
| Lorries, pallets, keys | Tomasz Wren | 7:00 to 18:00
| Customers, training, bills | Priya Nandakumar | 9:00 to 18:00""",
]

PRICES = [
    ("Product", "Bag", "Wholesale €/kg", "Retail €/bag", "Valid from"),
    ("Night Ferry espresso", "1 kg", 19.50, 29.00, datetime.date(2026, 2, 1)),
    ("Plum Lane filter", "1 kg", 21.00, 32.00, datetime.date(2026, 2, 1)),
    ("Quiet Hours decaf", "1 kg", 22.50, 34.00, datetime.date(2026, 2, 1)),
    ("Kenya Gatomboya", "250 g", 34.00, 13.50, datetime.date(2026, 3, 1)),
    ("Rwanda Kibirizi natural", "250 g", 31.00, 12.50, datetime.date(2026, 3, 1)),
]
DISCOUNTS = [
    ("Kilos a week", "Discount"),
    ("6 to 11", "0 %"),
    ("12 to 29", "4 %"),
    ("30 to 59", "7 %"),
    ("60 and more", "by agreement with Priya"),
]
TRAINING = [
    ("Course", "Hours", "Price €", "Seats"),
    ("Espresso basics", 3, 95, 6),
    ("Milk and latte art", 2.5, 85, 6),
    ("Filter and water", 2, 70, 8),
    ("Grinder care", 1.5, 50, 4),
]

ONBOARDING = {
    "Welcome": [
        "This is your first week at Kestrel & Plum. Nobody expects you to remember all of it: ask in #general, or ask "
        "Journeyman, who has read everything."
    ],
    "Day one: the house": [
        "Come to the green door at 8:30. Tomasz gives you a locker, safety shoes and the key with the copper tag.",
        "Priya shows you the training room and makes you the coffee that you will be asked about.",
        "You get your own cupping spoon with your name on it. If you lose it, you wash the bowls for a month.",
    ],
    "Day two: green coffee": [
        "You help to unload and learn the shelves: A for espresso, B for filter and decaf, C for single origins.",
        "Every sack has a lot number that begins with KP and the year. No number, no shelf.",
    ],
    "Day three: Mabel": [
        "You stand beside Ines for six batches and write the log. You touch nothing but the pencil.",
        "A roaster may work alone after 40 logged batches and the yearly safety talk.",
    ],
    "Day four: packing": [
        "The sealer runs at 165 °C. Valve bags are filled to within five grams.",
        "Each box gets the roast date, the lot and the packer's initials.",
    ],
    "Day five: customers": [
        "You ride along with the cargo bicycle and meet four cafes. The Lighthouse Café always has cake.",
        "At 15:00 we sit together and you say what is odd about us while you still see it.",
    ],
}
TOOLS = [
    ("For", "We use", "Ask"),
    ("Roast logs", "the blue book, then Cropster", "Ines"),
    ("Orders", "the order sheet, pinned in #wholesale", "Priya"),
    ("Stock", "green-stock.csv in #roasting", "Tomasz"),
    ("Holidays", "the shared calendar", "Tomasz"),
]

SLIDES = [
    ("Kestrel & Plum: the year 2026", ["Plan shown to the team on 12 January"], "Start with the picture of Pip."),
    (
        "Where we stand",
        [
            "36 tonnes roasted in 2025, 31 the year before",
            "84 cafes, 9 of them on the islands",
            "Mabel runs 22 hours a week and cannot run more",
        ],
        "The chimney rule of the city allows 22 hours.",
    ),
    (
        "A second drum",
        [
            "Otis, a thirty-kilo drum, arrives in September",
            "It costs 118,000 euros, half of it on credit from the harbour bank",
            "Mabel stays for single origins",
        ],
        "Otis stands where the pallets are now.",
    ),
    (
        "The goal for the year",
        ["42 tonnes, of which 5 through our own web shop", "No customer above 12 % of sales"],
        "The Lighthouse Café is at 14 % today.",
    ),
    (
        "Dates",
        [
            "14 March: open house and public cupping",
            "April: new price list",
            "September: Otis arrives, roasting stops for four days",
            "5 December: bags for the winter blend Slow Lantern",
        ],
        "",
    ),
]


class Cover(Flowable):
    """The handbook's first page: a plum field with a rising sun of copper."""

    def draw(self) -> None:
        """Draw over the whole page, margins included."""
        page: Canvas = self.canv
        page.translate(-2.5 * cm - FRAME_PADDING, -A4[1] + 2.5 * cm + FRAME_PADDING)
        page.setFillColor(HexColor(f"#{PLUM}"))
        page.rect(0, 0, *A4, stroke=0, fill=1)
        page.setFillColor(HexColor(f"#{COPPER}"))
        page.circle(A4[0] * 0.72, A4[1] * 0.30, 5.2 * cm, stroke=0, fill=1)
        page.setFillColor(HexColor(f"#{CREAM}"))
        page.ellipse(
            A4[0] * 0.72 - 3 * cm, A4[1] * 0.30 - 1.7 * cm, A4[0] * 0.72 + 3 * cm, A4[1] * 0.30 + 1.7 * cm, 0, 1
        )
        page.setStrokeColor(HexColor(f"#{PLUM}"))
        page.setLineWidth(4)
        page.line(A4[0] * 0.72 - 2.6 * cm, A4[1] * 0.30, A4[0] * 0.72 + 2.6 * cm, A4[1] * 0.30)
        page.setFillColor(white)
        page.setFont("Helvetica-Bold", 38)
        page.drawString(2.5 * cm, A4[1] - 7 * cm, "Kestrel & Plum")
        page.setFont("Helvetica", 20)
        page.drawString(2.5 * cm, A4[1] - 8.3 * cm, "The house handbook, 2026")


def handbook(path: Path) -> None:
    """A cover and a page for each chapter."""
    story: list[Flowable] = [Cover(), PageBreak()]
    for chapter in HANDBOOK:
        title, *lines = chapter.split("\n")
        story += [Paragraph(title, HEADING), *_flow(lines), PageBreak()]
    margins = {"leftMargin": 2.5 * cm, "rightMargin": 2.5 * cm, "topMargin": 2.5 * cm, "bottomMargin": 2.5 * cm}
    document = SimpleDocTemplate(str(path), pagesize=A4, title="House handbook", invariant=1, **margins)
    document.build(story, onLaterPages=_footer)


def _footer(page: Canvas, document: SimpleDocTemplate) -> None:
    page.setFont("Helvetica", 8)
    page.setFillColor(HexColor(f"#{COPPER}"))
    page.drawString(2.5 * cm, 1.4 * cm, "Kestrel & Plum handbook 2026")
    page.drawRightString(A4[0] - 2.5 * cm, 1.4 * cm, str(document.page))


def _flow(lines: list[str]) -> list[Flowable]:
    """Lines → paragraphs, lists and tables; neighbouring lines of one kind belong together."""
    story: list[Flowable] = []
    run: list[str] = []
    for line, following in zip(lines, [*lines[1:], "## "], strict=True):
        run.append(line)
        if line[:2] in ("- ", "| ", "##") and line[:2] == following[:2] and line[:2] != "##":
            continue
        if line[:2] not in ("- ", "| ", "##") and following[:2] not in ("- ", "| ", "##"):
            continue
        story.append(_flowable(run))
        run = []
    return story


def _flowable(run: list[str]) -> Flowable:
    match run[0][:2]:
        case "##":
            return Paragraph(run[0][3:], SMALL_HEADING)
        case "- ":
            return ListFlowable([Paragraph(item[2:], BODY) for item in run], bulletType="bullet", bulletFontSize=7)
        case "| ":
            rows = [[Paragraph(cell.strip(), BODY) for cell in row[2:].split("|")] for row in run]
            widths = [5.5 * cm] + [10.5 * cm / (len(rows[0]) - 1)] * (len(rows[0]) - 1)
            lines = ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(f"#{COPPER}"))
            return Table(
                rows, widths, style=[("BACKGROUND", (0, 0), (-1, 0), HexColor(f"#{CREAM}")), lines], spaceAfter=10
            )
        case _:
            return Paragraph(" ".join(run), BODY)


def price_list(path: Path) -> None:
    """Three sheets: prices, discounts, training."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in (("Prices", PRICES), ("Discounts", DISCOUNTS), ("Training", TRAINING)):
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=PLUM)
        for column in sheet.columns:
            sheet.column_dimensions[column[0].column_letter].width = 24
    workbook.save(path)


def onboarding(path: Path) -> None:
    """The first week, day by day."""
    document = Document()
    document.add_heading("Your first week", 0)
    for heading, paragraphs in ONBOARDING.items():
        document.add_heading(heading, 1).runs[0].font.color.rgb = WordColour.from_string(PLUM)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph, style="List Bullet" if len(paragraphs) > 1 else None)
    document.add_heading("What we use for what", 1)
    grid = document.add_table(0, len(TOOLS[0]), style="Light Grid Accent 1")
    for row in TOOLS:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(path))


def deck(path: Path) -> None:
    """The plan for the year, with the speaker's notes."""
    presentation = Presentation()
    for title, points, notes in SLIDES:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = RGBColor.from_string(CREAM)
        slide.shapes.title.text = title
        slide.shapes.title.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor.from_string(PLUM)
        slide.placeholders[1].text = "\n".join(points)
        slide.placeholders[1].top = Inches(2)
        for paragraph in slide.placeholders[1].text_frame.paragraphs:
            paragraph.font.size = Pt(24)
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    presentation.save(str(path))


def main() -> None:
    """Make them all."""
    handbook(FILES / "handbook.pdf")
    price_list(FILES / "price-list.xlsx")
    onboarding(FILES / "onboarding.docx")
    deck(FILES / "plan-2026.pptx")


if __name__ == "__main__":
    main()
