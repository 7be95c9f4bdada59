"""What somebody typed after `/ingest`, understood."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Verb = Literal["read", "read all", "pages", "status", "stop", "on", "off", "keep", "help"]

_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|[^<>]*)?>|#([^\s<>]+)")
_PAGE = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>|(https?://[^<>\s]+)", re.IGNORECASE)
_SINCE = re.compile(r"\bsince\s+(\S+)", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,5})\s*(d|days?|w|weeks?|m|months?|y|years?)", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_KEPT_FOR_EVER = ("all", "forever", "everything")
_MOST_DAYS = 36_500

HOW_TO = (
    "Here is what I understand:\n"
    "• `/ingest` reads what was said in this channel before I came\n"
    "• `/ingest #channel since 2024-01-01` reads another one, back to that day (`since 90d` works too)\n"
    "• `/ingest all` reads every channel that I am in (admins)\n"
    "• `/ingest https://…` reads a web page or document, for those who may read this channel\n"
    "• `/ingest status` and `/ingest stop`\n"
    "• `/ingest off`, `/ingest on`: whether I listen in this channel\n"
    "• `/ingest keep 90d`, `/ingest keep forever`: how long I keep what is said in this channel"
)


class NotUnderstood(Exception):
    """Why, as a sentence for whoever typed it."""


@dataclass(frozen=True)
class Words:
    """A request. `channels` are ids, or names with a # where Slack did not give the id; none means this channel."""

    verb: Verb
    channels: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    since: float | None = None
    days: int | None = None


def understand(text: str, now: datetime | None = None) -> Words:
    """The request in these words. Raises NotUnderstood."""
    moment = now or datetime.now(UTC)
    pages = tuple(dict.fromkeys(found[1] or found[2] for found in _PAGE.finditer(text)))
    if pages:
        return Words("pages", pages=pages)
    since = _SINCE.search(text)
    left = _SINCE.sub(" ", text)
    channels = tuple(dict.fromkeys(found[1] or f"#{found[2]}" for found in _CHANNEL.finditer(left)))
    verb, *rest = _CHANNEL.sub(" ", left).casefold().split() or ["read"]
    if since and verb not in ("read", "all"):
        raise NotUnderstood(f"“since” goes with reading only, as in `/ingest since 90d`. {HOW_TO}")
    oldest = _moment(since[1], moment) if since else None
    match verb, rest:
        case "read", []:
            return Words("read", channels, since=oldest)
        case "all", [] if not channels:
            return Words("read all", since=oldest)
        case ("status" | "stop" | "on" | "off" | "help") as known, []:
            return Words(known, channels)
        case "keep", [*span]:
            return Words("keep", channels, days=_kept_days(" ".join(span)))
    raise NotUnderstood(f"I do not understand that. {HOW_TO}")


def _moment(word: str, now: datetime) -> float:
    span = _SPAN.fullmatch(word)
    if span and 0 < _days(span) <= _MOST_DAYS:
        return (now - timedelta(days=_days(span))).timestamp()
    try:
        day = datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise NotUnderstood(
            f"I do not understand “since {word}”. Write a day, as in `since 2024-01-01`, or a time, as in `since 90d`."
        ) from None
    if day > now:
        raise NotUnderstood(f"{word} lies in the future. Write a day in the past, as in `since 2024-01-01`.")
    return max(0.0, day.timestamp())


def _kept_days(words: str) -> int | None:
    if words in _KEPT_FOR_EVER:
        return None
    span = _SPAN.fullmatch(words)
    days = _days(span) if span else 0
    if not 0 < days <= _MOST_DAYS:
        raise NotUnderstood("Write how long, as in `/ingest keep 90d` or `/ingest keep 1y`, or `/ingest keep forever`.")
    return days


def _days(span: re.Match[str]) -> int:
    return int(span[1]) * _DAYS[span[2][0].casefold()]
