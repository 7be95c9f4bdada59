"""Slash commands, buttons, shortcuts and dialogs: what a person does on the page, as the payload an app receives."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from bot.sandbox import blocks, messages
from bot.sandbox.changes import HomeOpened
from bot.sandbox.channels import open_direct
from bot.sandbox.ephemerals import Ephemerals
from bot.sandbox.ids import timestamp
from bot.sandbox.manifest import Manifest
from bot.sandbox.modals import Modals
from bot.sandbox.model import Channel, Payload
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.socket_mode import NoSocketError, SocketMode
from bot.sandbox.workspace import SlackError, Workspace

_VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - a made-up value, good nowhere


@dataclass
class Interactivity:
    """Builds the payloads, waits for the acknowledgements and does what they say.

    Every call raises SlackError ``dispatch_failed`` when no app is connected, ``operation_timeout`` when it does not
    answer."""

    workspace: Workspace
    manifest: Manifest
    socket_mode: SocketMode
    modals: Modals
    response_urls: ResponseUrls
    ephemerals: Ephemerals

    async def command(self, person_id: str, channel_id: str, command: str, text: str) -> None:
        """Runs a slash command. Raises SlackError ``unknown_command``, ``operation_timeout``, ``dispatch_failed``."""
        if not self.manifest.knows_command(command):
            raise SlackError("unknown_command")
        channel = self.workspace.joined_channel(person_id, channel_id)
        person, team = self.workspace.person(person_id), self.workspace.team
        names = {"private": "privategroup", "im": "directmessage", "mpim": channel.name}
        payload = {
            "token": _VERIFICATION_TOKEN,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": names.get(channel.kind, channel.name),
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_urls.issue(person_id, channel.id),
            "trigger_id": self.modals.new_trigger(person_id),
        }
        answer = await self._ask("slash_commands", payload)
        if answer.get("text") or answer.get("blocks") or answer.get("attachments"):
            self.response_urls.respond(person_id, channel.id, answer)

    async def message_action(self, person_id: str, channel_id: str, ts: str, action: Payload, state: Payload) -> None:
        """A press or a choice in a message. Raises SlackError ``message_not_found`` or ``action_not_found``."""
        channel = self.workspace.visible_channel(person_id, channel_id)
        ephemeral = self.ephemerals.find(channel, person_id, ts)
        message = ephemeral or messages.find(channel, ts)
        _require_action(message.get("blocks") or [], action)
        is_ephemeral = ephemeral is not None
        container: Payload = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel.id,
            "is_ephemeral": is_ephemeral,
        }
        if "thread_ts" in message:
            container["thread_ts"] = message["thread_ts"]
        response_url = self.response_urls.issue(
            person_id,
            channel.id,
            message_ts=ts,
            is_ephemeral=is_ephemeral,
            thread_ts=message.get("thread_ts"),
        )
        payload = self._block_actions(person_id, container, action) | {
            "channel": _short_channel(channel),
            "state": state or {"values": {}},
            "response_url": response_url,
        }
        if not is_ephemeral:
            payload["message"] = messages.shown(channel, message)
        await self._ask("interactive", payload)

    async def view_action(self, person_id: str, view_id: str, action: Payload, state: Payload) -> None:
        """A press or a choice in a dialog or in the App Home. Raises SlackError ``not_found``, ``action_not_found``."""
        view = self.modals.visible(person_id, view_id)
        _require_action(view["blocks"], action)
        if state:
            view["state"] = state
        container = {"type": "view", "view_id": view_id}
        await self._ask("interactive", self._block_actions(person_id, container, action) | {"view": view})

    async def shortcut(self, person_id: str, callback_id: str, channel_id: str, ts: str) -> None:
        """A message shortcut. Raises SlackError ``unknown_shortcut`` or ``message_not_found``."""
        if not any(each["callback_id"] == callback_id for each in self.manifest.shortcuts):
            raise SlackError("unknown_shortcut")
        channel = self.workspace.visible_channel(person_id, channel_id)
        message = messages.find(channel, ts)
        url = self.response_urls.issue(person_id, channel.id, message_ts=ts, thread_ts=message.get("thread_ts"))
        payload = self._from_person("message_action", person_id) | {
            "action_ts": timestamp(time.time()),
            "callback_id": callback_id,
            "trigger_id": self.modals.new_trigger(person_id),
            "channel": _short_channel(channel),
            "message_ts": ts,
            "message": messages.shown(channel, message),
            "response_url": url,
        }
        await self._ask("interactive", payload)

    async def submit(self, person_id: str, view_id: str, state: Payload) -> Payload:
        """Sends a dialog off and does what the app's acknowledgement says; returns that for the page."""
        view = self.modals.visible(person_id, view_id)
        view["state"] = state
        payload = self._from_person("view_submission", person_id) | {
            "trigger_id": self.modals.new_trigger(person_id),
            "view": view,
            "response_urls": [],
        }
        answer = await self._ask("interactive", payload)
        match answer.get("response_action"):
            case "errors":
                return {"response_action": "errors", "errors": answer.get("errors", {})}
            case "update":
                updated = self.modals.update(answer.get("view"), view_id=view_id)
                return {"response_action": "update", "view": updated}
            case "push":
                return {
                    "response_action": "push",
                    "view": self.modals.push_for(person_id, answer.get("view")),
                }
            case "clear":
                self.modals.close_all(person_id)
                return {"response_action": "clear"}
            case _:
                self.modals.close_top(person_id, view_id)
                return {"response_action": None}

    async def close(self, person_id: str, view_id: str) -> None:
        """Closes a dialog, and tells the app if it asked to be told. Raises SlackError ``not_found``."""
        view = self.modals.visible(person_id, view_id)
        if view.get("clear_on_close"):
            self.modals.close_all(person_id)
        else:
            self.modals.close_top(person_id, view_id)
        if view.get("notify_on_close"):
            closed = self._from_person("view_closed", person_id) | {"view": view, "is_cleared": False}
            await self._ask("interactive", closed)

    def open_home(self, person_id: str, tab: str = "home") -> None:
        """Tells the app that someone opened its App Home (`tab` is home or messages)."""
        channel = open_direct(self.workspace, [person_id, self.workspace.app.bot_user_id])
        home = self.workspace.homes.get(person_id)
        self.workspace.announce(HomeOpened(person_id, channel, tab, home))

    async def _ask(self, kind: str, payload: Payload) -> Payload:
        try:
            return await self.socket_mode.ask(kind, payload)
        except NoSocketError:
            raise SlackError("dispatch_failed") from None
        except TimeoutError:
            raise SlackError("operation_timeout") from None

    def _block_actions(self, person_id: str, container: Payload, action: Payload) -> Payload:
        pressed = action | {"action_ts": timestamp(time.time())}
        return self._from_person("block_actions", person_id) | {
            "container": container,
            "trigger_id": self.modals.new_trigger(person_id),
            "actions": [pressed],
        }

    def _from_person(self, kind: str, person_id: str) -> Payload:
        person, team = self.workspace.person(person_id), self.workspace.team
        return {
            "type": kind,
            "token": _VERIFICATION_TOKEN,
            "api_app_id": self.workspace.app.id,
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": team.id},
        }


def _short_channel(channel: Channel) -> Payload:
    names = {"private": "privategroup", "im": "directmessage"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


def _require_action(in_blocks: Iterable[Payload], action: Payload) -> None:
    """Fills in the block id where the page left it out, and refuses what is not in the blocks."""
    for block_id, action_id in blocks.actions_in(list(in_blocks)):
        if action_id == action.get("action_id") and action.get("block_id", block_id) == block_id:
            action["block_id"] = block_id
            return
    raise SlackError("action_not_found")
