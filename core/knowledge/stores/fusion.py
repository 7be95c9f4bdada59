"""Relative-score fusion: two rankings by different measures become one."""

from collections.abc import Mapping

LEAST_REACH = 0.5
"""The smallest range of cosine that is stretched to 0…1. Stretched that far, the tiny differences between passages that
mean nearly the same would outweigh an exact word, such as the number of the ticket that was asked for."""


def fuse(words: Mapping[str, float], meaning: Mapping[str, float], dense_weight: float) -> dict[str, float]:
    """Fused scores in 0…1 by passage id: each ranking stretched to 0…1, then weighed.

    `words` are BM25 scores, where a passage that is not listed shares no word; `meaning` are cosine similarities.
    """
    nearest = max(meaning.values(), default=0.0)
    stretched_words = _stretch(words, worst=0.0)
    stretched_meaning = _stretch(meaning, worst=min([*meaning.values(), nearest - LEAST_REACH]))
    return {
        passage_id: (1 - dense_weight) * stretched_words.get(passage_id, 0.0)
        + dense_weight * stretched_meaning.get(passage_id, 0.0)
        for passage_id in words.keys() | meaning.keys()
    }


def _stretch(scores: Mapping[str, float], worst: float) -> dict[str, float]:
    """Scores moved so that `worst` becomes 0 and the best becomes 1."""
    reach = max(scores.values(), default=0.0) - worst
    if reach <= 0:
        return dict.fromkeys(scores, 1.0)
    return {passage_id: (score - worst) / reach for passage_id, score in scores.items()}
