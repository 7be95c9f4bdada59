"""The bot's Home tab: how to ask, how it is doing, and the lists of examples under that."""

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)

from core.curation.overview import Glance, Week

SUGGESTIONS = [
    {"title": "What do you know?", "message": "What topics do people here write about most?"},
    {"title": "Who knows about …?", "message": "Who can I ask about holidays and time off?"},
    {"title": "Where is it written?", "message": "Where is our onboarding described?"},
]
_CHANNELS_SHOWN = 20


def home(bot_user_id: str, glance: Glance, lists: Sequence[Block]) -> list[Block]:
    """The blocks of Home."""
    return [*_greeting(bot_user_id), DividerBlock(), *at_a_glance(glance), DividerBlock(), *lists, *_limits()]


def _greeting(bot_user_id: str) -> list[Block]:
    bot = f"<@{bot_user_id}>"
    ways = [
        f"• *In a channel*: mention {bot} with your question. Everybody there sees the answer.",
        "• *Here, in Messages*: just write. Your private channels are searched too.",
        "• *Anywhere*: `/ask your question` shows the answer to you alone.",
        "• *In a thread that I answered in*: go on asking, without a mention.",
        "• *To stop an answer*: press Stop in it while I write, or put 🛑 on your question.",
        "• *To teach me*: 👍 or 👎 an answer, write `/teach`, or choose “Teach Journeyman” on any message.",
        "• *To make me forget*: delete it in Slack, or write `/forget` (`/forget me` forgets you).",
    ]
    return [
        HeaderBlock(text="Ask what your team already knows"),
        SectionBlock(
            text="I read the channels I am in and the files shared there, and answer from them, naming my sources."
        ),
        SectionBlock(text=MarkdownTextObject(text="\n".join(ways))),
    ]


GLANCE = "glance:"
"""How the ids of the figures' blocks begin."""


def at_a_glance(glance: Glance) -> list[Block]:
    """The figures."""
    fields = [_knowledge(glance), _answers(glance), _learning(glance), _adapter(glance)]
    return [
        HeaderBlock(text="At a glance", block_id=f"{GLANCE}head"),
        SectionBlock(fields=[MarkdownTextObject(text=each) for each in fields], block_id=f"{GLANCE}figures"),
        ContextBlock(elements=[MarkdownTextObject(text=_where(glance))], block_id=f"{GLANCE}where"),
    ]


def _knowledge(glance: Glance) -> str:
    heard = f"last heard {_moment(glance.last_heard)}" if glance.last_heard else "nothing heard yet"
    state = "everything heard is findable" if not glance.waiting else f"{_count(glance.waiting, 'document')} to be read"
    known = f"{_count(len(glance.public_channels), 'public channel')}, {_count(glance.files, 'file')}"
    return f"*What I know*\n{known}, {_count(glance.passages, 'passage')}\n{heard}; {state}"


def _answers(glance: Glance) -> str:
    now, before = glance.this_week, glance.last_week
    told = f"*Answers this week*\n{now.answers} ({before.answers} the week before)\nhelpful: {_share(now)}"
    told += f" ({_share(before)} the week before)"
    if glance.complaints:
        told += "\n" + ", ".join(f"{count} × {complaint}" for complaint, count in glance.complaints.items())
    return told


def _learning(glance: Glance) -> str:
    size = f"{_count(glance.approved, 'approved answer')}, {glance.approved_this_week} of them new this week"
    rest = f"{glance.proposed} waiting for review, {glance.held} held back"
    return f"*What I learn from*\n{size}\n{rest}"


def _adapter(glance: Glance) -> str:
    if glance.adapter and glance.adapter_since:
        told = f"`{glance.adapter}`, since {_moment(glance.adapter_since)}"
    else:
        told = "none: the base model serves" if glance.any_run else "none yet"
    return f"*Trained adapter*\n{told}" + (f"\nLast verdict: {glance.last_verdict}" if glance.last_verdict else "")


def _where(glance: Glance) -> str:
    shown = " ".join(f"<#{channel_id}>" for channel_id in glance.public_channels[:_CHANNELS_SHOWN])
    more = len(glance.public_channels) - _CHANNELS_SHOWN
    channels = f"{shown} and {more} more" if more > 0 else shown
    return f"Public channels I listen to: {channels}" if channels else "I am in no public channel yet: invite me."


def _limits() -> list[Block]:
    told = (
        "An answer never shows what someone who sees it may not read. What is deleted or forgotten is gone from my"
        " answers too, and from what I learn from."
    )
    return [ContextBlock(elements=[MarkdownTextObject(text=told)])]


def _share(week: Week) -> str:
    votes = week.helpful + week.not_helpful
    return f"{week.helpfulness:.0%} of {_count(votes, 'vote')}" if week.helpfulness is not None else "no votes"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _moment(moment: datetime) -> str:
    """In the reader's own time zone."""
    plain = f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{plain}>"
