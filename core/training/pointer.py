"""Which adapter serves: promotion, rollback and tainting move one pointer row, and nothing else."""

from typing import Literal

from core.errors import DamagedAdapter, JourneymanError
from core.records.adapters import Adapter
from core.records.unit_of_work import Record, UnitOfWork
from core.settings import Settings
from core.training.adapters import validate
from core.training.base_folder import base_folder

TaintPolicy = Literal["clean", "base", "keep"]


def promote(record: Record, settings: Settings, adapter_id: str, changed_by: str) -> None:
    """Let this adapter serve. Raises DamagedAdapter when it is not sound, JourneymanError when it is not there."""
    with record() as work:
        _servable(work, adapter_id)
    validate(settings.adapters_dir / adapter_id, base_folder(settings.phi3_model))
    with record() as work:
        work.adapters.point_to(_servable(work, adapter_id), changed_by)
        work.commit()


def roll_back(record: Record, settings: Settings, changed_by: str) -> str:
    """Let what served before serve again; returns its id, empty for the base model.

    An adapter that is damaged meanwhile is passed over. Raises JourneymanError when the base serves already.
    """
    with record() as work:
        live, earlier = work.adapters.live(), work.adapters.once_live()
    if live is None:
        raise JourneymanError("The base model serves already: there is nothing to roll back to.")
    base = base_folder(settings.phi3_model)
    served = live.promoted_at
    for adapter in (one for one in earlier if served and one.promoted_at and one.promoted_at < served):
        try:
            validate(settings.adapters_dir / adapter.id, base)
        except DamagedAdapter:
            continue
        return _point(record, adapter, changed_by)
    return _point(record, None, changed_by)


def leave_tainted(record: Record, policy: TaintPolicy) -> str | None:
    """Move the pointer off an adapter that learned what is forgotten now; the id that serves then, None if unmoved."""
    with record() as work:
        live = work.adapters.live()
        if live is None or not live.tainted or policy == "keep":
            return None
        clean = work.adapters.once_live() if policy == "clean" else []
        work.adapters.point_to(clean[0] if clean else None, back=True)
        work.commit()
        return clean[0].id if clean else ""


def _point(record: Record, adapter: Adapter | None, changed_by: str) -> str:
    with record() as work:
        work.adapters.point_to(work.adapters.get(adapter.id) if adapter else None, changed_by, back=True)
        work.commit()
    return adapter.id if adapter else ""


def _servable(work: UnitOfWork, adapter_id: str) -> Adapter:
    adapter = work.adapters.get(adapter_id)
    if adapter is None or adapter.deleted_at is not None:
        known = ", ".join(one.id for one in work.adapters.on_disk()) or "none"
        raise JourneymanError(f"There is no adapter {adapter_id}. On disk are: {known}.")
    if adapter.tainted:
        raise JourneymanError(f"{adapter_id} learned something that was forgotten since, so it may not serve again.")
    return adapter
