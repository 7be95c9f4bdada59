"""`/ingest` and the buttons that go with it: reading history and pages, switching listening off and on."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.failures import TRANSIENT, describe
from bot.ingest_words import HOW_TO, NotUnderstood, Verb, Words, understand
from bot.parts import Parts
from bot.permissions import OpenChannel
from bot.views import ingesting as view
from core.errors import JourneymanError, NotAllowed
from core.knowledge import channels
from core.knowledge.backfilling import Progress, WantedChannel, unfinished_backfills
from core.knowledge.pages import want_pages
from core.knowledge.slack_payloads import Payload
from core.records.workspaces import ChannelKind

log = logging.getLogger(__name__)

_DIRECT = "D"
"""What Slack's ids of direct messages begin with."""


async def on_ingest(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """`/ingest …`. What takes longer than Slack waits for comes through the command's reply address."""
    try:
        words = understand(body.get("text") or "")
    except NotUnderstood as sentence:
        await ack(str(sentence))
        return
    await ack()
    await _carry_out(parts, body, _DEEDS[words.verb](parts, words, body["channel_id"], body["user_id"]))


async def on_begin(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The button under the offer to read a channel's history."""
    await ack()
    channel_id = str(body["actions"][0]["value"])
    await _carry_out(parts, body, _read_named(parts, Words("read"), channel_id, body["user"]["id"]))


async def on_stop(parts: Parts, body: Payload, ack: AsyncAck) -> None:
    """The button under the progress of a back-fill."""
    await ack()
    await _carry_out(parts, body, _stop_pressed(parts, str(body["actions"][0]["value"]), body["user"]["id"]))


async def _carry_out(parts: Parts, body: Payload, deed: Awaitable[str]) -> None:
    """Do it, and tell whoever asked what came of it; an empty sentence is not told."""
    try:
        sentence = await deed
    except JourneymanError as refusal:
        sentence = refusal.sentence
    except (SlackApiError, *TRANSIENT) as error:
        log.warning("What somebody asked for could not be done: %s", describe(error))
        sentence = view.NOT_JUST_NOW
    if sentence:
        await _reply(parts, body, sentence)


async def _read_named(parts: Parts, words: Words, here: str, person_id: str) -> str:
    opened = [await _open(parts, each, person_id) for each in words.channels or (here,)]
    wanted = {each.channel.id: each for each in opened}  # the same one may be named by its id and by its name
    return await _read(parts, words, list(wanted.values()), here, person_id)


async def _read_all(parts: Parts, words: Words, here: str, person_id: str) -> str:
    return await _read(parts, words, await _every_channel(parts, person_id), here, person_id)


async def _open(parts: Parts, named: str, person_id: str) -> OpenChannel:
    return await parts.permissions.open_channel(named, person_id)


async def _every_channel(parts: Parts, person_id: str) -> list[OpenChannel]:
    if not await parts.permissions.is_admin(person_id):
        raise NotAllowed("Only admins can have everything read. `/ingest` reads the channel that you are in.")
    listened = [
        channel
        for channel in await parts.bridge.run(_channels, parts)
        if channel.is_listened_to and channel.bot_is_in and channel.kind is not ChannelKind.DM
    ]
    if not listened:
        raise NotAllowed(f"I am in no channel yet. Invite me with `/invite` <@{parts.me.bot_user_id}>, then try again.")
    return [OpenChannel(channel, created=0.0) for channel in listened]


async def _read(parts: Parts, words: Words, wanted: Sequence[OpenChannel], here: str, person_id: str) -> str:
    switched_off = [each.channel.id for each in wanted if not each.channel.listening]
    if switched_off:
        raise NotAllowed(f"Listening is switched off in {view.named(switched_off)}. Switch it on with `/ingest on`.")
    # What concerns this channel is told in it; about other channels only the person who asked is told.
    told_in = here if [each.channel.id for each in wanted] == [here] else person_id
    asked = [WantedChannel(each.channel.id, each.created, words.since) for each in wanted]
    return view.begun(await parts.backfilling.begin(person_id, told_in, asked), told_here=told_in == here)


async def _pages(parts: Parts, words: Words, here: str, person_id: str) -> str:
    opened = await _open(parts, here, person_id)
    if not opened.channel.listening:
        raise NotAllowed("Listening is switched off in this channel. Switch it on with `/ingest on`.")
    await parts.bridge.run(want_pages, parts.record, opened.channel, words.pages, person_id)
    return view.pages_wanted(words.pages)


async def _status(parts: Parts, words: Words, here: str, person_id: str) -> str:
    named = words.channels[0] if words.channels else here
    # In direct messages there is nothing to read, but there the bot tells of what it reads elsewhere.
    channel = None if named.startswith(_DIRECT) else (await _open(parts, named, person_id)).channel
    is_admin = await parts.permissions.is_admin(person_id)
    mine = [
        each
        for each in await _under_way(parts)
        if is_admin or each.backfill.person_id == person_id or (channel and _concerns(each, (channel.id,)))
    ]
    waiting = await parts.bridge.run(_count_due, parts)
    return view.status(channel, mine, waiting)


async def _stop(parts: Parts, under_way: Sequence[Progress], person_id: str, here: str = "") -> int:
    """Stop what the person asked for; of what others asked for, the channels (`here` only, if given) that are theirs.

    Returns how many channels were still being read.
    """
    stopped = 0
    for progress in under_way:
        if progress.backfill.person_id == person_id or await parts.permissions.is_admin(person_id):
            stopped += await parts.backfilling.stop(progress.backfill.id)
            continue
        for channel in progress.channels:
            if here in ("", channel.channel_id):
                opened = await _open(parts, channel.channel_id, person_id)
                stopped += await parts.backfilling.stop(progress.backfill.id, [opened.channel.id])
    return stopped


async def _stop_pressed(parts: Parts, backfill_id: str, person_id: str) -> str:
    under_way = [each for each in await _under_way(parts) if each.backfill.id == backfill_id]
    return "" if await _stop(parts, under_way, person_id) else view.NOTHING_TO_STOP  # the message itself tells the rest


async def _stop_reading(parts: Parts, words: Words, here: str, person_id: str) -> str:
    """The channels that were named and no others; without names, what the person asked for and what is read here."""
    under_way = await _under_way(parts)
    if words.channels:
        named = [(await _open(parts, each, person_id)).channel.id for each in words.channels]
        stopped = sum([await parts.backfilling.stop(each.backfill.id, named) for each in under_way])
    else:
        mine = [each for each in under_way if each.backfill.person_id == person_id or _concerns(each, (here,))]
        stopped = await _stop(parts, mine, person_id, here)
    return view.STOPPED if stopped else view.NOTHING_TO_STOP


async def _help(_parts: Parts, _words: Words, _here: str, _person_id: str) -> str:
    return HOW_TO


async def _switch(parts: Parts, words: Words, here: str, person_id: str) -> str:
    for each in [await _open(parts, each, person_id) for each in words.channels or (here,)]:
        told = (parts.record, parts.me.workspace_id, each.channel.id)
        if words.verb == "keep":
            await parts.bridge.run(channels.set_retention, *told, words.days)
        else:
            await parts.bridge.run(channels.set_listening, *told, listening=words.verb == "on")
        sentence = view.switched(words.verb, words.days, person_id)
        await parts.client.chat_postMessage(channel=each.channel.id, text=sentence)
    return view.DONE


async def _under_way(parts: Parts) -> list[Progress]:
    return await parts.bridge.run(unfinished_backfills, parts.record, parts.me.workspace_id)


def _concerns(progress: Progress, channel_ids: Sequence[str]) -> bool:
    return any(channel.channel_id in channel_ids for channel in progress.channels)


def _channels(parts: Parts) -> Any:
    with parts.record() as work:
        return work.workspaces.channels(parts.me.workspace_id)


def _count_due(parts: Parts) -> int:
    with parts.record() as work:
        return work.documents.count_due()


async def _reply(parts: Parts, body: Payload, sentence: str) -> None:
    """For this person alone: by the command's own address, which is good also where the bot is not let in."""
    webhook = AsyncWebhookClient(body["response_url"], session=parts.client.session)
    await webhook.send(text=sentence, response_type="ephemeral", replace_original=False, unfurl_links=False)


_DEEDS: dict[Verb, Callable[[Parts, Words, str, str], Awaitable[str]]] = {
    "read": _read_named,
    "read all": _read_all,
    "pages": _pages,
    "status": _status,
    "stop": _stop_reading,
    "on": _switch,
    "off": _switch,
    "keep": _switch,
    "help": _help,
}
COMMANDS = {"/ingest": on_ingest}
ACTIONS = {view.BEGIN_ACTION: on_begin, view.STOP_ACTION: on_stop}
