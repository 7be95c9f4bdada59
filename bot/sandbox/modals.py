"""Dialogs: trigger ids that open them, the stack that each person has open, and the App Home."""

import copy
import secrets
import time
from dataclasses import dataclass, field

from bot.sandbox.blocks import MAX_VIEW_BLOCKS, checked_blocks
from bot.sandbox.changes import StateTouched
from bot.sandbox.ids import new_id
from bot.sandbox.model import Payload
from bot.sandbox.page_hub import PageHub
from bot.sandbox.workspace import SlackError, Workspace

TRIGGER_SECONDS = 3.0
_TRIGGERS_KEPT = 1000
_MAX_STACK = 3
_MAX_TITLE = 24
_FIELD_LIMITS = {"callback_id": 255, "external_id": 255, "private_metadata": 3000}


@dataclass
class _Trigger:
    person_id: str
    expires_at: float
    used: bool = False


@dataclass
class OpenView:
    """A dialog on somebody's screen."""

    person_id: str
    payload: Payload


@dataclass
class Modals:
    """The dialogs and App Homes of everybody."""

    workspace: Workspace
    hub: PageHub
    trigger_seconds: float = TRIGGER_SECONDS
    _triggers: dict[str, _Trigger] = field(default_factory=dict)
    _stacks: dict[str, list[OpenView]] = field(default_factory=dict)

    def new_trigger(self, person_id: str) -> str:
        """A trigger id: good once, for a few seconds."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        while len(self._triggers) >= _TRIGGERS_KEPT:
            del self._triggers[next(iter(self._triggers))]
        self._triggers[trigger_id] = _Trigger(person_id, time.monotonic() + self.trigger_seconds)
        return trigger_id

    def open(self, trigger_id: str, view: object) -> Payload:
        """Raises SlackError ``invalid_trigger_id``, ``expired_trigger_id`` or ``exchanged_trigger_id``."""
        checked = self._checked(view, "modal")
        person_id = self._exchange(trigger_id)
        opened = self._as_opened(checked, root_id=None, previous_id=None)
        self._stacks[person_id] = [OpenView(person_id, opened)]
        self.hub.push(person_id, {"type": "view_open", "view": opened})
        return opened

    def push(self, trigger_id: str, view: object) -> Payload:
        """Puts a view on top of the open one. Raises also ``push_limit_reached`` and ``not_found`` (nothing open)."""
        checked = self._checked(view, "modal")
        person_id = self._exchange(trigger_id)
        return self.push_for(person_id, checked)

    def push_for(self, person_id: str, view: object) -> Payload:
        """The same without a trigger, for an acknowledgement that says so."""
        checked = self._checked(view, "modal")
        stack = self._stacks.get(person_id)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= _MAX_STACK:
            raise SlackError("push_limit_reached")
        root, previous = stack[0].payload["id"], stack[-1].payload["id"]
        opened = self._as_opened(checked, root_id=root, previous_id=previous)
        stack.append(OpenView(person_id, opened))
        self.hub.push(person_id, {"type": "view_push", "view": opened})
        return opened

    def update(self, view: object, *, view_id: str = "", external_id: str = "", hash_: str = "") -> Payload:
        """Raises SlackError ``not_found`` or ``hash_conflict``."""
        open_view = self._find(view_id, external_id)
        current = open_view.payload
        if hash_ and hash_ != current["hash"]:
            raise SlackError("hash_conflict")
        checked = self._checked(view, "modal")
        fresh = self._as_opened(
            checked,
            root_id=current["root_view_id"],
            previous_id=current["previous_view_id"],
            view_id=current["id"],
        )
        fresh["state"] = current["state"]
        open_view.payload = fresh
        self.hub.push(open_view.person_id, {"type": "view_update", "view": fresh})
        return fresh

    def publish(self, person_id: str, view: object, hash_: str = "") -> Payload:
        """Publishes someone's App Home. Raises SlackError ``user_not_found`` or ``hash_conflict``."""
        self.workspace.person(person_id)
        checked = self._checked(view, "home")
        current = self.workspace.homes.get(person_id)
        if hash_ and (current is None or current["hash"] != hash_):
            raise SlackError("hash_conflict")
        view_id = current["id"] if current else None
        home = self._as_opened(checked, root_id=None, previous_id=None, view_id=view_id)
        self.workspace.homes[person_id] = home
        self.workspace.announce(StateTouched())
        self.hub.push(person_id, {"type": "home", "view": home})
        return home

    def visible(self, person_id: str, view_id: str) -> Payload:
        """The open view or App Home with this id, if it is this person's. Raises SlackError ``not_found``."""
        home = self.workspace.homes.get(person_id)
        if home is not None and home["id"] == view_id:
            return home
        for open_view in self._stacks.get(person_id, ()):
            if open_view.payload["id"] == view_id:
                return open_view.payload
        raise SlackError("not_found")

    def close_top(self, person_id: str, view_id: str) -> None:
        """Closes one dialog of this person."""
        stack = self._stacks.get(person_id, [])
        self._stacks[person_id] = [each for each in stack if each.payload["id"] != view_id]
        self.hub.push(person_id, {"type": "view_close", "view": {"id": view_id}})

    def close_all(self, person_id: str) -> None:
        """Closes the whole stack of this person."""
        for open_view in self._stacks.pop(person_id, []):
            self.hub.push(person_id, {"type": "view_close", "view": {"id": open_view.payload["id"]}})

    def _find(self, view_id: str, external_id: str) -> OpenView:
        for stack in self._stacks.values():
            for open_view in stack:
                payload = open_view.payload
                if payload["id"] == view_id or (external_id and payload["external_id"] == external_id):
                    return open_view
        raise SlackError("not_found")

    def _exchange(self, trigger_id: str) -> str:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if trigger.expires_at < time.monotonic():
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.person_id

    def _checked(self, view: object, kind: str) -> Payload:
        if not isinstance(view, dict) or view.get("type") != kind:
            complaint = f"[ERROR] view must be of type {kind}"
            raise SlackError("invalid_arguments", response_metadata={"messages": [complaint]})
        complaints = []
        try:
            blocks = checked_blocks(view.get("blocks") or [], limit=MAX_VIEW_BLOCKS)
        except SlackError as error:
            raise SlackError("invalid_arguments", **error.details) from None
        if kind == "modal":
            title = view.get("title")
            text = title.get("text") if isinstance(title, dict) else None
            if not isinstance(text, str) or not 1 <= len(text) <= _MAX_TITLE:
                complaints.append(f"[ERROR] title must be 1 to {_MAX_TITLE} characters")
            if any(block["type"] == "input" for block in blocks) and not view.get("submit"):
                complaints.append("[ERROR] submit is required when there is an input block")
        for field_name, limit in _FIELD_LIMITS.items():
            if len(str(view.get(field_name) or "")) > limit:
                complaints.append(f"[ERROR] {field_name} must be at most {limit} characters")
        if complaints:
            raise SlackError("invalid_arguments", response_metadata={"messages": complaints})
        return copy.deepcopy(view) | {"blocks": blocks}

    def _as_opened(
        self, view: Payload, *, root_id: str | None, previous_id: str | None, view_id: str | None = None
    ) -> Payload:
        own_id = view_id or new_id("V")
        defaults: Payload = {
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "title": None,
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
            "state": {"values": {}},
        }
        identity = {
            "id": own_id,
            "team_id": self.workspace.team.id,
            "app_id": self.workspace.app.id,
            "app_installed_team_id": self.workspace.team.id,
            "bot_id": self.workspace.app.bot_id,
            "hash": f"{int(time.time())}.{secrets.token_hex(4)}",
            "root_view_id": root_id or own_id,
            "previous_view_id": previous_id,
        }
        return defaults | {key: value for key, value in view.items() if value is not None} | identity
