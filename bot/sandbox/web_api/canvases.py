"""canvases.*: documents that people write in Slack itself. A canvas is a file whose bytes are its Markdown."""

from bot.sandbox import files
from bot.sandbox.model import Payload
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError


@method("canvases.getContent", scope="canvases:read")
def get_content(call: Call) -> Payload:
    """The words of a canvas. Refuses with ``canvas_not_found``."""
    try:
        canvas = files.find(call.workspace, call.caller.id, call.arguments.required("canvas_id"))
    except SlackError:
        raise SlackError("canvas_not_found") from None
    return {"markdown": call.context.file_store.path(canvas.id).read_text(encoding="utf-8")}
