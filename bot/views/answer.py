"""An answer's frame: the sources under it, the note that goes with it, and the feedback buttons."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextActionsBlock,
    ContextBlock,
    FeedbackButtonsElement,
    MarkdownBlock,
    MarkdownTextObject,
)
from slack_sdk.models.blocks.basic_components import FeedbackButtonObject

from bot.views.mrkdwn import escape, from_markdown, link
from core.answering.drafts import Draft, DraftCitation
from core.records.questions import Verdict

STOP_ACTION = "answer_stop"
FEEDBACK_ACTION = "feedback"
HELPFUL_VALUE, NOT_HELPFUL_VALUE = "helpful", "not_helpful"

_CONTEXT_CHARACTERS = 2_900
_NAME_CHARACTERS = 150


def body(text: str) -> list[Block]:
    """The answer's own words."""
    return [MarkdownBlock(text=text)] if text else []


def stop_button(question_id: str) -> list[Block]:
    """Stands in a reply as long as it grows."""
    stop = ButtonElement(
        text="Stop", action_id=STOP_ACTION, value=question_id, accessibility_label="Stop writing this answer"
    )
    return [ActionsBlock(elements=[stop])]


def frame(draft: Draft, question_id: str) -> list[Block]:
    """All that stands under the answer's words."""
    blocks: list[Block] = []
    if draft.note:
        blocks.append(_context(f"_{escape(draft.note)}_"))
    if sources := source_list(draft):
        blocks.append(_context(sources))
    if stamp := written_by(draft):
        blocks.append(_context(stamp))
    if draft.text and draft.verdict is not Verdict.UNKNOWN:
        blocks.append(_feedback(question_id))
    return blocks


def written_by(draft: Draft) -> str:
    """Which model wrote a generated answer, with which adapter; empty for answers that nobody generated."""
    if draft.verdict is not Verdict.GENERATED or not draft.model:
        return ""
    name = draft.model.rstrip("/").rpartition("/")[2]
    return escape(f"Written by {name}, adapter {draft.adapter}" if draft.adapter else f"Written by {name}")


def source_list(draft: Draft) -> str:
    """The cited sources, numbered as in the text, one a line; or the nearest ones where nothing is cited."""
    if draft.citations:
        return _listed("*Sources*", draft.citations, numbered=True)
    return _listed("*Nearest sources*", draft.nearest, numbered=False) if draft.nearest else ""


def plainly(text: str, draft: Draft) -> str:
    """The whole reply in Slack's mark-up alone, for notifications and for servers that refuse blocks."""
    note = f"_{escape(draft.note)}_" if draft.note else ""
    return "\n\n".join(part for part in (from_markdown(text), note, source_list(draft)) if part)


def _listed(title: str, citations: Sequence[DraftCitation], *, numbered: bool) -> str:
    lines = [title]
    for citation in citations:
        name = citation.source if len(citation.source) <= _NAME_CHARACTERS else citation.source[:_NAME_CHARACTERS] + "…"
        sign = f"[{citation.marker}]" if numbered else "•"
        line = f"{sign} {link(citation.link, name)}"
        if sum(map(len, lines)) + len(lines) + len(line) > _CONTEXT_CHARACTERS:
            lines.append("…")
            break
        if line not in lines:
            lines.append(line)
    return "\n".join(lines)


def _context(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])


def _feedback(question_id: str) -> Block:
    return ContextActionsBlock(
        elements=[
            FeedbackButtonsElement(
                action_id=FEEDBACK_ACTION,
                positive_button=FeedbackButtonObject(
                    text="Helpful", accessibility_label="This answer helped", value=f"{HELPFUL_VALUE}:{question_id}"
                ),
                negative_button=FeedbackButtonObject(
                    text="Not helpful",
                    accessibility_label="This answer did not help",
                    value=f"{NOT_HELPFUL_VALUE}:{question_id}",
                ),
            )
        ]
    )
