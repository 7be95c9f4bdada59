"""Is this message a question to the bot, and how did it come?"""

import re
from collections.abc import Sequence

from core.knowledge.noise import is_noise
from core.knowledge.rendering import people_mentioned
from core.knowledge.slack_payloads import Payload, is_said_by_people
from core.records.questions import AskedBy, Question, QuestionState
from core.records.workspaces import ChannelKind

_TO_OTHERS = re.compile(r"<!(?:here|channel|everyone|subteam\^)|^\s*@\w")
"""Groups of people, and a name with an @ that Slack made no mention of."""


def asked_by(
    message: Payload, text: str, kind: ChannelKind, bot_user_id: str, thread: Sequence[Question]
) -> AskedBy | None:
    """How the message asks the bot; None when it does not.

    `thread` holds the questions asked in its thread before: whoever asked one may go on without a mention, as long as
    nobody else is addressed.
    """
    if not is_said_by_people(message):
        return None
    if kind is ChannelKind.DM:
        return AskedBy.DM if text.strip() or not message.get("files") else None
    mentioned = people_mentioned(text)
    if bot_user_id in mentioned:
        return AskedBy.MENTION
    follows_up = any(
        question.person_id == message.get("user") and question.state is not QuestionState.WITHDRAWN
        for question in thread
    )
    if follows_up and not mentioned and not _TO_OTHERS.search(text) and not is_noise(text):
        return AskedBy.THREAD
    return None


def without_mention(text: str, bot_user_id: str) -> str:
    """The question itself, without the bot's name in front of it."""
    return re.sub(rf"\s*<@{re.escape(bot_user_id)}(?:\|[^>]*)?>[,:]?\s*", " ", text).strip()
