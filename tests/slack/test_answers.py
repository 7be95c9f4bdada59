"""Journey 2 with everything real: what was said is found, cited and answered once."""

from pathlib import Path

from core.knowledge.embedding import Embedder
from tests.slack.workplace import workplace


async def test_a_mention_is_answered_once_with_a_citation(tmp_path: Path, minilm: Embedder) -> None:
    async with workplace(tmp_path, minilm) as place:
        source = await place.post("ana", "general", "The office in Lisbon closes at 18:30 on Fridays.")
        await place.findable()

        asked = await place.post("ben", "general", f"{place.mention} When does the office in Lisbon close on Fridays?")
        reply = await place.reply(place.channel_id("general"), asked)

        assert "18:30" in reply["text"]
        assert reply["thread_ts"] == asked
        link = place.parts.me.permalink(place.channel_id("general"), source)
        assert any(link in str(block) for block in reply["blocks"])
        assert "feedback_buttons" in str(reply["blocks"])
        assert len(place.calls("chat.startStream")) == 1
