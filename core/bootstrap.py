"""The one place that wires: settings in, the parts of Journeyman out, each made when it is first needed."""

from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypedDict

from core.answering.answering import Answering
from core.answering.giving_way import GivingWay
from core.answering.live_adapter import LiveAdapter
from core.answering.models.choosing import choose_model
from core.answering.models.extractive import Extractive
from core.answering.models.language_model import LanguageModel
from core.curation.datasets import Freeze, freeze
from core.curation.distractors import public_distractors
from core.curation.forgetting import Forgetting
from core.curation.frozen_rows import FrozenRows
from core.curation.frozen_set import FrozenSet
from core.curation.hygiene import HygieneRules
from core.curation.reviewing import Reviewing
from core.knowledge.embedders.choosing import open_embedder
from core.knowledge.embedding import Embedder
from core.knowledge.extraction import ExtractionLimits
from core.knowledge.indexing import Indexer
from core.knowledge.ingesting import present_workspace
from core.knowledge.live_index import LiveIndexer, LiveRetrieval, LiveStore
from core.knowledge.open_editions import EmbedderChoice, OpenEdition, OpenEditions
from core.knowledge.reindexing import Builder, Reindexing
from core.knowledge.reranking import CrossEncoderReranker
from core.knowledge.retrieval import Retrieval
from core.knowledge.stores.choosing import open_store
from core.knowledge.stores.passage_store import PassageStore
from core.records.database import migrate, open_engine
from core.records.runs import TrainingRun
from core.records.unit_of_work import Record
from core.settings import Settings
from core.training.asking import require_trainable

if TYPE_CHECKING:
    from core.training.night_watch import NightWatch
    from core.training.nightly import NightSchool
    from core.training.told import Told


class ReadingOptions(TypedDict):
    """How an indexer reads, and for which edition."""

    blobs_dir: Path
    passage_tokens: int
    window_pause_s: float
    limits: ExtractionLimits
    edition: int


class Services:
    """Journeyman without Slack. Heavy parts load on first use; `close()` lets go of those that were."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.record = Record(open_engine(settings.database))
        self.leaving = Event()
        """Set when this process ought to stop: long work is then left for the next one to go on with."""

    def migrate(self) -> None:
        """Bring the record's schema to the newest revision."""
        migrate(self.settings.database)

    @cached_property
    def embedder(self) -> Embedder:
        """Text to vectors, as the settings want it; the index may still be one of another embedder."""
        return self._open_embedder(self._chosen_embedder)

    @cached_property
    def editions(self) -> OpenEditions:
        """The index that answers, and one that is being made to take its place."""
        settings = self.settings
        return OpenEditions(
            self.record,
            self._chosen_embedder,
            settings.passage_tokens,
            lambda choice: self.embedder if choice == self._chosen_embedder else self._open_embedder(choice),
            lambda name, dimension: open_store(settings, name, dimension),
        )

    @property
    def _chosen_embedder(self) -> EmbedderChoice:
        return EmbedderChoice(self.settings.embedder, self.settings.embedding_base_url)

    def _open_embedder(self, choice: EmbedderChoice) -> Embedder:
        key = self.settings.embedding_api_key.get_secret_value()
        return open_embedder(choice.embedder, choice.base_url, key, self.settings.embedding_max_tokens)

    @cached_property
    def store(self) -> PassageStore:
        """Where passages are searched."""
        return LiveStore(self.editions)

    @cached_property
    def model(self) -> LanguageModel:
        """Who writes answers."""
        return choose_model(self.settings, self.embedder, self._checked_adapter)

    @cached_property
    def live_adapter(self) -> LiveAdapter:
        """Keeps the model at the adapter that serves."""
        return LiveAdapter(self.record, self.model)

    @cached_property
    def giving_way(self) -> GivingWay:
        """Puts the model away while a run trains, where the two would not fit on the GPU."""
        return GivingWay(self.record, self.model, pauses=self.settings.training_gpu == "pause")

    def _checked_adapter(self, adapter_id: str) -> Path:
        from core.training.adapters import validate  # noqa: PLC0415 - brings libraries that only adapters need
        from core.training.base_folder import base_folder  # noqa: PLC0415 - the same

        folder = self.settings.adapters_dir / adapter_id
        validate(folder, base_folder(self.settings.phi3_model))
        return folder

    @cached_property
    def indexer(self) -> LiveIndexer:
        """What was heard, made findable."""
        return LiveIndexer(
            self.record,
            self.editions,
            lambda live: Indexer(
                self.record, live.store, live.embedder, **self._reading(live), elsewhere=self.editions.being_made
            ),
        )

    @cached_property
    def reindexing(self) -> Reindexing:
        """The index made anew beside the live one."""
        return Reindexing(
            self.record,
            self.editions,
            lambda coming: Builder(self.record, coming.store, coming.embedder, **self._reading(coming)),
        )

    def _reading(self, opened: OpenEdition) -> ReadingOptions:
        settings = self.settings
        return ReadingOptions(
            blobs_dir=settings.blobs_dir,
            passage_tokens=opened.edition.passage_tokens,
            window_pause_s=settings.window_pause_minutes * 60.0,
            limits=ExtractionLimits(
                seconds=settings.extract_seconds,
                memory_mb=settings.extract_memory_mb,
                characters=settings.extract_characters,
                file_mb=settings.file_max_mb,
            ),
            edition=opened.edition.id,
        )

    @cached_property
    def retrieval(self) -> LiveRetrieval:
        """What is relevant to a question, for whom."""
        name = self.settings.reranker
        reranker = CrossEncoderReranker(name) if name else None
        return LiveRetrieval(self.editions, lambda live: Retrieval(self.record, live.store, live.embedder, reranker))

    @cached_property
    def answering(self) -> Answering:
        """Questions to grounded answers."""
        return Answering(
            self.retrieval,
            self.model,
            Extractive(self.embedder),
            self.embedder.embed_passages,
            passages=self.settings.passages_per_answer,
            patience_s=self.settings.answer_seconds,
        )

    @cached_property
    def reviewing(self) -> Reviewing:
        """Whose votes approve an answer, and who decides on what is proposed."""
        settings = self.settings
        return Reviewing(
            self.record,
            votes_needed=settings.votes_needed,
            people=settings.reviewer_ids,
            groups=settings.reviewer_group_ids,
            admins=settings.admin_ids,
            asker_may_approve=settings.asker_may_approve,
            objection_blocks=settings.objection_blocks,
        )

    @cached_property
    def forgetting(self) -> Forgetting:
        """What is deleted reaches everything that came of it."""
        settings = self.settings
        rows = FrozenRows(self.record, settings.datasets_dir, settings.adapters_dir, settings.runs_dir)
        return Forgetting(self.record, self.store, rows, settings.blobs_dir, self.reviewing.rule)

    def freeze(self, workspace_id: str) -> Freeze:
        """The workspace's approved examples as a data set, and what is left out of it and why."""
        settings = self.settings
        rules = HygieneRules(
            longest_answer=settings.longest_answer,
            keep_out_personal_data=settings.keep_out_personal_data,
            public_only=not settings.learn_from_private,
        )
        distractors = public_distractors(self.retrieval, workspace_id)
        return freeze(self.record, workspace_id, self.embedder.embed_passages, rules, distractors)

    @cached_property
    def school(self) -> "NightSchool":
        """Nights of training: freezing, the trainer's child process, examination, verdict, pointer, report."""
        from core.training.nightly import NightSchool  # noqa: PLC0415 - brings libraries that only training needs
        from core.training.trainer import ChildTrainer  # noqa: PLC0415 - the same

        trainer = ChildTrainer(self.settings)
        embed = self.embedder.embed_passages
        return NightSchool(self.record, self.settings, trainer, self._approved, embed, self.leaving)

    @cached_property
    def night_watch(self) -> "NightWatch":
        """Begins the nights that are due, and goes on with runs that people asked for or a dead worker left."""
        from core.training.night_watch import NightWatch  # noqa: PLC0415 - the same

        return NightWatch(self.record, self.settings, self.school, self.require_trainable)

    def require_trainable(self) -> None:
        """Raises Misconfigured with what is missing for training."""
        require_trainable(self.settings, generates=self.model.generates)

    def told_of(self, run: TrainingRun) -> "Told":
        """The report of a run that ended."""
        from core.training.told import told_of  # noqa: PLC0415 - the same

        return told_of(run, self.settings, self.record)

    def let_serve(self, adapter_id: str, changed_by: str) -> None:
        """This adapter serves from now on. Raises DamagedAdapter, or JourneymanError when it may not."""
        from core.training.pointer import promote  # noqa: PLC0415 - the same

        promote(self.record, self.settings, adapter_id, changed_by)

    def roll_back(self, changed_by: str) -> str:
        """What served before serves again; its id, empty for the base. Raises JourneymanError when the base serves."""
        from core.training.pointer import roll_back  # noqa: PLC0415 - the same

        return roll_back(self.record, self.settings, changed_by)

    def _approved(self) -> FrozenSet:
        return self.freeze(present_workspace(self.record)).frozen_set

    def close(self) -> None:
        """Let go of files, models and connections."""
        for part in ("model", "editions"):
            if part in self.__dict__:
                self.__dict__[part].close()
        self.record.close()


def build_services(settings: Settings) -> Services:
    """The parts of Journeyman for these settings."""
    return Services(settings)
