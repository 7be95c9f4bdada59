"""Who is in a user group: what is read last counts, however long an earlier reading takes."""

import asyncio
from typing import Any

from bot.bridge import Bridge
from bot.identity import Identity
from bot.user_groups import UserGroups
from core.records.unit_of_work import Record

ME = Identity("T1", "Acme", "UBOT", "B1", "https://acme.slack.com/")


class SlowSlack:
    """Tells who was in the group when it was asked; the first answer takes until `go` is set."""

    def __init__(self, members: list[str]) -> None:
        self.members = members
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def usergroups_users_list(self, usergroup: str) -> dict[str, Any]:
        answer = {"users": list(self.members)}
        is_first = not self.asked.is_set()
        self.asked.set()
        if is_first:
            await self.go.wait()
        return answer


async def test_a_slow_reading_does_not_undo_a_later_one(sqlite_record: Record) -> None:
    slack, bridge = SlowSlack(["U1"]), Bridge(2)
    groups = UserGroups(slack, sqlite_record, bridge, ME, frozenset({"S1"}))  # type: ignore[arg-type]  # all it needs
    slow = asyncio.create_task(groups.learn("S1"))
    await asyncio.wait_for(slack.asked.wait(), 20)
    slack.members = []
    later = asyncio.create_task(groups.learn("S1"))
    await asyncio.wait([later], timeout=0.2)
    slack.go.set()
    await asyncio.wait_for(asyncio.gather(slow, later), 20)
    bridge.close()
    with sqlite_record() as work:
        assert work.user_groups.members("T1", {"S1"}) == frozenset()


async def test_groups_that_nobody_named_are_not_asked_for(sqlite_record: Record) -> None:
    slack, bridge = SlowSlack(["U1"]), Bridge(1)
    await UserGroups(slack, sqlite_record, bridge, ME, frozenset()).learn("S2")  # type: ignore[arg-type]  # the same
    bridge.close()
    assert not slack.asked.is_set()
