"""Teaching: the shortcut on a message, `/teach`, and the dialog that both open."""

import asyncio
import logging

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from bot.addressing import without_mention
from bot.failures import TRANSIENT, describe
from bot.parts import Parts
from bot.telling import tell_privately
from bot.views import teaching as view
from bot.views.correction import GONE, correction
from bot.views.dialogs import fits, notice
from bot.views.teaching import Lesson, teaching
from core.curation.examples import teach
from core.errors import JourneymanError
from core.knowledge.message_text import words_of
from core.knowledge.rendering import people_mentioned, render
from core.knowledge.slack_payloads import Payload
from core.records.questions import SAYING_NOTHING

log = logging.getLogger(__name__)

SHORTCUT = "teach"
_TYPE_OF_NAME = {"directmessage": "im", "privategroup": "group"}
_ROOT_SECONDS = 1.0
"""A dialog must open within three seconds; the thread's root is only a help."""


async def on_shortcut(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """“Teach Journeyman” on a message. An answer of ours is corrected: that keeps what it rests on."""
    await ack()
    message, channel = body["message"], body["channel"]
    dialog = await parts.bridge.run(_correction_of, parts, channel["id"], message["ts"])
    if dialog is None:
        dialog = await _lesson(parts, channel["id"], message)
    await parts.client.views_open(trigger_id=body["trigger_id"], view=dialog)
    await parts.workspace.know_channel(channel["id"], _TYPE_OF_NAME.get(channel.get("name", ""), ""))


async def on_teach(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """`/teach`, with or without the question behind it."""
    await ack()
    question = await parts.bridge.run(_as_read, parts, (body.get("text") or "").strip())
    await parts.client.views_open(trigger_id=body["trigger_id"], view=teaching(Lesson(body["channel_id"]), question))
    await parts.workspace.know_channel(body["channel_id"], _TYPE_OF_NAME.get(body.get("channel_name", ""), ""))


async def on_taught(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The dialog was sent off: its words are kept before it closes."""
    if faults := view.faults(body["view"]):
        await ack(response_action="errors", errors=faults)
        return
    lesson, question, answer = view.taught(body["view"])
    try:
        await parts.bridge.run(_teach, parts, lesson, body["user"]["id"], question, answer)
    except JourneymanError as error:
        await ack(response_action="update", view=notice(error.sentence))
        return
    await ack()
    await tell_privately(parts.client, lesson.channel_id, body["user"]["id"], view.THANKS, lesson.thread_ts)


def _teach(parts: Parts, lesson: Lesson, person_id: str, question: str, answer: str) -> str:
    return teach(
        parts.record,
        parts.me.workspace_id,
        lesson.channel_id,
        lesson.thread_ts,
        person_id,
        question,
        answer,
        message_ts=lesson.message_ts,
        said_by=lesson.said_by,
    )


async def _lesson(parts: Parts, channel_id: str, message: Payload) -> View:
    answer = await parts.bridge.run(_as_read, parts, words_of(message))
    if not answer:
        return notice(view.NO_TRACE)
    if not fits(answer):
        return notice("This message is too long to be one answer. Copy the part that matters, and use /teach.")
    root_ts = message.get("thread_ts") or message["ts"]
    root = await _root(parts, channel_id, root_ts) if root_ts != message["ts"] else ""
    question = await parts.bridge.run(_as_read, parts, without_mention(root, parts.me.bot_user_id))
    return teaching(Lesson(channel_id, root_ts, message["ts"], message.get("user") or ""), question, answer)


async def _root(parts: Parts, channel_id: str, ts: str) -> str:
    """The words of a thread's first message, as they were heard or as Slack tells them; empty when there are none."""
    known = await parts.bridge.run(_heard, parts, channel_id, ts)
    if known is not None:
        return known
    try:
        call = parts.client.conversations_replies(channel=channel_id, ts=ts, limit=1)
        answer = await asyncio.wait_for(call, _ROOT_SECONDS)
    except (SlackApiError, *TRANSIENT) as error:
        log.info("The root of a thread could not be read: %s", describe(error))
        return ""
    messages = answer.get("messages") or []
    return words_of(messages[0]) if messages and messages[0].get("ts") == ts else ""


def _heard(parts: Parts, channel_id: str, ts: str) -> str | None:
    """What is known of these words, which is nothing once they are forgotten; None when they were never heard."""
    with parts.record() as work:
        asked = work.questions.asked_at(parts.me.workspace_id, channel_id, ts)
        message = work.messages.get(parts.me.workspace_id, channel_id, ts)
        if asked is None and message is None:
            return None
        return (asked.text if asked else "") or (message.text if message else "")


def _correction_of(parts: Parts, channel_id: str, ts: str) -> View | None:
    """The dialog for an answer of ours; None for any other message."""
    with parts.record() as work:
        question = work.questions.answered_by_message(parts.me.workspace_id, channel_id, ts)
        if question is None:
            return None
        if question.answer is None or question.answer.verdict in SAYING_NOTHING:
            return notice(GONE) if question.answer else notice("This answer is still being written.")
        text = question.answer.text
        return correction(question.id, text if fits(text) else "", voted=False)


def _as_read(parts: Parts, text: str) -> str:
    with parts.record() as work:
        people = work.workspaces.names_of_people(parts.me.workspace_id, people_mentioned(text))
        return render(text, people, work.workspaces.names_of_channels(parts.me.workspace_id))


SHORTCUTS = {SHORTCUT: on_shortcut}
COMMANDS = {"/teach": on_teach}
VIEWS = {view.CALLBACK: on_taught}
