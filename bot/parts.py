"""What a listener works with."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.asking import Asking
from bot.backfilling import Backfilling
from bot.bridge import Bridge
from bot.homes import Homes
from bot.identity import Identity
from bot.inbox import Inbox
from bot.message_intake import MessageIntake
from bot.permissions import Permissions
from bot.redacting import Redacting
from bot.telling_training import TellingTraining
from bot.user_groups import UserGroups
from bot.workspace import Workspace
from core.bootstrap import Services
from core.knowledge.slack_payloads import Heeding
from core.records.unit_of_work import Record
from core.settings import Settings


@dataclass(frozen=True)
class Parts:
    """The bot's parts, made once at start."""

    settings: Settings
    services: Services
    me: Identity
    bridge: Bridge
    inbox: Inbox
    workspace: Workspace
    heeding: Heeding
    intake: MessageIntake
    backfilling: Backfilling
    permissions: Permissions
    asking: Asking
    telling_training: TellingTraining
    homes: Homes
    redacting: Redacting
    user_groups: UserGroups
    client: AsyncWebClient

    @property
    def record(self) -> Record:
        """The system of record; use it through the bridge."""
        return self.services.record
