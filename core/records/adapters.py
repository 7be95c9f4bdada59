"""The adapters that training made, what each was trained on, and the one row that says which of them serves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.records.base import Base, utc_now


class Adapter(Base):
    """A LoRA adapter whose folder is whole on disk. `tainted`: trained on something that was forgotten since."""

    __tablename__ = "adapters"

    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("training_runs.id"))
    data_set: Mapped[str]
    base_fingerprint: Mapped[str]
    tainted: Mapped[bool] = mapped_column(default=False)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    promoted_at: Mapped[datetime | None]
    """When it was last promoted; NULL for one that never was."""
    deleted_at: Mapped[datetime | None]
    """When its folder was removed."""


class AdapterExample(Base):
    """This adapter was trained on this example."""

    __tablename__ = "adapter_examples"
    __table_args__ = (Index(None, "example_id"),)

    adapter_id: Mapped[str] = mapped_column(ForeignKey("adapters.id", ondelete="CASCADE"), primary_key=True)
    example_id: Mapped[str] = mapped_column(primary_key=True)


class LivePointer(Base):
    """The one row that says what serves. No adapter means the base model."""

    __tablename__ = "live_pointer"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    adapter_id: Mapped[str | None] = mapped_column(ForeignKey("adapters.id"))
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_by: Mapped[str] = mapped_column(default="")
    """Who moved it; empty for the promotion rule."""


class Adapters:
    """Questions asked of adapters and of the pointer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, adapter_id: str) -> Adapter | None:
        """The adapter, if it is known."""
        return self._session.get(Adapter, adapter_id)

    def add(self, adapter: Adapter, example_ids: Iterable[str]) -> None:
        """Keep a new adapter and what it was trained on; keeping it twice changes nothing."""
        if self.get(adapter.id) is not None:
            return
        self._session.add(adapter)
        self._session.flush()
        self._session.add_all(
            AdapterExample(adapter_id=adapter.id, example_id=example_id) for example_id in set(example_ids)
        )
        self._session.flush()

    def on_disk(self) -> list[Adapter]:
        """Adapters whose folder has not been removed, newest first."""
        return list(
            self._session.scalars(select(Adapter).where(Adapter.deleted_at.is_(None)).order_by(Adapter.made_at.desc()))
        )

    def live(self) -> Adapter | None:
        """The adapter that serves; None for the base model."""
        pointer = self.pointer()
        return self.get(pointer.adapter_id) if pointer and pointer.adapter_id else None

    def pointer(self) -> LivePointer | None:
        """The pointer row; None before it was first moved."""
        return self._session.get(LivePointer, 1, populate_existing=True)

    def point_to(self, adapter: Adapter | None, changed_by: str = "", *, back: bool = False) -> None:
        """This adapter (None: the base) serves from now on; `back` to one that served before, which is no promotion."""
        self._session.merge(
            LivePointer(id=1, adapter_id=adapter.id if adapter else None, changed_at=utc_now(), changed_by=changed_by)
        )
        if adapter is not None and not back:
            adapter.promoted_at = utc_now()
        self._session.flush()

    def once_live(self) -> list[Adapter]:
        """Clean adapters on disk that served before and do not now, the latest to have served first."""
        pointer = self.pointer()
        return list(
            self._session.scalars(
                select(Adapter)
                .where(
                    Adapter.promoted_at.is_not(None),
                    Adapter.deleted_at.is_(None),
                    Adapter.tainted.is_(False),
                    Adapter.id != (pointer.adapter_id if pointer and pointer.adapter_id else ""),
                )
                .order_by(Adapter.promoted_at.desc())
            )
        )

    def examples_of(self, adapter_id: str) -> set[str]:
        """Ids of the examples that the adapter was trained on."""
        return set(
            self._session.scalars(select(AdapterExample.example_id).where(AdapterExample.adapter_id == adapter_id))
        )

    def trained_on(self, example_ids: Sequence[str]) -> list[Adapter]:
        """Adapters trained on any of these examples."""
        ids = select(AdapterExample.adapter_id).where(AdapterExample.example_id.in_(example_ids))
        return list(self._session.scalars(select(Adapter).where(Adapter.id.in_(ids))))

    def taint(self, example_ids: Sequence[str]) -> list[Adapter]:
        """Mark the adapters trained on any of these examples, which are now forgotten; returns those newly marked."""
        marked = [adapter for adapter in self.trained_on(example_ids) if not adapter.tainted]
        for adapter in marked:
            adapter.tainted = True
        self._session.execute(delete(AdapterExample).where(AdapterExample.example_id.in_(example_ids)))
        self._session.flush()
        return marked

    def taint_rows(self, data_set: str, example_ids: Sequence[str]) -> None:
        """Mark the adapters trained on these rows of a frozen set: what stands in them is forgotten."""
        for adapter in self.trained_on(example_ids):
            if adapter.data_set == data_set:
                adapter.tainted = True
        self._session.flush()
