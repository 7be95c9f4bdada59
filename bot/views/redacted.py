"""What stands in place of an answer that is forgotten."""

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject

REMOVED = (
    "This answer rested on something that was removed since, so I took it back. Ask again, and I answer from what is"
    " there now."
)


def removed() -> list[Block]:
    """The sentence, without anything of the answer or its buttons."""
    return [ContextBlock(elements=[MarkdownTextObject(text=f"_{REMOVED}_")])]
