"""Which events the bot hears for each change: those it subscribed to, of the conversations it is in."""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.sandbox import changes, files
from bot.sandbox.channel_events import channel_events
from bot.sandbox.faults import Faults
from bot.sandbox.ids import new_id, timestamp
from bot.sandbox.manifest import Manifest
from bot.sandbox.model import Channel, Payload
from bot.sandbox.payloads import shown_person
from bot.sandbox.workspace import Workspace

_MESSAGE_SUBSCRIPTION = {
    "public": "message.channels",
    "private": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


@dataclass(frozen=True)
class Event:
    """An event and the subscription that an app needs in order to hear it."""

    subscription: str
    payload: Payload
    channel: Channel | None = None


class BotEvents:
    """Listens to the workspace and hands the bot's events to `deliver`, each in Slack's outer payload."""

    def __init__(
        self,
        workspace: Workspace,
        manifest: Manifest,
        faults: Faults,
        deliver: Callable[[Payload], None],
    ) -> None:
        self._workspace = workspace
        self._manifest = manifest
        self._faults = faults
        self._deliver = deliver

    def hear(self, change: changes.Change) -> None:
        """Delivers the events that a change makes, if the app is installed and subscribed to them."""
        if not self._workspace.app.installed and not isinstance(change, changes.AppUninstalled):
            return
        for event in self._events(change):
            if self._manifest.subscribes(event.subscription):
                self._deliver(self._wrapped(event))

    def _events(self, change: changes.Change) -> Iterator[Event]:
        match change:
            case changes.MessagePosted(channel, message) if self._hears(channel):
                yield from self._posted(channel, message)
            case changes.MessageChanged(channel, message, previous) if self._hears(channel):
                yield self._message_event(channel, "message_changed", message=message, previous_message=previous)
            case changes.MessageDeleted(channel, previous) if self._hears(channel):
                yield self._message_event(
                    channel, "message_deleted", previous_message=previous, deleted_ts=previous["ts"]
                )
            case changes.ReactionChanged(channel, message) if self._hears(channel):
                yield self._reaction(change)
            case changes.FileShared(channel, file) if self._hears(channel):
                stub = {"file_id": file.id, "user_id": file.owner, "file": {"id": file.id}}
                yield Event("file_created", {"type": "file_created", **stub}, channel)
                yield Event("file_shared", {"type": "file_shared", "channel_id": channel.id, **stub}, channel)
            case changes.FileChanged(file) if self._hears_any(tuple(file.shares)):
                yield Event("file_change", {"type": "file_change", "file_id": file.id, "file": {"id": file.id}})
            case changes.FileDeleted(file, channel_ids) if self._hears_any(channel_ids):
                gone: Payload = {"type": "file_deleted", "file_id": file.id, "channel_ids": list(channel_ids)}
                yield Event("file_deleted", gone)
            case changes.PersonJoined() | changes.PersonChanged() | changes.UserGroupChanged():
                yield self._about_people(change)
            case changes.HomeOpened(person_id, channel, tab, view):
                payload = {"type": "app_home_opened", "user": person_id, "channel": channel.id, "tab": tab}
                yield Event("app_home_opened", payload | ({"view": view} if view else {}), channel)
            case changes.AppUninstalled():
                revoked = {"oauth": [], "bot": [self._workspace.app.bot_user_id]}
                yield Event("tokens_revoked", {"type": "tokens_revoked", "tokens": revoked})
                yield Event("app_uninstalled", {"type": "app_uninstalled"})
            case _:
                for payload in channel_events(self._workspace, change):
                    yield Event(payload["type"], payload)

    def _hears(self, channel: Channel) -> bool:
        return self._workspace.app.bot_user_id in channel.members

    def _hears_any(self, channel_ids: tuple[str, ...]) -> bool:
        channels = (self._workspace.channels.get(channel_id) for channel_id in channel_ids)
        return any(channel is not None and self._hears(channel) for channel in channels)

    def _posted(self, channel: Channel, message: Payload) -> Iterator[Event]:
        event = {"channel": channel.id, "channel_type": channel.event_type} | self._as_apps_see(channel, message)
        if message.get("files"):
            event.setdefault("subtype", "file_share")
        event["event_ts"] = message["ts"]
        yield Event(_MESSAGE_SUBSCRIPTION[channel.kind], event, channel)
        mention = f"<@{self._workspace.app.bot_user_id}"
        is_own = self._workspace.is_bot(message["user"])
        system = message.get("subtype") not in (None, "thread_broadcast")
        if mention in message["text"] and channel.kind != "im" and not is_own and not system:
            left_out = ("subtype", "channel_type", "parent_user_id")
            mentioned = {key: value for key, value in event.items() if key not in left_out}
            yield Event("app_mention", mentioned | {"type": "app_mention"}, channel)

    def _message_event(self, channel: Channel, subtype: str, **fields: object) -> Event:
        now = timestamp(time.time())
        payload: Payload = {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": channel.id,
            "channel_type": channel.event_type,
            "ts": now,
            "event_ts": now,
        }
        for key, value in fields.items():
            payload[key] = self._as_apps_see(channel, value) if isinstance(value, dict) else value
        return Event(_MESSAGE_SUBSCRIPTION[channel.kind], payload, channel)

    def _as_apps_see(self, channel: Channel, message: Payload) -> Payload:
        seen = copy.deepcopy(message)
        seen.pop("streaming", None)
        if seen.get("files"):
            seen["files"] = [self._file_as_apps_see(channel, file) for file in seen["files"]]
        return seen

    def _file_as_apps_see(self, channel: Channel, file: Payload) -> Payload:
        as_stub = self._faults.connect_files or channel.is_ext_shared
        return files.shown_to_apps(file) if as_stub and file["mode"] != "tombstone" else file

    def _reaction(self, change: changes.ReactionChanged) -> Event:
        name = "reaction_added" if change.added else "reaction_removed"
        payload: Payload = {
            "type": name,
            "user": change.person_id,
            "reaction": change.reaction,
            "item": {"type": "message", "channel": change.channel.id, "ts": change.message["ts"]},
            "item_user": change.message["user"],
        }
        return Event(name, payload, change.channel)

    def _about_people(self, change: changes.PersonJoined | changes.PersonChanged | changes.UserGroupChanged) -> Event:
        match change:
            case changes.PersonJoined(person):
                return Event("team_join", {"type": "team_join", "user": shown_person(self._workspace, person)})
            case changes.PersonChanged(person):
                return Event("user_change", {"type": "user_change", "user": shown_person(self._workspace, person)})
            case changes.UserGroupChanged(group_id, added, removed):
                members = {"subteam_id": group_id, "added_users": list(added), "removed_users": list(removed)}
                return Event("subteam_members_changed", {"type": "subteam_members_changed", **members})

    def _wrapped(self, event: Event) -> Payload:
        workspace = self._workspace
        now = time.time()
        payload = {"event_ts": timestamp(now)} | event.payload
        authorization = {
            "enterprise_id": None,
            "team_id": workspace.team.id,
            "user_id": workspace.app.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "sandbox-verification-token",
            "team_id": workspace.team.id,
            "context_team_id": workspace.team.id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app.id,
            "event": payload,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(now),
            "authorizations": [authorization],
            "is_ext_shared_channel": event.channel is not None and event.channel.is_ext_shared,
            "event_context": new_id("4-"),
        }
