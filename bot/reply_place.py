"""Where a reply goes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """The conversation, the thread in it and the person that a reply is for."""

    channel_id: str
    thread_ts: str
    person_id: str
    workspace_id: str
