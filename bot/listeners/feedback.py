"""Votes on answers: by the buttons under them and by thumb reactions."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.parts import Parts
from bot.views.answer import FEEDBACK_ACTION, HELPFUL_VALUE
from core.curation.feedback import HELPFUL, NOT_HELPFUL, take_back, vote

Payload = dict[str, Any]

_VALUE_OF_REACTION = {"+1": HELPFUL, "thumbsup": HELPFUL, "-1": NOT_HELPFUL, "thumbsdown": NOT_HELPFUL}
_ANSWER_SECONDS = 180.0
"""A thumb may come while the answer is still being written; it counts once there is one."""


async def on_button(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """A feedback button. The vote is saved before Slack is told, so a failure is shown to whoever pressed it."""
    sign, _, question_id = str(body["actions"][0].get("value", "")).partition(":")
    channel_id, ts = body["container"]["channel_id"], body["container"]["message_ts"]
    value = HELPFUL if sign == HELPFUL_VALUE else NOT_HELPFUL
    await parts.asking.settled(question_id, 2.0)
    await parts.bridge.run(_know_ephemeral_answer, parts, question_id, channel_id, ts, body["user"]["id"])
    told = (parts.record, parts.me.workspace_id, channel_id, ts, body["user"]["id"], value)
    await parts.bridge.run(vote, *told)
    await ack()


async def on_reaction_added(parts: Parts, event: Payload, _body: Payload) -> None:
    """A thumb on an answer is a vote; other reactions are not."""
    if (told := _told(parts, event)) is not None:
        await parts.asking.settled_reply(event["item"]["channel"], event["item"]["ts"], _ANSWER_SECONDS)
        await parts.bridge.run(vote, *told)


async def on_reaction_removed(parts: Parts, event: Payload, _body: Payload) -> None:
    """A thumb taken off takes the vote back."""
    if (told := _told(parts, event)) is not None:
        await parts.bridge.run(take_back, *told)


def _told(parts: Parts, event: Payload) -> Any:
    value = _VALUE_OF_REACTION.get(event.get("reaction", "").partition("::")[0])
    item = event.get("item") or {}
    if value is None or item.get("type") != "message":
        return None
    return (parts.record, parts.me.workspace_id, item["channel"], item["ts"], event["user"], value)


def _know_ephemeral_answer(parts: Parts, question_id: str, channel_id: str, ts: str, person_id: str) -> None:
    """Nobody tells us the ts of a message that only one person sees, until that person presses its button."""
    with parts.record() as work:
        question = work.questions.get(question_id)
        is_askers = question is not None and question.ephemeral and question.person_id == person_id
        if question is not None and is_askers and question.workspace_id == parts.me.workspace_id:
            work.questions.add_reply(question, channel_id, ts)
            work.commit()


EVENTS = {"reaction_added": on_reaction_added, "reaction_removed": on_reaction_removed}
ACTIONS = {FEEDBACK_ACTION: on_button}
