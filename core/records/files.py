"""Files as shared: where they were posted, whether their bytes are here, and why not if they are not."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now


class FileState(StrEnum):
    """How far a file has come. WANTED: to be downloaded. STORED: its bytes are here. REFUSED: `problem` says why.

    LINKED: it lies outside of Slack, and only its name and link are known.
    FORGOTTEN: it stands nowhere any more; sharing it again makes it wanted.
    """

    WANTED = "wanted"
    STORED = "stored"
    LINKED = "linked"
    REFUSED = "refused"
    FORGOTTEN = "forgotten"


READABLE = frozenset({FileState.STORED, FileState.LINKED})
"""Files in these states have something to find."""


class SharedFile(Base):
    """A file that somebody shared. A deleted one keeps its row as a tombstone."""

    __tablename__ = "files"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    mimetype: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    download_url: Mapped[str] = mapped_column(default="")
    permalink: Mapped[str] = mapped_column(default="")
    person_id: Mapped[str] = mapped_column(default="")
    state: Mapped[FileState] = mapped_column(default=FileState.WANTED, index=True)
    blob: Mapped[str] = mapped_column(default="")
    """Path of the bytes, relative to the blob folder."""
    problem: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counts the times that the file came to say something else; bytes are of the one that they were asked for at."""
    shared_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]


class FileShare(Base):
    """One message that a file was posted with; `message_ts` is empty while that is not known, and for pages.

    A file may be in several channels, each with its audience, and several times in one.
    """

    __tablename__ = "file_shares"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "file_id"], ["files.workspace_id", "files.id"], ondelete="CASCADE"),
    )

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    message_ts: Mapped[str] = mapped_column(primary_key=True, default="")
    thread_ts: Mapped[str] = mapped_column(default="")


class Files:
    """Questions asked of files."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str, file_id: str) -> SharedFile | None:
        """The file, also when it is only a tombstone."""
        return self._session.get(SharedFile, (workspace_id, file_id))

    def ensure(self, workspace_id: str, file_id: str) -> SharedFile:
        """The file, made if it is new."""
        found = self.get(workspace_id, file_id)
        if found is None:
            found = SharedFile(workspace_id=workspace_id, id=file_id)
            self._session.add(found)
            self._session.flush()
        return found

    def lock(self, file: SharedFile) -> None:
        """Read the file as it stands now, and let nobody else change it until this work is done."""
        self._session.refresh(file, with_for_update=True)

    def share(self, workspace_id: str, file_id: str, channel_id: str, message_ts: str, thread_ts: str) -> None:
        """The file was posted here; a place that was known without its message, or its thread, learns it."""
        here = {share.message_ts: share for share in self.shares(workspace_id, file_id, channel_id)}
        known = here.get(message_ts) or here.get("")
        if known is not None:
            known.message_ts = message_ts or known.message_ts
            known.thread_ts = thread_ts or known.thread_ts
        elif message_ts or not here:
            place = {"workspace_id": workspace_id, "file_id": file_id, "channel_id": channel_id}
            self._session.add(FileShare(**place, message_ts=message_ts, thread_ts=thread_ts))
        self._session.flush()

    def shares(self, workspace_id: str, file_id: str, channel_id: str = "") -> list[FileShare]:
        """Every place where the file stands, or every one in the channel, if given; the oldest message first."""
        query = select(FileShare).where(FileShare.workspace_id == workspace_id, FileShare.file_id == file_id)
        if channel_id:
            query = query.where(FileShare.channel_id == channel_id)
        return list(self._session.scalars(query.order_by(FileShare.message_ts)))

    def channels_of(self, workspace_id: str, file_id: str) -> list[str]:
        """Every channel where the file stands."""
        return sorted({share.channel_id for share in self.shares(workspace_id, file_id)})

    def is_shared_with(self, workspace_id: str, file_id: str, channel_id: str, message_ts: str) -> bool:
        """Whether it is known that this message brought the file."""
        return self._session.get(FileShare, (workspace_id, file_id, channel_id, message_ts)) is not None

    def shared_in(self, workspace_id: str, channel_id: str) -> list[FileShare]:
        """Every file that stands in the channel."""
        return list(
            self._session.scalars(
                select(FileShare).where(FileShare.workspace_id == workspace_id, FileShare.channel_id == channel_id)
            )
        )

    def shared_with_message(self, workspace_id: str, channel_id: str, message_ts: str) -> list[FileShare]:
        """The files that a message brought."""
        return list(
            self._session.scalars(
                select(FileShare).where(
                    FileShare.workspace_id == workspace_id,
                    FileShare.channel_id == channel_id,
                    FileShare.message_ts == message_ts,
                )
            )
        )

    def unshare(self, share: FileShare) -> None:
        """The file no longer stands in that place."""
        self._session.delete(share)
        self._session.flush()

    def of_person(self, workspace_id: str, person_id: str) -> list[SharedFile]:
        """The files that the person shared and that still exist."""
        return list(
            self._session.scalars(
                select(SharedFile).where(
                    SharedFile.workspace_id == workspace_id,
                    SharedFile.person_id == person_id,
                    SharedFile.deleted_at.is_(None),
                )
            )
        )

    def named(self, workspace_id: str, name: str) -> list[SharedFile]:
        """The files that stand and are called this, with or without the name's ending."""
        known, asked = func.lower(SharedFile.name), name.lower()
        return list(
            self._session.scalars(
                select(SharedFile)
                .where(
                    SharedFile.workspace_id == workspace_id,
                    SharedFile.deleted_at.is_(None),
                    SharedFile.state != FileState.FORGOTTEN,
                    or_(SharedFile.name == name, known == asked, known.startswith(f"{asked}.", autoescape=True)),
                )
                .order_by(SharedFile.shared_at.desc())
            )
        )

    def of_workspace(self, workspace_id: str) -> list[SharedFile]:
        """Every file, also those that are only tombstones."""
        return list(self._session.scalars(select(SharedFile).where(SharedFile.workspace_id == workspace_id)))

    def shared_before(self, workspace_id: str, channel_id: str, moment: datetime) -> list[FileShare]:
        """Places in the channel, known without a message, of files that were heard of before this moment."""
        return list(
            self._session.scalars(
                select(FileShare)
                .join(
                    SharedFile,
                    (SharedFile.workspace_id == FileShare.workspace_id) & (SharedFile.id == FileShare.file_id),
                )
                .where(
                    FileShare.workspace_id == workspace_id,
                    FileShare.channel_id == channel_id,
                    FileShare.message_ts == "",
                    SharedFile.shared_at < moment,
                )
            )
        )

    def blobs(self) -> set[str]:
        """The path of all bytes that are kept, relative to the blob folder."""
        return set(self._session.scalars(select(SharedFile.blob).where(SharedFile.blob != "")))

    def empty(self, file: SharedFile) -> None:
        """Nothing of the file stays but that it was there."""
        file.state, file.size, file.not_before, file.attempts = FileState.FORGOTTEN, 0, None, 0
        file.name = file.mimetype = file.download_url = file.permalink = file.person_id = file.blob = file.problem = ""
        self._session.flush()

    def wanted(self, now: datetime, limit: int) -> list[SharedFile]:
        """Files whose bytes ought to be fetched now: those that were shared last before those of the past."""
        return list(
            self._session.scalars(
                select(SharedFile)
                .where(
                    SharedFile.state == FileState.WANTED,
                    SharedFile.download_url != "",
                    SharedFile.deleted_at.is_(None),
                    or_(SharedFile.not_before.is_(None), SharedFile.not_before <= now),
                )
                .order_by(SharedFile.shared_at.desc())
                .limit(limit)
            )
        )
