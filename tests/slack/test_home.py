"""The bot's Home, and the events that nobody needs."""

from pathlib import Path

from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import Scripted, workplace


async def test_home_tells_what_is_known_and_how_to_ask(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, page_of(place.sandbox, "ana") as page:
        await page.post("home")
        view = (await page.told("home"))["view"]
        assert "/ask" in str(view)
        assert place.channel_id("general") in str(view)
        assert place.channel_id("leads") not in str(view)


async def test_a_conversation_with_the_bot_begins_with_suggestions(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, page_of(place.sandbox, "ana") as page:
        place.sandbox.context.interactivity.open_home(place.sandbox.person("ana").id, tab="messages")
        assert (await page.told("suggested_prompts"))["prompts"]


async def test_every_event_of_the_manifest_is_acknowledged(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        ana, general = place.client("ana"), place.channel_id("general")
        made = await ana.conversations_create(name="short-lived")
        channel_id = made["channel"]["id"]
        await ana.conversations_invite(channel=channel_id, users=place.sandbox.workspace.app.bot_user_id)
        await ana.conversations_rename(channel=channel_id, name="renamed")
        await ana.conversations_archive(channel=channel_id)
        await ana.conversations_unarchive(channel=channel_id)
        place.sandbox.switches.share_channel(general)
        place.sandbox.switches.add_person("dora")
        place.sandbox.switches.change_person(place.sandbox.person("ben").id, real_name="Benjamin")
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        await until(lambda: place.parts.inbox.is_idle)
        assert place.sandbox.switches.state()["abandoned_events"] == []
        with place.services.record() as work:
            renamed = work.workspaces.channel(place.workspace_id, channel_id)
            shared = work.workspaces.channel(place.workspace_id, general)
            dora = work.workspaces.person(place.workspace_id, place.sandbox.person("dora").id)
            assert renamed is not None
            assert shared is not None
            assert dora is not None
            assert renamed.name == "renamed"
            assert shared.audience == general

        place.sandbox.switches.uninstall()
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        await until(lambda: place.parts.inbox.is_idle)
        with place.services.record() as work:
            workspace = work.workspaces.get(place.workspace_id)
            assert workspace is not None
            assert workspace.gone_at is not None
