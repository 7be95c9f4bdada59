"""`/forget` and the buttons that go with it: nothing is forgotten before its author, or an admin, has pressed one."""

from collections.abc import Sequence

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.blocks import Block
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.forget_words import HOW_TO, NotUnderstood, Words, understand
from bot.parts import Parts
from bot.views import forgetting as view
from core.curation import forgettable
from core.curation.forget_requests import forget_person, welcome_back
from core.curation.forgettable import Forgettable, Kind
from core.errors import NotAllowed
from core.knowledge.slack_payloads import Payload

_Reply = tuple[str, Sequence[Block]]


async def on_forget(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """`/forget …`: what would be forgotten, with a button to do it."""
    try:
        words = understand(body.get("text") or "")
    except NotUnderstood as sentence:
        await ack(str(sentence))
        return
    if words.what == "help":
        await ack(HOW_TO)
        return
    await ack()
    text, blocks = await _answer(parts, words, body["user_id"])
    await _reply(parts, body, text, blocks, in_place=False)


async def on_confirmed(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The button under it. Whether this person may is asked again: a role may be gone, the thing be forgotten."""
    await ack()
    value, person_id = str(body["actions"][0]["value"]), body["user"]["id"]
    told = parts.record, parts.me.workspace_id
    if value == view.ME:
        await parts.bridge.run(forget_person, *told, person_id)
        sentence = view.ME_FORGOTTEN
    else:
        try:
            sentence = await _forget(parts, *view.pressed(value), person_id)
        except NotAllowed as refusal:
            sentence = refusal.sentence
    await _reply(parts, body, sentence, view.plain(sentence), in_place=True)


async def on_kept(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The other button."""
    await ack()
    await _reply(parts, body, view.KEPT, view.plain(view.KEPT), in_place=True)


async def _answer(parts: Parts, words: Words, person_id: str) -> _Reply:
    if words.what == "me":
        return view.confirmation_of_me() if not await _is_out(parts, person_id) else (view.ALREADY_OUT, ())
    if words.what == "me back":
        return await _take_back(parts, person_id), ()
    try:
        known = [each for each in await _find(parts, words) if await _may_forget(parts, each, person_id)]
    except NotAllowed as refusal:
        return refusal.sentence, ()
    if not known:
        return (view.NEVER_HEARD if await parts.permissions.is_admin(person_id) else view.NOT_YOURS), ()
    if len(known) > 1:
        return view.choice(known)
    return (view.GONE, ()) if known[0].is_gone else view.confirmation(known[0])


async def _forget(parts: Parts, kind: Kind, subject: str, person_id: str) -> str:
    told = parts.record, parts.me.workspace_id
    known = await parts.bridge.run(forgettable.find_again, *told, kind, subject)
    if known is None or known.is_gone:
        return view.GONE
    if not await _may_forget(parts, known, person_id):
        raise NotAllowed(view.NOT_YOURS)
    await parts.bridge.run(forgettable.forget, *told, known)
    return view.FORGOTTEN


async def _take_back(parts: Parts, person_id: str) -> str:
    if not await _is_out(parts, person_id):
        return view.NOT_OUT
    await parts.bridge.run(welcome_back, parts.record, parts.me.workspace_id, person_id)
    await parts.workspace.relearn_person(person_id)
    return view.BACK


async def _find(parts: Parts, words: Words) -> list[Forgettable]:
    told = parts.record, parts.me.workspace_id
    if words.what == "name":
        return await parts.bridge.run(forgettable.known_by_name, *told, words.named)
    if words.what == "message":
        channel_id, _, ts = words.named.partition(":")
        known = await parts.bridge.run(forgettable.known_message, *told, channel_id, ts)
    elif words.what == "file":
        known = await parts.bridge.run(forgettable.known_file, *told, words.named)
    else:
        known = await parts.bridge.run(forgettable.known_page, *told, words.named)
    return [known] if known else []


async def _may_forget(parts: Parts, known: Forgettable, person_id: str) -> bool:
    """Whose a forgotten thing was is forgotten as well, so whoever has its link may hear that it is gone."""
    return known.is_gone or known.person_id == person_id or await parts.permissions.is_admin(person_id)


async def _is_out(parts: Parts, person_id: str) -> bool:
    return person_id in await parts.bridge.run(_opted_out, parts)


def _opted_out(parts: Parts) -> set[str]:
    with parts.record() as work:
        return work.workspaces.opted_out(parts.me.workspace_id)


async def _reply(parts: Parts, body: Payload, text: str, blocks: Sequence[Block], *, in_place: bool) -> None:
    """For this person alone; after a press in place of what was asked."""
    webhook = AsyncWebhookClient(body["response_url"], session=parts.client.session)
    await webhook.send(
        text=text,
        blocks=list(blocks) or None,
        response_type="ephemeral",
        replace_original=in_place,
        unfurl_links=False,
    )


COMMANDS = {"/forget": on_forget}
ACTIONS = {view.FORGET: on_confirmed, view.KEEP: on_kept}
