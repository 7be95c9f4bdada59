"""The bot's Home tab."""

from dataclasses import dataclass

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

SUGGESTIONS = [
    {"title": "What do you know?", "message": "What topics do people here write about most?"},
    {"title": "Who knows about …?", "message": "Who can I ask about holidays and time off?"},
    {"title": "Where is it written?", "message": "Where is our onboarding described?"},
]
_CHANNELS_SHOWN = 20


@dataclass(frozen=True)
class HomeFacts:
    """What Home tells."""

    bot_user_id: str
    public_channels: tuple[str, ...]
    passages: int
    waiting: int


def home(facts: HomeFacts) -> View:
    """The Home view."""
    return View(type="home", blocks=[*_greeting(facts), DividerBlock(), *_knowledge(facts), DividerBlock(), *_limits()])


def _greeting(facts: HomeFacts) -> list[Block]:
    bot = f"<@{facts.bot_user_id}>"
    ways = [
        f"• *In a channel*: mention {bot} with your question. Everybody there sees the answer.",
        "• *Here, in Messages*: just write. Your private channels are searched too.",
        "• *Anywhere*: `/ask your question` shows the answer to you alone.",
        "• *In a thread that I answered in*: go on asking, without a mention.",
    ]
    return [
        HeaderBlock(text="Ask what your team already knows"),
        SectionBlock(
            text="I read the channels I am in and the files shared there, and answer from them, naming my sources."
        ),
        SectionBlock(text=MarkdownTextObject(text="\n".join(ways))),
    ]


def _knowledge(facts: HomeFacts) -> list[Block]:
    shown = " ".join(f"<#{channel_id}>" for channel_id in facts.public_channels[:_CHANNELS_SHOWN])
    more = len(facts.public_channels) - _CHANNELS_SHOWN
    channels = f"{shown} and {more} more" if more > 0 else shown
    where = f"Public channels I listen to: {channels}" if channels else "I am in no public channel yet: invite me."
    state = "everything heard is findable" if facts.waiting == 0 else f"{facts.waiting} documents wait to be read"
    return [
        SectionBlock(text=MarkdownTextObject(text=f"*{facts.passages:,} passages* to answer from; {state}.")),
        ContextBlock(elements=[MarkdownTextObject(text=where)]),
    ]


def _limits() -> list[Block]:
    told = (
        "An answer never shows what someone who sees it may not read. Delete a message or file and it is gone from my"
        " answers too. 👍 and 👎 under an answer tell your team what helps."
    )
    return [ContextBlock(elements=[MarkdownTextObject(text=told)])]
