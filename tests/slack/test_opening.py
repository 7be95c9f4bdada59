"""A channel is made private or public; whatever Slack's trouble, what is private is shown to nobody else."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from bot.listeners.messages import on_message
from core.knowledge.export_files import find_export
from core.knowledge.exports import Imported, import_export
from core.records.workspaces import PUBLIC
from tests.slack.past import made
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import PATIENCE, Scripted, Workplace, workplace


def audiences(place: Workplace, channel_id: str) -> set[str]:
    """Of the channel and of all that was said in it."""
    with place.services.record() as work:
        channel = work.workspaces.channel(place.workspace_id, channel_id)
        assert channel is not None
        return {channel.audience} | {
            each.audience for each in work.documents.of_channel(place.workspace_id, channel_id)
        }


async def convert(place: Workplace, to: str, channel_id: str) -> None:
    await place.client("ana").api_call(f"admin.conversations.convertTo{to}", json={"channel_id": channel_id})


async def test_made_private_it_is_closed_also_while_slack_cannot_be_asked(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel_id = place.channel_id("random")
        await place.post("ana", "random", "The salaries are in the drawer.")
        await place.everything_heard()
        assert audiences(place, channel_id) == {PUBLIC}
        place.sandbox.switches.add_fault("conversations.info", "error", error="internal_error", times=None)
        await convert(place, "Private", channel_id)
        await place.everything_heard()
        assert audiences(place, channel_id) == {channel_id}


async def test_made_private_and_public_again_it_is_public_in_whatever_order_that_is_told(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel_id = place.channel_id("random")
        await convert(place, "Private", channel_id)
        await convert(place, "Public", channel_id)
        await place.everything_heard()
        for subtype in ("channel_convert_to_public", "channel_convert_to_private"):
            await on_message(place.parts, {"type": "message", "subtype": subtype, "channel": channel_id}, {})
            assert audiences(place, channel_id) == {PUBLIC}


async def test_made_public_it_is_opened_once_slack_can_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbox.FIRST_RETRY", timedelta(seconds=1))
    monkeypatch.setattr("bot.chores.REPLAY_EVERY_S", 0.2)
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel_id = place.channel_id("leads")
        place.sandbox.switches.add_fault("conversations.info", "error", error="internal_error", times=1)
        await convert(place, "Public", channel_id)
        await place.everything_heard()
        assert audiences(place, channel_id) == {channel_id}
        await until(lambda: audiences(place, channel_id) == {PUBLIC}, PATIENCE)


def import_words(place: Workplace, path: Path, channel_id: str) -> Imported:
    said = {"type": "message", "user": "U1", "text": "The offer is 2 million.", "ts": "1772366400.000100"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("channels.json", json.dumps([{"id": channel_id, "name": "past", "members": []}]))
        archive.writestr("past/2026-03-01.json", json.dumps([said]))
    return import_export(place.services.record, place.workspace_id, find_export(path))


async def test_an_imported_channel_that_slack_lists_no_more_is_closed_and_stays_so(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel_id = (await made(place)).id
        await place.everything_heard()
        assert import_words(place, tmp_path / "export.zip", channel_id).messages == 1
        assert audiences(place, channel_id) == {PUBLIC}
        await convert(place, "Private", channel_id)
        await place.leave()
        await place.join()
        assert audiences(place, channel_id) == {channel_id}
        import_words(place, tmp_path / "again.zip", channel_id)
        assert audiences(place, channel_id) == {channel_id}


async def test_an_imported_channel_that_slack_never_listed_stays_as_the_export_tells(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        import_words(place, tmp_path / "export.zip", "COLDWORKSPACE")
        await place.leave()
        await place.join()
        assert audiences(place, "COLDWORKSPACE") == {PUBLIC}


async def test_an_archived_channel_that_slack_lists_no_more_is_closed(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        channel_id = place.channel_id("random")
        await place.post("ana", "random", "The salaries are in the drawer.")
        await place.client("ana").conversations_archive(channel=channel_id)
        await place.everything_heard()
        await convert(place, "Private", channel_id)
        await place.leave()
        await place.join()
        assert audiences(place, channel_id) == {channel_id}
