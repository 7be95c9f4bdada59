"""With everything real: what a private channel says is told to nobody outside of it."""

from pathlib import Path

from core.knowledge.embedding import Embedder
from tests.slack.sandbox_fixtures import until
from tests.slack.workplace import workplace

SECRET = "The merger with Kiwi Foods is planned for the ninth of May."
QUESTION = "When is the merger with Kiwi Foods planned?"


async def test_a_private_channels_words_stay_in_it(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        await place.post("ana", "leads", SECRET)
        await place.findable()
        leads = place.channel_id("leads")

        async def told(name: str, channel_id: str, text: str) -> bool:
            sent = await place.client(name).chat_postMessage(channel=channel_id, text=text)
            return "ninth of May" in str(await place.reply(channel_id, sent["ts"]))

        assert await told("ana", leads, f"{place.mention} {QUESTION}")
        assert not await told("ana", place.channel_id("general"), f"{place.mention} {QUESTION}")
        assert await told("ben", await place.direct("ben"), QUESTION)
        assert not await told("chloe", await place.direct("chloe"), QUESTION)

        await place.client("ben").conversations_leave(channel=leads)
        await until(lambda: place.sandbox.switches.state()["pending_events"] == 0)
        await until(lambda: place.parts.inbox.is_idle)
        assert not await told("ben", await place.direct("ben"), QUESTION)

        await place.client("ana").conversations_kick(channel=leads, user=place.sandbox.workspace.app.bot_user_id)
        await place.findable()
        assert not await told("ana", await place.direct("ana"), QUESTION)
