"""The switches that tests turn, in one place: as methods here, and over HTTP in switch_routes.py."""

import time
from dataclasses import asdict
from typing import Any

from bot.sandbox import channels
from bot.sandbox.changes import AppUninstalled, PersonChanged, PersonJoined, UserGroupChanged
from bot.sandbox.context import Context
from bot.sandbox.faults import Fault
from bot.sandbox.ids import stable_id
from bot.sandbox.model import Payload, Person
from bot.sandbox.workspace import SlackError

_CHANGEABLE = ("real_name", "title", "is_admin", "is_guest", "deleted")


class Switches:
    """What a test may do to a running sandbox."""

    def __init__(self, context: Context) -> None:
        self._context = context

    # Web API

    def add_fault(self, method: str = "*", kind: str = "rate_limit", **details: Any) -> None:
        """Makes the next call(s) of `method` (``*``: of any) fail; the fields are those of faults.Fault."""
        if kind not in ("rate_limit", "status", "error", "delay", "drop"):
            raise ValueError(f"there is no fault {kind!r}")
        self._context.faults.add(Fault(method, kind, **details))  # type: ignore[arg-type]  # checked just above

    def rate_limit(self, method: str = "*", *, times: int = 1, retry_after: int = 1) -> None:
        """Answers the next calls with 429; `retry_after` is in seconds."""
        self.add_fault(method, "rate_limit", times=times, retry_after=retry_after)

    def clear_faults(self) -> None:
        """Back to good behaviour."""
        self._context.faults.clear()

    def set_streaming(self, error: str | None = None, die_after: int | None = None) -> None:
        """Refuses to start streams with `error`; lets a stream take only `die_after` appends. None: as usual."""
        self._context.faults.streaming_error = error
        self._context.faults.streams_die_after = die_after

    def end_streams(self) -> int:
        """Lets every open stream die of old age; returns how many there were."""
        return self._context.streams.end_all()

    def set_downloads(self, login_page: int = 0, connect_stub: bool = False) -> None:
        """Answers so many downloads with the login page; sends files to the bot as Slack Connect stubs."""
        self._context.faults.login_page_downloads = login_page
        self._context.faults.connect_files = connect_stub

    # Socket Mode

    def drop_sockets(self) -> int:
        """Cuts the bot's connections; returns how many there were."""
        return self._context.socket_mode.drop_sockets()

    async def disconnect(self, reason: str = "refresh_requested", close_after: float = 10.0) -> None:
        """Asks the bot to reconnect, with Slack's reasons `warning` or `refresh_requested`."""
        await self._context.socket_mode.send_disconnect(reason, close_after)

    def hold_events(self) -> None:
        """Keeps back what the bot would hear from now on."""
        self._context.socket_mode.queue.hold()

    def release_events(self, newest_first: bool = False) -> int:
        """Lets go of what was held, in order or newest first; returns how many events."""
        return self._context.socket_mode.queue.release(newest_first=newest_first)

    def lose_acks(self, times: int) -> None:
        """Overlooks the next acknowledgements, so that events are sent again."""
        self._context.socket_mode.lose_acks(times)

    def repeat_events(self, times: int) -> None:
        """Sends the next events twice."""
        self._context.socket_mode.queue.repeat(times)

    # The workspace

    def share_channel(self, channel: str, shared: bool = True) -> None:
        """Shares a channel with another company. Raises SlackError ``channel_not_found``."""
        found = self._context.workspace.channels.get(channel)
        if found is None:
            raise SlackError("channel_not_found")
        channels.share_with_another_company(self._context.workspace, found, shared)

    def add_person(self, name: str, real_name: str = "", is_admin: bool = False, is_guest: bool = False) -> Payload:
        """Lets somebody join the workspace; returns their id and token. Raises SlackError ``name_taken``."""
        workspace = self._context.workspace
        if any(person.name == name for person in workspace.people.values()):
            raise SlackError("name_taken")
        person = Person(
            id=stable_id("U", name),
            name=name,
            real_name=real_name or name,
            is_admin=is_admin,
            is_guest=is_guest,
            updated=int(time.time()),
        )
        workspace.people[person.id] = person
        workspace.announce(PersonJoined(person))
        return {"id": person.id, "token": workspace.token_of(person.id)}

    def set_user_group(self, group: str, users: list[str]) -> None:
        """Makes a user group of these people, or changes who is in it."""
        workspace = self._context.workspace
        before = workspace.user_groups.get(group, [])
        workspace.user_groups[group] = list(users)
        added, removed = set(users) - set(before), set(before) - set(users)
        workspace.announce(UserGroupChanged(group, tuple(sorted(added)), tuple(sorted(removed))))

    def change_person(self, user: str, **fields: Any) -> None:
        """Changes a profile, a role, or deactivates somebody. Raises ValueError for an unknown field."""
        unknown = set(fields) - set(_CHANGEABLE)
        if unknown:
            raise ValueError(f"a person has no {', '.join(sorted(unknown))}")
        person = self._context.workspace.person(user)
        for name, value in fields.items():
            setattr(person, name, value)
        person.updated = int(time.time())
        self._context.workspace.announce(PersonChanged(person))

    def uninstall(self) -> None:
        """Tells the bot that it was uninstalled; its token is worth nothing afterwards."""
        self._context.workspace.app.installed = False
        self._context.workspace.announce(AppUninstalled())

    # What happened

    def calls(self, method: str | None = None) -> list[Payload]:
        """The Web API calls received, oldest first, without tokens."""
        return [asdict(call) for call in self._context.faults.calls if method in (None, call.method)]

    def forget_calls(self) -> None:
        """Empties the record of calls."""
        self._context.faults.calls.clear()

    def state(self) -> Payload:
        """Sockets connected, events not yet acknowledged, events given up."""
        socket_mode = self._context.socket_mode
        return {
            "sockets": len(socket_mode.connections),
            "pending_events": len(socket_mode.pending_payloads()),
            "abandoned_events": socket_mode.abandoned,
        }
