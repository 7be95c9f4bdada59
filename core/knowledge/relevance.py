"""Whether what was found answers the question at all; if not, the honest reply is "I don't know"."""

from core.knowledge.retrieval import Found


def is_relevant(found: Found) -> bool:
    """A pure rule."""
    return found.similarity + found.coverage >= 1.0
