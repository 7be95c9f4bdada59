"""Whoever asked can stop the answer, with the button in it or with a reaction; nobody else can, but for admins."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.listeners.stopping import on_button
from bot.views.answer import STOP_ACTION
from core.answering.drafts import Draft, Finished, Searched, Written
from core.knowledge.embedding import Embedder
from core.records.questions import Verdict
from tests.fakes.language_model import ScriptedModel
from tests.slack.sandbox_fixtures import Page, page_of, until
from tests.slack.test_asking import asked
from tests.slack.workplace import Scripted, Workplace, workplace
from tests.tiny_phi3 import build_tiny_phi3

PATIENCE = 45.0
QUESTION = "When does the deploy of the billing service run?"


@asynccontextmanager
async def slow_writer(
    folder: Path, minilm: Embedder, **settings: Any
) -> AsyncIterator[tuple[Workplace, str, ScriptedModel]]:
    """A workplace with one place for answers, and a model that writes half an answer and then waits for the stop."""
    model = ScriptedModel(["The deploy runs ", "on Fridays [1], and "], hangs=True)
    async with workplace(folder, minilm, settings={"answers_at_once": 1, **settings}) as place:
        place.services.answering._model = model
        await place.post("ana", "general", "The deploy of the billing service runs on Fridays.")
        await place.findable()
        yield place, place.channel_id("general"), model


async def growing_reply(place: Workplace, channel: str, ts: str) -> dict[str, Any]:
    """The reply as it stands when it has begun to say something."""
    [begun] = await until(lambda: place.said_by_bot(channel, ts), PATIENCE)
    assert begun["text"].startswith("The deploy")
    assert STOP_ACTION in str(begun["blocks"])
    return copy.deepcopy(begun)  # type: ignore[no-any-return]  # it is one


async def press_stop(page: Page, channel: str, reply: dict[str, Any]) -> None:
    [block] = [block for block in reply["blocks"] if block["type"] == "actions"]
    [button] = block["elements"]
    action = {key: button[key] for key in ("type", "action_id", "value")} | {"block_id": block["block_id"]}
    assert (await page.post("action", channel_id=channel, message_ts=reply["ts"], action=action))["ok"]


async def answers_again(place: Workplace, channel: str, model: ScriptedModel) -> None:
    """The one place for answers is free: the next question is answered, and by the same model."""
    model._hangs = False
    following = await place.post("ben", "general", f"{place.mention} {QUESTION}")
    assert "Stopped" not in str(await place.reply(channel, following, PATIENCE))


async def test_the_askers_reaction_ends_the_answer_and_frees_its_place(tmp_path: Path, minilm: Embedder) -> None:
    async with slow_writer(tmp_path, minilm) as (place, channel, model):
        ts = await place.post("ben", "general", f"{place.mention} {QUESTION}")
        await growing_reply(place, channel, ts)
        await until(model.hanging.is_set, PATIENCE)

        await place.client("ana").reactions_add(channel=channel, timestamp=ts, name="x")
        await place.client("ben").reactions_add(channel=channel, timestamp=ts, name="thinking_face")
        await place.everything_heard()
        assert not model.stopped.is_set(), "only the asker stops it, and only with a sign that says so"

        await place.client("ben").reactions_add(channel=channel, timestamp=ts, name="octagonal_sign")
        await until(model.stopped.is_set, PATIENCE)
        reply = await place.reply(channel, ts)
        await answers_again(place, channel, model)
        with place.services.record() as work:
            question = work.questions.asked_at(place.workspace_id, channel, ts)
            assert question is not None
            assert question.answer is not None
            assert (question.answer.verdict, question.answer.adapter) == (Verdict.GENERATED, "adapter-7")
        assert "on Fridays" in str(reply["blocks"])
        assert "Stopped before the end." in str(reply["blocks"])


@pytest.mark.parametrize("streaming", [None, "unknown_method"], ids=["streamed", "edited"])
async def test_the_button_ends_the_answer_frees_its_place_and_goes(
    tmp_path: Path, minilm: Embedder, streaming: str | None
) -> None:
    async with slow_writer(tmp_path, minilm) as (place, channel, model):
        if streaming:
            place.sandbox.switches.set_streaming(streaming)
        ts = await place.post("ben", "general", f"{place.mention} {QUESTION}")
        growing = await growing_reply(place, channel, ts)
        await until(model.hanging.is_set, PATIENCE)
        async with page_of(place.sandbox, "chloe") as page:
            await press_stop(page, channel, growing)
            told = (await page.told("ephemeral", PATIENCE))["message"]["text"]
        assert f"Only <@{place.sandbox.person('ben').id}>" in told
        assert not model.stopped.is_set()

        async with page_of(place.sandbox, "ben") as page:
            await press_stop(page, channel, growing)
            await until(model.stopped.is_set, PATIENCE)
            reply = await place.reply(channel, ts)
            assert "Stopped before the end." in str(reply["blocks"])
            assert STOP_ACTION not in str(reply["blocks"])
            assert "on Fridays [1](http" in str(reply["blocks"])
            await answers_again(place, channel, model)

            # As Slack would tell of somebody whose page was behind.
            [row] = [block for block in growing["blocks"] if block["type"] == "actions"]
            late = {
                "actions": row["elements"],
                "container": {"channel_id": channel, "thread_ts": ts},
                "user": {"id": place.sandbox.person("ben").id},
            }
            await on_button(place.parts, late, AsyncAck())
            assert "finished" in (await page.told("ephemeral", PATIENCE))["message"]["text"]


async def test_an_admin_may_stop_it_too(tmp_path: Path, minilm: Embedder) -> None:
    async with slow_writer(tmp_path, minilm) as (place, channel, model), page_of(place.sandbox, "ana") as page:
        assert place.sandbox.person("ana").is_admin
        ts = await place.post("ben", "general", f"{place.mention} {QUESTION}")
        await press_stop(page, channel, await growing_reply(place, channel, ts))
        await until(model.stopped.is_set, PATIENCE)
        assert "Stopped" in str(await place.reply(channel, ts))


async def test_phi3_stops_writing_and_answers_the_next(tmp_path: Path, minilm: Embedder) -> None:
    base = build_tiny_phi3(tmp_path / "base")
    settings = {"language_model": "phi3", "phi3_model": str(base), "answers_at_once": 1, "answer_max_tokens": 3500}
    async with workplace(tmp_path / "data", minilm, settings=settings) as place, page_of(place.sandbox, "ben") as page:
        await place.post("ana", "general", "The deploy of the billing service runs on Fridays.")
        await place.findable()
        channel = place.channel_id("general")
        stopped = []
        for _ in range(2):  # the second could not begin if the first still held its place
            ts = await place.post("ben", "general", f"{place.mention} {QUESTION}")
            [begun] = await until(partial(place.said_by_bot, channel, ts), PATIENCE)
            await press_stop(page, channel, copy.deepcopy(begun))
            stopped.append(await place.reply(channel, ts, PATIENCE))
        owner = place.services.model._owner  # type: ignore[attr-defined]  # it is a Phi3
        await until(lambda: not owner._open, PATIENCE)  # and the model itself has nothing left to do
    assert all("Stopped before the end." in str(reply["blocks"]) for reply in stopped)


async def test_a_workspace_that_takes_no_button_in_a_stream_streams_without_it(tmp_path: Path) -> None:
    words = [f"word{number} " for number in range(12)]
    whole = Draft("".join(words).strip(), Verdict.GENERATED, model="test")
    scripted = Scripted([Searched(1), *map(Written, words), Finished(whole)], 0.05)
    async with workplace(tmp_path, answering=scripted) as place:
        place.sandbox.switches.add_fault("chat.startStream", "error", error="invalid_blocks", times=1)
        channel_id, ts = await asked(place)
        await place.reply(channel_id, ts)
        assert len(place.calls("chat.startStream")) == 2
        assert place.calls("chat.appendStream")
        assert place.calls("chat.update") == [], "nothing had to be taken away"


async def test_what_is_only_quoted_has_no_button(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        await place.post("ana", "general", "The deploy of the billing service runs on Fridays.")
        await place.findable()
        ts = await place.post("ben", "general", f"{place.mention} {QUESTION}")
        await place.reply(place.channel_id("general"), ts)
        assert STOP_ACTION not in str(place.calls("chat.startStream"))


async def test_a_question_that_still_waits_is_taken_back(tmp_path: Path, minilm: Embedder) -> None:
    async with slow_writer(tmp_path, minilm) as (place, channel, model), page_of(place.sandbox, "ben") as page:
        first = await place.post("ana", "general", f"{place.mention} {QUESTION}")
        await growing_reply(place, channel, first)
        second = await place.post("ben", "general", f"{place.mention} {QUESTION}")
        await until(lambda: place.state_of(channel, second) == "asked", PATIENCE)
        await place.everything_heard()
        await place.client("ben").reactions_add(channel=channel, timestamp=second, name="octagonal_sign")
        assert "had not begun" in (await page.told("ephemeral", PATIENCE))["message"]["text"]
        assert place.state_of(channel, second) == "withdrawn"
        await place.client("ana").reactions_add(channel=channel, timestamp=first, name="octagonal_sign")
        await place.reply(channel, first)
        await answers_again(place, channel, model)
        assert place.said_by_bot(channel, second) == []
