"""The dialog behind a 👎, and what is said when it was sent off."""

from slack_sdk.models.blocks import InputBlock, Option, RadioButtonsElement, SectionBlock
from slack_sdk.models.views import View

from bot.views.dialogs import text_fields, text_in
from bot.views.mrkdwn import escape
from core.curation.corrections import Complaint
from core.knowledge.slack_payloads import Payload

CALLBACK = "correction"
_COMPLAINT, _ANSWER = "complaint", "answer"
_TOLD = {
    Complaint.WRONG: "It is wrong",
    Complaint.OUTDATED: "It is out of date",
    Complaint.NOT_GROUNDED: "The sources do not say that",
    Complaint.INCOMPLETE: "Something is missing",
    Complaint.TONE: "The tone is off",
}


def correction(question_id: str, answer: str = "", *, voted: bool = True) -> View:
    """What was wrong, and what the answer should have been. `answer` is there to be edited."""
    thanks = "Your vote is counted. " if voted else ""
    why = f"{thanks}What was wrong? A better answer goes to a reviewer, and I learn from it once it is approved."
    options = [Option(value=complaint.value, label=label) for complaint, label in _TOLD.items()]
    return View(
        type="modal",
        callback_id=CALLBACK,
        private_metadata=question_id,
        title="Correct this answer",
        submit="Send",
        close="Cancel",
        blocks=[
            SectionBlock(text=why),
            InputBlock(
                block_id=_COMPLAINT,
                label="What was wrong?",
                element=RadioButtonsElement(action_id="choice", options=options),
            ),
            *text_fields(
                _ANSWER,
                "What should the answer be?",
                answer,
                placeholder="The answer as a colleague should get it",
                optional=True,
            ),
        ],
    )


def sent(view: Payload) -> tuple[str, Complaint, str]:
    """The question's id, what was wrong, and the right answer, if one was given."""
    chosen = view["state"]["values"][_COMPLAINT]["choice"]["selected_option"]["value"]
    return view["private_metadata"], Complaint(chosen), text_in(view, _ANSWER)


def proposed(name: str) -> str:
    """Said in the thread, where everybody sees that the answer was corrected."""
    return f"{escape(name or 'Somebody')} suggested a better answer. Thank you! It waits for a reviewer now."


NOTED = "Thank you. What was wrong with this answer is noted."
GONE = "That answer was deleted meanwhile, so there is nothing left to correct."
