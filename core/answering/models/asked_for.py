"""What kind of thing a question asks for (a date, a number, a person, a place), and where a sentence names one.

Knows the question words, months and numerals of English, German and Spanish, which also read in most of Europe's press.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from core.knowledge.stop_words import folded, is_content_word


class AskedFor(StrEnum):
    """The kinds of short answers that can be pointed at."""

    WHEN = "when"
    HOW_MANY = "how many"
    WHO = "who"
    WHERE = "where"


_QUESTION_WORDS = (
    (
        AskedFor.HOW_MANY,
        r"how (?:many|much|long|old|far|often|big|large|tall|high|fast|loud|heavy|deep|wide|hot|cold|thick)"
        r"|what (?:temperature|speed|price|weight|size|pressure)"
        r"|wie ?(?:viele?|lange|alt|oft|hoch|gross|weit|teuer)|cuant[oa]s?|combien"
        r"|percentage|prozent|porcentaje|what number",
    ),
    (
        AskedFor.WHEN,
        r"when|(?:what|which) (?:year|date|day|month|time|century)|welchem jahr|wann|jahr|cuando|(?:que|cual) ano"
        r"|siglo|quand",
    ),
    (AskedFor.WHO, r"who|whom|whose|wer|wen|wem|wessen|quien(?:es)?|qui"),
    (AskedFor.WHERE, r"where|wo|wohin|donde|adonde"),
)
_KINDS = tuple((kind, re.compile(rf"\b(?:{words})\b")) for kind, words in _QUESTION_WORDS)

MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|april?|may|mai|june?|juni|july?|juli|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|oktober|nov(?:ember)?|de[cz](?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio"
    r"|agosto|septiembre|octubre|noviembre|diciembre)"
)
_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?|lunes"
    r"|martes|miércoles|jueves|viernes|sábados?|domingos?)"
)
_YEAR = r"(?:1\d{3}|20\d\d)"
_CLOCK = r"\d{1,2}(?:[:.]\d\d)? ?(?:am\b|pm\b|a\.m\.|p\.m\.|uhr\b|o'clock\b)|\d{1,2}:\d\d\b"
_DATE = re.compile(
    rf"\b(?:{_DAY},? )?(?:\d{{1,2}}(?:st|nd|rd|th|\.)? (?:(?:of|de) )?{MONTH}\b(?:,? (?:of |de |del )?{_YEAR})?"
    rf"|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? {_YEAR})?|{MONTH},? (?:of |de |del )?{_YEAR}\b)"
    rf"|\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b{_YEAR}(?:er|s)?\b(?: (?:bis|to|until|a|y|and|und) {_YEAR}\b)?"
    rf"|\b(?:{_DAY} (?:at|um|a las) )?(?:{_CLOCK})|\b{_DAY}\b"
    r"|\b\d{1,2}(?:th|st|nd|rd|\.)? (?:century|jahrhundert)\b|\bsiglo [xvi]+\b",
    re.IGNORECASE,
)
_NUMERAL = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundreds?|thousands?"
    r"|dozens?|half|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend|dos|tres|cuatro|cinco"
    r"|seis|siete|ocho|nueve|diez|once|doce|veinte|cien|mil)"
)
_MAGNITUDE = r"(?:hundred|thousand|[mbtr]+illion(?:en|es)?|milliarden?|mil|millón|prozent|percent|por ciento)\b"
_DIGITS = r"\d(?:[\d.,½¼]|(?<=\d)[ \u00a0](?=\d{3}\b))*(?<=[\d½¼])"
_NUMBER = re.compile(
    rf"(?:[$€£] ?)?(?<![A-Za-z]-)\b(?:{_DIGITS}|{_NUMERAL}\b)(?: ?(?:%|€|{_MAGNITUDE}))?(?: {_MAGNITUDE})?",
    re.IGNORECASE,
)
_CAPITALISED = r"[A-ZÄÖÜÁÉÍÓÚÑ][\w.'’-]*\w"
_NAME = re.compile(
    rf"{_CAPITALISED}(?: (?:(?:de|of|von|van|der|den|la|las|los|el|the|del|da|di|al|bin) ){{0,2}}{_CAPITALISED}){{0,4}}"
)
_PATTERNS = {AskedFor.WHEN: _DATE, AskedFor.HOW_MANY: _NUMBER, AskedFor.WHO: _NAME, AskedFor.WHERE: _NAME}
_WORD = re.compile(r"\w+")
_NEAR = 5


def asked_for(question: str) -> AskedFor | None:
    """The kind of thing that the question asks for, where it is one of these."""
    plain = folded(question)
    return next((kind for kind, words in _KINDS if words.search(plain)), None)


def pointed_at(kind: AskedFor, question: str, sentence: str) -> tuple[int, int] | None:
    """Where the sentence names what is asked for: the thing of that kind nearest to the question's own words."""
    known = {folded(word) for word in _WORD.findall(question)}
    echoes = [
        word.start()
        for word in _WORD.finditer(sentence)
        if folded(word.group()) in known and is_content_word(word.group())
    ]
    scored = [
        (_weight(kind, thing, sentence, known) * sum(1 / (_NEAR + abs(thing.start() - at)) for at in echoes), thing)
        for thing in _things(kind, sentence, known)
    ]
    if not scored:
        return None
    _, best = max(scored, key=lambda each: each[0])
    return best.span()


def _things(kind: AskedFor, sentence: str, known: set[str]) -> Iterator[re.Match[str]]:
    """What the question does not already say itself."""
    for thing in _PATTERNS[kind].finditer(sentence):
        words = [folded(word) for word in _WORD.findall(thing.group())]
        is_name = kind in (AskedFor.WHO, AskedFor.WHERE)
        content_words = set(filter(is_content_word, words))
        if is_name and (not content_words or content_words & known):
            continue
        if words and not set(words) <= known:
            yield thing


def _weight(kind: AskedFor, thing: re.Match[str], sentence: str, known: set[str]) -> float:
    text = thing.group()
    if kind in (AskedFor.WHO, AskedFor.WHERE):
        return 1.5 if " " in text else 1.0
    if kind is AskedFor.HOW_MANY:
        counted = re.match(r"[\s-]*(\w+)", sentence[thing.end() :])
        weight = 2.0 if counted and folded(counted[1]) in known else 1.0
        vague = bool(re.fullmatch(rf"{_YEAR}|one|once|half|mil", text, re.IGNORECASE))
        return weight * 0.4 if vague else weight
    return 1.0
