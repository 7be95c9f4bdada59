"""The Bolt app, built from its parts, and the table of who listens to what."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.answer_queue import AnswerQueue
from bot.asking import Asking
from bot.backfilling import Backfilling
from bot.bridge import Bridge
from bot.clients import Clients, posting_client, web_client
from bot.failures import describe
from bot.homes import Homes
from bot.identity import Identity
from bot.inbox import Inbox
from bot.listeners import (
    catch_all,
    commands,
    corrections,
    feedback,
    files,
    forgetting,
    home,
    ingest,
    leaving,
    membership,
    mentions,
    messages,
    retraining,
    review,
    stopping,
    teaching,
    user_groups,
)
from bot.message_intake import MessageIntake
from bot.parts import Parts
from bot.permissions import Permissions
from bot.rate_limit import RateLimit
from bot.redacting import Redacting
from bot.reply_messages import ReplyMessages
from bot.scoping import Scoping
from bot.telling_training import TellingTraining
from bot.user_groups import UserGroups
from bot.workspace import Workspace
from core.bootstrap import Services
from core.knowledge.slack_payloads import Heeding
from core.settings import Settings

log = logging.getLogger(__name__)

LISTENERS = (
    messages,
    mentions,
    files,
    membership,
    leaving,
    user_groups,
    home,
    commands,
    feedback,
    corrections,
    stopping,
    ingest,
    forgetting,
    retraining,
    review,
    teaching,
)
"""Each has tables of what it listens to: EVENTS, ACTIONS, COMMANDS, SHORTCUTS or VIEWS."""


def build_parts(settings: Settings, services: Services, session: aiohttp.ClientSession, me: Identity) -> Parts:
    """The bot's parts, wired."""
    clients = Clients(
        safe=web_client(settings, settings.slack_bot_token, session),
        once=posting_client(settings, settings.slack_bot_token, session),
    )
    record = services.record
    bridge = Bridge(settings.answers_at_once)
    workspace = Workspace(clients.safe, record, bridge, me)
    asking = Asking(
        record,
        services.answering,
        bridge,
        AnswerQueue(settings.answers_at_once, settings.answers_waiting),
        RateLimit(settings.questions_per_minute),
        Scoping(record, bridge, workspace, settings.membership_max_age_s),
        clients,
        ReplyMessages(record, bridge, clients.safe, me),
        session,
        me.workspace_id,
    )
    heeding = Heeding(me.bot_user_id, me.bot_id, settings.listened_bots)
    intake = MessageIntake(record, bridge, workspace, me, heeding, follow_ups=settings.follow_ups)
    return Parts(
        settings=settings,
        services=services,
        me=me,
        bridge=bridge,
        inbox=Inbox(record, bridge, me),
        workspace=workspace,
        heeding=heeding,
        intake=intake,
        backfilling=Backfilling(record, bridge, workspace, intake, clients, me),
        permissions=Permissions(clients.safe, record, bridge, workspace, me, settings.admin_ids),
        asking=asking,
        telling_training=TellingTraining(services, bridge, clients, me),
        homes=Homes(clients.safe, services, bridge, workspace, me),
        redacting=Redacting(record, bridge, clients, session, me.workspace_id),
        user_groups=UserGroups(clients.safe, record, bridge, me, settings.reviewer_group_ids),
        client=clients.safe,
    )


def build_app(parts: Parts) -> AsyncApp:
    """The app with every listener registered."""
    # The inbox comes before authorization: an event is stored even if Slack cannot be asked who we are just now.
    app = AsyncApp(client=parts.client, before_authorize=parts.inbox.hear, name="journeyman")
    for kind, on_event in _named_in("EVENTS"):
        app.event(kind)(parts.inbox.handling(partial(on_event, parts)))
    app.event(re.compile(".*"))(parts.inbox.handling(partial(catch_all.on_anything, parts)))
    for table, register in (
        ("ACTIONS", app.action),
        ("COMMANDS", app.command),
        ("SHORTCUTS", app.message_shortcut),
        ("VIEWS", app.view),
    ):
        for name, on_interaction in _named_in(table):
            register(name)(_interaction(parts, on_interaction))
    app.error(_log_error)
    return app


def _named_in(table: str) -> Iterator[tuple[str, Callable[..., Awaitable[None]]]]:
    """What Slack calls it, and who listens to it."""
    for module in LISTENERS:
        yield from getattr(module, table, {}).items()


def _interaction(
    parts: Parts, listener: Callable[[Parts, dict[str, Any], AsyncAck], Awaitable[None]]
) -> Callable[..., Awaitable[None]]:
    """A listener to what somebody pressed, typed or sent; it acknowledges by itself, within Slack's three seconds."""

    async def handle(body: dict[str, Any], ack: AsyncAck) -> None:
        await listener(parts, body, ack)

    return handle


async def _log_error(error: Exception) -> None:
    """Without an acknowledgement Slack tries again, or tells the person that it did not work."""
    log.error("A request from Slack could not be taken: %s", describe(error))
