"""The model is a real OpenAI-style server process, killed while it writes: the asker gets an answer even so."""

import asyncio
from pathlib import Path

import pytest

from core.knowledge.embedding import Embedder
from core.records.questions import Answer, Verdict
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import Workplace, workplace
from tests.tiny_phi3 import build_tiny_phi3
from tests.transformers_server import START_S, TransformersServer

QUESTION = "When does the deploy of the billing service run?"
PATIENCE = 60.0


@pytest.mark.timeout(400)
async def test_a_server_that_is_killed_in_the_middle_of_an_answer_and_comes_back(
    tmp_path: Path, minilm: Embedder
) -> None:
    server = TransformersServer(build_tiny_phi3(tmp_path / "base"), tmp_path / "log")
    await asyncio.to_thread(server.start)
    settings = {
        "language_model": "openai",
        "openai_base_url": server.url,
        "openai_model": server.model,
        "answer_max_tokens": 2000,  # longer than it is let live
        "openai_context_tokens": 4096,
    }
    try:
        async with workplace(tmp_path / "data", minilm, settings=settings) as place:
            await place.post("ana", "general", "The deploy of the billing service runs on Fridays.")
            await place.findable()
            channel = place.channel_id("general")

            begun = await ask(place)
            await until(lambda: place.said_by_bot(channel, begun), PATIENCE)
            server.kill()
            reply = await place.reply(channel, begun, PATIENCE)
            assert "Fridays" in reply["blocks"][0]["text"]
            assert "not answering right now" in str(reply["blocks"])
            assert answer(place, begun).verdict is Verdict.QUOTED

            while_down = await ask(place)
            assert "not answering right now" in str((await place.reply(channel, while_down, PATIENCE))["blocks"])

            await asyncio.to_thread(server.start)
            again = await ask(place)
            await until(lambda: place.said_by_bot(channel, again), START_S)
            await place.client("ben").reactions_add(channel=channel, timestamp=again, name="octagonal_sign")
            await place.reply(channel, again, PATIENCE)
            assert (answer(place, again).verdict, answer(place, again).model) == (Verdict.GENERATED, server.model)
    finally:
        server.kill()


async def ask(place: Workplace) -> str:
    return await place.post("ben", "general", f"{place.mention} {QUESTION}")


def answer(place: Workplace, ts: str) -> Answer:
    with place.services.record() as work:
        question = work.questions.asked_at(place.workspace_id, place.channel_id("general"), ts)
        assert question is not None
        assert question.answer is not None
        return question.answer
