"""A follow-up such as "and for Berlin?" is looked for together with the question that it follows."""

import re
from collections.abc import Sequence

from core.answering.models.language_model import Turn
from core.knowledge.stop_words import is_content_word

_WORD = re.compile(r"\w+")
_TELLING_WORDS = 3
_POINTS_BACK = frozenset(
    re.findall(
        r"\w+",
        "and also that this it they them he she his her its those these there then und auch das dies sie er dort dann y"
        " también eso esto ella él allí entonces et aussi cela ça elle là e anche questo quello",
    )
)


def search_text(question: str, turns: Sequence[Turn]) -> str:
    """What to look for: the question, with the one before it where it does not stand on its own."""
    if not turns:
        return question
    words = [word.lower() for word in _WORD.findall(question)]
    telling = [word for word in words if is_content_word(word) and word not in _POINTS_BACK]
    points_back = len(words) < 8 and not _POINTS_BACK.isdisjoint(words)
    if len(telling) >= _TELLING_WORDS and not points_back:
        return question
    return f"{turns[-1].question} {question}"
