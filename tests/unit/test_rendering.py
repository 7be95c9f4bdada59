"""Slack's markup as people read it."""

import pytest

from core.knowledge.rendering import people_mentioned, render

PEOPLE = {"U1": "Ana", "W2": "Ben"}
CHANNELS = {"C1": "general"}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("ask <@U1> and <@W2|benny>", "ask @Ana and @Ben"),
        ("ask <@U9> or <@U9|zoe>", "ask @U9 or @zoe"),
        ("see <#C1> or <#C1|old-name> or <#C9|secret> or <#C9>", "see #general or #general or #secret or #C9"),
        ("<!here> <!channel> <!subteam^S1|@ops> <!subteam^S1>", "@here @channel @ops @subteam"),
        ("on <!date^1392734382^{date_short}|18 February>", "on 18 February"),
        ("<https://a.example/x?y=1&amp;z=2|the map>", "the map (https://a.example/x?y=1&z=2)"),
        ("<https://a.example/|a.example> <https://a.example>", "https://a.example/ https://a.example"),
        ("write to <mailto:a@b.example|a@b.example>, call <tel:+4912345|+49 12345>", None),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2, but &amp;lt; stays escaped", "1 < 2 && 3 > 2, but &lt; stays escaped"),
        (":tada: :wave::skin-tone-3: :partyparrot: at 10:30:00", "🎉 👋 :partyparrot: at 10:30:00"),
        ("`1:100:2` is :100:, ```a:100:b\nc:tada:```", "`1:100:2` is 💯, ```a:100:b\nc:tada:```"),
        ("  text  ", "text"),
        ("<>", "<>"),
        ("<@>", "@"),
        ("", ""),
    ],
)
def test_rendering(sent: str, read: str | None) -> None:
    if read is None:
        read = "write to a@b.example, call +49 12345 (+4912345)"
    assert render(sent, PEOPLE, CHANNELS) == read


def test_people_mentioned() -> None:
    assert people_mentioned("<@U1> said <@W2|ben> is in <#C1>, not @U3") == {"U1", "W2"}
