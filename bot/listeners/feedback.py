"""Votes on answers: by the buttons under them and by reactions. A 👎 by button asks what was wrong."""

import logging
from datetime import UTC, datetime

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError

from bot.failures import describe
from bot.listeners.stopping import stop_by_reaction
from bot.parts import Parts
from bot.telling import tell_privately
from bot.views.answer import FEEDBACK_ACTION, HELPFUL_VALUE
from bot.views.correction import correction
from core.curation.feedback import HELPFUL, NOT_HELPFUL, take_back, vote
from core.knowledge.slack_payloads import Payload

log = logging.getLogger(__name__)

_PRESS_AGAIN = "Your 👎 is counted. To tell me what was wrong, press 👎 once more."


async def on_button(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """A feedback button. The vote is saved before Slack is told, so a failure is shown to whoever pressed it."""
    action = body["actions"][0]
    sign, _, question_id = str(action.get("value", "")).partition(":")
    channel_id, ts, person_id = body["container"]["channel_id"], body["container"]["message_ts"], body["user"]["id"]
    value = HELPFUL if sign == HELPFUL_VALUE else NOT_HELPFUL
    told = (question_id, channel_id, ts, person_id, body.get("response_url", ""))
    await parts.bridge.run(_know_ephemeral_answer, parts, *told)
    await parts.bridge.run(_vote, parts, channel_id, ts, person_id, value, _moment(action.get("action_ts")))
    await ack()
    if value == NOT_HELPFUL:
        await _ask_what_was_wrong(parts, body, question_id)


async def on_reaction_added(parts: Parts, event: Payload, _body: Payload) -> None:
    """Of the reactions that count, one on an answer is a vote; while the answer is written it is kept."""
    await stop_by_reaction(parts, event)
    item, value = event.get("item") or {}, _value_of(parts, event)
    if value is None or item.get("type") != "message":
        return
    await parts.workspace.know_person(event["user"])
    told = (item["channel"], item["ts"], event["user"], value, _moment(event.get("event_ts")))
    await parts.bridge.run(_vote, parts, *told)


async def on_reaction_removed(parts: Parts, event: Payload, _body: Payload) -> None:
    """A reaction taken off takes the vote back."""
    item, value = event.get("item") or {}, _value_of(parts, event)
    if value is None or item.get("type") != "message":
        return
    told = (item["channel"], item["ts"], event["user"], value, _moment(event.get("event_ts")))
    await parts.bridge.run(_take_back, parts, *told)


def _value_of(parts: Parts, event: Payload) -> int | None:
    """What the reaction says of a message of ours; None when it is no vote. Skin tones make no difference."""
    if event.get("item_user") not in (parts.me.bot_user_id, None):
        return None
    return parts.settings.value_of_reaction.get(event.get("reaction", "").partition("::")[0])


def _moment(slack_time: str | None) -> datetime | None:
    return datetime.fromtimestamp(float(slack_time), UTC) if slack_time else None


def _vote(parts: Parts, channel_id: str, ts: str, person_id: str, value: int, at: datetime | None) -> None:
    workspace_id = parts.me.workspace_id
    rule = parts.services.reviewing.rule(workspace_id)
    vote(parts.record, workspace_id, channel_id, ts, person_id, value, rule, at)


def _take_back(parts: Parts, channel_id: str, ts: str, person_id: str, value: int, at: datetime | None) -> None:
    workspace_id = parts.me.workspace_id
    rule = parts.services.reviewing.rule(workspace_id)
    take_back(parts.record, workspace_id, channel_id, ts, person_id, value, rule, at)


def _know_ephemeral_answer(
    parts: Parts, question_id: str, channel_id: str, ts: str, person_id: str, response_url: str
) -> None:
    """Nobody tells us the ts of a message that only one person sees, until that person presses its button.

    The press also gives us, for half an hour, an address at which the message can be changed.
    """
    with parts.record() as work:
        question = work.questions.get(question_id)
        if person_id in work.workspaces.opted_out(parts.me.workspace_id):
            return
        is_askers = question is not None and question.ephemeral and question.person_id == person_id
        if question is not None and is_askers and question.workspace_id == parts.me.workspace_id:
            work.questions.add_reply(question, channel_id, ts)
            question.reply_to = response_url or question.reply_to
            work.commit()


async def _ask_what_was_wrong(parts: Parts, body: Payload, question_id: str) -> None:
    try:
        await parts.client.views_open(trigger_id=body["trigger_id"], view=correction(question_id))
    except SlackApiError as error:
        log.info("The dialog came too late: %s", describe(error))
        container = body["container"]
        thread_ts = container.get("thread_ts", "")
        await tell_privately(parts.client, container["channel_id"], body["user"]["id"], _PRESS_AGAIN, thread_ts)


EVENTS = {"reaction_added": on_reaction_added, "reaction_removed": on_reaction_removed}
ACTIONS = {FEEDBACK_ACTION: on_button}
