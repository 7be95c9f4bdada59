"""The answers under way in this process: each question's task, and the event that ends its writing early."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from threading import Event


@dataclass
class _Answer:
    task: asyncio.Task[None]
    unwanted: bool = False
    writing: Event | None = None


class AnswersUnderWay:
    """Answers by the ids of their questions, from the moment that they wait for their turn."""

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}

    def __contains__(self, question_id: str) -> bool:
        """Whether somebody sees to this question."""
        return question_id in self._answers

    def begin(self, question_id: str, answering: Coroutine[None, None, None]) -> None:
        """See to this question until that is done."""
        task = asyncio.create_task(answering)
        self._answers[question_id] = _Answer(task)
        task.add_done_callback(lambda _: self._answers.pop(question_id, None))

    def writes(self, question_id: str) -> Event:
        """Its turn has come: the event that ends this try at writing it."""
        answer = self._answers[question_id]
        answer.writing = Event()
        if answer.unwanted:
            answer.writing.set()
        return answer.writing

    def is_waiting(self, question_id: str) -> bool:
        """Whether its turn has not come yet."""
        return question_id in self._answers and self._answers[question_id].writing is None

    def stop(self, question_id: str) -> None:
        """End its writing where it is, or its waiting."""
        answer = self._answers.get(question_id)
        if answer is None:
            return
        answer.unwanted = True
        if answer.writing is None:
            answer.task.cancel()
        else:
            answer.writing.set()

    async def settled(self, question_id: str, seconds: float) -> None:
        """Wait, so long at most, until nobody sees to this question."""
        if question_id in self._answers:
            await asyncio.wait([self._answers[question_id].task], timeout=seconds)

    async def close(self, seconds: float) -> None:
        """Let answers be finished for so long; what is unfinished then is taken up at the next start."""
        if tasks := [answer.task for answer in self._answers.values()]:
            await asyncio.wait(tasks, timeout=seconds)
        left = [answer.task for answer in self._answers.values()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=seconds)
