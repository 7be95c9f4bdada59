"""How a LanceDB table of passages is asked: by words, by pieces of words and by meaning, within a scope."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from lancedb.expr import Expr, col, lit
from lancedb.query import MatchQuery
from numpy.typing import NDArray

from core.knowledge.access import AccessScope
from core.knowledge.stores.fusion import fuse
from core.knowledge.stores.passage_store import Hit
from core.knowledge.stores.terms import WORD_WEIGHT, query_terms

CANDIDATES = 32
"""Passages that each ranker brings to the fusion, at least: by words, by pieces of words, and by meaning.

Fetching them takes as long as ranking them, so they are as many as an answer needs, and only what the fusion reads of
them. The first two are asked for apart: LanceDB skips what cannot be among the best of one column, but of two columns
together it weighs every passage that shares anything with the question, which takes several times as long as both."""

HNSW_EFFORT = 200
"""Nodes of the graph that a search looks at."""


_side_by_side = ThreadPoolExecutor(24, "search")
"""For the queries of a search, of which up to eight run at once; its threads only wait for LanceDB's own."""


def best_of(
    table: Any, question: str, vector: NDArray[np.float32], scope: AccessScope, limit: int, dense_weight: float
) -> list[Hit]:
    """The best `limit` passages that the scope may see, best first; errors are LanceDB's own."""
    candidates, inside = max(CANDIDATES, limit), _inside(scope)
    by_meaning = table.search(vector, query_type="vector").distance_type("cosine").ef(HNSW_EFFORT)
    by_words = [table.search(query, query_type="fts") for query in _words_of(question)]
    near = _side_by_side.submit(_answer, by_meaning, inside, candidates, "_distance")
    named = [_side_by_side.submit(_answer, query, inside, candidates, "_score") for query in by_words]
    found_by_words = [each.result() for each in named]
    similarities = _similarities([near.result(), *found_by_words], vector)
    scores = fuse(_sum_of_scores(found_by_words), similarities, dense_weight)
    best = sorted(scores, key=lambda passage_id: (-scores[passage_id], passage_id))[:limit]
    return [Hit(each, scores[each], similarities[each]) for each in best]


def _words_of(question: str) -> list[MatchQuery]:
    """The question's words, and the pieces of them, as plain terms: nothing that a person types is an operator."""
    terms = query_terms(question)
    by_word = MatchQuery(" ".join(terms.words), "words", boost=WORD_WEIGHT)
    return [by_word, MatchQuery(" ".join(terms.pieces), "pieces")] if terms.pieces else [by_word]


def in_workspace(workspace_id: str) -> Expr:
    """The workspace as a filter."""
    return col("workspace_id") == lit(workspace_id)


def _inside(scope: AccessScope) -> Expr:
    """The scope as a filter. Expressions, never SQL made of strings: an id can hold anything."""
    inside = in_workspace(scope.workspace_id) & col("audience").isin(sorted(scope.audiences))
    if scope.channels is not None:
        inside = inside & col("channel_id").isin(sorted(scope.channels))
    return inside


def _answer(query: Any, inside: Expr, limit: int, measure: str) -> pa.Table:
    query = query.where(inside, prefilter=True) if measure == "_distance" else query.where(inside)
    return query.select(["id", "vector", measure]).limit(limit).to_arrow()


def _similarities(found: Sequence[pa.Table], vector: NDArray[np.float32]) -> dict[str, float]:
    """Each passage's exact cosine similarity to the question, whichever ranker found it."""
    similarities: dict[str, float] = {}
    for table in found:
        ids = table["id"].to_pylist()
        vectors = (
            table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(len(ids), len(vector))
        )
        similarities.update(zip(ids, (vectors @ vector).tolist(), strict=True))
    return similarities


def _sum_of_scores(found: Sequence[pa.Table]) -> dict[str, float]:
    """What each passage scored in all of these together."""
    scores: dict[str, float] = defaultdict(float)
    for table in found:
        for passage_id, score in zip(table["id"].to_pylist(), table["_score"].to_pylist(), strict=True):
            scores[passage_id] += score
    return scores
