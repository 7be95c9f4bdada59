"""Socket Mode: envelopes to the bot, one socket each, sent again when no acknowledgement comes in time."""

import asyncio
import contextlib
import json
import secrets
import uuid
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from bot.sandbox.event_queue import Delivery, EventQueue
from bot.sandbox.model import Payload

MAX_CONNECTIONS = 10
"""Slack's own limit for one app."""

MAX_UNACKNOWLEDGED = 50
"""So many events are on their way at once; the rest wait, so that an app that was away is not buried on its return."""

_CLOSE_SECONDS = 1.0
"""How long to wait for the other side when a socket is closed."""


class NoSocketError(Exception):
    """No app is connected, so there is nobody to ask."""


@dataclass(eq=False)
class Connection:
    """One socket of the app."""

    socket: web.WebSocketResponse
    request: web.Request
    draining: bool = False
    """Told to disconnect: it may still acknowledge, but gets nothing new."""

    @property
    def usable(self) -> bool:
        """Whether new envelopes may go here."""
        return not self.draining and not self.socket.closed


@dataclass
class _Sent:
    delivery: Delivery
    connection: Connection
    timer: asyncio.TimerHandle


class SocketMode:
    """The app's sockets and the events that wait for them."""

    def __init__(self, app_id: str, *, ack_timeout: float = 3.0, max_retries: int = 3) -> None:
        """`ack_timeout` is in seconds."""
        self.app_id = app_id
        self.ack_timeout = ack_timeout
        self.max_retries = max_retries
        self.connections: list[Connection] = []
        self.abandoned: list[Payload] = []
        """Events given up after the last retry, for tests to look at."""
        self.queue = EventQueue()
        self._sent: dict[str, _Sent] = {}
        self._answers: dict[str, asyncio.Future[Payload]] = {}
        self._tickets: set[str] = set()
        self._pump: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._next_connection = 0
        self._acks_to_lose = 0

    def start(self) -> None:
        """Begins to deliver."""
        self._pump = asyncio.create_task(self._send_waiting())

    async def stop(self) -> None:
        """Closes every socket. What was not acknowledged stays among the pending events."""
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        await asyncio.gather(*(connection.socket.close() for connection in list(self.connections)))
        for task in self._closing:
            task.cancel()
        for sent in self._sent.values():
            sent.timer.cancel()

    # Towards the bot

    async def ask(self, kind: str, payload: Payload) -> Payload:
        """Sends a command or an interaction and returns what came with the acknowledgement (`{}` for nothing).

        Raises NoSocketError when no app is connected, TimeoutError when it does not acknowledge in time.
        """
        connection = self._choose_connection()
        if connection is None:
            raise NoSocketError
        envelope_id = str(uuid.uuid4())
        answer: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._answers[envelope_id] = answer
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "accepts_response_payload": True,
            "payload": payload,
        }
        try:
            await connection.socket.send_json(envelope)
            return await asyncio.wait_for(answer, self.ack_timeout)
        except ConnectionError:
            raise NoSocketError from None
        finally:
            del self._answers[envelope_id]

    def pending_payloads(self) -> list[Payload]:
        """Every event that the bot has not acknowledged yet, oldest first."""
        return [each.delivery.payload for each in self._sent.values()] + self.queue.payloads()

    # From the bot

    def new_ticket(self) -> str:
        """A secret for one connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return ticket

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """The handler of `/socket?ticket=…`."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30, timeout=_CLOSE_SECONDS)
        await socket.prepare(request)
        if len(self.connections) >= MAX_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await socket.send_json(self._hello())
        connection = Connection(socket, request)
        self.connections.append(connection)
        self.queue.ready.set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._forget(connection)
        return socket

    # Switches for tests

    def drop_sockets(self) -> int:
        """Cuts every connection without a closing handshake; returns how many there were."""
        cut = list(self.connections)
        for connection in cut:
            if connection.request.transport is not None:
                connection.request.transport.abort()
        return len(cut)

    async def send_disconnect(self, reason: str = "refresh_requested", close_after: float = 10.0) -> None:
        """Asks every connected app to reconnect, and closes the old sockets after `close_after` seconds."""
        for connection in list(self.connections):
            connection.draining = True
            await connection.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            )
            asyncio.get_running_loop().call_later(close_after, self._close_soon, connection.socket)

    def lose_acks(self, times: int) -> None:
        """The next `times` acknowledgements of events count as not received."""
        self._acks_to_lose = times

    # Inside

    def _hello(self) -> Payload:
        debug_info = {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": len(self.connections) + 1,
            "debug_info": debug_info,
            "connection_info": {"app_id": self.app_id},
        }

    def _choose_connection(self) -> Connection | None:
        usable = [connection for connection in self.connections if connection.usable]
        if not usable:
            return None
        self._next_connection += 1
        return usable[self._next_connection % len(usable)]

    async def _send_waiting(self) -> None:
        while True:
            await self.queue.ready.wait()
            self.queue.ready.clear()
            while self._may_send() and (connection := self._choose_connection()) is not None:
                delivery = self.queue.next()
                try:
                    await self._send(delivery, connection)
                except ConnectionError:
                    connection.draining = True
                    self.queue.put_back(delivery)

    def _may_send(self) -> bool:
        return len(self.queue) > 0 and len(self._sent) < MAX_UNACKNOWLEDGED

    async def _send(self, delivery: Delivery, connection: Connection) -> None:
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "payload": delivery.payload,
            "type": "events_api",
            "accepts_response_payload": False,
            "retry_attempt": delivery.attempts,
            "retry_reason": delivery.retry_reason,
        }
        timer = asyncio.get_running_loop().call_later(self.ack_timeout, self._time_out, envelope_id)
        self._sent[envelope_id] = _Sent(delivery, connection, timer)
        try:
            await connection.socket.send_json(envelope)
        except ConnectionError:
            self._take_sent(envelope_id)
            raise

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except json.JSONDecodeError:
            return
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        if not isinstance(envelope_id, str):
            return
        if (future := self._answers.get(envelope_id)) is not None and not future.done():
            payload = answer.get("payload")
            future.set_result(payload if isinstance(payload, dict) else {})
        elif envelope_id in self._sent:
            if self._acks_to_lose:
                self._acks_to_lose -= 1
            else:
                self._take_sent(envelope_id)

    def _time_out(self, envelope_id: str) -> None:
        delivery = self._sent.pop(envelope_id).delivery
        delivery.timeouts += 1
        if delivery.timeouts > self.max_retries:
            self.abandoned.append(delivery.payload)
            self.queue.ready.set()
            return
        self._send_again(delivery, "timeout")

    def _forget(self, connection: Connection) -> None:
        """The socket is gone: what it did not acknowledge goes to another one, without using up a retry."""
        self.connections.remove(connection)
        lost = [key for key, sent in self._sent.items() if sent.connection is connection]
        for envelope_id in reversed(lost):
            self._send_again(self._take_sent(envelope_id), "connection_failed")

    def _close_soon(self, socket: web.WebSocketResponse) -> None:
        task = asyncio.create_task(_close(socket))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _send_again(self, delivery: Delivery, reason: str) -> None:
        delivery.attempts += 1
        delivery.retry_reason = reason
        self.queue.put_back(delivery)

    def _take_sent(self, envelope_id: str) -> Delivery:
        sent = self._sent.pop(envelope_id)
        sent.timer.cancel()
        self.queue.ready.set()
        return sent.delivery


async def _close(socket: web.WebSocketResponse) -> None:
    await socket.close()
