"""The tour's walk: post, upload, ask, press 👍, edit, delete, ask again; each step is checked as a newcomer would."""

import re
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.touring.visitor import Reply, Visitor
from core.errors import JourneymanError

ANSWER_S = 120.0

PUBLIC, TRADE, PRIVATE = "general", "roasting", "owners"
HANDBOOK = Path(__file__).resolve().parents[2] / "examples" / "files" / "handbook.pdf"
SAFETY = HANDBOOK.with_name("roastery-safety.md")

DELIVERY = "The new cupping table arrives on 14 May; Tomasz signs for it at the yard gate."
DELIVERY_MOVED = "The new cupping table arrives on 21 May; Tomasz signs for it at the yard gate."
SECRET = "Between us: the offer for the harbour kiosk stands at 41,500 euros."  # noqa: S105 - it is only called one
BATCH = "The Thursday batch of Hummingbird is dropped at 209 degrees."


class TourFailed(JourneymanError):
    """A step was not as it must be."""


class Tour:
    """The walk of two people through the sandbox. `wait` returns when all that was said is findable."""

    def __init__(self, people: dict[str, Visitor], screen: Console, wait: Callable[[], None]) -> None:
        self._ines, self._tomasz = people["ines"], people["tomasz"]
        self._screen = screen
        self._wait = wait

    def walk(self) -> None:
        """Every step in order. Raises TourFailed, with a plain reason, at the first that is not as it must be."""
        delivery = self._tell_facts()
        self._ask_and_thank()
        self._ask_about_the_handbook()
        self._keep_the_secret()
        self._change_and_delete(delivery)

    def share_folder(self, folder: Path) -> None:
        """Upload the reader's own files."""
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        if not files:
            raise TourFailed(f"There are no files in {folder}.")
        self._say(f"Ines uploads {len(files)} files of yours to #{PUBLIC}")
        for path in files:
            self._ines.upload(PUBLIC, path)
        self._wait()

    def ask_anything(self, question: str) -> None:
        """The reader's own question: any finished reply will do."""
        self._ask(self._ines, PUBLIC, question)

    def _tell_facts(self) -> str:
        self._say("Two people post what they know, and upload a PDF and a page of notes")
        delivery = self._post(self._ines, PUBLIC, DELIVERY)
        self._post(self._tomasz, TRADE, BATCH)
        self._post(self._ines, PRIVATE, SECRET)
        for visitor, channel, path in ((self._ines, PUBLIC, HANDBOOK), (self._tomasz, TRADE, SAFETY)):
            visitor.upload(channel, path)
            self._tell(channel, visitor, f"uploads {path.name}")
        self._wait()
        return delivery

    def _ask_and_thank(self) -> None:
        self._say("A question that a message answers")
        reply = self._ask(self._tomasz, PUBLIC, "When does the new cupping table arrive?")
        self._must_say(reply, "14 May")
        self._sources_must_open(self._tomasz, reply)
        if not self._tomasz.press_helpful(reply):
            raise TourFailed("Pressing 👍 under the answer was not taken.")
        self._tell(PUBLIC, self._tomasz, "presses 👍")

    def _ask_about_the_handbook(self) -> None:
        self._say("A question that the PDF answers")
        reply = self._ask(self._ines, PUBLIC, "How many days of paid holiday does everybody get in a year?")
        self._must_say(reply, "28")
        self._sources_must_open(self._ines, reply)
        if not any("handbook.pdf" in line for line in reply.sources):
            raise TourFailed("The answer from the handbook does not cite handbook.pdf.")

    def _keep_the_secret(self) -> None:
        self._say("What was said in a private channel stays there")
        question = "What does the offer for the harbour kiosk stand at?"
        reply = self._ask(self._tomasz, PUBLIC, question)
        if "41,500" in reply.text or any(f"#{PRIVATE}" in line for line in reply.sources):
            raise TourFailed(f"A public channel was told what was said in #{PRIVATE}.")
        self._must_say(self._ask(self._ines, PRIVATE, question), "41,500")

    def _change_and_delete(self, delivery: str) -> None:
        question = "When does the new cupping table arrive?"
        self._say("The message is edited: the answer follows")
        self._ines.edit(PUBLIC, delivery, DELIVERY_MOVED)
        self._tell(PUBLIC, self._ines, f"edits it: {DELIVERY_MOVED}")
        self._wait()
        reply = self._ask(self._tomasz, PUBLIC, question)
        self._must_say(reply, "21 May")
        self._must_not_say(reply, "14 May")
        self._say("The message is deleted: so is the knowledge")
        self._ines.delete(PUBLIC, delivery)
        self._tell(PUBLIC, self._ines, "deletes it")
        self._wait()
        self._must_not_say(self._ask(self._tomasz, PUBLIC, question), "21 May")

    def _post(self, visitor: Visitor, channel: str, text: str) -> str:
        self._tell(channel, visitor, f"says: {text}")
        return visitor.post(channel, text)

    def _ask(self, visitor: Visitor, channel: str, question: str) -> Reply:
        self._tell(channel, visitor, f"asks: @Journeyman {question}")
        ts = visitor.ask(channel, question)
        shown = ""
        self._screen.print(f"  [dim]#{channel}[/] [bold green]Journeyman[/] answers: ", end="")
        for piece in visitor.watch(channel, ts, ANSWER_S):
            if isinstance(piece, Reply):
                self._screen.print(_rest(piece.text, shown), markup=False, highlight=False)
                for line in piece.sources:
                    self._screen.print(f"      {_readable(line)}", markup=False, highlight=False, style="cyan")
                return piece
            shown += piece
            self._screen.print(piece, end="", markup=False, highlight=False)
        raise TourFailed("No reply came.")

    def _tell(self, channel: str, visitor: Visitor, what: str) -> None:
        self._screen.print(f"  [dim]#{channel}[/] [bold]{visitor.name}[/] {escape(what)}")

    def _say(self, title: str) -> None:
        self._screen.print(f"\n[bold]— {title}[/]")

    def _must_say(self, reply: Reply, fact: str) -> None:
        if fact not in reply.text:
            raise TourFailed(f"The answer should have said “{fact}”, and did not.")

    def _must_not_say(self, reply: Reply, fact: str) -> None:
        if fact in reply.text or any(fact in line for line in reply.sources):
            raise TourFailed(f"The answer still said “{fact}”, which no message says any more.")

    def _sources_must_open(self, visitor: Visitor, reply: Reply) -> None:
        links = re.findall(r"<(http[^|>]+)\|", "\n".join(reply.sources))
        if not links:
            raise TourFailed("The answer has no sources that can be opened.")
        for link in links:
            if not visitor.opens(link):
                raise TourFailed(f"The source {link} does not open.")


def _rest(whole: str, shown: str) -> str:
    """What is still to be printed of the finished text after what was shown as it grew."""
    return whole[len(shown) :] if whole.startswith(shown) else f"\n{whole}"


def _readable(source: str) -> str:
    """`[1] <link|name>` as a terminal shows it."""
    return re.sub(r"<([^|>]+)\|([^>]*)>", r"\2  \1", source)
