"""The terms of a question, in any script, and how much of them a passage contains."""

import re
import unicodedata

# Scripts written without spaces between words: their terms are pairs of characters.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_WORD = re.compile(r"\w+")
_INFLECTION = 5
"""Characters that two words must share at their start to count as forms of one."""


def folded(text: str) -> str:
    """The text without case and accents, so that "Köln", "KÖLN" and "koln" are alike."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(each for each in parts if unicodedata.category(each) != "Mn"))


def terms(text: str) -> set[str]:
    """The text's words; of scripts without spaces, its pairs of characters."""
    plain = folded(text)
    found: set[str] = set()
    for run in _UNSPACED.findall(plain):
        found.update({run} if len(run) == 1 else {run[at : at + 2] for at in range(len(run) - 1)})
    found.update(_WORD.findall(_UNSPACED.sub(" ", plain)))
    return found


def content_terms(question: str) -> set[str]:
    """The terms that carry the question: its longer words, or all of them where there are none."""
    every = terms(question)
    carrying = {term for term in every if len(term) >= 4 or any(c.isdigit() for c in term) or _UNSPACED.fullmatch(term)}
    return carrying or every


def coverage(question: str, passage: str) -> float:
    """The share of the question's content terms that the passage contains, in 0…1; forms of a word count."""
    wanted = content_terms(question)
    if not wanted:
        return 0.0
    there = terms(passage)
    stems = {term[:_INFLECTION] for term in there if len(term) >= _INFLECTION}
    found = sum(term in there or (len(term) > _INFLECTION and term[:_INFLECTION] in stems) for term in wanted)
    return found / len(wanted)
