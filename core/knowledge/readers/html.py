"""Web pages → blocks. The standard library's parser keeps every word, where Markdown converters drop loose ones."""

import re
from html.parser import HTMLParser

from core.knowledge.content import Block, BlockKind
from core.knowledge.readers.outline import Outline
from core.knowledge.readers.rows import table_text

WHITE_SPACE = re.compile(r"\s+")
SILENT = {"script", "style", "template", "noscript", "svg", "select"}
LISTS = {"ul", "ol", "dl"}
ITEMS = {"li", "dd", "dt"}
CELLS = {"td", "th", "caption"}
LEVELS = {"title": 0, "h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
SECTIONS = {
    "address",
    "article",
    "aside",
    "body",
    "details",
    "div",
    "footer",
    "form",
    "header",
    "html",
    "main",
    "section",
}
PARAGRAPHS = {"blockquote", "center", "fieldset", "figcaption", "figure", "hr", "p", "pre", "summary", "table"}
STARTERS = PARAGRAPHS | SECTIONS | LISTS | ITEMS | LEVELS.keys()


def read_html(text: str) -> list[Block]:
    """The blocks of a web page, under its headings."""
    page = _Page()
    page.feed(text)
    page.close()
    return page.blocks()


class _Page(HTMLParser):
    """Gathers words until a tag says that something new begins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._outline = Outline()
        self._words: list[str] = []
        self._items: list[str] = []  # of the list that we are in
        self._silent = ""  # the outermost tag whose text nobody sees
        self._silences = 0  # how often that tag is open
        self._level: int | None = None  # of the heading that we are in
        self._title = ""
        self._item = False
        self._code = False
        self._tables = 0  # how many are open around us
        self._rows: list[list[str]] = []

    def blocks(self) -> list[Block]:
        """All that was gathered."""
        self._end_table()
        self._end_paragraph()
        self._end_list()
        return self._outline.blocks()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin what the tag begins."""
        if self._silent:
            self._silences += tag == self._silent
        elif tag in SILENT:
            self._silent, self._silences = tag, 1
        elif tag == "br":
            self._words.append("\n")
        elif tag == "img":
            self._words.append(f" {dict(attrs).get('alt') or ''} ")
        elif self._tables:
            self._begin_in_table(tag)
        elif tag in STARTERS:
            self._begin(tag)

    def _begin(self, tag: str) -> None:
        self._end_paragraph()
        if tag == "table":
            self._end_list()
            self._tables = 1
        elif tag in LEVELS:
            self._level = LEVELS[tag]
        elif tag in ITEMS:
            self._item = True
        elif tag == "pre":
            self._code = True

    def _begin_in_table(self, tag: str) -> None:
        if tag == "table":
            self._tables += 1
        elif tag == "tr":
            self._end_cell(keep_empty=False)
            self._rows.append([])
        elif tag in CELLS:
            self._end_cell(keep_empty=False)
        elif tag in STARTERS:
            self._words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End what the tag ends."""
        if self._silent:
            self._silences -= tag == self._silent
            if not self._silences:
                self._silent = ""
        elif self._tables:
            if tag in CELLS:
                self._end_cell(keep_empty=True)
            elif tag == "table":
                self._tables -= 1
                if not self._tables:
                    self._end_table()
        elif tag in STARTERS:
            self._end_paragraph()
            self._code, self._item = False, self._item and tag not in ITEMS
            if tag in LEVELS:
                self._level = None
            if tag in LISTS:
                self._end_list()

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self._silent:
            self._words.append(data if self._code else WHITE_SPACE.sub(" ", data))

    def _end_paragraph(self) -> None:
        text = "".join(self._words)
        self._words = []
        lines = [" ".join(line.split()) for line in text.split("\n")]
        tidy = text.strip("\n") if self._code else "\n".join(filter(None, lines))
        if not tidy.strip():
            return
        if self._item and self._level is None and not self._code:
            self._items.append(f"- {tidy}")
            self._item = False
            return
        self._end_list()
        if self._level is None:
            self._outline.add(tidy, BlockKind.CODE if self._code else BlockKind.PROSE)
        elif tidy != self._title:  # most pages say their title again as the first heading
            self._outline.section(self._level, tidy)
            self._title = self._title or (tidy if self._level == 0 else "")
            self._level = None

    def _end_list(self) -> None:
        self._outline.add("\n".join(self._items))
        self._items = []

    def _end_cell(self, *, keep_empty: bool) -> None:
        text = " ".join("".join(self._words).split())
        self._words = []
        if text or keep_empty:
            self._rows = self._rows or [[]]
            self._rows[-1].append(text)

    def _end_table(self) -> None:
        if self._tables or self._rows:
            self._end_cell(keep_empty=False)
            self._outline.add(table_text(self._rows), BlockKind.TABLE)
            self._rows, self._tables = [], 0
