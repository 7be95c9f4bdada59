import asyncio

import pytest

from bot.lane import Lane
from core.errors import Busy


async def nobody(_ahead: int) -> None:
    """Does not want to know."""


async def test_no_more_than_allowed_run_at_once_and_all_get_their_turn() -> None:
    lane, running, most, done = Lane(2, 50), 0, 0, []

    async def go(number: int) -> None:
        nonlocal running, most
        async with lane.turn(nobody):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            done.append(number)

    await asyncio.gather(*(go(number) for number in range(20)))
    assert most == 2
    assert done == sorted(done)


async def test_waiting_ones_know_how_many_are_ahead() -> None:
    lane, told, leave = Lane(1, 5), [], asyncio.Event()

    async def hold() -> None:
        async with lane.turn(nobody):
            await leave.wait()

    async def wait() -> None:
        async def moved(ahead: int) -> None:
            told.append(ahead)

        async with lane.turn(moved):
            pass

    first = asyncio.create_task(hold())
    await asyncio.sleep(0)
    second = asyncio.create_task(hold())
    await asyncio.sleep(0)
    third = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    leave.set()
    await asyncio.gather(first, second, third)
    await asyncio.sleep(0)
    assert told == [2, 1]


async def test_past_the_bound_people_are_turned_away_unless_a_place_was_promised() -> None:
    lane = Lane(1, 0)
    async with lane.turn(nobody):
        assert lane.is_full
        with pytest.raises(Busy):
            async with lane.turn(nobody):
                pass
        promised = asyncio.create_task(_pass_through(lane))
        await asyncio.sleep(0)
        assert not promised.done()
    await promised


async def test_one_who_leaves_the_queue_takes_nobodys_turn() -> None:
    lane = Lane(1, 5)
    async with lane.turn(nobody):
        leaving = asyncio.create_task(_pass_through(lane))
        staying = asyncio.create_task(_pass_through(lane))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    await asyncio.wait_for(staying, 1)
    async with asyncio.timeout(1), lane.turn(nobody):
        pass


async def _pass_through(lane: Lane) -> None:
    async with lane.turn(nobody, sure=True):
        pass
