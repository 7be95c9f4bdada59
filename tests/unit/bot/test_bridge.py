import asyncio
import time
from collections.abc import Iterator
from contextlib import aclosing
from threading import Event

import pytest

from bot.bridge import Bridge


async def test_items_come_one_by_one_and_only_when_wanted() -> None:
    bridge, made = Bridge(1), []

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    async with aclosing(bridge.iterate(numbers, Event())) as items:
        async for item in items:
            assert made == list(range(item + 1))
    assert made == [0, 1, 2, 3, 4]
    bridge.close()


async def test_leaving_early_stops_the_iterator_and_cleans_up() -> None:
    bridge, stop, cleaned = Bridge(1), Event(), Event()

    def endless() -> Iterator[int]:
        try:
            while not stop.is_set():
                yield 1
        finally:
            cleaned.set()

    async with aclosing(bridge.iterate(endless, stop)) as items:
        async for _ in items:
            break
    assert stop.is_set()
    assert cleaned.is_set()
    bridge.close()


async def test_a_cancelled_caller_waits_until_the_thread_has_seen_it() -> None:
    bridge, stop, cleaned = Bridge(1), Event(), Event()

    def hanging() -> Iterator[int]:
        try:
            stop.wait(5)
            yield 1
        finally:
            cleaned.set()

    async def consume() -> None:
        async with aclosing(bridge.iterate(hanging, stop)) as items:
            async for _ in items:
                pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 3)
    assert cleaned.is_set()
    bridge.close()


async def test_errors_arrive_where_the_items_are_awaited() -> None:
    bridge = Bridge(1)

    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    items = bridge.iterate(failing, Event())
    assert await anext(items) == 1
    with pytest.raises(ValueError, match="no"):
        await anext(items)
    bridge.close()


async def test_long_iterations_do_not_hold_up_short_calls() -> None:
    bridge, stop = Bridge(1), Event()

    def slow() -> Iterator[int]:
        stop.wait(60)
        yield 1

    async def consume() -> None:
        async with aclosing(bridge.iterate(slow, stop)) as items:
            async for _ in items:
                pass

    task = asyncio.create_task(consume())
    begun = time.monotonic()
    assert await bridge.run(lambda: 42) == 42
    assert time.monotonic() - begun < 30
    stop.set()
    await task
    bridge.close()
