"""With everything real: what happens in Slack is forgotten in every table, passage and file, and archiving is not."""

from pathlib import Path

import pytest

from bot.listeners import membership
from core.curation.traces import traces_of
from core.knowledge.embedding import Embedder
from core.records.tombstones import Forgotten
from tests.slack.forgetful import forgetting
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import PATIENCE, Scripted, Workplace, workplace

pytestmark = pytest.mark.timeout(240)

FACT = "The xylophone in the hall is tuned every ninth of May."
QUESTION = "When is the xylophone in the hall tuned?"


def left(place: Workplace, folder: Path) -> list[str]:
    found = traces_of("ninth of May", place.services.record, place.services.store, [folder])
    return [f"{trace.place}: {trace.what}" for trace in found if not trace.is_tombstone]


async def told_of_it(place: Workplace) -> str:
    """A new channel in which the fact was said, and an answer in general that quotes it; the channel's id."""
    ana, bot = place.client("ana"), place.sandbox.workspace.app.bot_user_id
    made = await ana.conversations_create(name="music")
    channel_id = str(made["channel"]["id"])
    await ana.conversations_invite(channel=channel_id, users=bot)
    await ana.chat_postMessage(channel=channel_id, text=FACT)
    await place.findable()
    assert "ninth of May" in await answer(place)
    return channel_id


async def answer(place: Workplace) -> str:
    ts = await place.post("ben", "general", f"{place.mention} {QUESTION}")
    return str((await place.reply(place.channel_id("general"), ts))["text"])


def said_of_it(place: Workplace) -> list[str]:
    """The bot's replies in general that hold the fact."""
    said = [str(each) for each in place.said_by_bot(place.channel_id("general"))]
    return [each for each in said if "ninth of May" in each]


def is_all_forgotten(place: Workplace) -> bool:
    with place.services.record() as work:
        waiting = work.tombstones.to_empty(1, list(Forgotten))
        return not waiting and not work.documents.any_forgetting()


async def nothing_is_left_on_the_disk(place: Workplace, folder: Path) -> None:
    await until(lambda: is_all_forgotten(place), PATIENCE)
    await until(lambda: place.services.forgetting.erase(0.0), PATIENCE)
    assert left(place, folder) == []


async def test_a_deleted_channel_is_forgotten_and_an_archived_one_is_not(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        channel_id = await told_of_it(place)
        with forgetting(place.services):
            await place.client("ana").conversations_archive(channel=channel_id)
            await place.findable()
            assert "ninth of May" in await answer(place)
            assert len(said_of_it(place)) == 2
            await place.client("ana").api_call("admin.conversations.delete", json={"channel_id": channel_id})
            await until(lambda: said_of_it(place) == [], PATIENCE)
            assert "ninth of May" not in await answer(place)
            await place.findable()
            await nothing_is_left_on_the_disk(place, tmp_path)


async def test_an_uninstalled_app_leaves_no_byte(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        await told_of_it(place)
        assert left(place, tmp_path)
        with forgetting(place.services):
            place.sandbox.switches.uninstall()
            await until(lambda: is_gone(place), PATIENCE)
            await nothing_is_left_on_the_disk(place, tmp_path)


async def test_a_persons_revoked_token_forgets_nothing_and_the_bots_own_everything(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        ts = await place.post("ana", "general", FACT)
        await place.everything_heard()
        for tokens, forgotten in (({"oauth": ["U1"]}, False), ({"oauth": ["U1"], "bot": ["UBOT"]}, True)):
            await membership.on_tokens_revoked(place.parts, {"type": "tokens_revoked", "tokens": tokens}, {})
            with place.services.record() as work:
                message = work.messages.get(place.workspace_id, place.channel_id("general"), ts)
            assert is_gone(place) is (message is None) is forgotten


def is_gone(place: Workplace) -> bool:
    with place.services.record() as work:
        workspace = work.workspaces.get(place.workspace_id)
        return workspace is not None and workspace.gone_at is not None
