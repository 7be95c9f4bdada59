"""Uploaded files: Slack's three-step upload, sharing, and deletion. Bytes lie in a folder, one file per id."""

import mimetypes
import secrets
import time
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from bot.sandbox import messages
from bot.sandbox.changes import FileChanged, FileDeleted, FileShared, MessageChanged
from bot.sandbox.ids import new_id
from bot.sandbox.model import Channel, Payload, SharedFile
from bot.sandbox.workspace import SlackError, Workspace

MAX_FILE_BYTES = 1_000_000_000
"""Slack's own limit."""

_KINDS = {
    "pdf": ("pdf", "PDF", "application/pdf"),
    "txt": ("text", "Plain Text", "text/plain"),
    "md": ("markdown", "Markdown", "text/markdown"),
    "markdown": ("markdown", "Markdown", "text/markdown"),
    "html": ("html", "HTML", "text/html"),
    "csv": ("csv", "CSV", "text/csv"),
    "json": ("json", "JSON", "application/json"),
    "py": ("python", "Python", "text/x-python"),
    "js": ("javascript", "JavaScript/JSON", "text/javascript"),
    "ts": ("typescript", "TypeScript", "text/x-typescript"),
    "go": ("go", "Go", "text/x-go"),
    "java": ("java", "Java", "text/x-java"),
    "sql": ("sql", "SQL", "text/x-sql"),
    "sh": ("shell", "Shell", "text/x-sh"),
    "yaml": ("yaml", "YAML", "application/yaml"),
    "yml": ("yaml", "YAML", "application/yaml"),
    "docx": (
        "docx",
        "Word Document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "pptx": (
        "pptx",
        "PowerPoint Presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    "xlsx": (
        "xlsx",
        "Excel Spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "eml": ("email", "Email", "message/rfc822"),
    "zip": ("zip", "Zip", "application/zip"),
    "png": ("png", "PNG", "image/png"),
    "jpg": ("jpg", "JPEG", "image/jpeg"),
    "jpeg": ("jpg", "JPEG", "image/jpeg"),
    "gif": ("gif", "GIF", "image/gif"),
    "svg": ("svg", "SVG", "image/svg+xml"),
}


class FileStore:
    """The folder with the bytes, and the upload addresses that have been handed out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._tickets: dict[str, str] = {}

    def path(self, file_id: str) -> Path:
        """Where the bytes of this file are, or will be."""
        return self.folder / file_id

    def new_ticket(self, file_id: str) -> str:
        """A secret for an upload address."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = file_id
        return ticket

    def redeem_ticket(self, ticket: str) -> str | None:
        """The id of the file that this upload address is for; an address serves once."""
        return self._tickets.pop(ticket, None)


def begin(workspace: Workspace, owner_id: str, name: str, size: int) -> SharedFile:
    """First step: a file that has a name and a length, but no bytes yet."""
    extension = PurePosixPath(name).suffix.lstrip(".").lower()
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    filetype, pretty_type, mimetype = _KINDS.get(extension, (extension or "binary", extension.upper(), guessed))
    file = SharedFile(
        id=new_id("F"),
        name=name,
        title=name,
        owner=owner_id,
        created=int(time.time()),
        size=size,
        mimetype=mimetype,
        filetype=filetype,
        pretty_type=pretty_type or "Binary",
    )
    workspace.files[file.id] = file
    return file


def share(
    workspace: Workspace, channel: Channel, sharer_id: str, files: list[SharedFile], draft: messages.Draft
) -> Payload:
    """Last step: one message that carries the files. The thread, if any, must be there."""
    for file in files:
        file.shares.setdefault(channel.id, [])
    draft.files = [{key: value for key, value in shown(workspace, file).items() if key != "shares"} for file in files]
    draft.extra = {"upload": True, "display_as_bot": False}
    message = messages.post(workspace, channel, sharer_id, draft)
    for file in files:
        file.shares[channel.id].append(message["ts"])
        workspace.announce(FileShared(channel, file))
    return message


def rewrite(workspace: Workspace, store: FileStore, file: SharedFile, content: bytes) -> None:
    """Somebody edited a canvas, a post or a snippet."""
    store.path(file.id).write_bytes(content)
    file.size = len(content)
    workspace.announce(FileChanged(file))


def delete(workspace: Workspace, store: FileStore, file: SharedFile) -> None:
    """Removes the bytes; the messages that carried the file keep a tombstone in its place."""
    del workspace.files[file.id]
    store.path(file.id).unlink(missing_ok=True)
    workspace.announce(FileDeleted(file, tuple(file.shares)))
    for channel_id, timestamps in file.shares.items():
        channel = workspace.channels.get(channel_id)
        for ts in timestamps:
            message = channel.messages.get(ts) if channel else None
            if channel is None or message is None or "files" not in message:
                continue
            previous = dict(message)
            tombstone = {"id": file.id, "mode": "tombstone"}
            message["files"] = [tombstone if each["id"] == file.id else each for each in message["files"]]
            workspace.announce(MessageChanged(channel, message, previous))


def find(workspace: Workspace, person_id: str, file_id: str) -> SharedFile:
    """Raises SlackError ``file_not_found``, also for files hidden from this person."""
    file = workspace.files.get(file_id)
    if file is None or not file.is_complete or not workspace.may_see_file(person_id, file):
        raise SlackError("file_not_found")
    return file


def shown(workspace: Workspace, file: SharedFile) -> Payload:
    """The file object as Slack puts it into messages and `files.info`."""
    safe_name = quote(file.name.replace("/", "_"))
    address = f"{workspace.url}/files-pri/{workspace.team.id}-{file.id}"
    payload: Payload = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.pretty_type,
        "user": file.owner,
        "user_team": workspace.team.id,
        "editable": False,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": _is_public(workspace, file),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{address}/{safe_name}",
        "url_private_download": f"{address}/download/{safe_name}",
        "permalink": f"{workspace.url}/files/{file.owner}/{file.id}/{safe_name}",
        "file_access": "visible",
        "has_rich_preview": False,
        "shares": _shares(workspace, file),
    }
    listed = {"channels": "public", "groups": "private", "ims": "im"}
    for key, kind in listed.items():
        payload[key] = [each for each in file.shares if _kind(workspace, each) == kind]
    return payload | file.details


def shown_to_apps(file: Payload) -> Payload:
    """The stub that Slack sends for files of another company: the app must ask `files.info` for the rest."""
    return {
        "id": file["id"],
        "created": file["created"],
        "timestamp": file["timestamp"],
        "mode": "file_access",
        "file_access": "check_file_info",
    }


def _is_public(workspace: Workspace, file: SharedFile) -> bool:
    return any(_kind(workspace, each) == "public" for each in file.shares)


def _kind(workspace: Workspace, channel_id: str) -> str | None:
    channel = workspace.channels.get(channel_id)
    return channel.kind if channel else None


def _shares(workspace: Workspace, file: SharedFile) -> Payload:
    shares: Payload = {}
    for channel_id, timestamps in file.shares.items():
        channel = workspace.channels.get(channel_id)
        if channel is None:
            continue
        audience = "public" if channel.kind == "public" else "private"
        entries = [{"ts": ts, "channel_name": channel.name, "team_id": workspace.team.id} for ts in timestamps]
        shares.setdefault(audience, {})[channel_id] = entries
    return shares
