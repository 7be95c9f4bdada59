"""The real Slack clients hold a conversation in the sandbox: post → event → reply, streamed or not."""

from typing import Any

from tests.slack.sandbox_fixtures import bolt_app, client_of, connected_app, running_sandbox, until


async def test_a_mention_is_heard_twice_and_answered_in_its_thread() -> None:
    async with running_sandbox() as sandbox:
        app = bolt_app(sandbox)
        heard: list[dict[str, Any]] = []

        @app.event("message")
        async def on_message(body: dict[str, Any]) -> None:
            heard.append(body)

        @app.event("app_mention")
        async def on_mention(body: dict[str, Any], event: dict[str, Any], say: Any) -> None:
            heard.append(body)
            await say(text="Thursday.", thread_ts=event["ts"])

        async with connected_app(sandbox, app):
            ana = client_of(sandbox, "ana")
            general = sandbox.channel("general").id
            question = f"<@{sandbox.workspace.bot.id}> when is the tasting?"
            posted = await ana.chat_postMessage(channel=general, text=question)
            await until(lambda: len(heard) == 2)
            replies = await until(lambda: _replies(ana, general, posted["ts"]))

        plain, mention = sorted(heard, key=lambda body: body["event"]["type"], reverse=True)
        assert plain["event"]["channel_type"] == "channel"
        assert plain["event"]["user"] == sandbox.person("ana").id
        assert plain["event_id"] != mention["event_id"]
        assert plain["event"]["ts"] == mention["event"]["ts"] == posted["ts"]
        assert plain["authorizations"][0]["user_id"] == sandbox.workspace.bot.id
        assert replies[0]["text"] == "Thursday."
        assert replies[0]["bot_id"] == sandbox.workspace.app.bot_id
        assert replies[0]["parent_user_id"] == sandbox.person("ana").id


async def test_a_streamed_reply_grows_and_ends_with_its_blocks() -> None:
    async with running_sandbox() as sandbox:
        app = bolt_app(sandbox)

        @app.event("app_mention")
        async def on_mention(say_stream: Any, set_status: Any) -> None:
            await set_status("is thinking…")
            stream = await say_stream(buffer_size=1)
            await stream.append(markdown_text="**Bread** rises ")
            await stream.append(markdown_text="overnight.")
            footer = {"type": "context", "elements": [{"type": "mrkdwn", "text": "1 source"}]}
            await stream.stop(blocks=[footer])

        async with connected_app(sandbox, app):
            ana = client_of(sandbox, "ana")
            general = sandbox.channel("general").id
            posted = await ana.chat_postMessage(channel=general, text=f"<@{sandbox.workspace.bot.id}> how?")

            async def finished() -> dict[str, Any] | None:
                replies = await _replies(ana, general, posted["ts"])
                return replies[0] if replies and "streaming" not in replies[0] else None

            reply = await until(finished)
        assert reply["text"] == "**Bread** rises overnight."
        assert [block["type"] for block in reply["blocks"]] == ["markdown", "context"]
        methods = [call["method"] for call in sandbox.switches.calls() if call["method"].startswith("chat.")]
        assert methods.index("chat.startStream") < methods.index("chat.appendStream") < methods.index("chat.stopStream")


async def _replies(client: Any, channel: str, ts: str) -> list[dict[str, Any]]:
    answer = await client.conversations_replies(channel=channel, ts=ts)
    return list(answer["messages"][1:])
