"""Checks Block Kit the way Slack does before it accepts a message or a view, and fills in missing block ids."""

import copy
from collections.abc import Callable, Iterator

from bot.sandbox.ids import new_id
from bot.sandbox.model import Payload
from bot.sandbox.workspace import SlackError

MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_MARKDOWN_TEXT = 12_000

_TEXT_LIMITS = {"header": 150, "section": 3000, "context": 3000}
_ELEMENT_LIMITS = {"actions": 25, "context": 10, "context_actions": 5}
_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")
_INTERACTIVE_TEXT_LIMIT = 75
_TEXT_KEYS = ("type", "block_id", "action_id", "value", "alt_text", "image_url")
_LIST_KEYS = ("elements", "fields", "options", "option_groups")


def checked_blocks(blocks: object, *, limit: int = MAX_MESSAGE_BLOCKS) -> list[Payload]:
    """A copy of the blocks with an id on each.

    Raises SlackError ``invalid_blocks`` with Slack-like explanations in `response_metadata`.
    """
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    checked: list[Payload] = copy.deepcopy(blocks)
    complaints = list(_shape_complaints(checked, "/blocks")) or list(_complaints(checked, limit))
    if complaints:
        raise SlackError("invalid_blocks", response_metadata={"messages": complaints})
    for block in checked:
        block["block_id"] = block.get("block_id") or new_id("")[:5]
    return checked


def actions_in(blocks: list[Payload]) -> Iterator[tuple[str, str]]:
    """The (block id, action id) of everything in the blocks that can be pressed or chosen."""
    for block in blocks:
        elements = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        for element in elements:
            if isinstance(element, dict) and "action_id" in element:
                yield block["block_id"], element["action_id"]


def _shape_complaints(value: object, pointer: str) -> Iterator[str]:
    """What is of the wrong JSON type, anywhere inside; only what passes this is looked at more closely."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _shape_complaints(each, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in _TEXT_KEYS and not isinstance(each, str):
                yield f"[ERROR] must be a string [json-pointer:{pointer}/{key}]"
            if key in _LIST_KEYS and not (isinstance(each, list) and all(isinstance(one, dict) for one in each)):
                yield f"[ERROR] must be an array of objects [json-pointer:{pointer}/{key}]"
            yield from _shape_complaints(each, f"{pointer}/{key}")


def _complaints(blocks: list[Payload], limit: int) -> Iterator[str]:
    if len(blocks) > limit:
        yield f"[ERROR] no more than {limit} items allowed [json-pointer:/blocks]"
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    for repeated in sorted({each for each in ids if ids.count(each) > 1}):
        yield f"[ERROR] `block_id` {repeated} already exists [json-pointer:/blocks]"
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > MAX_MARKDOWN_TEXT:
        yield f"[ERROR] markdown blocks hold more than {MAX_MARKDOWN_TEXT} characters together"
    for index, block in enumerate(blocks):
        check = _CHECKS.get(str(block.get("type")))
        if check is None:
            yield f"[ERROR] unsupported type: {block.get('type')} [json-pointer:/blocks/{index}/type]"
            continue
        for complaint in check(block):
            yield f"[ERROR] {complaint} [json-pointer:/blocks/{index}]"


def _check_text(text: object, limit: int, *, plain: bool = False) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        yield "missing required field: text"
        return
    if plain and text["type"] != "plain_text":
        yield "text must be plain_text"
    content = text.get("text")
    if not isinstance(content, str) or not content:
        yield "must be more than 0 characters"
    elif len(content) > limit:
        yield f"must be less than {limit + 1} characters"


def _check_header(block: Payload) -> Iterator[str]:
    yield from _check_text(block.get("text"), _TEXT_LIMITS["header"], plain=True)


def _check_section(block: Payload) -> Iterator[str]:
    fields = block.get("fields") or []
    if "text" in block or not fields:
        yield from _check_text(block.get("text"), _TEXT_LIMITS["section"])
    if len(fields) > 10:
        yield "no more than 10 fields allowed"
    for each in fields:
        yield from _check_text(each, 2000)
    if "accessory" in block:
        yield from _check_element(block["accessory"])


def _check_context(block: Payload) -> Iterator[str]:
    yield from _check_element_count(block)
    for element in block.get("elements") or []:
        if element.get("type") == "image":
            yield from _check_image(element)
        else:
            yield from _check_text(element, _TEXT_LIMITS["context"])


def _check_actions(block: Payload) -> Iterator[str]:
    yield from _check_element_count(block)
    elements = block.get("elements") or []
    ids = [element.get("action_id") for element in elements if element.get("action_id")]
    if len(ids) != len(set(ids)):
        yield "`action_id` already exists"
    for element in elements:
        if block["type"] == "context_actions" and element.get("type") not in _CONTEXT_ACTIONS:
            yield f"unsupported element in context_actions: {element.get('type')}"
        yield from _check_element(element)


def _check_element_count(block: Payload) -> Iterator[str]:
    count = len(block.get("elements") or [])
    limit = _ELEMENT_LIMITS[block["type"]]
    if not 1 <= count <= limit:
        yield f"between 1 and {limit} elements required"


def _check_element(element: object) -> Iterator[str]:
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        yield "missing required field: type"
        return
    if len(element.get("action_id", "")) > 255:
        yield "action_id must be less than 256 characters"
    check = _ELEMENT_CHECKS.get(element["type"])
    if check is not None:
        yield from check(element)


def _check_button(element: Payload) -> Iterator[str]:
    yield from _check_text(element.get("text"), _INTERACTIVE_TEXT_LIMIT, plain=True)
    if len(element.get("value", "")) > 2000:
        yield "value must be less than 2001 characters"


def _check_feedback(element: Payload) -> Iterator[str]:
    for side in ("positive_button", "negative_button"):
        button = element.get(side)
        if not isinstance(button, dict) or not button.get("value"):
            yield f"missing required field: {side}"
        else:
            yield from _check_text(button.get("text"), _INTERACTIVE_TEXT_LIMIT, plain=True)


def _check_icon_button(element: Payload) -> Iterator[str]:
    yield from _check_text(element.get("text"), _INTERACTIVE_TEXT_LIMIT, plain=True)
    if not element.get("icon"):
        yield "missing required field: icon"


def _check_options(element: Payload) -> Iterator[str]:
    if not element.get("options") and not element.get("option_groups"):
        yield "missing required field: options"


def _check_image(block: Payload) -> Iterator[str]:
    if not block.get("image_url") and not block.get("slack_file"):
        yield "missing required field: image_url"
    if not isinstance(block.get("alt_text"), str):
        yield "missing required field: alt_text"


def _check_markdown(block: Payload) -> Iterator[str]:
    if not isinstance(block.get("text"), str) or not block["text"]:
        yield "missing required field: text"


def _check_input(block: Payload) -> Iterator[str]:
    yield from _check_text(block.get("label"), 2000, plain=True)
    yield from _check_element(block.get("element"))


def _needs(*fields: str) -> Callable[[Payload], Iterator[str]]:
    def check(block: Payload) -> Iterator[str]:
        for field in fields:
            if not block.get(field):
                yield f"missing required field: {field}"

    return check


_ELEMENT_CHECKS: dict[str, Callable[[Payload], Iterator[str]]] = {
    "button": _check_button,
    "image": _check_image,
    "feedback_buttons": _check_feedback,
    "icon_button": _check_icon_button,
    "static_select": _check_options,
    "multi_static_select": _check_options,
    "radio_buttons": _check_options,
    "checkboxes": _check_options,
    "overflow": _check_options,
}

_CHECKS: dict[str, Callable[[Payload], Iterator[str]]] = {
    "header": _check_header,
    "section": _check_section,
    "context": _check_context,
    "actions": _check_actions,
    "context_actions": _check_actions,
    "image": _check_image,
    "markdown": _check_markdown,
    "input": _check_input,
    "divider": _needs(),
    "rich_text": _needs("elements"),
    "file": _needs("external_id", "source"),
    "video": _needs("video_url", "title", "alt_text"),
    "table": _needs("rows"),
    "plan": _needs("title"),
    "task_card": _needs("task_id", "title"),
}
