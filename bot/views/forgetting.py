"""Forgetting in words: what is about to be forgotten and the buttons under it, and plain sentences for all the rest."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, MarkdownTextObject, SectionBlock
from slack_sdk.models.blocks.basic_components import ConfirmObject

from bot.views.mrkdwn import escape, link
from core.curation.forgettable import Forgettable, Kind

FORGET, KEEP = "forget_yes", "forget_no"
ME = "me"

NEVER_HEARD = "I never heard of that, so there is nothing to forget. Is the link or name right?"
NOT_YOURS = (
    "I know nothing of yours there: either I never heard of it, or it is somebody else's. People can have their own"
    " messages and files forgotten; for anything else ask an admin."
)
GONE = "That is forgotten already: nothing is left of it."
KEPT = "Nothing was forgotten."
TOO_MANY = "More than these are called so. Give me the link of the one that you mean."
ALREADY_OUT = "You are forgotten already, and I keep nothing that you write. To come back: `/forget me undo`."
NOT_OUT = "I have not forgotten you: what you write here is kept as always. `/forget me` would end that."
BACK = "Welcome back. I keep what you write from now on; what was forgotten stays so."
FORGOTTEN = (
    "Forgotten. I do not quote it any more, and answers of mine that rested on it are taken back within seconds. It"
    " leaves my disk within the hour."
)
ME_FORGOTTEN = (
    "You are forgotten: within minutes nothing is left of what you said, shared, asked, voted for and taught, and I"
    " keep nothing of it from now on. `/ask` still answers you. To come back: `/forget me undo`."
)

MOST_CHOICES = 10
_NAME_CHARACTERS = 150
_FOR_GOOD = "In Slack it stays as it is: delete it there too if others should not read it. This cannot be undone."
_ME = (
    "*Shall I forget you?*\nAll that you said, shared, asked, voted for and taught leaves my index, my answers and what"
    " I learn from, and from then on I keep nothing of you. You can come back with `/forget me undo`, but what is"
    " forgotten stays so. What stands in Slack stays there."
)


def confirmation(known: Forgettable) -> tuple[str, list[Block]]:
    """What is about to be forgotten, as text and as blocks with the buttons."""
    text = f"*Shall I forget {_called(known)}?*\n{_REACH[known.kind]} {_FOR_GOOD}"
    return text, [_section(text), _buttons(value_of(known))]


def confirmation_of_me() -> tuple[str, list[Block]]:
    """The same, for all that somebody ever said."""
    return _ME, [_section(_ME), _buttons(ME)]


def choice(known: Sequence[Forgettable]) -> tuple[str, list[Block]]:
    """Several are called the same: each with its own button."""
    text = "Several are called so. Which one shall I forget?"
    blocks: list[Block] = [_section(text)]
    for each in known[:MOST_CHOICES]:
        button = ButtonElement(
            text="Forget",
            action_id=FORGET,
            value=value_of(each),
            style="danger",
            confirm=ConfirmObject(
                title="Forget it for good?",
                text=f"{_REACH[each.kind]} {_FOR_GOOD}",
                confirm="Forget it",
                deny="Keep it",
            ),
        )
        blocks.append(SectionBlock(text=MarkdownTextObject(text=f"{_called(each)}{_place(each)}"), accessory=button))
    if len(known) > MOST_CHOICES:
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=TOO_MANY)]))
    return text, blocks


def value_of(known: Forgettable) -> str:
    """What a button says of it."""
    return f"{known.kind} {known.subject}"


def pressed(value: str) -> tuple[Kind, str]:
    """What the button stood for."""
    kind, _, subject = value.partition(" ")
    return Kind(kind), subject


def plain(sentence: str) -> list[Block]:
    """One sentence, in the place of question and buttons."""
    return [_section(sentence)]


_REACH = {
    Kind.MESSAGE: "Its words, and the files that came with it, leave my index, my answers and what I learn from.",
    Kind.FILE: "It leaves my index, my answers and what I learn from, wherever it was shared.",
    Kind.PAGE: "It leaves my index, my answers and what I learn from. `/ingest` with its address would read it again.",
    Kind.DOCUMENT: "It leaves my index, my answers and what I learn from. Its file stays where it was ingested from.",
}


def _called(known: Forgettable) -> str:
    if known.kind is Kind.MESSAGE:
        said = link(known.link, "this message")
        return f"{said} of <@{known.person_id}>" if known.person_id else said
    name = known.name or known.subject
    shown = name if len(name) <= _NAME_CHARACTERS else name[:_NAME_CHARACTERS] + "…"
    return link(known.link, shown) if known.link else f"“{escape(shown)}”"


def _place(known: Forgettable) -> str:
    by = f", from <@{known.person_id}>" if known.person_id else ""
    where = ", ".join(f"<#{channel_id}>" for channel_id in known.channel_ids)
    return f"{by}, in {where}" if where else f"{by}, ingested" if known.kind is Kind.DOCUMENT else by


def _buttons(value: str) -> Block:
    forget, keep = ("Forget me", "Cancel") if value == ME else ("Forget it", "Keep it")
    return ActionsBlock(
        elements=[
            ButtonElement(text=forget, action_id=FORGET, value=value, style="danger"),
            ButtonElement(text=keep, action_id=KEEP, value=value),
        ]
    )


def _section(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text))
