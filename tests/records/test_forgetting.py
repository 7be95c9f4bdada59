"""Forgetting reaches everything that came of what is forgotten, and nothing else, on SQLite and PostgreSQL."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.answering.drafts import Draft, DraftGround
from core.answering.questions import AskedQuestion, ask, save_answer
from core.curation.approval import ApprovalRule
from core.curation.examples import propose_correction, teach
from core.curation.forget_requests import forget_document, forget_file, forget_message, forget_person, welcome_back
from core.curation.frozen_set import load, save
from core.curation.traces import traces_of
from core.errors import JourneymanError
from core.knowledge.channels import (
    ChannelFacts,
    PersonFacts,
    bot_joined,
    bot_left,
    channel_deleted,
    learn_channel,
    learn_people,
    learn_workspace,
    workspace_gone,
)
from core.knowledge.hearing import HeardFile, file_stored, hear_file, hear_file_deleted
from core.knowledge.ingesting import ingest_paths
from core.records.documents import DocumentKind, document_id
from core.records.files import FileState
from core.records.questions import AskedBy, QuestionState, Verdict
from core.records.unit_of_work import Record
from core.records.workspaces import ChannelKind
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.weaviate_server import RunningWeaviate, weaviate_server
from tests.forgetful import KINDS, TEAM, Company, ts_of
from tests.weaviate_stores import store_on

SECRET, HARMLESS = "The vault code is xylophone.", "The roaster runs at 221 degrees."


@pytest.fixture
def company(record: Record, tmp_path: Path) -> Company:
    company = Company(tmp_path, record)
    learn_workspace(record, TEAM, "Acme", "UBOT", "B1")
    learn_people(record, TEAM, [PersonFacts(f"U{n}", f"Person {n}") for n in (1, 2, 3, 9)])
    for channel, kind in KINDS.items():
        learn_channel(record, TEAM, ChannelFacts(channel, kind, f"name-{channel}"))
    return company


def traces(company: Company, sought: str) -> list[str]:
    found = traces_of(sought, company.record, company.store, [company.folder])
    return [f"{trace.place}: {trace.what}" for trace in found if not trace.is_tombstone]


def filled(company: Company) -> tuple[str, str]:
    """A secret and something harmless, each said, indexed, answered, voted for, frozen and learned by an adapter."""
    company.say(10, SECRET)
    company.say(5000, HARMLESS)
    company.indexer.index_everything("test")
    secret = company.answer(100, "Which code?", [10], "It is xylophone [1].")
    harmless = company.answer(200, "How hot?", [5000], "221 degrees [1].")
    for at in (100, 200):
        assert company.vote(at)
    company.train("adapter-1", company.freeze())
    assert traces(company, "xylophone")
    return secret, harmless


def harmless_stands(company: Company, question_id: str) -> bool:
    answer = company.question(question_id).answer
    assert answer
    (frozen_set,) = [load(path) for path in (company.folder / "datasets").glob("*.jsonl")]
    return (
        answer.text == "221 degrees [1]."
        and [citation.quote for citation in answer.citations] == [HARMLESS]
        and company.examples() == ["How hot?"]
        and [example.question for example in frozen_set.examples] == ["How hot?"]
        and any("221" in words for _, words in company.store.words(TEAM))
    )


@pytest.mark.parametrize(
    "forget",
    [
        lambda company: company.delete(10),
        lambda company: company.edit(10, "The vault has a code."),
        lambda company: forget_message(company.record, TEAM, "C1", ts_of(10)),
    ],
    ids=["deleted", "edited away", "asked to forget"],
)
def test_nothing_is_left_of_a_forgotten_message_and_all_of_the_others(
    company: Company, forget: Callable[[Company], None]
) -> None:
    secret, harmless = filled(company)
    forget(company)
    company.settle()
    assert traces(company, "xylophone") == []
    assert harmless_stands(company, harmless)
    assert company.tainted() == {"adapter-1"}
    redacted = company.question(secret)
    assert redacted.answer
    assert (redacted.answer.verdict, redacted.answer.text, redacted.redaction_due) == (Verdict.FORGOTTEN, "", True)
    with company.record() as work:
        assert [question.id for question in work.questions.to_redact(TEAM)] == [secret]
        assert not work.tombstones.any_undone()


def test_from_the_moment_of_the_deletion_nothing_can_be_quoted(company: Company) -> None:
    filled(company)
    company.delete(10)
    with company.record() as work:
        passages = [p for d in work.documents.all_of(TEAM) for p in work.passages.of(d.id)]
    assert not any("xylophone" in passage.text for passage in passages)
    assert any("221" in passage.text for passage in passages)


def test_the_set_keeps_its_name_and_a_hash_for_the_forgotten_row(company: Company) -> None:
    filled(company)
    (path,) = (company.folder / "datasets").glob("*.jsonl")
    company.delete(10)
    company.settle()
    assert [path] == list((company.folder / "datasets").glob("*"))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(len(row) for row in rows)[0] == 1
    assert [list(row) for row in rows if len(row) == 1] == [["forgotten"]]
    manifest = json.loads((company.folder / "adapters" / "adapter-1" / "manifest.json").read_text())
    assert manifest["example_ids"] == [example.id for example in load(path).examples]


def test_carrying_out_twice_changes_nothing(company: Company) -> None:
    _, harmless = filled(company)
    company.delete(10)
    company.settle()
    assert company.forgetting.carry_out() == 0
    assert not company.forgetting.erase(0.0)
    company.delete(10)
    with company.record() as work:
        assert not work.tombstones.any_undone()
    assert harmless_stands(company, harmless)


def test_other_messages_of_the_day_and_additions_forget_nothing(company: Company) -> None:
    secret, harmless = filled(company)
    company.say(20, "Ask me for more.")
    company.say(30, "A reply.", thread=10)
    company.edit(5000, f"Note: {HARMLESS} Always.")
    company.settle()
    assert harmless_stands(company, harmless) is False  # the other example stands, too
    assert len(company.examples()) == 2
    assert company.question(secret).answer.text == "It is xylophone [1]."  # type: ignore[union-attr]
    assert company.tainted() == set()


def test_late_events_change_nothing(company: Company) -> None:
    filled(company)
    company.delete(10)
    company.settle()
    company.say(10, SECRET)
    company.edit(10, SECRET + " Really.", after=500)
    hear_file(company.record, TEAM, "C1", KINDS["C1"], file_of("F1"), ts_of(10))
    assert not company.vote(100, person="U3")
    company.settle()
    assert traces(company, "xylophone") == []
    assert traces(company, "F1.md") == []


def file_of(id: str) -> HeardFile:
    return HeardFile(id, f"{id}.md", "text/markdown", 9, "https://f", f"https://x/{id}", "U1")


def test_a_correction_of_a_forgotten_answer_is_refused(company: Company) -> None:
    secret, _ = filled(company)
    answer = company.question(secret).answer
    assert answer
    company.delete(10)
    company.settle()
    with pytest.raises(JourneymanError, match="deleted meanwhile"):
        propose_correction(company.record, answer.id, "U2", "wrong", "It is xylophone.")


def test_an_answer_that_was_being_written_is_not_kept(company: Company) -> None:
    company.say(10, SECRET)
    day = document_id(TEAM, DocumentKind.DAY, "C1:2026-03-01")

    asked = AskedQuestion(TEAM, "C1", ts_of(100), "U9", "Which?", AskedBy.MENTION)
    question_id = ask(company.record, asked)
    assert question_id
    company.delete(10)
    company.settle()
    draft = Draft("It is xylophone.", Verdict.GENERATED, grounds=(DraftGround(day, "C1", (ts_of(10),)),))
    save_answer(company.record, question_id, draft)
    assert company.question(question_id).answer.verdict is Verdict.FORGOTTEN  # type: ignore[union-attr]
    assert traces(company, "xylophone") == []


def test_an_index_made_from_what_was_read_before_the_deletion_brings_nothing_back(company: Company) -> None:
    company.say(10, SECRET)
    real_replace = company.store.replace

    def deleted_meanwhile(workspace_id, keep, new) -> None:
        company.delete(10)
        real_replace(workspace_id, keep, new)

    company.store.replace = deleted_meanwhile  # type: ignore[method-assign]
    assert company.indexer.index_due("test") == 1
    company.store.replace = real_replace  # type: ignore[method-assign]
    with company.record() as work:
        assert work.passages.ids(TEAM) == []
    assert not company.forgetting.erase(0.0)
    company.settle()
    assert traces(company, "xylophone") == []


def test_what_a_follow_up_was_told_is_forgotten_with_it(company: Company) -> None:
    company.say(10, SECRET)
    company.say(5000, HARMLESS)
    company.answer(100, "Which code?", [10], "It is xylophone [1].", thread_ts=ts_of(100))
    later = company.answer(200, "And again?", [5000], "As said, xylophone [1].", thread_ts=ts_of(100))
    company.delete(10)
    company.settle()
    assert company.question(later).answer.verdict is Verdict.FORGOTTEN  # type: ignore[union-attr]
    assert traces(company, "xylophone") == []


def test_a_deleted_question_takes_its_answer_votes_and_example_along(company: Company) -> None:
    company.say(5000, HARMLESS)
    company.say(200, "How hot is xylophone?", person="U9", asks_journeyman=True)
    question_id = company.answer(200, "How hot is xylophone?", [5000], "221 [1].")
    company.vote(200)
    company.delete(200)
    company.settle()
    assert company.question(question_id).state is QuestionState.WITHDRAWN
    assert company.examples() == []
    assert traces(company, "xylophone") == []


def test_what_was_taught_goes_with_the_message_it_is_from(company: Company) -> None:
    company.say(10, SECRET)
    teach(company.record, TEAM, "C1", ts_of(10), "U2", "Which code?", SECRET, message_ts=ts_of(10))
    teach(company.record, TEAM, "C1", "", "U2", "Which degrees?", HARMLESS)
    company.delete(10)
    company.settle()
    assert traces(company, "xylophone") == []
    with company.record() as work:
        assert [each.question for each in work.examples.all_proposed_by(TEAM, "U2")] == ["Which degrees?"]


def test_a_file_goes_with_bytes_and_name_and_comes_back_only_by_being_shared_again(company: Company) -> None:
    company.share("F1", f"# Vault\n\n{SECRET}", 10)
    company.share("F2", f"# Roaster\n\n{HARMLESS}", 20)
    company.indexer.index_everything("test")
    assert traces(company, "xylophone")
    company.delete(10)
    company.settle()
    assert traces(company, "xylophone") == []
    assert traces(company, "F1.md") == []
    assert (company.folder / "files" / TEAM / "F2").exists()
    hear_file(company.record, TEAM, "C1", KINDS["C1"], file_of("F1"), "")
    with company.record() as work:
        assert work.files.shares(TEAM, "F1") == []
    company.say(900, "again", files=(file_of("F1"),))
    with company.record() as work:
        file = work.files.get(TEAM, "F1")
        assert file
        assert file.state is FileState.WANTED


@pytest.mark.parametrize("forget", [hear_file_deleted, forget_file], ids=["deleted", "asked to forget"])
def test_a_deleted_file_never_comes_back(company: Company, forget: Callable[..., None]) -> None:
    company.share("F1", SECRET, 10)
    company.indexer.index_everything("test")
    forget(company.record, TEAM, "F1")
    company.settle()
    company.share("F1", SECRET, 900)  # the bytes arrive once more, too
    company.settle()
    assert traces(company, "xylophone") == []
    assert list((company.folder / "files" / TEAM).iterdir()) == []


def test_bytes_that_nobody_claims_are_swept_up_once_they_are_old(company: Company) -> None:
    company.share("F1", HARMLESS, 10)
    strays = [company.folder / "files" / TEAM / name for name in ("F8", "F9.part")]
    for path in strays:
        path.write_text(SECRET)
    assert company.forgetting.sweep() == 0
    for path in [*strays, company.folder / "files" / TEAM / "F1"]:
        os.utime(path, (1, 1))
    assert company.forgetting.sweep() == 2
    assert traces(company, "xylophone") == []
    assert (company.folder / "files" / TEAM / "F1").exists()


def test_a_person_who_opts_out_leaves_nothing_and_is_not_heard_again(company: Company) -> None:
    company.rule = ApprovalRule(votes_needed=1)
    company.say(10, SECRET, person="U3")
    company.say(5000, HARMLESS)
    company.share("F1", "xylophone in a file", 20, person="U3")
    company.indexer.index_everything("test")
    own = company.answer(100, "My xylophone?", [5000], "Yes.", person="U3")
    company.answer(200, "How hot?", [5000], "221 [1].")
    company.answer(300, "How cold?", [5000], "221 [1].")
    company.vote(200, person="U3")
    company.vote(200, person="U2")
    company.vote(300, person="U3")
    company.train("adapter-1", company.freeze())
    forget_person(company.record, TEAM, "U3")
    company.settle()
    assert traces(company, "xylophone") == []
    assert company.question(own).state is QuestionState.WITHDRAWN
    assert company.examples() == ["How hot?"]
    assert {place.partition(":")[0] for place in traces(company, "U3")} <= {"table people"}
    assert company.tainted() == {"adapter-1"}
    assert not company.vote(200, person="U3")
    company.say(600, "xylophone, again", person="U3")
    learn_people(company.record, TEAM, [PersonFacts("U3", "Person 3")])
    company.settle()
    assert traces(company, "xylophone") == []
    assert traces(company, "Person 3") == []
    welcome_back(company.record, TEAM, "U3")
    company.say(700, "hello again", person="U3")
    assert company.text_at(700) == "hello again"
    assert company.text_at(600) == ""


@pytest.mark.parametrize("leave", [bot_left, channel_deleted])
def test_a_channel_that_is_left_takes_along_what_came_of_it_everywhere(
    company: Company, leave: Callable[..., None]
) -> None:
    company.say(10, SECRET)
    company.share("F1", "xylophone in a file", 20)
    company.indexer.index_everything("test")
    elsewhere = company.answer(100, "Which code?", [10], "xylophone [1].", channel="C2")
    asked_there = company.answer(200, "What about the xylophone?", [], "Nothing.")
    company.vote(100, channel="C2")
    leave(company.record, TEAM, "C1", ChannelKind.PUBLIC)
    bot_joined(company.record, TEAM, "C1", ChannelKind.PUBLIC)
    company.say(5000, HARMLESS)
    new = company.answer(6000, "How hot?", [5000], "221 degrees [1].")
    company.settle()
    assert traces(company, "xylophone") == []
    assert company.question(elsewhere).redaction_due
    assert company.question(asked_there).state is QuestionState.WITHDRAWN
    assert company.examples() == []
    if leave is bot_left:
        assert company.text_at(5000) == HARMLESS
        assert company.question(new).answer.text == "221 degrees [1]."  # type: ignore[union-attr]


def test_an_uninstalled_app_keeps_nothing(company: Company) -> None:
    filled(company)
    company.share("F1", SECRET, 20)
    workspace_gone(company.record, TEAM)
    company.settle()
    assert traces(company, "xylophone") == []
    assert traces(company, "degrees") == []
    assert traces(company, "Person 1") == []
    assert list(company.store.words(TEAM)) == []


@pytest.fixture
def on_weaviate(record: Record, tmp_path: Path) -> Iterator[tuple[Company, RunningWeaviate]]:
    """A company whose passages are in a Weaviate, of which only one tenant is theirs."""
    with weaviate_server() as running:
        store = store_on(running, dimension=FakeEmbedder().dimension)
        yield Company(tmp_path, record, store), running
        store.close()


def tenants(running: RunningWeaviate) -> set[str]:
    return {tenant for collection in running.state.collections.values() for tenant in collection.tenants}


def test_the_tenant_of_an_uninstalled_app_goes_and_comes_back_with_the_app(
    on_weaviate: tuple[Company, RunningWeaviate],
) -> None:
    company, running = on_weaviate
    company.say(10, SECRET)
    company.settle()
    assert tenants(running) == {TEAM}
    workspace_gone(company.record, TEAM)
    company.settle()
    assert tenants(running) == set()
    workspace_gone(company.record, TEAM)
    learn_workspace(company.record, TEAM, "Acme", "UBOT", "B1")
    bot_joined(company.record, TEAM, "C1", ChannelKind.PUBLIC)
    company.say(5000, HARMLESS)
    company.settle()
    assert ["221" in words for _, words in company.store.words(TEAM)] == [True]


def test_an_app_installed_again_while_its_tenant_goes_is_indexed_anew(
    on_weaviate: tuple[Company, RunningWeaviate], monkeypatch: pytest.MonkeyPatch
) -> None:
    company, _ = on_weaviate
    company.say(10, SECRET)
    company.settle()
    delete_workspace = company.store.delete_workspace

    def just_then(workspace_id: str) -> None:
        learn_workspace(company.record, TEAM, "Acme", "UBOT", "B1")
        bot_joined(company.record, TEAM, "C1", ChannelKind.PUBLIC)
        company.say(5000, HARMLESS)
        company.indexer.index_everything("test")
        delete_workspace(workspace_id)

    monkeypatch.setattr(company.store, "delete_workspace", just_then)
    workspace_gone(company.record, TEAM)
    company.settle()
    company.indexer.index_everything("test")
    assert ["221" in words for _, words in company.store.words(TEAM)] == [True]


def test_a_channel_turned_private_leaves_data_sets_and_taints(company: Company) -> None:
    filled(company)
    before = company.freeze().name
    learn_channel(company.record, TEAM, ChannelFacts("C1", ChannelKind.PRIVATE))
    company.settle()
    with company.record() as work:
        assert {each.audience for each in work.examples.approved(TEAM)} == {"C1"}
        assert {s.audience for each in work.examples.approved(TEAM) for s in each.sources} == {"C1"}
    assert company.tainted() == {"adapter-1"}
    assert load(company.folder / "datasets" / f"{before}.jsonl").examples == ()
    company.train("adapter-2", company.freeze())
    company.settle()
    assert company.tainted() == {"adapter-1"}


def test_rows_with_a_forgotten_distractor_go_though_their_example_stands(company: Company) -> None:
    filled(company)
    forget_it = {"How hot?": (f"C1:{ts_of(10)}",)}
    for path in (company.folder / "datasets").glob("*"):
        path.unlink()
    kept = company.freeze(beside=forget_it)
    company.train("adapter-3", kept)
    company.delete(10)
    company.settle()
    assert load(company.folder / "datasets" / f"{kept.name}.jsonl").examples == ()
    assert company.examples() == ["How hot?"]
    assert "adapter-3" in company.tainted()


def test_a_set_saved_after_its_example_was_forgotten_loses_the_row(company: Company) -> None:
    filled(company)
    stale = company.freeze()
    company.delete(10)
    company.settle()
    path = save(stale, company.folder / "datasets")
    company.forgetting.carry_out()
    assert [example.question for example in load(path).examples] == ["How hot?"]


def test_while_a_run_is_under_way_its_examples_are_not_called_forgotten(company: Company) -> None:
    filled(company)
    with company.record() as work:
        run = work.runs.begin("2026-03-02", recipe="tiny", base="base")
        assert run
        work.commit()
    company.delete(10)
    company.settle()
    with company.record() as work:
        assert work.tombstones.any_undone()
        row = work.runs.get(run.id)
        assert row
        row.active = None
        work.commit()
    company.settle()
    with company.record() as work:
        assert not work.tombstones.any_undone()


def test_events_that_nobody_finished_lose_their_words_and_keep_their_frame(company: Company) -> None:
    ours = {"type": "message", "ts": ts_of(10), "channel": "C1", "text": SECRET, "blocks": [{"text": SECRET}]}
    theirs = {"type": "message", "ts": ts_of(20), "thread_ts": ts_of(10), "channel": "C1", "text": HARMLESS}
    company.say(10, SECRET)
    with company.record() as work:
        work.heard_events.add("Ev1", TEAM, "message", {"event_id": "Ev1", "event": ours})
        work.heard_events.add("Ev2", TEAM, "message", {"event_id": "Ev2", "event": theirs})
        work.commit()
    company.delete(10)
    company.settle()
    assert traces(company, "xylophone") == []
    with company.record() as work:
        first, second = work.heard_events.get("Ev1"), work.heard_events.get("Ev2")
        assert first
        assert second
        assert first.payload == {
            "event_id": "Ev1",
            "event": {"type": "message", "ts": ts_of(10), "channel": "C1"},
        }
        assert second.payload == {"event_id": "Ev2", "event": theirs}


def test_an_ingested_document_is_forgotten_until_it_is_named_again(company: Company, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    secret, harmless = folder / "vault.md", folder / "roaster.md"
    secret.write_text(SECRET)
    harmless.write_text(HARMLESS)
    ingest_paths(company.record, TEAM, [folder])
    company.indexer.index_everything("test")
    forget_document(company.record, TEAM, secret)
    company.settle()
    ingest_paths(company.record, TEAM, [folder])
    company.settle()
    assert [words for _, words in company.store.words(TEAM) if "xylophone" in words] == []
    assert [words for _, words in company.store.words(TEAM) if "221" in words]
    ingest_paths(company.record, TEAM, [secret])
    company.settle()
    assert [words for _, words in company.store.words(TEAM) if "xylophone" in words]


def test_what_was_never_heard_cannot_be_forgotten(company: Company, tmp_path: Path) -> None:
    for forget, what in ((forget_file, "F9"), (forget_document, tmp_path / "none.md")):
        with pytest.raises(JourneymanError, match="never"):
            forget(company.record, TEAM, what)  # type: ignore[operator]
    with pytest.raises(JourneymanError, match="never"):
        forget_message(company.record, TEAM, "C1", ts_of(1))


def test_what_is_older_than_its_channel_keeps_is_forgotten_and_not_heard_again(company: Company) -> None:
    company.say(10, SECRET)
    company.say(20, SECRET, channel="C2")
    asked = company.answer(100, "Which code?", [10], "xylophone [1].", channel="C2")
    with company.record() as work:
        channel = work.workspaces.channel(TEAM, "C1")
        assert channel
        channel.retention_days = 30
        work.commit()
    company.forgetting.forget_older_than_kept()
    company.settle()
    assert company.text_at(10) == ""
    assert company.text_at(20, "C2") == SECRET
    assert company.question(asked).answer.verdict is Verdict.FORGOTTEN  # type: ignore[union-attr]
    company.say(30, SECRET)
    assert company.text_at(30) == ""


def test_file_bytes_that_arrive_after_the_deletion_do_not_stay(company: Company) -> None:
    company.say(10, "look", files=(file_of("F1"),))
    company.delete(10)
    company.settle()
    path = company.folder / "files" / TEAM / "F1"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SECRET)
    file_stored(company.record, TEAM, "F1", f"{TEAM}/F1")
    company.settle()
    assert not path.exists()
