"""The road between Slack and the bot: cut, refreshed, refused, or leading to another server."""

from pathlib import Path
from typing import Any

import pytest

from bot.app import build_app
from bot.sandbox.manifest import Manifest, read_manifest
from bot.serving import serving
from core.answering.drafts import Draft, Finished, Written
from core.bootstrap import build_services
from core.errors import Misconfigured, Unavailable
from core.records.questions import Verdict
from core.settings import Settings
from tests.slack.sandbox_fixtures import running_sandbox, until
from tests.slack.test_asking import asked
from tests.slack.workplace import Scripted, settings_for, workplace


@pytest.fixture
def scripted() -> Scripted:
    return Scripted([Written("Blue."), Finished(Draft("Blue.", Verdict.GENERATED, model="test"))])


async def test_what_is_said_while_the_socket_is_cut_is_answered(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        assert place.sandbox.switches.drop_sockets() == 1
        channel_id, ts = await asked(place)
        await place.reply(channel_id, ts)


async def test_slacks_wish_to_reconnect_is_followed(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        await place.sandbox.switches.disconnect("refresh_requested", close_after=0.2)
        first = await asked(place)
        second = await asked(place)
        await place.reply(*first)
        await place.reply(*second)


async def test_what_is_said_while_the_bot_is_away_is_answered_when_it_is_back(
    tmp_path: Path, scripted: Scripted
) -> None:
    async with workplace(tmp_path, answering=scripted, max_retries=1_000, ack_timeout=0.5) as place:
        first = await asked(place)
        await place.reply(*first)
        await place.leave()
        second = await asked(place)
        await place.join()
        await place.reply(*second)


async def test_while_the_record_is_down_nothing_is_acknowledged(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted, ack_timeout=0.3) as place:
        record = place.parts.inbox._record
        failures = 0

        def down() -> Any:
            nonlocal failures
            failures += 1
            raise ConnectionError("the record is down")

        place.parts.inbox._record = down  # type: ignore[assignment]
        channel_id, ts = await asked(place)
        await until(lambda: failures > 2)
        assert place.sandbox.switches.state()["pending_events"] > 0
        place.parts.inbox._record = record
        await place.reply(channel_id, ts)


async def test_an_event_whose_handling_fails_is_handled_later(tmp_path: Path, scripted: Scripted) -> None:
    async with workplace(tmp_path, answering=scripted) as place:
        intake = place.parts.intake
        hear = intake.hear

        async def broken(_delivery: Any) -> None:
            raise ValueError("a bug")

        intake.hear = broken  # type: ignore[method-assign]
        channel_id, ts = await asked(place)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        await until(lambda: place.parts.inbox.is_idle)
        assert place.state_of(channel_id, ts) == ""
        intake.hear = hear  # type: ignore[method-assign]
        await place.parts.inbox.replay(build_app(place.parts), all_at_once=True)
        await place.reply(channel_id, ts)


async def test_another_server_with_its_own_tokens_and_no_streaming_or_statuses(
    tmp_path: Path, scripted: Scripted
) -> None:
    options = {"bot_token": "xoxb-of-theirs", "app_token": "xapp-of-theirs"}
    async with workplace(tmp_path, answering=scripted, **options) as place:
        for method in (
            "chat.startStream",
            "chat.appendStream",
            "chat.stopStream",
            "assistant.threads.setStatus",
            "users.info",
            "conversations.replies",
        ):
            place.sandbox.switches.add_fault(method, "error", error="unknown_method", times=None)
        channel_id, ts = await asked(place)
        reply = await place.reply(channel_id, ts)
        assert "Blue." in str(reply["blocks"])
        assert {call["caller"] for call in place.calls("chat.postMessage")} >= {place.parts.me.bot_user_id}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"slack_bot_token": "xoxb-wrong"}, "Slack refused SLACK_BOT_TOKEN"),
        ({"slack_app_token": "xapp-wrong"}, "Slack refused SLACK_APP_TOKEN"),
        ({"slack_bot_token": "xapp-sandbox-journeyman"}, "Slack refused SLACK_BOT_TOKEN"),
        ({"slack_api_url": "http://localhost:9/api/"}, "There is no answer from http://localhost:9/api/"),
    ],
)
async def test_a_bot_that_cannot_join_says_why_in_one_sentence(
    tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    async with running_sandbox() as sandbox:
        right = settings_for(sandbox, tmp_path).model_dump()
        settings = Settings(**(right | changes))
        services = build_services(settings)
        services.migrate()
        with pytest.raises((Misconfigured, Unavailable)) as failure:
            async with serving(settings, services):
                pass
        services.close()
        assert failure.value.sentence.startswith(sentence)


async def test_a_missing_scope_is_named(tmp_path: Path) -> None:
    known = read_manifest()
    scopes = (known.scopes or frozenset()) - {"users:read"}
    async with running_sandbox(manifest=Manifest(scopes=scopes, events=known.events)) as sandbox:
        settings = settings_for(sandbox, tmp_path)
        services = build_services(settings)
        services.migrate()
        services.__dict__["answering"] = Scripted([])
        with pytest.raises(Misconfigured, match="lacks the scope users:read"):
            async with serving(settings, services):
                pass
        services.close()
