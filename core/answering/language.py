"""Which language a question is in: roughly, by its script and its commonest small words."""

import re
import unicodedata

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_SMALL_WORDS = {
    "en": "the is are was were what who when where which how why does do did of and to in for we our can there this it",
    "de": "der die das ist sind war waren was wer wann wo welche welcher wie warum wird und von mit für wir im den dem"
    " ein eine nicht auf zu hat haben gibt",
    "es": "el la los las es son qué quién cuándo dónde cuál cuáles cómo cuánto cuántos por para que de del en y un una"
    " se fue hay nuestro está",
    "fr": "le la les est sont qui quand où quel quelle quels comment pourquoi combien que de des du et en un une dans"
    " pour nous notre au aux ce",
    "it": "il lo gli è sono che chi quando dove quale quali come perché quanto di del della e in un una per noi nel",
    "pt": "o os as é são quem quando onde qual quais como por que quanto de do da dos e em um uma para nós nosso no na",
    "nl": "de het is zijn was wie wat wanneer waar welke hoe waarom van en in een voor met wij ons op niet er",
}
_STOP_WORDS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_LETTERS = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[^\W\d_]+")
_SPECIAL_LETTERS = {"ß": "de", "¿": "es", "¡": "es", "ñ": "es", "ã": "pt", "õ": "pt", "ij": "nl"}


def folded(text: str) -> str:
    """The text without case and accents: "¿Cuándo?" and "cuando?" ask the same."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if unicodedata.category(character) != "Mn")


_SMALL = frozenset(folded(word) for words in _STOP_WORDS.values() for word in words)


def tells(word: str) -> bool:
    """Whether the word says what a text is about, rather than being grammar in one of these languages."""
    return folded(word) not in _SMALL


def guess_language(text: str) -> str:
    """The two-letter code of the likeliest language; English when nothing tells."""
    letters = len(_LETTERS.findall(text))
    for language, script in _SCRIPTS:
        if letters and len(script.findall(text)) > letters * 0.2:
            return language
    lowered = text.lower()
    words = _WORDS.findall(lowered)
    votes = {language: sum(word in small for word in words) for language, small in _STOP_WORDS.items()}
    for sign, language in _SPECIAL_LETTERS.items():
        votes[language] += sign in lowered
    # English comes first, and the first of equals wins.
    return max(votes, key=lambda language: votes[language])


def has_words(text: str) -> bool:
    """Whether there is anything to look for: a letter or a digit outside of Slack's :emoji: codes."""
    return bool(re.search(r"[^\W_]", re.sub(r":[a-z0-9_+'-]+:", " ", text)))
