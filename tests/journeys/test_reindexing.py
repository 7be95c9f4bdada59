"""The index made anew beside the live one: answers throughout, nothing lost, safe to kill, one switch."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from core import cli_reindexing
from core.bootstrap import Services, build_services
from core.cli_reindexing import reindex_now
from core.errors import JourneymanError, Misconfigured, StoreUnavailable, Unavailable
from core.knowledge import open_editions, reindexing
from core.knowledge.access import AccessScope
from core.knowledge.hearing import HeardMessage, hear_deletion, hear_message
from core.knowledge.prepared import PreparedDocument
from core.knowledge.stores.lancedb import LanceDBStore
from core.records.base import utc_now
from core.records.editions import Editions
from core.records.workspaces import ChannelKind
from core.settings import Settings
from tests.fakes.embedder import FakeEmbedder

PUBLIC = AccessScope("T1", frozenset({"public"}))
START = 1772352000.0  # 1 March 2026, 08:00 UTC
DAY = 86_400
PATIENCE_S = 90.0
NO_TIME = timedelta(0)


class OtherEmbedder(FakeEmbedder):
    """A model of another name and dimension."""

    def __init__(self) -> None:
        super().__init__(96)

    @property
    def name(self) -> str:
        return "words-hashed-otherwise"


class LostEmbedder(FakeEmbedder):
    """A model whose files are gone."""

    @property
    def name(self) -> str:
        raise Misconfigured("There is no such model.")


class ChangedEmbedder(FakeEmbedder):
    """A model that was exchanged under its old name."""

    @property
    def name(self) -> str:
        return "words-hashed@2"


class SilentEmbedder(FakeEmbedder):
    """A model on a server that does not answer."""

    def embed_question(self, text: str) -> NDArray[np.float32]:
        raise Unavailable("The embedding server does not answer.")


EMBEDDERS = {"minilm": FakeEmbedder(), "other": OtherEmbedder()}


@contextmanager
def opened(folder: Path, embedders: dict[str, FakeEmbedder] = EMBEDDERS, **changes) -> Iterator[Services]:
    """Journeyman with quick embedders in place of the real ones."""
    services = build_services(Settings(_env_file=None, data_dir=folder, **changes))
    services.migrate()
    services.__dict__["embedder"] = embedders[services.settings.embedder]
    services._open_embedder = lambda choice: embedders[choice.embedder]  # type: ignore[method-assign]
    try:
        yield services
    finally:
        services.close()


def message(number: int, text: str, revision: float = 0.0) -> HeardMessage:
    ts = f"{START + number * DAY:.6f}"  # one a day: a document each
    changed = f"{START + number * DAY + revision:.6f}"
    return HeardMessage("T1", "C1", ChannelKind.PUBLIC, ts, "", "U1", text, "", changed)


def fact(number: int) -> str:
    return f"The locker of employee{number} opens with code{number}."


def fill(services: Services, count: int) -> None:
    for number in range(count):
        hear_message(services.record, message(number, fact(number)))
    services.indexer.index_everything("test")


def knows(services: Services, number: int, word: str = "code") -> bool:
    # Among ten: to the quick embedders here, some of the numbers look alike.
    found = services.retrieval.find(f"Which code opens the locker of employee{number}?", PUBLIC, 10)
    return any(f"{word}{number}." in each.quote for each in found)


def build(services: Services, worker: str = "builder", steps: int = 10_000) -> None:
    """Work on the new index until there is nothing left to do, or as many steps as given."""
    for _ in range(steps):
        if not services.reindexing.work(worker):
            return


def until_live(services: Services, worker: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while services.reindexing.progress() is not None:
        assert time.monotonic() < end, "waited too long"
        if not services.reindexing.work(worker):
            time.sleep(0.02)


def let_the_old_one_go(services: Services) -> None:
    services.editions.drop_retired(NO_TIME)


def consistent(services: Services) -> bool:
    """Record and store hold the same, of one edition only."""
    let_the_old_one_go(services)
    with services.record() as work:
        assert work.editions.next() is None
        assert work.editions.retired() == []
        ids = work.passages.ids("T1")
        assert work.passages.count("T1") == len(ids)
    return services.store.count("T1") == len(ids) and services.store.held("T1", ids) == set(ids)


def tables(folder: Path) -> int:
    return len(list((folder / "passages").glob("*.lance")))


@pytest.mark.parametrize("change", [{"embedder": "other"}, {"passage_tokens": 32}, {}])
def test_the_new_edition_takes_over_whole(tmp_path: Path, change: dict[str, object]) -> None:
    with opened(tmp_path) as services:
        fill(services, 30)
    with opened(tmp_path, **change) as services:
        assert services.reindexing.begin_if_needed() is bool(change)
        services.reindexing.begin()
        progress = services.reindexing.progress()
        assert progress is not None
        assert (progress.held, progress.total) == (0, 30)
        assert all(knows(services, number) for number in range(30)), "the old edition answers"
        build(services)
        with services.record() as work:
            live = work.editions.live()
            assert live is not None
            assert (live.id, live.embedder) == (2, change.get("embedder", "minilm"))
            assert (live.embedder_name, live.dimension) == (services.embedder.name, services.embedder.dimension)
        assert all(knows(services, number) for number in range(30))
        assert consistent(services)
        assert tables(tmp_path) == 1
    with opened(tmp_path, **change) as services:
        assert not services.reindexing.begin_if_needed()
        assert knows(services, 7)


def test_other_search_terms_want_a_new_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as services:
        fill(services, 3)
        assert not services.reindexing.begin_if_needed()
        monkeypatch.setattr(open_editions, "TERMS", open_editions.TERMS + 1)
        assert services.reindexing.begin_if_needed()
        build(services)
        assert not services.reindexing.begin_if_needed()
        assert consistent(services)


def test_who_is_in_the_middle_of_a_search_still_finds_the_old_edition(tmp_path: Path) -> None:
    with opened(tmp_path) as reader, opened(tmp_path, embedder="other") as worker:
        fill(reader, 5)
        old = reader.editions.live()
        worker.reindexing.begin()
        until_live(worker, "builder")
        hits = old.store.search("locker code", old.embedder.embed_question("locker code"), PUBLIC, 5, 0.5)
        with reader.record() as work:
            assert len(work.passages.by_id(hit.passage_id for hit in hits)) == 5
        assert worker.reindexing.work("builder") == 0, "it is kept a while"
        assert reader.editions.live().edition.id == 2, "no restart"
        assert all(knows(reader, number) for number in range(5))
        assert consistent(worker)


def test_what_changes_meanwhile_reaches_the_new_edition(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        fill(services, 150)
        services.reindexing.begin()
        build(services, steps=1)  # a first batch
        hear_message(services.record, message(0, "The locker of employee0 opens with fresh0.", revision=10))
        hear_message(services.record, message(149, "The locker of employee149 opens with fresh149.", revision=10))
        hear_deletion(services.record, message(1, "", revision=10))
        hear_deletion(services.record, message(148, "", revision=10))
        hear_message(services.record, message(200, fact(200)))
        services.indexer.index_everything("test")
        assert knows(services, 0, "fresh")
        until_live(services, "builder")
        for number, word in ((0, "fresh"), (149, "fresh"), (200, "code"), (100, "code")):
            assert knows(services, number, word)
        for number in (0, 149, 1, 148):
            assert not knows(services, number)
        assert consistent(services)


@pytest.mark.parametrize("forget", ["deleted", "edited"])
def test_what_is_forgotten_meanwhile_is_gone_from_every_edition(
    tmp_path: Path, forget: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "FEW", 0)  # the end is not near, however small the company
    with opened(tmp_path) as services:
        fill(services, 10)
        services.reindexing.begin()
        build(services, steps=1)
        assert len(held_words(services, "code3")) == 2, "both editions hold it"
        if forget == "deleted":
            hear_deletion(services.record, message(3, "", revision=10))
        else:
            hear_message(services.record, message(3, "The locker of employee3 is broken.", revision=10))
        services.forgetting.carry_out()
        services.indexer.index_everything("test")
        assert held_words(services, "code3") == []
        assert services.forgetting.erase(grace_s=0.0)
        files = b"".join(path.read_bytes() for path in (tmp_path / "passages").rglob("*") if path.is_file())
        assert b"code4" in files
        assert b"code3" not in files
        until_live(services, "builder")
        assert not knows(services, 3)
        assert consistent(services)


def test_erasing_does_not_leave_what_a_replaced_edition_holds(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        fill(services, 10)
        services.reindexing.begin()
        until_live(services, "builder")
        hear_deletion(services.record, message(3, "", revision=10))
        services.forgetting.carry_out()
        services.indexer.index_everything("test")
        assert len(held_words(services, "code3")) == 1, "the replaced one is looked into"
        assert services.forgetting.erase(grace_s=0.0)
        assert held_words(services, "code3") == []
        assert tables(tmp_path) == 1


def held_words(services: Services, word: str) -> list[str]:
    return [passage_id for passage_id, words in services.store.words("T1") if word in words.split()]


def test_settings_that_change_their_mind(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        fill(services, 80)
    with opened(tmp_path, embedder="other") as services:
        assert services.reindexing.begin_if_needed()
        build(services, steps=1)
    with opened(tmp_path, passage_tokens=32) as services:
        assert services.reindexing.begin_if_needed()
        build(services, steps=1)
    with opened(tmp_path) as services:
        assert not services.reindexing.begin_if_needed()
        assert services.reindexing.progress() is None
        assert all(knows(services, number) for number in range(80))
        assert consistent(services)
        assert tables(tmp_path) == 1


def test_a_worker_leaves_an_edition_alone_that_its_settings_do_not_want(tmp_path: Path) -> None:
    with opened(tmp_path) as worker, opened(tmp_path, embedder="other") as commanded:
        fill(worker, 5)
        commanded.reindexing.begin()
        assert worker.reindexing.work("worker") == 0
        until_live(commanded, "command")
        hear_message(worker.record, message(9, fact(9)))
        worker.indexer.index_everything("worker")
        assert knows(worker, 9), "but goes on in it once it is live"
        assert consistent(worker)


def test_a_document_that_cannot_be_cut_does_not_hold_up_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = PreparedDocument.cuts

    def stumbling(self: PreparedDocument, *facts) -> object:
        made = cuts(self, *facts)
        if any("employee1 " in cut.passage.text for cut in made):
            raise ZeroDivisionError("employee1")
        return made

    with opened(tmp_path) as services:
        fill(services, 3)
        services.reindexing.begin()
        with monkeypatch.context() as patched:
            patched.setattr(PreparedDocument, "cuts", stumbling)
            until_live(services, "builder")
            assert [knows(services, number) for number in range(3)] == [True, False, True]
        services.indexer.index_everything("test")
        assert knows(services, 1), "it is tried again as live work"
        assert consistent(services)


def test_a_store_that_is_down_for_a_while_costs_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise StoreUnavailable("The passage store cannot be reached.")

    with opened(tmp_path) as services:
        fill(services, 10)
        services.reindexing.begin()
        with monkeypatch.context() as patched:
            patched.setattr(LanceDBStore, "replace", down)
            for _ in range(5):
                with pytest.raises(StoreUnavailable):
                    services.reindexing.work("builder")
        assert all(knows(services, number) for number in range(10))
        until_live(services, "builder")
        assert all(knows(services, number) for number in range(10))
        assert consistent(services)


def test_a_switch_that_was_cut_off_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object) -> None:
        raise Unavailable("the record went away")

    with opened(tmp_path) as services:
        fill(services, 20)
        services.reindexing.begin()
        with monkeypatch.context() as patched:
            patched.setattr(Editions, "make_live", dies)
            with pytest.raises(Unavailable):
                until_live(services, "builder")
        assert all(knows(services, number) for number in range(20))
    with opened(tmp_path) as services:
        until_live(services, "builder")
        assert all(knows(services, number) for number in range(20))
        assert consistent(services)


def test_two_builders_at_once_do_no_harm(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path) as other:
        fill(one, 200)
        one.reindexing.begin()
        threads = [Thread(target=until_live, args=(each, name)) for each, name in ((one, "a"), (other, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert all(knows(other, number) for number in range(0, 200, 10))
        assert consistent(one)


@pytest.mark.parametrize("lost", [LostEmbedder(), ChangedEmbedder()])
def test_an_edition_whose_embedder_is_lost_answers_by_words_till_the_new_one_does(
    tmp_path: Path, lost: FakeEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as services:
        fill(services, 30)
    with opened(tmp_path, EMBEDDERS | {"minilm": lost}, embedder="other") as services, caplog.at_level(logging.WARNING):
        assert all(knows(services, number) for number in range(30))
        assert "by words alone" in caplog.text
        hear_message(services.record, message(40, fact(40)))
        services.indexer.index_everything("test")
        assert knows(services, 40)
    with opened(tmp_path) as services:
        assert services.reindexing.begin_if_needed(), "what came in meanwhile has no meaning yet"
    with opened(tmp_path, EMBEDDERS | {"minilm": lost}, embedder="other") as services:
        assert services.reindexing.begin_if_needed()
        until_live(services, "builder")
        found = services.retrieval.find("Which code opens the locker of employee40?", PUBLIC, 1)
        assert found[0].similarity > 0.3
        assert consistent(services)


def test_while_the_embedder_does_not_answer_passages_are_found_by_words(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        fill(services, 10)
    with opened(tmp_path, {"minilm": SilentEmbedder()}) as services:
        assert all(knows(services, number) for number in range(10))


def test_an_embedder_that_the_settings_name_and_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        fill(services, 3)
    with opened(tmp_path, EMBEDDERS | {"other": LostEmbedder()}, embedder="other") as services:
        with pytest.raises(Misconfigured, match="no such model"):
            services.reindexing.begin_if_needed()
        assert knows(services, 1), "the old edition answers on"


def test_questions_and_writes_go_on_all_the_while(tmp_path: Path) -> None:
    with opened(tmp_path) as reader, opened(tmp_path, embedder="other") as other, opened(tmp_path) as again:
        fill(reader, 150)
        stop = Event()
        asked, missed, written = [0], [], [150]

        def ask() -> None:
            while not stop.is_set():
                number = asked[0] * 37 % 150
                if not knows(reader, number):
                    missed.append(number)
                asked[0] += 1

        def write() -> None:
            while not stop.is_set():
                hear_message(reader.record, message(written[0], fact(written[0])))
                written[0] += 1
                reader.indexer.index_due("live")
                stop.wait(0.05)

        threads = [Thread(target=ask), Thread(target=write)]
        for thread in threads:
            thread.start()
        try:
            for builder in (other, again):
                builder.reindexing.begin()
                until_live(builder, "builder")
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE_S)
        reader.indexer.index_everything("live")
        assert asked[0] > 5
        assert missed == []
        assert all(knows(reader, number) for number in range(written[0])), "nothing that was written was lost"
        assert consistent(reader)


KILLED = """
import sys
from pathlib import Path
from tests.journeys.test_reindexing import opened, until_live
from core.knowledge.workers import this_worker
with opened(Path(sys.argv[1]), embedder="other") as services:
    services.reindexing.begin()
    print("begun", flush=True)
    until_live(services, this_worker())
"""


def test_killed_again_and_again_it_comes_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_reindexing, "KEPT", NO_TIME)
    monkeypatch.setattr(reindexing, "KEPT", NO_TIME)
    with opened(tmp_path) as services:
        fill(services, 300)
    for attempt in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(0.15 * attempt)  # not a wait for anything: the kill is to land at different instructions
            process.send_signal(signal.SIGKILL)
        with opened(tmp_path) as services:
            assert all(knows(services, number) for number in range(0, 300, 50)), "whoever is killed, answers go on"
    with opened(tmp_path, embedder="other") as services:
        done = reindex_now(services, Console(file=StringIO()))
        assert done.documents == 300
        assert all(knows(services, number) for number in range(0, 300, 7))
        assert consistent(services)
        assert tables(tmp_path) == 1


def test_the_command_tells_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_reindexing, "KEPT", NO_TIME)
    with opened(tmp_path) as services:
        fill(services, 80)
    screen = StringIO()
    with opened(tmp_path, embedder="other") as services:
        done = reindex_now(services, Console(file=screen, width=200))
        assert tables(tmp_path) == 1
    lines = screen.getvalue().splitlines()
    assert lines[0] == "Indexing anew: 0 of 80 documents"
    assert str(done).startswith(
        "The new index answers: 80 documents in 80 passages of up to 128 tokens, "
        "embedded by words-hashed-otherwise (96 dimensions). It took "
    )


def test_the_command_says_when_another_gave_its_index_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as worker, opened(tmp_path, embedder="other") as services:
        fill(worker, 3)
        progress = services.reindexing.progress

        def given_up() -> object:
            worker.reindexing.begin_if_needed()
            return progress()

        monkeypatch.setattr(services.reindexing, "progress", given_up)
        with pytest.raises(JourneymanError, match="other settings"):
            reindex_now(services, Console(file=StringIO()))


def test_an_index_of_before_there_were_editions_is_taken_on(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        fill(services, 10)
        with services.record() as work:
            live = work.editions.live()
            assert live is not None
            for each in work.documents.all_of("T1"):
                each.edition = 0
                for passage in work.passages.of(each.id):
                    passage.edition = 0
            work.editions.drop(live)
            work.commit()
    with opened(tmp_path) as services:
        services.editions.live()
        with services.record() as work:
            assert work.passages.count("T1") == 10
            live = work.editions.live()
            assert live is not None
            assert live.began_at <= utc_now()
            assert work.documents.count_held(live.id) == 10
