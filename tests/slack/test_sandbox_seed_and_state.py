"""Where a workspace comes from and how it survives: seeds, snapshots, restarts, and the process itself."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.context import Options
from bot.sandbox.manifest import read_manifest
from bot.sandbox.seed import SeedError
from bot.sandbox.server import Sandbox
from bot.sandbox.snapshot import SnapshotError
from tests.slack.sandbox_fixtures import client_of, heard_events, raw_socket, running_sandbox, until

_SEED: dict[str, Any] = {
    "team": "Lantern Bakery",
    "people": [{"name": "ida", "is_admin": True}, {"name": "jon", "real_name": "Jon Berg", "title": "Baker"}],
    "channels": [
        {"name": "kitchen", "members": ["ida", "jon"], "topic": "Ovens"},
        {"name": "payroll", "members": ["ida"], "private": True, "bot": False},
    ],
    "history": [
        {
            "channel": "kitchen",
            "person": "jon",
            "text": "Ask @ida, see #payroll",
            "minutes_ago": 90,
            "replies": [{"person": "ida", "text": "Yes"}],
            "files": ["docs/ovens.txt"],
        },
        {"channel": "payroll", "person": "ida", "text": "Friday"},
    ],
}


def _seed_folder(folder: Path, **changes: Any) -> Path:
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "ovens.txt").write_text("Preheat to 230.", encoding="utf-8")
    (folder / "workspace.json").write_text(json.dumps(_SEED | changes), encoding="utf-8")
    return folder


async def test_a_seed_is_posted_so_that_the_bot_hears_it_where_it_is(tmp_path: Path) -> None:
    async with running_sandbox(seed=_seed_folder(tmp_path / "seed")) as sandbox:
        ida, payroll = sandbox.person("ida"), sandbox.channel("payroll")
        heard = [event for event in heard_events(sandbox) if event["type"] == "message"]
        assert [event["text"] for event in heard] == [f"Ask <@{ida.id}>, see <#{payroll.id}|payroll>", "Yes"]
        assert heard[0]["files"][0]["name"] == "ovens.txt"
        assert heard[1]["thread_ts"] == heard[0]["ts"] < heard[1]["ts"]
        file_url = heard[0]["files"][0]["url_private"]
        headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
        async with aiohttp.ClientSession() as session, session.get(file_url, headers=headers) as response:
            assert await response.text() == "Preheat to 230."
        assert sandbox.workspace.team.name == "Lantern Bakery"
        assert payroll.kind == "private"
        assert sandbox.workspace.bot.id not in payroll.members


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"team": ""}, "the seed.team"),
        ({"people": []}, "at least one person"),
        ({"people": [{"name": "ida"}, {"name": "ida"}]}, r"people\[1\]: the name 'ida' is taken"),
        ({"channels": [{"name": "kitchen", "members": ["nobody"]}]}, "no person called 'nobody'"),
        ({"channels": [{"name": "kitchen", "members": []}]}, r"channels\[0\].members"),
        ({"history": [{"channel": "attic", "person": "jon", "text": "x"}]}, "no channel called 'attic'"),
        ({"history": [{"channel": "payroll", "person": "jon", "text": "x"}]}, "'jon' is not in #payroll"),
        ({"history": [{"channel": "kitchen", "person": "jon", "text": ""}]}, r"history\[0\].text"),
        ({"history": [{"channel": "kitchen", "person": "jon", "files": ["../secret"]}]}, "no file '../secret'"),
    ],
)
async def test_a_wrong_seed_says_where_and_why(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    (tmp_path / "secret").write_text("not for the sandbox", encoding="utf-8")
    with pytest.raises(SeedError, match=complaint):
        async with running_sandbox(seed=_seed_folder(tmp_path / "seed", **changes)):
            pass


def test_a_seed_that_cannot_be_read_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="does not exist"):
        Sandbox(Options(seed=tmp_path))
    (tmp_path / "workspace.json").write_text("{", encoding="utf-8")
    with pytest.raises(SeedError, match="not valid JSON"):
        Sandbox(Options(seed=tmp_path))


async def test_a_restart_keeps_everything_and_the_unheard_events(tmp_path: Path) -> None:
    options = {"state": tmp_path / "state", "seed": _seed_folder(tmp_path / "seed")}
    async with running_sandbox(**options) as sandbox:
        ida = client_of(sandbox, "ida")
        kitchen = sandbox.channel("kitchen").id
        async with raw_socket(sandbox) as socket:
            for _ in sandbox.context.socket_mode.pending_payloads():
                await socket.acknowledge(await socket.receive())
            await until(lambda: not sandbox.context.socket_mode.pending_payloads())
        ts = (await ida.chat_postMessage(channel=kitchen, text="while the bot is away"))["ts"]
        await ida.reactions_add(channel=kitchen, timestamp=ts, name="eyes")
        before = (await ida.conversations_history(channel=kitchen))["messages"]
        event_ids = [payload["event_id"] for payload in sandbox.context.socket_mode.pending_payloads()]
    async with running_sandbox(**options) as sandbox:
        ida = client_of(sandbox, "ida")
        after = (await ida.conversations_history(channel=kitchen))["messages"]
        assert [(each["ts"], each["text"], each.get("reactions")) for each in after] == [
            (each["ts"], each["text"], each.get("reactions")) for each in before
        ]
        pending = sandbox.context.socket_mode.pending_payloads()
        assert [payload["event_id"] for payload in pending] == event_ids
        assert len(event_ids) == 2
        file = (await ida.files_list())["files"][0]
        assert sandbox.context.file_store.path(file["id"]).read_text(encoding="utf-8") == "Preheat to 230."
        (carried,) = next(message["files"] for message in after if "files" in message)
        assert carried["url_private"] == file["url_private"]
        assert file["url_private"].startswith(sandbox.url)


async def test_a_snapshot_is_written_soon_after_a_change(tmp_path: Path) -> None:
    async with running_sandbox(state=tmp_path) as sandbox:
        general = sandbox.channel("general").id
        await client_of(sandbox, "ana").chat_postMessage(channel=general, text="durable")
        await until(lambda: "durable" in _text_of(tmp_path / "workspace.json"))


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("content", ["{", "{}", '{"format": 99}'])
def test_a_damaged_snapshot_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "workspace.json").write_text(content, encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"remove .* to start anew"):
        Sandbox(Options(state=tmp_path))


@pytest.mark.parametrize("stop_signal", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_prints_its_address_serves_and_stops_cleanly(
    tmp_path: Path, stop_signal: signal.Signals
) -> None:
    command = [sys.executable, "-m", "bot.sandbox", "--port", "0", "--state", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
        assert line.startswith("Sandbox workspace at http://localhost:")
        url = line.rpartition(" ")[2]
        async with aiohttp.ClientSession() as session, session.get(f"{url}/page/boot") as response:
            assert response.status == 200
        process.send_signal(stop_signal)
        _, errors = await asyncio.wait_for(process.communicate(), 10)
        assert (process.returncode, errors) == (0, b"")
        assert json.loads((tmp_path / "workspace.json").read_text(encoding="utf-8"))["team"]["name"] == "Sandbox"
    finally:
        if process.returncode is None:
            process.kill()


async def test_a_taken_port_is_a_plain_sentence() -> None:
    async with running_sandbox() as sandbox:
        command = [sys.executable, "-m", "bot.sandbox", "--port", sandbox.url.rpartition(":")[2]]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, errors = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 1
        assert errors.decode().startswith("Cannot listen on localhost:")
        assert "Traceback" not in errors.decode()


def test_the_manifest_says_what_the_app_may_do(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(
        """
features:
  slash_commands: [{command: /ask, description: Ask, usage_hint: "[question]"}]
  shortcuts: [{name: Teach, type: message, callback_id: teach, description: Teach}]
oauth_config: {scopes: {bot: ["chat:write"]}}
settings: {event_subscriptions: {bot_events: [app_mention]}}
""",
        encoding="utf-8",
    )
    manifest = read_manifest(path)
    assert manifest.knows_command("/ask")
    assert not manifest.knows_command("/retrain")
    assert manifest.grants("chat:write")
    assert not manifest.grants("files:read")
    assert manifest.subscribes("app_mention")
    assert not manifest.subscribes("message.im")
    assert manifest.shortcuts[0]["callback_id"] == "teach"
    assert read_manifest(tmp_path / "missing.yaml").knows_command("/retrain")
