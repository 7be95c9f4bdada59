"""Asked → answered: the journey of a question through the bot. It reads from top to bottom.

A question is a row before anything else happens, and its reply's messages are recorded as soon as they exist. So it may
be delivered twice, and the process may die at any moment: there is one reply, and it is finished after the next start.
"""

import asyncio
import logging
from contextlib import aclosing
from functools import partial

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.answer_queue import AnswerQueue
from bot.answers_under_way import AnswersUnderWay
from bot.bridge import Bridge
from bot.clients import Clients
from bot.ephemeral_reply import EphemeralReply
from bot.failures import describe, slack_error
from bot.rate_limit import RateLimit
from bot.reply_messages import ReplyMessages
from bot.reply_place import Place
from bot.replying import Reply, ThreadReply, delete_message
from bot.scoping import Scoping
from bot.status import THINKING, Status
from bot.views import answer as view
from core.answering import questions
from core.answering.answering import Answering
from core.answering.drafts import Draft, Finished, Restarted, Written
from core.answering.questions import AskedQuestion
from core.errors import Busy, JourneymanError
from core.records.questions import Question, QuestionState, Verdict
from core.records.unit_of_work import Record

log = logging.getLogger(__name__)

PAUSES_S = (1.0, 5.0, 20.0)
"""Between one try and the next, when something on the way broke."""
CLEANING_S = 10.0
"""How long the removal of a reply waits for its writing to stop."""
_NO_PLACE = frozenset(
    (
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "thread_not_found",
        "message_not_found",
        "account_inactive",
        "token_revoked",
        "invalid_auth",
        "not_authed",
        "restricted_action",
        "cannot_reply_to_message",
    )
)
"""Slack's words for: there is nobody to reply to any more."""
_NOT_BEGUN = "Stopped: I had not begun to answer that question, and I will not."
_APOLOGY = "Something on my side went wrong with this question. Please ask it again in a few minutes."


class Asking:
    """Takes questions in and sees each through to its reply."""

    def __init__(
        self,
        record: Record,
        answering: Answering,
        bridge: Bridge,
        queue: AnswerQueue,
        rate_limit: RateLimit,
        scoping: Scoping,
        clients: Clients,
        messages: ReplyMessages,
        session: aiohttp.ClientSession,
        workspace_id: str,
    ) -> None:
        self._record = record
        self._answering = answering
        self._bridge = bridge
        self._queue = queue
        self._rate_limit = rate_limit
        self._scoping = scoping
        self._clients = clients
        self._session = session
        self._messages = messages
        self._workspace_id = workspace_id
        self._under_way = AnswersUnderWay()

    async def ask(self, asked: AskedQuestion) -> None:
        """Keep the question, and begin to answer it. One that was asked before is left to its first asking."""
        if question_id := await self.keep(asked):
            self.begin(question_id)

    async def keep(self, asked: AskedQuestion) -> str | None:
        """Keep the question, so that it will be answered whatever happens; its id, or None when it is known."""
        return await self._bridge.run(questions.ask, self._record, asked)

    def begin(self, question_id: str, *, resumed: bool = False) -> None:
        """Begin to answer a question that was kept."""
        self._under_way.begin(question_id, self._see_through(question_id, resumed=resumed))

    async def take_up(self) -> None:
        """Begin with every question that still waits: the process was stopped before it came to them."""
        for question in await self._bridge.run(questions.unanswered, self._record):
            if question.workspace_id == self._workspace_id and question.id not in self._under_way:
                self.begin(question.id, resumed=True)

    async def withdraw(self, channel_id: str, asked_ts: str) -> None:
        """The question was deleted: stop answering it and take away what was replied."""
        told = (self._record, self._workspace_id, channel_id, asked_ts)
        withdrawn = await self._bridge.run(questions.withdraw, *told)
        if withdrawn is None:
            return
        self._under_way.stop(withdrawn.question_id)
        await self.settled(withdrawn.question_id, CLEANING_S)
        # Told again for the messages that were written while it stopped.
        withdrawn = await self._bridge.run(questions.withdraw, *told)
        for reply_channel_id, ts in withdrawn.replies if withdrawn else ():
            await delete_message(self._clients, reply_channel_id, ts)

    async def question_of_asker(self, channel_id: str, ts: str, person_id: str) -> str:
        """The id of the question that this message asks, or that ours replies to; empty unless this person asked it."""
        return await self._bridge.run(self._askers_question, channel_id, ts, person_id)

    async def asker_of(self, question_id: str) -> str:
        """Who waits for the answer to this question; empty when nobody does any more."""
        question = await self._bridge.run(self._waiting, question_id) if question_id in self._under_way else None
        return question.person_id if question else ""

    async def stop(self, question_id: str) -> None:
        """End the answer where it is. A question whose turn has not come is taken back."""
        if not self._under_way.is_waiting(question_id):
            self._under_way.stop(question_id)
            return
        question = await self._bridge.run(self._waiting, question_id)
        if question is not None:
            await self.withdraw(question.channel_id, question.asked_ts)
            await Status(self._clients.safe, self._place(question)).show("")
            await self._say_aside(question, _NOT_BEGUN)

    async def settled(self, question_id: str, seconds: float) -> None:
        """Wait, so long at most, until nobody is answering this question."""
        await self._under_way.settled(question_id, seconds)

    async def close(self, seconds: float) -> None:
        """Let answers be finished for so long; what is unfinished then is taken up at the next start."""
        await self._under_way.close(seconds)

    async def _see_through(self, question_id: str, *, resumed: bool) -> None:
        for pause_s in (*PAUSES_S, 0.0):
            try:
                await self._try(question_id, resumed=resumed)
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the next try or an apology follows
                log.error("Answering broke off: %s", describe(error))
                problem = error
            resumed = True  # a message of the failed try may stand already
            await asyncio.sleep(pause_s)
        await self._apologise(question_id, problem)

    async def _try(self, question_id: str, *, resumed: bool) -> None:
        question = await self._bridge.run(self._waiting, question_id)
        if question is None:
            return
        status = Status(self._clients.safe, self._place(question))
        try:
            if not resumed:
                self._rate_limit.count(question.person_id)
            async with self._queue.turn(question.person_id, status.waiting, sure=resumed):
                await self._answer(question, status, resumed=resumed)
        except Busy as busy:
            await self._turn_away(question, busy)
        except SlackApiError as error:
            if slack_error(error) not in _NO_PLACE:
                raise
            log.info("There is nobody to answer any more: %s", describe(error))
            await self._drop(question)

    async def _answer(self, question: Question, status: Status, *, resumed: bool) -> None:
        thinking = asyncio.create_task(status.show(THINKING))
        scope = await self._scoping.scope_of(question)
        turns = await self._bridge.run(questions.turns_of_thread, self._record, question.id)
        reply = await self._reply_to(question, resumed=resumed)
        stop = self._under_way.writes(question.id)
        try:
            answer = partial(self._answering.answer, question.text, scope, turns, stop, _thread_of(question))
            async with aclosing(self._bridge.iterate(answer, stop)) as events:
                async for event in events:
                    match event:
                        case Written(text):
                            await reply.write(text)
                        case Restarted():
                            await reply.restart()
                        case Finished(draft):
                            await self._finish(question, reply, draft)
        finally:
            await thinking
            await status.show("")

    async def _finish(self, question: Question, reply: Reply, draft: Draft) -> None:
        if await self._bridge.run(self._waiting, question.id) is None:
            return  # withdrawn: whoever did that takes away what was written
        await reply.finish(draft, question.id)
        await self._bridge.run(questions.save_answer, self._record, question.id, draft)

    async def _reply_to(self, question: Question, *, resumed: bool) -> Reply:
        place = self._place(question)
        if question.ephemeral:
            return EphemeralReply(self._clients, place, question.reply_to, self._session)
        standing = [message.ts for message in question.replies]
        if resumed and not standing and (found := await self._messages.claim_lost(question)):
            standing = [found]

        async def posted(ts: str) -> None:
            await self._messages.note(question, ts)

        async def lost() -> str | None:
            return await self._messages.claim_lost(question)

        # What is only quoted is there before anybody could stop it.
        button = view.stop_button(question.id) if self._answering.generates else ()
        return ThreadReply(self._clients, place, posted, lost, standing, button)

    async def _turn_away(self, question: Question, busy: Busy) -> None:
        await self._say_aside(question, busy.sentence)
        await self._drop(question)

    async def _apologise(self, question_id: str, problem: Exception) -> None:
        """The last resort. If even that fails the question waits for the next start."""
        sentence = problem.sentence if isinstance(problem, JourneymanError) else _APOLOGY
        try:
            question = await self._bridge.run(self._waiting, question_id)
            if question is not None:
                reply = await self._reply_to(question, resumed=True)
                await self._finish(question, reply, Draft(sentence, Verdict.UNKNOWN))
        except Exception as error:  # noqa: BLE001 - nothing is left that could be done about it here
            log.error("Not even an apology could be posted: %s", describe(error))

    async def _say_aside(self, question: Question, sentence: str) -> None:
        """One sentence that only the asker sees."""
        if question.ephemeral:
            whisper = EphemeralReply(self._clients, self._place(question), question.reply_to, self._session)
            await whisper.finish(Draft(sentence, Verdict.UNKNOWN), question.id)
            return
        await self._clients.once.chat_postEphemeral(
            channel=question.channel_id, user=question.person_id, text=sentence, thread_ts=question.thread_ts or None
        )

    async def _drop(self, question: Question) -> None:
        await self._bridge.run(
            questions.withdraw, self._record, question.workspace_id, question.channel_id, question.asked_ts
        )

    def _place(self, question: Question) -> Place:
        return Place(question.channel_id, question.thread_ts, question.person_id, question.workspace_id)

    def _askers_question(self, channel_id: str, ts: str, person_id: str) -> str:
        with self._record() as work:
            question = work.questions.asked_at(self._workspace_id, channel_id, ts)
            question = question or work.questions.answered_by_message(self._workspace_id, channel_id, ts)
            return question.id if question and question.person_id == person_id else ""

    def _waiting(self, question_id: str) -> Question | None:
        """The question with its reply's messages, if it still waits."""
        with self._record() as work:
            question = work.questions.get(question_id)
            if question is None or question.state is not QuestionState.ASKED:
                return None
            assert question.replies is not None  # read while the record is open
            return question


def _thread_of(question: Question) -> str:
    """The thread that the question was asked in, as documents are keyed; empty where it was asked in none."""
    return f"{question.channel_id}:{question.thread_ts}" if question.thread_ts else ""
