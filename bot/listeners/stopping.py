"""Whoever asked stops the answer: by the button in the reply as it grows, or by a reaction on it or on the question."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.parts import Parts
from bot.telling import tell_privately
from bot.views.answer import STOP_ACTION
from core.knowledge.slack_payloads import Payload

STOPS = frozenset(("octagonal_sign", "x", "no_entry", "no_entry_sign", "raised_hand"))

_NOT_YOURS = "Only {asker}, who asked this, and admins can stop the answer."
_OVER = "There is nothing to stop any more: this answer is finished."


async def stop_by_reaction(parts: Parts, event: Payload) -> None:
    """Whoever asked has seen enough."""
    item = event.get("item") or {}
    if item.get("type") == "message" and event.get("reaction", "").partition("::")[0] in STOPS:
        question_id = await parts.asking.question_of_asker(item["channel"], item["ts"], event["user"])
        await parts.asking.stop(question_id)


async def on_button(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """Everybody in the channel sees the button: it works for whoever asked, and for admins."""
    await ack()
    question_id, person_id = str(body["actions"][0].get("value", "")), body["user"]["id"]
    asker = await parts.asking.asker_of(question_id)
    if asker and (person_id == asker or await parts.permissions.is_admin(person_id)):
        await parts.asking.stop(question_id)
        return
    container = body["container"]
    sentence = _NOT_YOURS.format(asker=f"<@{asker}>") if asker else _OVER
    await tell_privately(parts.client, container["channel_id"], person_id, sentence, container.get("thread_ts", ""))


ACTIONS = {STOP_ACTION: on_button}
