"""`/forget`: who may have what forgotten, that it is asked once more, and that nothing else goes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.forget_words import HOW_TO
from bot.views import forgetting as view
from bot.views.notices import NOT_READ
from core.answering.drafts import Draft, Finished, Written
from core.curation.forget_requests import forget_person
from core.curation.forgettable import known_by_name
from core.knowledge.ingesting import ingest_paths
from core.knowledge.pages import want_pages
from core.records.documents import DocumentKind
from core.records.files import FileState
from core.records.questions import Verdict
from core.records.tombstones import Forgotten
from tests.fakes.embedder import FakeEmbedder
from tests.slack.forgetful import asker, forgetting
from tests.slack.sandbox_fixtures import page_of, until
from tests.slack.workplace import PATIENCE, Scripted, Workplace, workplace

pytestmark = pytest.mark.timeout(180)

ADMIN, AUTHOR, OTHER = "ana", "ben", "chloe"


async def link_to(place: Workplace, ts: str, channel: str = "general") -> str:
    client: AsyncWebClient = place.bot_client()
    answer = await client.chat_getPermalink(channel=place.channel_id(channel), message_ts=ts)
    return f"<{answer['permalink']}>"


def text_of(place: Workplace, ts: str, channel: str = "general") -> str | None:
    """What the record holds of the message; None once it is forgotten."""
    with place.services.record() as work:
        message = work.messages.get(place.workspace_id, place.channel_id(channel), ts)
        assert message is not None
        return None if message.deleted_at else message.text


def link_of_file(place: Workplace, file_id: str) -> str:
    with place.services.record() as work:
        file = work.files.get(place.workspace_id, file_id)
        assert file is not None
        return file.permalink


async def share(place: Workplace, person: str, name: str, content: str, channel: str = "general") -> str:
    """Uploads a file; its id, once its bytes are here."""
    await place.client(person).files_upload_v2(channel=place.channel_id(channel), content=content, filename=name)
    file_id = list(place.sandbox.workspace.files)[-1]

    def stored() -> bool:
        with place.services.record() as work:
            file = work.files.get(place.workspace_id, file_id)
            return file is not None and file.state is FileState.STORED

    await until(stored, PATIENCE)
    return file_id


def is_file_gone(place: Workplace, file_id: str) -> bool:
    with place.services.record() as work:
        file = work.files.get(place.workspace_id, file_id)
        return file is not None and file.deleted_at is not None


@pytest.mark.parametrize("who", [AUTHOR, ADMIN])
@pytest.mark.parametrize("is_reply", [False, True], ids=["message", "thread reply"])
async def test_a_message_is_forgotten_by_its_author_or_an_admin_once_confirmed(
    tmp_path: Path, who: str, is_reply: bool
) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        root = await place.post(OTHER, "general", "Who has the code?")
        ts = await place.post(AUTHOR, "general", "The code is xylophone.", root if is_reply else None)
        await place.everything_heard()
        link = await link_to(place, ts)
        async with asker(place, who) as person:
            await person.forget(link)
            assert person.asks
            assert text_of(place, ts) == "The code is xylophone."
            assert await person.press(view.KEEP) == view.KEPT
            assert not person.asks
            assert text_of(place, ts) == "The code is xylophone."
            await person.forget(link)
            assert await person.press(view.FORGET) == view.FORGOTTEN
            assert text_of(place, ts) is None
            assert await person.forget(link) == view.GONE
        assert text_of(place, root) == "Who has the code?"
        # Slack still has it, and may tell of it once more: that changes nothing.
        await place.client(AUTHOR).chat_update(
            channel=place.channel_id("general"), ts=ts, text="The code is xylophone!"
        )
        await place.everything_heard()
        assert text_of(place, ts) is None


async def test_nobody_forgets_what_is_anothers_and_nothing_is_told_of_it(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        ts = await place.post(AUTHOR, "general", "The code is xylophone.")
        await place.everything_heard()
        file_id = await share(place, AUTHOR, "plan.txt", "Buy apples.")
        link = await link_to(place, ts)
        async with asker(place, OTHER) as person:
            for text in (link, f"file {link_of_file(place, file_id)}", "file plan.txt", f"file {file_id}"):
                assert await person.forget(text) == view.NOT_YOURS
            nothing = link.replace(ts.replace(".", ""), "1700000000000100")
            assert await person.forget(nothing) == view.NOT_YOURS
            assert await person.forget("document https://example.com/never") == view.NOT_YOURS
        async with asker(place, ADMIN) as person:
            assert await person.forget(nothing) == view.NEVER_HEARD
        assert text_of(place, ts) == "The code is xylophone."
        assert not is_file_gone(place, file_id)


async def test_who_lost_the_right_before_pressing_is_refused(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        ts = await place.post(AUTHOR, "general", "The code is xylophone.")
        await place.everything_heard()
        async with asker(place, ADMIN) as person:
            await person.forget(await link_to(place, ts))
            assert person.asks
            await take_the_right_away(place)
            assert await person.press(view.FORGET) == view.NOT_YOURS
        assert text_of(place, ts) == "The code is xylophone."


async def test_an_older_list_of_people_does_not_give_back_a_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        workspace = place.parts.workspace
        pages = workspace._pages

        async def overtaken(*asked: Any) -> AsyncIterator[Any]:
            monkeypatch.setattr(workspace, "_pages", pages)  # once: the bot asks for this list when it starts, too
            everybody = [user async for user in pages(*asked)]
            await take_the_right_away(place)
            for user in everybody:
                yield user

        monkeypatch.setattr(workspace, "_pages", overtaken)
        await workspace.learn_people()
        assert not await place.parts.permissions.is_admin(place.sandbox.person(ADMIN).id)


async def take_the_right_away(place: Workplace) -> None:
    admin = place.sandbox.person(ADMIN).id
    assert await place.parts.permissions.is_admin(admin)
    place.sandbox.switches.change_person(admin, is_admin=False)

    async def is_known() -> bool:
        return not await place.parts.permissions.is_admin(admin)

    await until(is_known)


async def test_two_who_press_at_the_same_time_forget_once(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        ts = await place.post(AUTHOR, "general", "The code is xylophone.")
        await place.everything_heard()
        link = await link_to(place, ts)
        async with asker(place, ADMIN) as ana, asker(place, AUTHOR) as ben:
            await ana.forget(link)
            await ben.forget(link)
            assert await ana.press(view.FORGET) == view.FORGOTTEN
            assert await ben.press(view.FORGET) == view.GONE


async def test_a_file_is_named_or_linked_and_where_several_are_called_so_one_is_chosen(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place:
        first = await share(place, AUTHOR, "plan.txt", "Buy apples.")
        second = await share(place, AUTHOR, "plan.txt", "Buy pears.", "random")
        others = await share(place, OTHER, "plan.txt", "Buy plums.")
        async with asker(place, AUTHOR) as person:
            assert "Which one" in await person.forget("file Plan")
            shown = str(person.told["blocks"])
            assert shown.count("forget_yes") == 2
            assert place.channel_id("random") in shown
            assert await person.press(view.FORGET) == view.FORGOTTEN
            assert [is_file_gone(place, each) for each in (first, second, others)] == [False, True, False]
            await person.forget(f"file <{link_of_file(place, first)}|plan.txt>")
            assert await person.press(view.FORGET) == view.FORGOTTEN
            assert [is_file_gone(place, each) for each in (first, second, others)] == [True, True, False]
            assert await person.forget(f"file {first}") == view.GONE
        with forgetting(place.services):
            await until(lambda: not list((tmp_path / "files").rglob(f"*{first}*")), PATIENCE)


async def test_a_page_is_forgotten_by_who_had_it_read_and_an_ingested_document_by_admins(tmp_path: Path) -> None:
    async with workplace(tmp_path / "data", answering=Scripted([])) as place:
        place.services.__dict__["embedder"] = FakeEmbedder()
        handbook = tmp_path / "library" / "Handbook.md"
        handbook.parent.mkdir()
        handbook.write_text("The vault code is xylophone.")
        ingest_paths(place.services.record, place.workspace_id, [handbook])
        with place.services.record() as work:
            channel = work.workspaces.channel(place.workspace_id, place.channel_id("general"))
        assert channel
        want_pages(place.services.record, channel, ["https://example.com/handbook"], place.sandbox.person(AUTHOR).id)
        async with asker(place, OTHER) as person:
            assert await person.forget("document handbook.md") == view.NOT_YOURS
            assert await person.forget("document <https://example.com/handbook>") == view.NOT_YOURS
        async with asker(place, AUTHOR) as person:
            assert "example.com/handbook" in await person.forget("document <https://example.com/handbook>")
            assert await person.press(view.FORGET) == view.FORGOTTEN
        async with asker(place, ADMIN) as person:
            assert "Handbook.md" in await person.forget("document handbook")
            assert await person.press(view.FORGET) == view.FORGOTTEN
            assert await person.forget("document handbook.md") == view.NEVER_HEARD
        with place.services.record() as work:
            assert all(each.gone for each in work.documents.of_kind(place.workspace_id, DocumentKind.PATH))


async def test_forget_me_keeps_nothing_until_undone(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, asker(place, AUTHOR) as person:
        before = await place.post(AUTHOR, "general", "The code is xylophone.")
        others = await place.post(OTHER, "general", "The door is green.")
        await place.everything_heard()
        assert await person.forget("me undo") == view.NOT_OUT
        await person.forget("me")
        assert text_of(place, before) == "The code is xylophone."
        with forgetting(place.services):
            assert await person.press(view.FORGET) == view.ME_FORGOTTEN
            await until(lambda: text_of(place, before) is None, PATIENCE)
            assert await person.forget("me") == view.ALREADY_OUT
            during = await place.post(AUTHOR, "general", "The code is marimba.")
            await place.everything_heard()
            assert text_of(place, during) is None
            assert await person.forget("me undo") == view.BACK
            after = await place.post(AUTHOR, "general", "The code is glockenspiel.")
            await place.everything_heard()
        assert [text_of(place, ts) for ts in (before, during, after, others)] == [
            None,
            None,
            "The code is glockenspiel.",
            "The door is green.",
        ]
        with place.services.record() as work:
            back = work.workspaces.person(place.workspace_id, place.sandbox.person(AUTHOR).id)
            assert back is not None
            assert back.name
            assert work.tombstones.get(place.workspace_id, Forgotten.PERSON, back.id) is not None


async def test_who_opted_out_is_told_so_when_they_ask_and_ask_keeps_nothing(tmp_path: Path) -> None:
    draft = Draft("It is blue.", Verdict.GENERATED, model="test")
    answering = Scripted([Written("It is blue."), Finished(draft)])
    async with workplace(tmp_path, answering=answering) as place, page_of(place.sandbox, AUTHOR) as page:
        forget_person(place.services.record, place.workspace_id, place.sandbox.person(AUTHOR).id)
        ts = await place.post(AUTHOR, "general", f"{place.mention} What colour is it?")
        assert (await page.told("ephemeral", PATIENCE))["message"]["text"] == NOT_READ
        await place.everything_heard()
        assert place.question(place.channel_id("general"), ts) is None
        assert len(place.calls("chat.postEphemeral")) == 1
        general = place.channel_id("general")
        assert (await page.post("command", channel_id=general, command="/ask", text="What colour is it?"))["ok"]
        while "It is blue." not in str(await page.told("ephemeral", PATIENCE)):
            pass

        def asked() -> list[tuple[str, str]]:
            with place.services.record() as work:
                mine = work.questions.of_person(place.workspace_id, place.sandbox.person(AUTHOR).id)
                return [(each.text, each.answer.text) for each in mine if each.answer]

        await until(lambda: asked() == [("", "")], PATIENCE)


async def test_without_words_it_explains_and_nonsense_is_not_forgotten(tmp_path: Path) -> None:
    async with workplace(tmp_path, answering=Scripted([])) as place, asker(place, OTHER) as person:
        assert await person.forget("") == HOW_TO
        assert await person.forget("help") == HOW_TO
        for text in ("everything please", "me and him", "file", "file “”"):
            await person.forget(text)
            assert not person.asks
        assert known_by_name(place.services.record, place.workspace_id, "") == []
