"""Files: the three-step upload with the real client, authorised download, sharing and deletion."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.server import Sandbox
from tests.slack.sandbox_fixtures import client_of, heard_events, page_of, running_sandbox

_CONTENT = b"Rye needs a longer rise.\n" * 40


async def _upload(sandbox: Sandbox, channel: str, name: str = "rye notes.txt", person: str = "ana") -> dict[str, Any]:
    answer = await client_of(sandbox, person).files_upload_v2(
        filename=name, content=_CONTENT, title="Rye", channel=sandbox.channel(channel).id, initial_comment="see here"
    )
    file: dict[str, Any] = answer["file"]
    return file


async def _download(url: str, token: str | None) -> tuple[int, str, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, response.content_type, await response.read()


async def test_an_upload_is_a_message_with_the_file_and_the_bot_can_fetch_it() -> None:
    async with running_sandbox() as sandbox:
        file = await _upload(sandbox, "general")
        created, shared, message = sorted(heard_events(sandbox), key=lambda event: str(event["type"]))
        assert (created["type"], created["file_id"]) == ("file_created", file["id"])
        assert (shared["type"], shared["channel_id"]) == ("file_shared", sandbox.channel("general").id)
        assert (message["subtype"], message["text"]) == ("file_share", "see here")
        heard = message["files"][0]
        assert (heard["name"], heard["title"], heard["mimetype"], heard["filetype"], heard["size"]) == (
            "rye notes.txt",
            "Rye",
            "text/plain",
            "text",
            len(_CONTENT),
        )
        assert (heard["file_access"], heard["is_public"]) == ("visible", True)
        for address in ("url_private", "url_private_download"):
            assert await _download(heard[address], sandbox.bot_token) == (200, "text/plain", _CONTENT)
        info = (await client_of(sandbox).files_info(file=file["id"]))["file"]
        assert info["channels"] == [sandbox.channel("general").id]
        assert info["shares"]["public"][sandbox.channel("general").id][0]["ts"] == message["ts"]
        listed = (await client_of(sandbox).files_list(channel=sandbox.channel("general").id))["files"]
        assert [each["id"] for each in listed] == [file["id"]]


async def test_without_the_right_token_a_download_is_a_login_page() -> None:
    async with running_sandbox() as sandbox:
        url = (await _upload(sandbox, "leads"))["url_private"]
        for token in (None, "xoxb-guess", sandbox.token("chloe")):
            status, content_type, body = await _download(url, token)
            assert (status, content_type) == (200, "text/html")
            assert b"Rye" not in body
        assert (await _download(url, sandbox.token("ben")))[2] == _CONTENT
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client_of(sandbox, "chloe").files_info(file=url.split("-")[-1].split("/")[0])


async def test_a_switch_shows_the_login_page_to_the_bot() -> None:
    async with running_sandbox() as sandbox:
        url = (await _upload(sandbox, "general"))["url_private"]
        sandbox.switches.set_downloads(login_page=1)
        assert (await _download(url, sandbox.bot_token))[1] == "text/html"
        assert (await _download(url, sandbox.bot_token))[2] == _CONTENT


async def test_files_of_another_company_come_as_a_stub_that_asks_for_files_info() -> None:
    async with running_sandbox() as sandbox:
        sandbox.switches.set_downloads(connect_stub=True)
        file = await _upload(sandbox, "general")
        stub = next(event for event in heard_events(sandbox) if event["type"] == "message")["files"][0]
        assert stub["file_access"] == "check_file_info"
        assert "url_private" not in stub
        full = (await client_of(sandbox).files_info(file=stub["id"]))["file"]
        assert (await _download(full["url_private"], sandbox.bot_token))[2] == _CONTENT
        assert file["id"] == stub["id"]


async def test_a_deleted_file_leaves_a_tombstone_and_no_bytes() -> None:
    async with running_sandbox() as sandbox, page_of(sandbox, "ben") as page:
        file = await _upload(sandbox, "general")
        with pytest.raises(SlackApiError, match="cant_delete_file"):
            await client_of(sandbox, "ben").files_delete(file=file["id"])
        await client_of(sandbox, "ana").files_delete(file=file["id"])
        deleted, changed = heard_events(sandbox)[-2:]
        assert (deleted["type"], deleted["file_id"]) == ("file_deleted", file["id"])
        assert changed["message"]["files"] == [{"id": file["id"], "mode": "tombstone"}]
        assert changed["previous_message"]["files"][0]["name"] == "rye notes.txt"
        assert (await page.told("file_deleted"))["file_id"] == file["id"]
        assert (await _download(file["url_private"], sandbox.bot_token))[0] == 404
        assert not sandbox.context.file_store.path(file["id"]).exists()


async def test_the_bytes_must_be_as_many_as_announced_and_the_address_serves_once() -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession() as session:
        ana = client_of(sandbox, "ana")
        announced = await ana.files_getUploadURLExternal(filename="a.txt", length=5)
        for body, status in ((b"too many bytes", 400), (b"12345", 404)):
            async with session.post(announced["upload_url"], data=body) as response:
                assert response.status == status
        with pytest.raises(SlackApiError, match="file_not_found"):
            await ana.files_completeUploadExternal(files=[{"id": announced["file_id"], "title": "a"}])
        announced = await ana.files_getUploadURLExternal(filename="a.txt", length=5)
        form = aiohttp.FormData()
        form.add_field("file", b"12345", filename="a.txt")
        async with session.post(announced["upload_url"], data=form) as response:
            assert (response.status, await response.text()) == (200, "OK - 5")
        await ana.conversations_leave(channel=sandbox.channel("random").id)
        with pytest.raises(SlackApiError, match="not_in_channel"):
            await ana.files_completeUploadExternal(
                files=[{"id": announced["file_id"], "title": "a"}], channel_id=sandbox.channel("random").id
            )
        with pytest.raises(SlackApiError, match="file_upload_size_restricted"):
            await ana.files_getUploadURLExternal(filename="a.txt", length=2_000_000_000)


async def test_a_file_for_a_thread_that_is_not_there_can_be_shared_again() -> None:
    async with running_sandbox() as sandbox, aiohttp.ClientSession() as session:
        ana, general = client_of(sandbox, "ana"), sandbox.channel("general").id
        announced = await ana.files_getUploadURLExternal(filename="a.txt", length=5)
        await session.post(announced["upload_url"], data=b"12345")
        entry = {"id": announced["file_id"], "title": None}
        with pytest.raises(SlackApiError, match="thread_not_found"):
            await ana.files_completeUploadExternal(files=[entry], channel_id=general, thread_ts="1.000000")
        shared = await ana.files_completeUploadExternal(files=[entry], channel_id=general)
        assert shared["files"][0]["channels"] == [general]


async def test_an_uploaded_page_cannot_act_as_the_sandbox() -> None:
    async with running_sandbox() as sandbox:
        url = (await _upload(sandbox, "general", name="../x.html"))["url_private"]
        headers = {"Authorization": f"Bearer {sandbox.token('ana')}"}
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
            assert response.headers["Content-Security-Policy"] == "sandbox"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert ".._x.html" in response.headers["Content-Disposition"]
