"""Frozen sets follow what is forgotten, and with them what was made of their rows: adapters, manifests, reports."""

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.curation.frozen_set import FORGOTTEN, forget_rows
from core.records.tombstones import Forgotten, Tombstone
from core.records.unit_of_work import Record


@dataclass
class FrozenRows:
    """The folders of data sets, adapters and training runs."""

    record: Record
    datasets_dir: Path
    adapters_dir: Path
    runs_dir: Path
    _seen: dict[Path, int] = field(default_factory=dict)

    def examples_beside(self, tombstones: Sequence[Tombstone]) -> list[str]:
        """Ids of the examples whose rows hold, as distractors, passages from what is forgotten."""
        subjects = {tombstone.subject for tombstone in tombstones if tombstone.subject}
        found: set[str] = set()
        for path in self._sets():
            for line in path.read_text("utf-8").splitlines():
                row = json.loads(line)
                if FORGOTTEN not in row and not subjects.isdisjoint(row["beside"]):
                    found.add(row["id"])
        return sorted(found)

    def forget(self, tombstones: Sequence[Tombstone]) -> None:
        """Carry out these tombstones of examples and of rows: a row goes from the sets that are older than it."""
        examples = {each.subject for each in tombstones if each.kind is Forgotten.EXAMPLE}
        rows = {each.subject: each.made_at for each in tombstones if each.kind is Forgotten.ROW}
        for path in self._sets():
            made_at = self._made_at(path)

            doomed = examples | {each for each, moment in rows.items() if made_at <= moment}
            self._forget_in(path, doomed)
        self._forget_learned(sorted(examples))

    def forget_late(self) -> None:
        """Sets that were written while something in them was forgotten: their rows go, too."""
        for path in self._sets():
            written = path.stat().st_mtime_ns
            if self._seen.get(path) == written:
                continue
            ids = [row["id"] for row in map(json.loads, path.read_text("utf-8").splitlines()) if FORGOTTEN not in row]
            with self.record() as work:
                gone = work.tombstones.among(Forgotten.EXAMPLE, ids)
            if gone:
                self._forget_in(path, gone)
                self._forget_learned(sorted(gone))
            self._seen[path] = path.stat().st_mtime_ns

    def _forget_in(self, path: Path, doomed: Collection[str]) -> None:
        """The set's rows of these examples go; adapters that learned them are tainted; reports of its runs go.

        The rows last: while they stand, a step that was broken off begins again.
        """
        learned = sorted(doomed)
        standing = {row["id"] for row in map(json.loads, path.read_text("utf-8").splitlines()) if FORGOTTEN not in row}
        if standing.isdisjoint(doomed):
            return
        with self.record() as work:
            work.adapters.taint_rows(path.stem, learned)
            runs = work.runs.on_data_sets([path.stem])
            work.commit()
        for run in runs:
            if run.ended:
                shutil.rmtree(self.runs_dir / run.id, ignore_errors=True)
        forget_rows(path, doomed)

    def _forget_learned(self, example_ids: Sequence[str]) -> None:
        """Adapters that learned these examples are tainted, and their manifests no longer name them."""
        if not example_ids:
            return
        with self.record() as work:
            work.adapters.taint(example_ids)
            work.commit()
        for path in self.adapters_dir.glob("*/manifest.json"):
            told = json.loads(path.read_text("utf-8"))
            kept = [each for each in told["example_ids"] if each not in set(example_ids)]
            if len(kept) < len(told["example_ids"]):
                partial = path.with_suffix(".partial")
                partial.write_text(json.dumps(told | {"example_ids": kept}, indent=1, sort_keys=True), "utf-8")
                partial.replace(path)

    def _sets(self) -> list[Path]:
        return sorted(self.datasets_dir.glob("*.jsonl"))

    def _made_at(self, path: Path) -> datetime:
        """When the content of the set was chosen, at the latest: as its run began, or as its file was written."""
        with self.record() as work:
            runs = work.runs.on_data_sets([path.stem])
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return min([written, *(run.started_at for run in runs)])
