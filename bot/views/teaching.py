"""The dialog in which somebody teaches a question and its answer."""

import json
from dataclasses import asdict, dataclass

from slack_sdk.models.blocks import SectionBlock
from slack_sdk.models.views import View

from bot.views.dialogs import missing, text_fields, text_in
from core.knowledge.slack_payloads import Payload

CALLBACK = "teach"
_QUESTION, _ANSWER = "question", "answer"

THANKS = "Thank you. Your answer waits for a reviewer; you find it in my Home, where you can withdraw it."
NO_TRACE = "This message holds no text that I could learn from."


@dataclass(frozen=True)
class Lesson:
    """Where a lesson comes from; `message_ts` and `said_by` are the message whose words it is, if there is one."""

    channel_id: str
    thread_ts: str = ""
    message_ts: str = ""
    said_by: str = ""


def teaching(lesson: Lesson, question: str = "", answer: str = "") -> View:
    """Question and answer, prefilled with what is known."""
    why = "I answer from what your team wrote. Teach me the answer that a colleague should get; a reviewer looks at it."
    return View(
        type="modal",
        callback_id=CALLBACK,
        private_metadata=json.dumps(asdict(lesson)),
        title="Teach Journeyman",
        submit="Teach",
        close="Cancel",
        blocks=[
            SectionBlock(text=why),
            *text_fields(_QUESTION, "Question", question, placeholder="What would somebody ask?", one_line=True),
            *text_fields(
                _ANSWER,
                "Answer",
                answer,
                placeholder="What should they be told?",
                hint="What is taught in a private channel or direct message stays among the people there.",
            ),
        ],
    )


def taught(view: Payload) -> tuple[Lesson, str, str]:
    """Where it comes from, the question and the answer."""
    return Lesson(**json.loads(view["private_metadata"])), text_in(view, _QUESTION), text_in(view, _ANSWER)


def faults(view: Payload) -> dict[str, str]:
    """What is missing, by field."""
    return missing(view, (_QUESTION, _ANSWER))
