"""Whatever is sent as blocks is either accepted or refused in Slack's words: nothing else ever comes out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.blocks import actions_in, checked_blocks
from bot.sandbox.workspace import SlackError

_TYPES = ["section", "header", "context", "actions", "context_actions", "image", "input", "markdown", "rich_text"]
_ELEMENTS = ["button", "static_select", "feedback_buttons", "icon_button", "image", "plain_text", "mrkdwn"]
_KEYS = ["text", "elements", "fields", "accessory", "element", "label", "options", "block_id", "action_id", "value"]
_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(_ELEMENTS)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*_KEYS, "type", "positive_button", "negative_button"]), inner, max_size=4)
    ),
    max_leaves=12,
)
_BLOCKS = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(_TYPES)}, optional=dict.fromkeys(_KEYS, _VALUES)),
    max_size=4,
)


@given(blocks=_BLOCKS | _VALUES)
def test_any_json_is_accepted_or_refused(blocks: Any) -> None:
    try:
        checked = checked_blocks(blocks)
    except SlackError:
        return
    assert all(block["block_id"] for block in checked)
    assert all(isinstance(action_id, str) for _, action_id in actions_in(checked))


def test_a_refusal_points_at_what_is_wrong() -> None:
    with pytest.raises(SlackError) as refusal:
        checked_blocks([{"type": "divider"}, {"type": "actions", "elements": [{"type": "button", "action_id": 7}]}])
    assert refusal.value.details["response_metadata"] == {
        "messages": ["[ERROR] must be a string [json-pointer:/blocks/1/elements/0/action_id]"]
    }
