"""Training examples in Home: the reviewers' queue, what is held back, and what somebody contributed.

Every block's id begins with its list and example ("waiting:4f0c…:text"), so that one of them can be replaced in place.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import ConfirmObject
from slack_sdk.models.views import View

from bot.views.dialogs import missing, text_fields, text_in
from bot.views.mrkdwn import escape, from_markdown
from core.knowledge.slack_payloads import Payload
from core.records.examples import ExampleOrigin, ExampleState, TrainingExample
from core.records.reviews import ExamplePage, Listing, Place
from core.records.workspaces import PUBLIC

APPROVE, EDIT, REJECT, WITHDRAW = "review_approve", "review_edit", "review_reject", "review_withdraw"
EARLIER, LATER = "review_earlier", "review_later"
EDIT_CALLBACK = "review_edit"

_OWN_PARTS = 3
"""Parts of the id of a block that is about one example."""
_QUESTION_CHARACTERS = 250
_ANSWER_CHARACTERS = 1_200
_SOURCES_CHARACTERS = 600
_TITLES = {Listing.WAITING: "To review", Listing.HELD: "Held back from training", Listing.MINE: "What you contributed"}
_NOTHING = {
    Listing.WAITING: "Nothing waits for a decision. Corrections and what people teach appear here.",
    Listing.HELD: "Every approved answer may be learned from.",
    Listing.MINE: "Nothing yet. 👍 an answer, correct one with 👎, or teach me with `/teach`.",
}
_ORIGINS = {
    ExampleOrigin.VOTED: "found helpful by",
    ExampleOrigin.CORRECTED: "corrected by",
    ExampleOrigin.TAUGHT: "taught by",
}
_STATES = {
    ExampleState.CANDIDATE: "waits for a reviewer",
    ExampleState.APPROVED: "approved",
    ExampleState.REJECTED: "not taken over",
}


def listing(kind: Listing, page: ExamplePage) -> list[Block]:
    """A list with the page of it that is shown."""
    blocks: list[Block] = [HeaderBlock(text=_TITLES[kind], block_id=f"{kind}:head")]
    if not page.examples:
        return [*blocks, _context(_NOTHING[kind], f"{kind}:nothing")]
    for example in page.examples:
        blocks += _mine(example) if kind is Listing.MINE else _reviewed(kind, example)
    return [*blocks, *_pager(kind, page)]


def settled(kind: str, example_id: str, sentence: str) -> list[Block]:
    """What stands in an example's place once something has become of it."""
    return [_context(sentence, f"{kind}:{example_id}:settled")]


def approved(example: TrainingExample) -> str:
    """Said in place of an approved example."""
    return f"✅ Approved: {_question(example)}"


def rejected(example: TrainingExample) -> str:
    """Said in place of a rejected one."""
    return f"🚫 Rejected: {_question(example)}"


WITHDRAWN = "🗑 Withdrawn. I do not learn from it."


def editing(example: TrainingExample) -> View:
    """The dialog in which a reviewer words an example before approving it."""
    told = f"What was wrong with my answer: {example.complaint}." if example.complaint else ""
    return View(
        type="modal",
        callback_id=EDIT_CALLBACK,
        private_metadata=example.id,
        title="Edit and approve",
        submit="Approve",
        close="Cancel",
        blocks=[
            *([_context(told, "told")] if told else []),
            *text_fields("question", "Question", example.question, one_line=True),
            *text_fields("answer", "Answer", example.answer),
        ],
    )


def edited(view: Payload) -> tuple[str, str, str]:
    """The example's id, its question and its answer as the reviewer worded them."""
    return view["private_metadata"], text_in(view, "question"), text_in(view, "answer")


def faults(view: Payload) -> dict[str, str]:
    """What is missing, by field."""
    return missing(view, ("question", "answer"))


def _reviewed(kind: Listing, example: TrainingExample) -> list[Block]:
    own = f"{kind}:{example.id}"
    blocks: list[Block] = [
        SectionBlock(
            text=MarkdownTextObject(text=f"*{_question(example)}*\n{_answer(example)}"), block_id=f"{own}:text"
        )
    ]
    if example.held_because and kind is Listing.HELD:
        blocks.append(_context(f"⚠️ Held back: {escape(example.held_because)}.", f"{own}:held"))
    return [
        *blocks,
        _context(_about(example), f"{own}:about"),
        ActionsBlock(block_id=f"{own}:actions", elements=_decisions(kind, example.id)),
        DividerBlock(block_id=f"{own}:end"),
    ]


def _mine(example: TrainingExample) -> list[Block]:
    own = f"{Listing.MINE}:{example.id}"
    about = f"{_STATES[example.state]} · {_when(example.proposed_at)}"
    if example.state is ExampleState.APPROVED and example.held_because:
        about = f"{about} · held back: {escape(example.held_because)}"
    gone = "It is taken out of what I learn from. What I learned from it before stays until the next night."
    return [
        SectionBlock(
            text=MarkdownTextObject(text=f"*{_question(example)}*\n{_answer(example, 300)}"),
            block_id=f"{own}:text",
            accessory=ButtonElement(
                text="Withdraw",
                action_id=WITHDRAW,
                value=example.id,
                confirm=ConfirmObject(title="Withdraw this?", text=gone, confirm="Withdraw", deny="Keep"),
            ),
        ),
        _context(about, f"{own}:about"),
    ]


def _decisions(kind: Listing, example_id: str) -> list[ButtonElement]:
    edit = ButtonElement(text="Edit and approve", action_id=EDIT, value=example_id)
    reject = ButtonElement(text="Reject", action_id=REJECT, value=example_id, style="danger")
    if kind is Listing.HELD:
        return [edit, reject]
    return [ButtonElement(text="Approve", action_id=APPROVE, value=example_id, style="primary"), edit, reject]


def _pager(kind: Listing, page: ExamplePage) -> list[Block]:
    if not page.earlier and not page.later:
        return []
    buttons = []
    if page.earlier:
        buttons.append(ButtonElement(text="← Back", action_id=EARLIER, value=f"{kind} {page.earlier}"))
    if page.later:
        buttons.append(ButtonElement(text="More →", action_id=LATER, value=f"{kind} {page.later}"))
    return [*place(kind, page.place), ActionsBlock(block_id=f"{kind}:pager", elements=buttons)]


def place(kind: Listing, shown: Place) -> list[Block]:
    """Which part of the list is shown."""
    part = f"{shown.first}–{shown.last}" if shown.first < shown.last else f"{shown.first}"
    return [_context(f"{part} of {shown.total}", f"{kind}:place")]


def _about(example: TrainingExample) -> str:
    parts = [f"{_ORIGINS[example.origin].capitalize()} <@{example.proposed_by}>, {_when(example.proposed_at)}"]
    if example.complaint:
        parts.append(f"my answer was: {escape(example.complaint)}")
    parts.append(_audience(example))
    told = " · ".join(parts)
    return f"{told}\n{_sources(example)}" if example.sources else told


def _audience(example: TrainingExample) -> str:
    if example.audience == PUBLIC:
        return "everybody may read it"
    if example.audience.startswith("D"):
        return "from a direct message"
    return f"only for <#{example.audience}>"


def _sources(example: TrainingExample) -> str:
    named = "; ".join(f"[{source.marker}] {source.name}" for source in example.sources)
    return f"Rests on {_rendered(named, _SOURCES_CHARACTERS, escape)}"


def _question(example: TrainingExample) -> str:
    return _rendered(" ".join(example.question.split()), _QUESTION_CHARACTERS, escape)


def _answer(example: TrainingExample, characters: int = _ANSWER_CHARACTERS) -> str:
    return _rendered(example.answer, characters, from_markdown)


def _rendered(text: str, characters: int, render: Callable[[str], str]) -> str:
    """The text's first characters as mark-up, which is at most twice as long: `&` becomes five characters."""
    most = 2 * characters
    while len(shown := render(_shortened(text, characters))) > most:
        characters = characters * 2 // 3
    return shown


def _shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters].rstrip() + " …"


def _when(moment: datetime) -> str:
    return f"{moment.day} {moment:%B}"


def _context(text: str, block_id: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=text)], block_id=block_id)


def shown_of(blocks: Sequence[Payload], kind: str) -> list[str]:
    """Ids of the list's examples on this page, of those too in whose place it says what became of them."""
    parts = [str(block.get("block_id", "")).split(":") for block in blocks]
    return list(dict.fromkeys(each[1] for each in parts if len(each) == _OWN_PARTS and each[0] == kind))


def any_open(blocks: Sequence[Payload], kind: str) -> bool:
    """Whether any example in the list still stands there to be dealt with."""
    ids = [str(block.get("block_id", "")) for block in blocks]
    return any(each.startswith(f"{kind}:") and each.endswith(":text") for each in ids)
