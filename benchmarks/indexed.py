"""A question set on Journeyman's real path: heard, recorded, grouped, cut, embedded and stored in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.data import QuestionSet, Said
from benchmarks.remembering import Remembering
from core.bootstrap import Services
from core.knowledge.access import AccessScope
from core.knowledge.chunking import with_header
from core.knowledge.hearing import HeardMessage, hear_messages
from core.records.workspaces import PUBLIC, ChannelKind
from core.settings import Settings

HEARD_AT_ONCE = 500
WORKSPACE = "T1"
CHANNEL = "C1"
EVERYTHING = AccessScope(WORKSPACE, frozenset({PUBLIC}))


@dataclass(frozen=True)
class Indexed:
    """The services with everything in their index, and what each passage holds."""

    services: Services
    texts: dict[str, str]
    """Each passage's text under its header, by its id."""
    holds: dict[str, frozenset[int]]
    """The numbers of the messages that it holds at least a part of."""


@contextmanager
def indexed(data: QuestionSet, model: str = "extractive") -> Iterator[Indexed]:
    """The set, heard and indexed with the default settings; no text is embedded twice."""
    with TemporaryDirectory() as folder:
        services = Services(Settings(_env_file=None, data_dir=Path(folder), language_model=model))
        services.embedder = Remembering(services.embedder)
        services.migrate()
        try:
            _hear(services, data)
            services.indexer.index_everything("bench")
            services.store.tidy()
            yield _described(services, data)
        finally:
            services.close()


def _hear(services: Services, data: QuestionSet) -> None:
    people = {name: f"U{number}" for number, name in enumerate(sorted({said.person for said in data.messages}))}
    with services.record() as work:
        work.workspaces.ensure_channel(WORKSPACE, CHANNEL, ChannelKind.PUBLIC).name = "general"
        for name, person_id in people.items():
            work.workspaces.ensure_person(WORKSPACE, person_id).name = name
        work.commit()
    messages = iter(data.messages)
    while some := list(islice(messages, HEARD_AT_ONCE)):
        hear_messages(services.record, [_heard(said, people[said.person]) for said in some])


def _heard(said: Said, person_id: str) -> HeardMessage:
    link = f"https://bench.example/archives/{CHANNEL}/p{said.ts.replace('.', '')}"
    return HeardMessage(
        WORKSPACE, CHANNEL, ChannelKind.PUBLIC, said.ts, "", person_id, said.text, link, revision=said.ts
    )


def _described(services: Services, data: QuestionSet) -> Indexed:
    number_of = {said.ts: number for number, said in enumerate(data.messages)}
    with services.record() as work:
        passages = [each for d in work.documents.all_of(WORKSPACE) for each in work.passages.of(d.id)]
    return Indexed(
        services,
        texts={passage.id: with_header(passage.header, passage.text) for passage in passages},
        holds={passage.id: frozenset(number_of[ts] for ts in passage.places) for passage in passages},
    )
