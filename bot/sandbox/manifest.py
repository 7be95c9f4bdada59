"""What the app's own manifest promises: its commands, shortcuts, scopes and the events it subscribed to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.model import Payload

DEFAULT_MANIFEST = Path(__file__).resolve().parent.parent / "manifest.yaml"

_DEFAULT_COMMANDS = (
    {
        "command": "/ask",
        "description": "Ask a question that only you see answered",
        "usage_hint": "[question]",
    },
    {"command": "/ingest", "description": "Read this channel's history", "usage_hint": "[#channel]"},
    {"command": "/retrain", "description": "Train on the approved answers", "usage_hint": "[status]"},
)


@dataclass(frozen=True)
class Manifest:
    """None for scopes or events means: no manifest, so nothing is held back."""

    commands: tuple[Payload, ...] = _DEFAULT_COMMANDS
    shortcuts: tuple[Payload, ...] = ()
    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None

    def knows_command(self, command: str) -> bool:
        """Whether this slash command is the app's."""
        return any(each["command"] == command for each in self.commands)

    def grants(self, scope: str) -> bool:
        """Whether a bot token has this scope."""
        return self.scopes is None or scope in self.scopes

    def subscribes(self, event: str) -> bool:
        """Whether the app wants events of this name."""
        return self.events is None or event in self.events


def read_manifest(path: Path = DEFAULT_MANIFEST) -> Manifest:
    """The manifest at `path`; without one, a default with Journeyman's commands and nothing held back."""
    if not path.is_file():
        return Manifest()
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    features = document.get("features", {})
    scopes = document.get("oauth_config", {}).get("scopes", {}).get("bot")
    events = document.get("settings", {}).get("event_subscriptions", {}).get("bot_events")
    commands = [
        {
            "command": each["command"],
            "description": each.get("description", ""),
            "usage_hint": each.get("usage_hint", ""),
        }
        for each in features.get("slash_commands", ())
    ]
    shortcuts = [
        {"callback_id": each["callback_id"], "name": each["name"], "type": each["type"]}
        for each in features.get("shortcuts", ())
    ]
    return Manifest(
        commands=tuple(commands),
        shortcuts=tuple(shortcuts),
        scopes=frozenset(scopes) if scopes is not None else None,
        events=frozenset(events) if events is not None else None,
    )
