"""What people do in Slack becomes what can be found, in whatever order it arrives."""

import io
from pathlib import Path

from core.knowledge.embedding import Embedder
from core.records.files import FileState
from core.records.messages import Message
from tests.slack.past import typing
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import Scripted, Workplace, workplace


def heard(place: Workplace, channel: str, ts: str) -> Message | None:
    with place.services.record() as work:
        return work.messages.get(place.workspace_id, place.channel_id(channel), ts)


async def quiet(place: Workplace) -> None:
    """Every event was handled."""
    await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
    await until(lambda: place.parts.inbox.is_idle)


async def test_an_edit_that_arrives_before_its_original_wins(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        place.sandbox.switches.hold_events()
        ts = await place.post("ana", "general", "The office closes at 17:00.")
        await place.client("ana").chat_update(
            channel=place.channel_id("general"), ts=ts, text="The office closes at 18:30."
        )
        place.sandbox.switches.release_events(newest_first=True)
        await quiet(place)
        message = heard(place, "general", ts)
        assert message is not None
        assert message.text == "The office closes at 18:30."


async def test_of_edits_within_one_second_the_last_stands(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        general = place.channel_id("general")
        ts = await place.post("ana", "general", "The office closes at 17:00.")
        for hour in (18, 19, 20):
            await place.client("ana").chat_update(channel=general, ts=ts, text=f"The office closes at {hour}:00.")
        await quiet(place)
        message = heard(place, "general", ts)
        assert message is not None
        assert message.text == "The office closes at 20:00."


async def test_a_deletion_that_arrives_first_stays(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        place.sandbox.switches.hold_events()
        ts = await place.post("ana", "general", "The safe's code is 4711.")
        await place.client("ana").chat_delete(channel=place.channel_id("general"), ts=ts)
        place.sandbox.switches.release_events(newest_first=True)
        await quiet(place)
        message = heard(place, "general", ts)
        assert message is not None
        assert (message.text, message.deleted_at is None) == ("", False)


async def test_words_in_blocks_are_heard(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": "Deploys are on Tuesdays."}}
        sent = await place.client("ana").chat_postMessage(channel=place.channel_id("general"), blocks=[block])
        await quiet(place)
        message = heard(place, "general", sent["ts"])
        assert message is not None
        assert message.text == "Deploys are on Tuesdays."


async def test_the_bots_own_words_and_joins_are_no_knowledge(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel_id = place.channel_id("general")
        own = await place.parts.client.chat_postMessage(channel=channel_id, text="I am the bot.")
        joined = await place.client("ana").conversations_create(name="newcomers")
        await place.client("ana").conversations_invite(
            channel=joined["channel"]["id"], users=place.sandbox.workspace.app.bot_user_id
        )

        def is_in() -> bool:
            with place.services.record() as work:
                channel = work.workspaces.channel(place.workspace_id, joined["channel"]["id"])
                return channel is not None and channel.is_listened_to

        await until(is_in)
        await quiet(place)
        assert heard(place, "general", own["ts"]) is None
        with place.services.record() as work:
            assert work.documents.of_channel(place.workspace_id, joined["channel"]["id"]) == []


async def test_the_bot_removed_from_a_channel_forgets_it_and_stays_silent(tmp_path: Path) -> None:
    scripted = Scripted([])
    async with workplace(tmp_path, answering=scripted) as place:
        ts = await place.post("ana", "random", "The safe's code is 4711.")
        await quiet(place)
        assert heard(place, "random", ts) is not None
        place.sandbox.switches.hold_events()
        await place.post("ana", "random", f"{place.mention} What is the code?")
        await place.client("ana").conversations_kick(
            channel=place.channel_id("random"), user=place.sandbox.workspace.app.bot_user_id
        )
        place.sandbox.switches.release_events(newest_first=True)
        await quiet(place)
        assert heard(place, "random", ts) is None
        assert place.said_by_bot(place.channel_id("random")) == []
        with place.services.record() as work:
            channel = work.workspaces.channel(place.workspace_id, place.channel_id("random"))
            assert channel is not None
            assert not channel.is_listened_to


async def test_a_file_is_fetched_found_and_cited(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        handbook = io.BytesIO(b"# Parking\n\nVisitors park on level B2; the code of the gate is 7731.\n")
        await place.client("ana").files_upload_v2(
            channel=place.channel_id("general"), file=handbook, filename="handbook.md", title="Handbook"
        )
        await place.findable()
        asked = await place.post("ben", "general", f"{place.mention} What is the code of the visitors' parking gate?")
        reply = await place.reply(place.channel_id("general"), asked)
        assert "7731" in reply["text"]
        assert "handbook.md" in str(reply["blocks"])

        file_id = next(iter(place.sandbox.workspace.files))
        await place.client("ana").files_delete(file=file_id)
        await place.findable()
        asked = await place.post("ben", "general", f"{place.mention} And what is the code of the gate?")
        assert "7731" not in (await place.reply(place.channel_id("general"), asked))["text"]


async def test_a_login_page_in_place_of_a_file_is_told_and_the_file_is_read_once_we_may(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, typing(place, "ana") as ana:
        place.sandbox.switches.set_downloads(login_page=9)
        await place.client("ana").files_upload_v2(
            channel=place.channel_id("general"), content="secret", filename="notes.txt"
        )
        await until(lambda: file_state(place) is FileState.REFUSED, 10)
        told = await until(lambda: [call for call in place.calls("chat.postEphemeral") if call["answer"]], 10)
        assert "login page" in told[0]["arguments"]["text"]
        assert told[0]["arguments"]["user"] == place.sandbox.person("ana").id
        await place.everything_heard()
        await until(lambda: file_state(place) is FileState.REFUSED, 10)
        place.sandbox.switches.set_downloads(login_page=0)
        await ana.ingest("", place.sandbox.channel("general"))
        await until(lambda: file_state(place) is FileState.STORED, 10)
        assert len(place.calls("chat.postEphemeral")) == len(told)


async def test_a_file_of_another_company_is_looked_up_first(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        place.sandbox.switches.set_downloads(connect_stub=True)
        await place.client("ana").files_upload_v2(
            channel=place.channel_id("general"), content="Shared plan", filename="plan.txt"
        )
        await until(lambda: file_state(place) is FileState.STORED, 10)


async def test_a_file_that_slack_does_not_show_us_keeps_no_words_from_being_heard(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        place.sandbox.switches.set_downloads(connect_stub=True)
        place.sandbox.switches.add_fault("files.info", "error", error="slack_connect_blocked_file_type", times=None)
        general = place.channel_id("general")
        await place.client("ana").files_upload_v2(
            channel=general, content="x", filename="plan.exe", initial_comment="The gate code is 7731."
        )
        said = [each for each in place.sandbox.channel("general").messages.values() if "7731" in each["text"]]
        await until(lambda: heard(place, "general", said[0]["ts"]), 10)
        await quiet(place)


async def test_a_file_over_the_limit_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([]), settings={"file_max_mb": 1}) as place:
        await place.client("ana").files_upload_v2(
            channel=place.channel_id("general"), content="x" * 1_100_000, filename="big.txt"
        )
        await until(lambda: file_state(place) is FileState.REFUSED, 10)


def file_state(place: Workplace) -> FileState | None:
    with place.services.record() as work:
        for file_id in place.sandbox.workspace.files:
            file = work.files.get(place.workspace_id, file_id)
            return file.state if file else None
    return None
