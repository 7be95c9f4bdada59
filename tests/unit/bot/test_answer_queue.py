import asyncio

import pytest

from bot.answer_queue import AnswerQueue, Moved
from bot.rate_limit import RateLimit
from core.errors import Busy


async def nobody(_ahead: int) -> None:
    """Does not want to know."""


async def test_no_more_than_allowed_run_at_once_and_all_get_their_turn() -> None:
    lane, running, most, done = AnswerQueue(2, 50), 0, 0, []

    async def go(number: int) -> None:
        nonlocal running, most
        async with lane.turn("ana", nobody):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            done.append(number)

    await asyncio.gather(*(go(number) for number in range(20)))
    assert most == 2
    assert done == sorted(done)


async def test_waiting_ones_know_how_many_are_ahead() -> None:
    lane, told, leave = AnswerQueue(1, 5), [], asyncio.Event()

    async def hold() -> None:
        async with lane.turn("ana", nobody):
            await leave.wait()

    async def wait() -> None:
        async def moved(ahead: int) -> None:
            told.append(ahead)

        async with lane.turn("ana", moved):
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
    lane = AnswerQueue(1, 0)
    async with lane.turn("ana", nobody):
        assert lane.is_full
        with pytest.raises(Busy):
            async with lane.turn("ana", nobody):
                pass
        promised = asyncio.create_task(_pass_through(lane))
        await asyncio.sleep(0)
        assert not promised.done()
    await promised


async def test_one_who_leaves_the_queue_takes_nobodys_turn() -> None:
    lane = AnswerQueue(1, 5)
    async with lane.turn("ana", nobody):
        leaving = asyncio.create_task(_pass_through(lane))
        staying = asyncio.create_task(_pass_through(lane))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    await asyncio.wait_for(staying, 1)
    async with asyncio.timeout(1), lane.turn("ana", nobody):
        pass


async def _pass_through(lane: AnswerQueue) -> None:
    async with lane.turn("ana", nobody, sure=True):
        pass


async def test_one_person_with_many_questions_does_not_hold_up_another() -> None:
    lane, order, leave = AnswerQueue(1, 50), [], asyncio.Event()
    places: dict[str, list[int]] = {}

    async def ask(person: str, name: str) -> None:
        async def moved(ahead: int) -> None:
            places.setdefault(name, []).append(ahead)

        async with lane.turn(person, moved):
            await leave.wait()
            order.append(name)

    asking = []
    for person, name in [("ana", "a1"), ("ana", "a2"), ("ana", "a3"), ("ben", "b1"), ("ben", "b2"), ("eva", "e1")]:
        asking.append(asyncio.create_task(ask(person, name)))
        await asyncio.sleep(0.01)
    leave.set()
    await asyncio.wait_for(asyncio.gather(*asking), 5)
    await asyncio.sleep(0)

    assert order == ["a1", "b1", "e1", "a2", "b2", "a3"]
    assert places["a3"] == [2, 3, 4, 5, 3, 2, 1], "each place that it had"
    assert places["e1"] == [2, 1]


async def test_who_leaves_the_queue_makes_room_for_the_others() -> None:
    lane, told = AnswerQueue(1, 5), []

    async def moved(ahead: int) -> None:
        told.append(ahead)

    async def wait(person: str, telling: Moved) -> None:
        async with lane.turn(person, telling):
            pass

    async with lane.turn("ana", nobody):
        leaver = asyncio.create_task(wait("ben", nobody))
        await asyncio.sleep(0)
        stayer = asyncio.create_task(wait("eva", moved))
        await asyncio.sleep(0.01)
        leaver.cancel()
        await asyncio.sleep(0.01)
    await asyncio.wait_for(stayer, 5)
    assert told == [2, 1]


def test_one_person_asks_no_more_than_so_many_questions_a_minute() -> None:
    clock = [0.0]
    pace = RateLimit(2, lambda: clock[0])
    pace.count("ana")
    clock[0] = 20.0
    pace.count("ana")
    pace.count("ben")
    with pytest.raises(Busy, match="in 40 seconds"):
        pace.count("ana")
    clock[0] = 60.0
    pace.count("ana")
    with pytest.raises(Busy):
        pace.count("ana")
    for _ in range(100):
        RateLimit(0).count("ana")
