"""What dialogs have in common: plain sentences, and a text that may be longer than one field of Slack's holds."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, SectionBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject
from slack_sdk.models.views import View

from core.knowledge.slack_payloads import Payload

FIELD_CHARACTERS = 3_000
"""The most that one text field takes."""
_MOST_FIELDS = 5
_LINE_CHARACTERS = 80


def notice(sentence: str, title: str = "Journeyman") -> View:
    """A dialog that says one thing."""
    return View(type="modal", title=title, close="Close", blocks=[SectionBlock(text=PlainTextObject(text=sentence))])


def text_fields(
    name: str,
    label: str,
    text: str,
    *,
    placeholder: str = "",
    hint: str = "",
    optional: bool = False,
    one_line: bool = False,
) -> list[InputBlock]:
    """Fields for a text, as many as it needs: what is shown to be edited must be all that will be saved.

    `one_line` texts get a low field, as long as they fit one.
    """
    pieces = _cut(text) or [""]
    blocks = []
    for number, piece in enumerate(pieces):
        element = PlainTextInputElement(
            action_id="text",
            multiline=not one_line or "\n" in text or len(text) > _LINE_CHARACTERS,
            initial_value=piece or None,
            max_length=FIELD_CHARACTERS,
            placeholder=placeholder if number == 0 and placeholder else None,
        )
        blocks.append(
            InputBlock(
                block_id=name if number == 0 else f"{name}:{number}",
                label=label if number == 0 else f"{label} (continued)",
                element=element,
                hint=hint if hint and number == len(pieces) - 1 else None,
                optional=optional or number > 0,
            )
        )
    return blocks


def text_in(view: Payload, name: str) -> str:
    """What was written into the fields of this name."""
    values: Mapping[str, Payload] = view["state"]["values"]
    order = [name, *(f"{name}:{number}" for number in range(1, _MOST_FIELDS))]
    pieces = [str((values[key].get("text") or {}).get("value") or "") for key in order if key in values]
    return "\n".join(piece.strip("\n") for piece in pieces if piece.strip()).strip()


def missing(view: Payload, names: Sequence[str]) -> dict[str, str]:
    """For each of these texts that is empty, what to say under its field."""
    return {name: "Please write something here." for name in names if not text_in(view, name)}


def fits(text: str) -> bool:
    """Whether a text can be edited in a dialog at all."""
    return len(_cut(text)) <= _MOST_FIELDS


def _cut(text: str) -> list[str]:
    """The text in pieces that each fit a field, cut between lines where there are any."""
    pieces: list[str] = []
    while text:
        if len(text) <= FIELD_CHARACTERS:
            return [*pieces, text]
        at = text.rfind("\n", 1, FIELD_CHARACTERS)
        at = at if at > 0 else text.rfind(" ", 1, FIELD_CHARACTERS)
        at = at if at > 0 else FIELD_CHARACTERS
        pieces.append(text[:at])
        text = text[at:].lstrip("\n")
    return pieces
