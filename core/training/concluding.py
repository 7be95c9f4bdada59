"""The end of a night: scores, the verdict, and in one transaction the adapter, the pointer and the run's end."""

from dataclasses import asdict, replace
from typing import Any

from core.curation.frozen_set import FrozenSet, Split, load
from core.errors import TrainingFailed, TrainingStopped
from core.records.adapters import Adapter
from core.records.base import utc_now
from core.records.runs import RunState, TrainingRun
from core.records.unit_of_work import Record, UnitOfWork
from core.settings import Settings
from core.training.adapters import Manifest, base_fingerprint, remove_all_but, seal
from core.training.base_folder import base_folder
from core.training.examination import Examination
from core.training.promotion import Decision
from core.training.recipes import Recipe
from core.training.report import Story, people_in, write_report
from core.training.run_folder import RunFolder
from core.training.scores import Embed
from core.training.verdict import figures, judge, mark


def conclude(record: Record, settings: Settings, embed: Embed, run: TrainingRun, holder: str, recipe: Recipe) -> None:
    """Judge the run's candidate, and end the run. Repeating it after a crash comes to the same end.

    Raises TrainingFailed when the run's files are gone, TrainingStopped when another worker has the run.
    """
    folder = RunFolder(settings.runs_dir / run.id)
    fitted = folder.fitted()
    if fitted is None or not folder.examination.exists():
        raise TrainingFailed("The run's files were removed while it ran.")
    frozen_set = load(settings.datasets_dir / f"{run.data_set}.jsonl")
    examination = Examination.load(folder.examination)
    marked = mark(examination, embed)
    decision = judge(marked, seed=recipe.training.seed)
    told = run.figures | figures(marked, decision) | {"training": asdict(fitted)}
    adapter = _sealed(settings, run, recipe, frozen_set, folder, told)
    learned = [example.id for example in frozen_set.of(Split.TRAIN)]
    with record() as work:
        decision = _unless_forgotten(work, learned, decision)
        votes = work.feedback.votes_since(run.started_at - Story.WEEKS)
        names = work.workspaces.names_of(people_in(run, frozen_set))
    story = Story(run, adapter.id, decision, told, examination.paper, marked, frozen_set, votes, names)
    write_report(story, folder)
    published = _publish(record, run.id, holder, adapter, learned, decision, told)
    if published != decision:
        write_report(replace(story, decision=published), folder)


def keep_house(record: Record, settings: Settings) -> None:
    """Remove adapters beyond the newest few, never the live one, and what ended runs left behind."""
    with record() as work:
        on_disk, live = work.adapters.on_disk(), work.adapters.live()
        kept = [*on_disk[: settings.keep_adapters], *work.adapters.once_live()[:1], *([live] if live else [])]
        keep = {adapter.id for adapter in kept}
        for adapter in on_disk:
            if adapter.id not in keep:
                adapter.deleted_at = utc_now()
        active = work.runs.active()
        work.commit()
    if active is None:
        remove_all_but(settings.adapters_dir, sorted(keep))
        for path in settings.runs_dir.glob("*"):
            RunFolder(path).tidy()


def _sealed(
    settings: Settings,
    run: TrainingRun,
    recipe: Recipe,
    frozen_set: FrozenSet,
    folder: RunFolder,
    told: dict[str, Any],
) -> Adapter:
    manifest = Manifest(
        id=f"{run.started_at:%Y-%m-%d}-{run.id[:6]}",
        base=run.base,
        base_fingerprint=base_fingerprint(base_folder(run.base)),
        recipe=recipe.name,
        data_set=frozen_set.name,
        example_ids=tuple(example.id for example in frozen_set.of(Split.TRAIN)),
        figures={name: told[name] for name in ("gain", "compared_with", "refused", "manners_nll")},
    )
    seal(folder.candidate, settings.adapters_dir / manifest.id, manifest)
    return Adapter(
        id=manifest.id,
        run_id=run.id,
        data_set=manifest.data_set,
        base_fingerprint=manifest.base_fingerprint,
        figures=manifest.figures,
    )


def _publish(
    record: Record,
    run_id: str,
    holder: str,
    adapter: Adapter,
    learned: list[str],
    decision: Decision,
    told: dict[str, Any],
) -> Decision:
    """One transaction, so that forgetting comes before it or after it: the decision as it stands then."""
    with record() as work:
        decision = _unless_forgotten(work, learned, decision)
        adapter.tainted = len(work.examples.existing(learned)) < len(learned)
        work.adapters.add(adapter, learned)
        if decision.promote:
            work.adapters.point_to(adapter)
        state = RunState.PROMOTED if decision.promote else RunState.KEPT
        if not work.runs.end(run_id, holder, state, decision.reason, adapter_id=adapter.id, figures=told):
            raise TrainingStopped("Another worker has taken the run over.")
        work.commit()
    return decision


def _unless_forgotten(work: UnitOfWork, learned: list[str], decision: Decision) -> Decision:
    forgotten = len(learned) - len(work.examples.existing(learned))
    if not forgotten:
        return decision
    reason = f"Kept what serves: {forgotten} of the examples were forgotten while they were learned."
    return replace(decision, promote=False, reason=reason)
