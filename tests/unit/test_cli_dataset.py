"""`journeyman dataset`: frozen from the record, shown, and exported as chats that others can train on."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.answering.prompt import INSTRUCTIONS
from core.bootstrap import Services, build_services
from core.cli_dataset import dataset_commands
from core.curation.frozen_set import Split, load
from core.errors import Misconfigured
from core.knowledge.channels import ChannelFacts, learn_channel, learn_workspace
from core.knowledge.embedding import Embedder
from core.knowledge.ingesting import ingest_paths
from core.records.base import utc_now
from core.records.examples import ExampleOrigin, ExampleSource, ExampleState, TrainingExample
from core.records.workspaces import PUBLIC, ChannelKind
from core.settings import Settings

TEAM = "T1"
THINGS = ("kettle", "scale", "grinder", "roaster", "filter", "thermometer", "tamper", "carafe", "invoice", "ladder",
          "window", "van", "alarm", "printer", "garden", "piano")  # fmt: skip


@pytest.fixture
def services(tmp_path: Path, minilm: Embedder) -> Iterator[Services]:
    made = build_services(Settings(_env_file=None, data_dir=tmp_path / "data", database_url=""))
    made.migrate()
    made.__dict__["embedder"] = minilm
    learn_workspace(made.record, TEAM, "Roasters", "UBOT", "B1")
    learn_channel(made.record, TEAM, ChannelFacts("C1", ChannelKind.PUBLIC, "general"))
    handbook = tmp_path / "handbook.md"
    handbook.write_text("\n\n".join(f"# The {thing}\n\nThe {thing} is cleaned by hand." for thing in THINGS), "utf-8")
    ingest_paths(made.record, TEAM, [handbook])
    while made.indexer.index_due("test"):
        pass
    for number, thing in enumerate(THINGS):
        keep(made, number, f"Where is the {thing} kept?", f"The {thing} is kept in room {number + 3} [1].")
    keep(made, 90, "How is the boss doing?", "Fine.")
    keep(made, 91, "Whom do I call about parking?", "Write to parking@example.com about it.")
    keep(made, 92, "What do the leads earn?", "A lot more than others.", audience="G1")
    keep(made, 93, "Who waters the flowers?", "Nobody knows that yet.", state=ExampleState.CANDIDATE)
    yield made
    made.close()


def keep(services: Services, number: int, question: str, answer: str, **fields: Any) -> None:
    given: dict[str, Any] = {
        "id": f"E{number:02}", "workspace_id": TEAM, "origin": ExampleOrigin.VOTED, "channel_id": "C1",
        "thread": f"C1:{number}", "audience": PUBLIC, "question": question, "answer": answer, "proposed_by": "U1",
        "state": ExampleState.APPROVED, "proposed_at": utc_now() - timedelta(minutes=100 - number),
        "sources": [
            ExampleSource(marker=1, passage_id="p", document_id="d", audience=PUBLIC, name="#general", text=answer)
        ],
    }  # fmt: skip
    with services.record() as work:
        work.examples.add(TrainingExample(**given | fields))
        work.commit()


def run(services: Services, *arguments: str) -> str:
    """Runs a command on services of its own, which it closes."""

    def reopened() -> Services:
        fresh = build_services(services.settings)
        fresh.__dict__["embedder"] = services.embedder
        return fresh

    answer = CliRunner().invoke(dataset_commands(reopened), arguments, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_what_is_frozen_is_shown_with_what_was_left_out_and_why(services: Services) -> None:
    told = json.loads(run(services, "freeze", "--json"))
    kept = sum(side["examples"] for side in told["sides"].values())
    assert kept == len(THINGS)
    assert told["left_out"] == {
        "the answer is a single word": 1,
        "it holds personal data (e-mail address)": 1,
        "not everybody may read its question, answer and sources": 1,
    }
    assert told["waiting_for_review"] == 1
    assert Path(told["file"]).parent == services.settings.datasets_dir
    assert json.loads(run(services, "freeze", "--json"))["name"] == told["name"]
    shown = run(services, "show", told["name"][:6])
    assert told["name"] in shown
    assert "the answer is a single word" in shown


def test_an_export_is_chats_with_answerings_own_prompts(services: Services, tmp_path: Path) -> None:
    name = json.loads(run(services, "freeze", "--json"))["name"]
    frozen_set = load(services.settings.datasets_dir / f"{name}.jsonl")
    train = frozen_set.of(Split.TRAIN)
    assert all(example.distractors for example in train)
    out = tmp_path / "train.jsonl"
    run(services, "export", name, "--out", str(out), "--closed-book", "1", "--distractors", "2")
    rows = [json.loads(line)["messages"] for line in out.read_text("utf-8").splitlines()]
    assert all([turn["role"] for turn in row] == ["system", "user", "assistant"] for row in rows)
    open_book = [row for row in rows if "is kept in room" in row[2]["content"] and row[0]["content"] == INSTRUCTIONS]
    assert len(open_book) == len(train)
    assert all(row[1]["content"].count("<source id=") == 3 for row in open_book)
    closed = [row for row in rows if row[0]["content"] != INSTRUCTIONS]
    assert len(closed) == len(train)
    assert not any("[1]" in row[2]["content"] for row in closed)
    held_out = run(services, "export", "--side", "holdout").splitlines()
    assert len(held_out) == len(frozen_set.of(Split.HOLDOUT))


def test_the_same_seed_writes_the_same_lines(services: Services) -> None:
    run(services, "freeze")
    assert run(services, "export", "--seed", "3") == run(services, "export", "--seed", "3")
    assert run(services, "export", "--seed", "3") != run(services, "export", "--seed", "4")


def test_an_exported_file_is_read_by_the_library_that_trainers_use(services: Services, tmp_path: Path) -> None:
    from datasets import load_dataset

    run(services, "freeze")
    out = tmp_path / "train.jsonl"
    run(services, "export", "--out", str(out))
    rows = load_dataset("json", data_files=str(out), split="train", cache_dir=str(tmp_path / "cache"))
    assert [turn["role"] for turn in rows[0]["messages"]] == ["system", "user", "assistant"]


def test_a_set_that_is_not_there_is_named_with_those_that_are(services: Services) -> None:
    with pytest.raises(Misconfigured, match="dataset freeze"):
        run(services, "show")
    run(services, "freeze")
    with pytest.raises(Misconfigured, match="no data set zz"):
        run(services, "show", "zz")


def test_nothing_approved_freezes_nothing(tmp_path: Path, minilm: Embedder) -> None:
    made = build_services(Settings(_env_file=None, data_dir=tmp_path / "empty", database_url=""))
    made.migrate()
    made.__dict__["embedder"] = minilm
    assert "Nothing was frozen" in run(made, "freeze")
    assert not (tmp_path / "empty" / "datasets").exists()
    made.close()
