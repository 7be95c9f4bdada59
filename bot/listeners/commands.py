"""Slash commands."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.parts import Parts
from bot.views import notices
from core.answering.questions import AskedQuestion
from core.knowledge.rendering import people_mentioned, render
from core.knowledge.slack_payloads import Payload
from core.records.questions import AskedBy

_TYPE_OF_NAME = {"directmessage": "im", "privategroup": "group"}


async def on_ask(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """`/ask …`: an answer that only the asker sees. The question is kept before Slack is told that it arrived."""
    text = (body.get("text") or "").strip()
    if not text:
        await ack(notices.HOW_TO_ASK)
        return
    await parts.workspace.know_channel(body["channel_id"], _TYPE_OF_NAME.get(body.get("channel_name", ""), ""))
    asked = AskedQuestion(
        workspace_id=parts.me.workspace_id,
        channel_id=body["channel_id"],
        asked_ts=body["trigger_id"],
        person_id=body["user_id"],
        text=await parts.bridge.run(_as_read, parts, text),
        asked_by=AskedBy.COMMAND,
        ephemeral=True,
        reply_to=body.get("response_url", ""),
    )
    question_id = await parts.asking.keep(asked)
    await ack(notices.looking_up(text))
    if question_id:
        parts.asking.begin(question_id)


def _as_read(parts: Parts, text: str) -> str:
    with parts.record() as work:
        people = work.workspaces.names_of_people(parts.me.workspace_id, people_mentioned(text))
        return render(text, people, work.workspaces.names_of_channels(parts.me.workspace_id))


COMMANDS = {"/ask": on_ask}
