"""Switches that make the workspace misbehave the way the real one sometimes does, and a record of the calls made."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.model import Payload

ANY_METHOD = "*"
_CALLS_KEPT = 5_000


@dataclass
class Fault:
    """What happens to the next `times` calls of `method` (None: until it is cleared)."""

    method: str
    kind: Literal["rate_limit", "status", "error", "delay", "drop"]
    times: int | None = 1
    retry_after: int = 1
    status: int = 503
    error: str = "internal_error"
    seconds: float = 0.0


@dataclass
class ApiCall:
    """One Web API call as received. Tokens are not kept."""

    method: str
    caller: str | None
    arguments: Payload
    at: float
    answer: Payload | None = None
    """Whether it went well and why not; what was read is left out."""
    status: int = 200


@dataclass
class Faults:
    """The switches. Everything is off at first."""

    streaming_error: str | None = None
    """When set, chat.startStream refuses with this error."""
    streams_die_after: int | None = None
    """When set, a stream stops taking text after so many appends."""
    login_page_downloads: int = 0
    """So many of the next authorised downloads get the login page, as with a missing scope."""
    connect_files: bool = False
    """Files in the bot's events come as a Slack Connect stub that asks for files.info."""
    pending: list[Fault] = field(default_factory=list)
    calls: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=_CALLS_KEPT))

    def add(self, fault: Fault) -> None:
        """Puts a fault in line."""
        self.pending.append(fault)

    def next_for(self, method: str) -> Fault | None:
        """The fault that this call meets, if any; uses up one of its times."""
        for fault in self.pending:
            if fault.method not in (method, ANY_METHOD):
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
            return fault
        return None

    def clear(self) -> None:
        """Turns every switch off; the record of calls stays."""
        self.streaming_error = None
        self.streams_die_after = None
        self.login_page_downloads = 0
        self.connect_files = False
        self.pending.clear()

    def use_login_page(self) -> bool:
        """Whether this download gets the login page; uses up one of them."""
        if self.login_page_downloads <= 0:
            return False
        self.login_page_downloads -= 1
        return True
