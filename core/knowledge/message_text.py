"""The words of a Slack message, wherever in it they stand."""

from collections.abc import Iterator
from typing import Any

from core.knowledge.slack_payloads import Payload, objects, storable


def words_of(message: Payload) -> str:
    """What the message says, fit to be stored. A bot's text is often only its title: it says all that it shows."""
    return storable(_everything_in(message) if message.get("bot_id") else _text_of(message))


def _text_of(message: Payload) -> str:
    """The message's text; where that is empty, what its blocks and attachments say."""
    text = str(message.get("text") or "")
    if text.strip():
        return text
    pieces = [*_of_blocks(message.get("blocks")), *_of_attachments(message.get("attachments"))]
    return "\n".join(piece for piece in pieces if piece.strip())


def _everything_in(message: Payload) -> str:
    """All that the message shows, its text first, and nothing twice."""
    text = str(message.get("text") or "").strip()
    said = text.casefold()
    shown = [*_of_blocks(message.get("blocks")), *_of_attachments(message.get("attachments"))]
    more = [piece for piece in shown if piece.strip() and piece.strip().casefold() not in said]
    return "\n".join(filter(None, (text, *more)))


def _of_blocks(blocks: Any) -> Iterator[str]:
    for block in objects(blocks):
        match block.get("type"):
            case "rich_text":
                yield "".join(_of_rich_text(block.get("elements"))).strip()
            case "markdown":
                yield str(block.get("text") or "")
            case "image" | "video":
                yield str(block.get("alt_text") or "")
            case _:
                yield from _of_text_objects(block)


def _of_text_objects(block: Payload) -> Iterator[str]:
    for holder in (block.get("text"), *objects(block.get("fields")), *objects(block.get("elements"))):
        if isinstance(holder, dict) and holder.get("type") in ("plain_text", "mrkdwn"):
            yield str(holder.get("text") or "")


def _of_rich_text(elements: Any) -> Iterator[str]:
    for element in objects(elements):
        match element.get("type"):
            case "text":
                yield str(element.get("text") or "")
            case "link":
                yield str(element.get("text") or element.get("url") or "")
            case "user":
                yield f"<@{element.get('user_id', '')}>"
            case "channel":
                yield f"<#{element.get('channel_id', '')}>"
            case "emoji":
                yield f":{element.get('name', '')}:"
            case _:
                yield from _of_rich_text(element.get("elements"))
                yield "\n"


def _of_attachments(attachments: Any) -> Iterator[str]:
    for attachment in objects(attachments):
        told = [str(attachment[key]) for key in ("pretext", "title", "text") if attachment.get(key)]
        fields = [f"{field.get('title', '')}: {field.get('value', '')}" for field in objects(attachment.get("fields"))]
        if told or fields:
            yield from (*told, *fields)
        elif attachment.get("blocks"):
            yield from _of_blocks(attachment["blocks"])
        else:
            yield str(attachment.get("fallback") or "")
