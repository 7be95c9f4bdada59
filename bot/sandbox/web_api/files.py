"""files.*: the current three-step upload, facts, lists and deletion."""

from bot.sandbox import files, messages
from bot.sandbox.blocks import checked_blocks
from bot.sandbox.changes import StateTouched
from bot.sandbox.model import Channel, Payload, SharedFile
from bot.sandbox.web_api.paging import page_of
from bot.sandbox.web_api.registry import Call, method
from bot.sandbox.workspace import SlackError


@method("files.getUploadURLExternal", scope="files:write")
def get_upload_url(call: Call) -> Payload:
    """First step: announces a file and gets an address for its bytes."""
    name = call.arguments.required("filename")
    try:
        size = int(call.arguments.required("length"))
    except ValueError:
        raise SlackError("invalid_arguments") from None
    if not 0 < size <= files.MAX_FILE_BYTES:
        raise SlackError("file_upload_size_restricted")
    file = files.begin(call.workspace, call.caller.id, name, size)
    ticket = call.context.file_store.new_ticket(file.id)
    return {"upload_url": f"{call.workspace.url}/upload/{ticket}", "file_id": file.id}


@method("files.completeUploadExternal", scope="files:write")
def complete_upload(call: Call) -> Payload:
    """Third step: shares what was uploaded, in one message for each conversation named."""
    uploaded = _uploaded(call)
    targets = [_target(call, channel_id) for channel_id in _targets(call)]
    blocks = call.arguments.structure("blocks", "invalid_blocks_format")
    checked = checked_blocks(blocks) if blocks else None
    thread_ts = call.arguments.text("thread_ts") or None
    if thread_ts:
        for channel in targets:
            messages.thread_root(channel, thread_ts)
    for file, title in uploaded:
        file.title = title or file.title
        file.is_complete = True
    for channel in targets:
        draft = messages.Draft(call.arguments.text("initial_comment"), blocks=checked, thread_ts=thread_ts)
        files.share(call.workspace, channel, call.caller.id, [file for file, _ in uploaded], draft)
    call.workspace.announce(StateTouched())
    return {"files": [files.shown(call.workspace, file) for file, _ in uploaded]}


@method("files.info", scope="files:read")
def info(call: Call) -> Payload:
    """One file. Refuses with ``file_not_found``."""
    file = files.find(call.workspace, call.caller.id, call.arguments.required("file"))
    return {
        "file": files.shown(call.workspace, file),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


@method("files.list", scope="files:read")
def list_files(call: Call) -> Payload:
    """The files that the caller may see, newest first."""
    channel_id, owner = call.arguments.text("channel"), call.arguments.text("user")
    visible = [
        file
        for file in call.workspace.files.values()
        if file.is_complete
        and call.workspace.may_see_file(call.caller.id, file)
        and (not channel_id or channel_id in file.shares)
        and (not owner or file.owner == owner)
    ]
    visible.sort(key=lambda file: file.created, reverse=True)
    page, metadata = page_of(visible, call.arguments, lambda file: file.id)
    paging = {"count": len(page), "total": len(visible), "page": 1, "pages": 1}
    shown = [files.shown(call.workspace, file) for file in page]
    return {"files": shown, "paging": paging, "response_metadata": metadata}


@method("files.delete", scope="files:write")
def delete(call: Call) -> Payload:
    """Deletes one's own file; admins may delete anybody's."""
    file = files.find(call.workspace, call.caller.id, call.arguments.required("file"))
    if file.owner != call.caller.id and not call.caller.is_admin:
        raise SlackError("cant_delete_file")
    files.delete(call.workspace, call.context.file_store, file)
    return {}


def _uploaded(call: Call) -> list[tuple[SharedFile, str]]:
    """The files named in the call with their titles; each must have been uploaded by the caller and be new."""
    entries = call.arguments.structure("files", "invalid_arguments")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise SlackError("invalid_arguments")
    uploaded = []
    for entry in entries:
        file = call.workspace.files.get(str(entry.get("id")))
        if file is None or file.owner != call.caller.id:
            raise SlackError("file_not_found")
        if file.is_complete:
            raise SlackError("file_update_failed")
        if not call.context.file_store.path(file.id).is_file():
            raise SlackError("file_not_found")
        uploaded.append((file, str(entry.get("title") or "")))
    return uploaded


def _targets(call: Call) -> list[str]:
    channel_id = call.arguments.text("channel_id")
    return [channel_id] if channel_id else call.arguments.names("channels")


def _target(call: Call, channel_id: str) -> Channel:
    channel = call.workspace.joined_channel(call.caller.id, channel_id)
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel
