"""How many questions one person may ask in a minute."""

from collections import defaultdict, deque
from collections.abc import Callable
from time import monotonic

from core.errors import Busy

WINDOW_S = 60.0


class RateLimit:
    """`a_minute` 0 sets no bound. What was asked before a restart is not counted."""

    def __init__(self, a_minute: int, now: Callable[[], float] = monotonic) -> None:
        self._a_minute = a_minute
        self._now = now
        self._asked: dict[str, deque[float]] = defaultdict(deque)

    def count(self, person_id: str) -> None:
        """The person asks a question. Raises Busy when that is one too many; it does not count then."""
        if not self._a_minute:
            return
        now, asked = self._now(), self._asked[person_id]
        while asked and now - asked[0] >= WINDOW_S:
            asked.popleft()
        if len(asked) >= self._a_minute:
            wait = max(1, round(WINDOW_S - (now - asked[0])))
            raise Busy(
                f"You have asked {len(asked)} questions within a minute, which is as many as I take from one person. "
                f"Please ask again in {wait} seconds."
            )
        asked.append(now)
