"""Back-fills in words: the progress message, and plain sentences for what cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, MarkdownTextObject, SectionBlock

from core.knowledge.backfilling import Begun, Progress
from core.records.backfills import BackfillState, ChannelBackfill
from core.records.workspaces import Channel

STOP_ACTION = "ingest_stop"
BEGIN_ACTION = "ingest_begin"

BROKE_OFF = "Something on my side went wrong. My log says where; then ask me again, and I go on from what I have."
NO_ANSWER = "Slack did not answer for a while. Ask me again later, and I go on from what I have."

UNDER_WAY = "That is being read already. `/ingest status` tells how far it is."
BEGUN_HERE = "I am reading it; the message in this channel tells how far I am."
BEGUN_ELSEWHERE = "I am reading it; the message in our direct messages tells how far I am."
STOPPED = "Stopped. What I have read so far stays; `/ingest` goes through it again quickly."
NOTHING_TO_STOP = "Nothing is being read here."
DONE = "Done."
NOT_JUST_NOW = "Slack does not let me do that just now. Try again in a minute."

_CELLS = 20
_FEW_CHANNELS = 3
_PROBLEMS_SHOWN = 10
_SECONDS_BEFORE_A_GUESS = 2.0
_REFUSALS = {
    "not_in_channel": "I am not in this channel. Invite me there with `/invite`, then ask me again.",
    "channel_not_found": "I cannot see this channel any more. If it is private, invite me there with `/invite`.",
    "is_archived": "This channel is archived. Bring it back, invite me, and ask me again.",
    "missing_scope": "The app may not read the history here. An admin can install it again from its manifest.",
    "ekm_access_denied": "Your company's keys do not let me read this channel. An admin can change that.",
}


@dataclass(frozen=True)
class ReadingStart:
    """Where this process began with the reading: when (a monotonic clock's seconds), and what was read before."""

    began: float
    share: float
    messages: int


def refusal(slack_error: str) -> str:
    """Slack's word for a refusal as a sentence with what to do next."""
    if slack_error in _REFUSALS:
        return _REFUSALS[slack_error]
    return f"Slack does not let me read here (`{slack_error}`). An admin can look up that word in Slack's help."


def begun(request: Begun, *, told_here: bool) -> str:
    """What comes of it, for whoever asked for channels to be read."""
    sentences = []
    if request.backfill_id is not None:
        sentences.append(BEGUN_HERE if told_here else BEGUN_ELSEWHERE)
    if request.further:
        where = named(request.further)
        sentences.append(f"I was reading {where} already, and now go on further back. `/ingest status` tells how far.")
    return " ".join(sentences) or UNDER_WAY


def told(progress: Progress, pace: ReadingStart, now: float) -> str:
    """The whole of the progress message, in Slack's mark-up."""
    lines = [_headline(progress)]
    if not progress.is_over:
        lines += [f"`{_bar(progress.share_done)}` {progress.share_done:.0%}", _figures(progress, pace, now)]
    elif progress.messages and any(channel.state is BackfillState.DONE for channel in progress.channels):
        lines.append("It can be found as soon as it is indexed, mostly within minutes.")
    if progress.is_over and progress.not_kept:
        lines.append(_not_kept(progress.not_kept))
    failed = [channel for channel in progress.channels if channel.state is BackfillState.FAILED]
    lines += [f"• <#{channel.channel_id}>: {channel.problem}" for channel in failed[:_PROBLEMS_SHOWN]]
    if len(failed) > _PROBLEMS_SHOWN:
        lines.append(f"• and {len(failed) - _PROBLEMS_SHOWN} more")
    return "\n".join(lines)


def blocks(progress: Progress, text: str) -> list[Block]:
    """The message with a button to stop it, as long as there is something to stop."""
    shown: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if not progress.is_over:
        stop = ButtonElement(text="Stop", action_id=STOP_ACTION, value=progress.backfill.id)
        shown.append(ActionsBlock(elements=[stop]))
    return shown


def offer(channel_id: str) -> tuple[str, list[Block]]:
    """Said when the bot comes into a channel: text and blocks."""
    text = (
        "Hello! From now on I read what is said here, so that I can answer questions from it. "
        "What was said before I came I have not read yet."
    )
    read = ButtonElement(text="Read the history", action_id=BEGIN_ACTION, value=channel_id, style="primary")
    return text, [SectionBlock(text=MarkdownTextObject(text=text)), ActionsBlock(elements=[read])]


def pages_wanted(addresses: Sequence[str]) -> str:
    """Said when pages were asked for."""
    which = "the page" if len(addresses) == 1 else f"{len(addresses)} pages"
    return f"I am fetching {which}; what is in there can be found in a moment. If something is wrong, I tell you."


def status(channel: Channel | None, under_way: Sequence[Progress], waiting: int) -> str:
    """How things stand with a channel (None: asked in direct messages) and with what is being read."""
    lines = []
    if channel and channel.listening:
        days = channel.retention_days
        kept = f"; what is older than {_counted(days, 'day')} is forgotten" if days else " and keep what is said there"
        lines.append(f"I listen in <#{channel.id}>{kept}.")
    elif channel:
        lines.append(f"Listening is switched off in <#{channel.id}>.")
    for progress in under_way:
        told = f"{_counted(progress.messages, 'message')}, {_counted(progress.files, 'file')}"
        lines.append(f"• Reading {_channels(progress.channels)}: `{_bar(progress.share_done)}` {told}")
    if not under_way:
        lines.append("Nothing is being read here just now." if channel else "Nothing is being read for you just now.")
    wait = "waits" if waiting == 1 else "wait"
    lines.append(
        "Everything heard is findable." if waiting == 0 else f"{_counted(waiting, 'document')} {wait} to be indexed."
    )
    return "\n".join(lines)


def switched(verb: str, days: int | None, person_id: str) -> str:
    """Said in the channel, for all to see, when somebody switched something."""
    if verb == "keep":
        kept = (
            f"I forget what was said here more than {_counted(days, 'day')} ago" if days else "I keep what is said here"
        )
        return f"From now on {kept} (set by <@{person_id}>)."
    if verb == "on":
        return f"I listen here from now on (switched on by <@{person_id}>)."
    return (
        f"I do not listen here any more (switched off by <@{person_id}>). What I heard before stays findable; "
        "questions to me are still answered."
    )


def named(channel_ids: Sequence[str]) -> str:
    """Channels as Slack shows them: by name to those who may see them."""
    return ", ".join(f"<#{channel_id}>" for channel_id in channel_ids)


def _headline(progress: Progress) -> str:
    where = _channels(progress.channels)
    found = f"{_counted(progress.messages, 'message')} and {_counted(progress.files, 'file')}"
    if not progress.is_over:
        return f"Reading what was said in {where}"
    states = {channel.state for channel in progress.channels}
    if states == {BackfillState.FAILED}:
        return f"I could not read {where}."
    if BackfillState.STOPPED in states:
        return f"Stopped reading {where}: {found} are in my record."
    read = [channel for channel in progress.channels if channel.state is BackfillState.DONE]
    if not progress.messages:
        return f"There was nothing to {'keep' if progress.not_kept else 'read'} in {_channels(read)}."
    of_all = f" of {len(progress.channels)}" if len(read) < len(progress.channels) else ""
    return f"I have read {_channels(read, of_all)}: {found}."


def _not_kept(messages: int) -> str:
    are = "is" if messages == 1 else "are"
    return (
        f"{_counted(messages, 'message')} {are} not kept: older than `/ingest keep` allows, forgotten on request, "
        "read when listening was switched off, or impossible to read."
    )


def _channels(channels: Sequence[ChannelBackfill], of_all: str = "") -> str:
    if len(channels) <= _FEW_CHANNELS:
        return named([channel.channel_id for channel in channels])
    done = sum(channel.state is not BackfillState.WAITING for channel in channels)
    return f"{len(channels)}{of_all} channels" + ("" if done == len(channels) else f" ({done} done)")


def _figures(progress: Progress, pace: ReadingStart, now: float) -> str:
    parts = [f"{_counted(progress.messages, 'message')}, {_counted(progress.files, 'file')} so far"]
    elapsed, gained = now - pace.began, progress.share_done - pace.share
    if elapsed >= _SECONDS_BEFORE_A_GUESS:
        parts.append(f"{(progress.messages - pace.messages) / elapsed * 60:,.0f} messages a minute")
        if gained > 0 and not any(channel.is_past_its_beginning for channel in progress.channels):
            parts.append(f"about {_duration((1 - progress.share_done) / gained * elapsed)} left")
    return " · ".join(parts)


def _bar(share: float) -> str:
    full = int(share * _CELLS)
    return "█" * full + "░" * (_CELLS - full)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"
