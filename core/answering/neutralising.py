"""Text of people and documents made harmless inside a prompt: it stays data, whatever is written in it."""

import re

_CONTROL_TOKEN = re.compile(
    r"[<＜]\s?[|｜](?P<bars>[^|｜<>＜＞\n]{0,64})[|｜]\s?[>＞]"
    r"|<(?P<tag>/?s|unk|pad|bos|eos|(?:start|end)_of_turn|/?(?:system|user|assistant|instructions?|sources?)\b[^<>\n]{0,200}"
    r"|</?SYS>)>"
    r"|\[(?P<turn>/?INST)\]",
    re.IGNORECASE,
)
# Writing that no reader sees, and that turns the order of what they do see around.
_INVISIBLE = re.compile(r"[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKER = re.compile(r"(?<![\w\])\"'])\[(\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*)\]|【(\d{1,3})[^】\n]{0,60}】")


def neutralised(text: str) -> str:
    """The text without a chat template's control tokens, our own delimiters, or characters that nobody can see."""
    text = _INVISIBLE.sub("", text)
    # What is left after one round may have closed up into a new token.
    while (cleaned := _CONTROL_TOKEN.sub(_spelled_out, text)) != text:
        text = cleaned
    return text


def without_markers(text: str) -> str:
    """The text with its own [1] as (1), so that a quoted footnote is not taken for a citation."""
    return _MARKER.sub(lambda marker: f"({marker[1] or marker[2]})", text)


def _spelled_out(token: re.Match[str]) -> str:
    return f"‹{(token['bars'] or token['tag'] or token['turn'] or '').strip()}›"
