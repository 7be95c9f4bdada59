"""What tests of curation need: an answer that was given, the dialogs of a page, and what is in the record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from core.answering.drafts import Draft, DraftCitation, Finished, Written
from core.records.examples import ExampleState, TrainingExample
from core.records.questions import Verdict
from tests.slack.sandbox_fixtures import Page, page_of, until
from tests.slack.workplace import Scripted, Workplace, workplace

PATIENCE = 20.0
CITATION = DraftCitation(1, "p1", "d1", "public", "#general, Ana", "http://localhost/archives/C1/p1", "It is blue.")
BLUE = "It is blue [1]."


def scripted() -> Scripted:
    draft = Draft(BLUE, Verdict.GENERATED, model="test", citations=(CITATION,))
    return Scripted([Written(BLUE), Finished(draft)])


@asynccontextmanager
async def curated(folder: Path, answering: Scripted | None = None, **settings: Any) -> AsyncIterator[Workplace]:
    """Journeyman at work, its answers scripted; what is pressed and sent may take long on a slow machine."""
    patient = {"ack_timeout": 30.0, "trigger_lifetime": 30.0}
    async with workplace(folder, answering=answering or scripted(), settings=settings, **patient) as place:
        yield place


async def answered(
    place: Workplace, text: str = "What colour is it?", channel: str = "general"
) -> tuple[str, dict[str, Any]]:
    """Ana asks; the channel's id and the bot's reply."""
    ts = await place.post("ana", channel, f"{place.mention} {text}")
    return place.channel_id(channel), await place.reply(place.channel_id(channel), ts)


def button_of(reply: dict[str, Any], side: str) -> dict[str, Any]:
    """A feedback button, as the page sends its press: `side` is positive_button or negative_button."""
    block = next(block for block in reply["blocks"] if block["type"] == "context_actions")
    element = block["elements"][0]
    return {
        "type": "feedback_buttons",
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": element[side]["value"],
    }


async def press_not_helpful(page: Page, channel_id: str, reply: dict[str, Any]) -> dict[str, Any]:
    """Presses 👎; the dialog that opens."""
    pressed = button_of(reply, "negative_button")
    assert (await page.post("action", channel_id=channel_id, message_ts=reply["ts"], action=pressed))["ok"]
    view: dict[str, Any] = (await page.told("view_open", PATIENCE))["view"]
    return view


def text_value(text: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text_input", "value": text}}


def correction_values(complaint: str, answer: str) -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": complaint}, "value": complaint}
    chosen = {"choice": {"type": "radio_buttons", "selected_option": option}}
    return {"complaint": chosen, "answer": text_value(answer)}


def lesson_values(question: str, answer: str) -> dict[str, Any]:
    return {"question": text_value(question), "answer": text_value(answer)}


async def send(page: Page, view: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Sends a dialog off."""
    return await page.post("view_submission", view_id=view["id"], state={"values": values})


def initial(view: dict[str, Any], block_id: str) -> str:
    """What stands in a dialog's field when it opens."""
    block = next(block for block in view["blocks"] if block["block_id"] == block_id)
    return str(block["element"].get("initial_value") or "")


def examples(place: Workplace, state: ExampleState = ExampleState.CANDIDATE) -> list[TrainingExample]:
    with place.services.record() as work:
        found = work.examples.in_state(place.workspace_id, state, limit=100)
        assert all(example.sources is not None for example in found)  # read while the record is open
        return found


def approved(place: Workplace) -> list[TrainingExample]:
    return examples(place, ExampleState.APPROVED)


def votes(place: Workplace, channel_id: str, reply_ts: str) -> dict[str, int]:
    """Every vote on the answer, by the person's name."""
    names = {person.id: person.name for person in place.sandbox.workspace.people.values()}
    with place.services.record() as work:
        question = work.questions.answered_by_message(place.workspace_id, channel_id, reply_ts)
        if question is None or question.answer is None:
            return {}
        return {names[person]: value for person, value in work.feedback.votes_on(question.answer.id).items()}


class Home:
    """Somebody's Home, as they see it."""

    def __init__(self, place: Workplace, name: str, page: Page) -> None:
        self._place = place
        self._person_id = place.sandbox.person(name).id
        self._page = page

    async def open(self) -> None:
        calls = len(self._place.calls("views.publish"))
        await self._page.post("home")
        await until(lambda: len(self._place.calls("views.publish")) > calls, PATIENCE)
        await until(lambda: self.view is not None, PATIENCE)

    @property
    def view(self) -> dict[str, Any]:
        return self._place.sandbox.workspace.homes[self._person_id]

    @property
    def text(self) -> str:
        return str(self.view["blocks"])

    def listed(self, kind: str) -> list[str]:
        """Ids of the examples of a list that still have their text."""
        ids = [str(block["block_id"]).split(":") for block in self.view["blocks"]]
        return [parts[1] for parts in ids if parts[0] == kind and parts[-1] == "text"]

    async def press(self, action_id: str, value: str = "") -> dict[str, Any]:
        """Presses a button of Home: the first with this action, and this value if one is given."""
        return await self._page.post("action", view_id=self.view["id"], action=self.button(action_id, value))

    def button(self, action_id: str, value: str = "") -> dict[str, Any]:
        for block in self.view["blocks"]:
            for element in [*block.get("elements", ()), block.get("accessory") or {}]:
                if element.get("action_id") == action_id and value in ("", element.get("value")):
                    return {"type": "button", "block_id": block["block_id"], **element}
        raise AssertionError(f"there is no {action_id} {value}")


@asynccontextmanager
async def home_of(place: Workplace, name: str) -> AsyncIterator[Home]:
    """The person's Home, opened."""
    async with page_of(place.sandbox, name) as page:
        home = Home(place, name, page)
        await home.open()
        yield home
