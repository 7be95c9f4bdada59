"""Which language a question is in: roughly, by its script and its commonest small words."""

import re

from core.knowledge.stop_words import STOP_WORDS

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_LETTERS = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[^\W\d_]+")
_SPECIAL_LETTERS = {"ß": "de", "¿": "es", "¡": "es", "ñ": "es", "ã": "pt", "õ": "pt", "ij": "nl"}


def guess_language(text: str) -> str:
    """The two-letter code of the likeliest language; English when nothing tells."""
    letters = len(_LETTERS.findall(text))
    for language, script in _SCRIPTS:
        if letters and len(script.findall(text)) > letters * 0.2:
            return language
    lowered = text.lower()
    words = _WORDS.findall(lowered)
    votes = {language: sum(word in small for word in words) for language, small in STOP_WORDS.items()}
    for sign, language in _SPECIAL_LETTERS.items():
        votes[language] += sign in lowered
    # English comes first, and the first of equals wins.
    return max(votes, key=lambda language: votes[language])


def has_words(text: str) -> bool:
    """Whether there is anything to look for: a letter or a digit outside of Slack's :emoji: codes."""
    return bool(re.search(r"[^\W_]", re.sub(r":[a-z0-9_+'-]+:", " ", text)))
