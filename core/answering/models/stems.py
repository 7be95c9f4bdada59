"""Words without their endings, so that a question and its answer meet: roast, roasted."""

from core.knowledge.stop_words import is_content_word
from core.knowledge.stores.terms import terms_of

LENGTH = 6


def stems(text: str) -> set[str]:
    """The beginnings of the words that say something."""
    return {term[:LENGTH].rstrip("s") or term for term in terms_of(text).words if is_content_word(term)}
