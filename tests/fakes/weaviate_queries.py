"""How a real Weaviate filters, ranks and fuses, after its own code, for what Journeyman asks of it."""

import math
import re
import uuid
from collections import Counter
from typing import Any

import numpy as np
from weaviate.proto.v1 import base_pb2, base_search_pb2, properties_pb2, search_get_pb2

from tests.fakes.weaviate_state import CollectionHeld, Held, Refused

HYBRID_CANDIDATES = 100
FILTER = base_pb2.Filters
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by for if in into is it no not of on or such that the their then there these they "
        "this to was will with",
    )
)


def tokens(tokenization: str, text: str) -> list[str]:
    if tokenization == "field":
        return [text.strip()]
    if tokenization == "whitespace":
        return text.split()
    if tokenization == "lowercase":
        return text.lower().split()
    if tokenization == "word":
        return [each.lower() for each in re.split(r"[\W_]+", text) if each]
    raise Refused(f"tokenization {tokenization}")


def matches(wanted: Any, uid: str, held: Held, collection: CollectionHeld) -> bool:
    if wanted.operator == FILTER.OPERATOR_AND:
        return all([matches(each, uid, held, collection) for each in wanted.filters])
    value = wanted.WhichOneof("test_value")
    if wanted.operator == FILTER.OPERATOR_EQUAL:
        values = [getattr(wanted, value)]
    elif wanted.operator == FILTER.OPERATOR_CONTAINS_ANY:
        values = list(getattr(wanted, value).values)
    else:
        raise Refused(f"operator {wanted.operator}")
    if not values:
        raise Refused("a filter without values")
    name = wanted.target.property
    if name == "_id":
        return uid in values
    made = _property(name, collection)
    if not made.get("indexFilterable", True):
        raise Refused(f"Filtering by property '{name}' requires inverted index. Is `indexFilterable` set?")
    if ("text" in value) != (made["dataType"] == ["text"]):
        raise Refused(f'data type filter cannot use "{value}" on type "{made["dataType"][0]}"')
    if name not in held.properties:
        return False
    if made["dataType"] != ["text"]:
        return held.properties[name] in values
    there = tokens(made["tokenization"], held.properties[name])
    return any([_has_terms(each, made["tokenization"], there, collection) for each in values])


def hybrid(
    query: Any, alpha: float, collection: CollectionHeld, searchable: dict[str, Held], allowed: dict[str, Held]
) -> list[tuple[str, float]]:
    if query.fusion_type != base_search_pb2.Hybrid.FUSION_TYPE_RELATIVE_SCORE:
        raise Refused("another fusion")
    (target,) = query.targets.target_vectors
    if target not in collection.definition["vectorConfig"]:
        raise Refused(f"class does not have named vector {target} configured")
    fused: Counter[str] = Counter()
    lists = []
    if alpha > 0:
        if not query.vector_bytes:
            raise Refused("could not vectorize input without a vectorizer")
        asked = np.frombuffer(query.vector_bytes, dtype="<f4")
        lists.append((alpha, {uid: _cosine(each.vectors[target], asked) for uid, each in allowed.items()}))
    if alpha < 1:
        lists.append((1 - alpha, _bm25(query, collection, searchable, allowed)))
    for weight, scores in lists:
        best = dict(sorted(scores.items(), key=lambda item: -item[1])[:HYBRID_CANDIDATES])
        low, high = min(best.values(), default=0.0), max(best.values(), default=0.0)
        for uid, score in best.items():
            fused[uid] += weight * ((score - low) / (high - low) if high > low else 1.0)
    return fused.most_common()


def result(request: Any, uid: str, held: Held, score: float, collection: CollectionHeld) -> Any:
    for name in request.properties.non_ref_properties:
        _property(name, collection)
    wanted = {name: held.properties[name] for name in request.properties.non_ref_properties}
    fields = {name: properties_pb2.Value(text_value=value) for name, value in wanted.items()}
    vectors = [
        base_pb2.Vectors(
            name=name, vector_bytes=held.vectors[name].tobytes(), type=base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32
        )
        for name in request.metadata.vectors
    ]
    metadata = search_get_pb2.MetadataResult(
        id_as_bytes=uuid.UUID(uid).bytes, vectors=vectors, score=score, score_present=request.metadata.score
    )
    properties = search_get_pb2.PropertiesResult(non_ref_props=properties_pb2.Properties(fields=fields))
    return search_get_pb2.SearchResult(properties=properties, metadata=metadata)


def _property(name: str, collection: CollectionHeld) -> dict[str, Any]:
    if name not in collection.properties:
        raise Refused(f"no such prop with name '{name}' found in class")
    return collection.properties[name]


def _has_terms(value: str, tokenization: str, there: list[str], collection: CollectionHeld) -> bool:
    terms = [each for each in tokens(tokenization, value) if collection.stopwords == "none" or each not in ENGLISH]
    if not terms:
        raise Refused("invalid search term, only stopwords provided")
    return set(terms) <= set(there)


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    if one.shape != other.shape:
        raise Refused(f"vector lengths don't match: {len(one)} vs {len(other)}")
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) or 1.0))


def _bm25(
    query: Any, collection: CollectionHeld, searchable: dict[str, Held], allowed: dict[str, Held]
) -> dict[str, float]:
    """A term counts as often as it is asked for; properties are of one length on average, all taken together."""
    held = {name: _terms_held(name, collection, searchable) for name in query.properties}
    lengths = [count.total() for counts in held.values() for count in counts.values()]
    average = sum(lengths) / max(1, len(lengths))
    scores: Counter[str] = Counter()
    for name, counts in held.items():
        tokenization = collection.properties[name]["tokenization"]
        for term, asked in Counter(tokens(tokenization, query.query)).items():
            if tokenization == "word" and collection.stopwords == "en" and term in ENGLISH:
                continue
            having = [uid for uid, count in counts.items() if count[term]]
            rarity = asked * math.log(1 + (len(counts) - len(having) + 0.5) / (len(having) + 0.5))
            for uid in having:
                often, length = counts[uid][term], counts[uid].total()
                scores[uid] += rarity * often / (often + 1.2 * (0.25 + 0.75 * length / average))
    return {uid: score for uid, score in scores.items() if uid in allowed}


def _terms_held(name: str, collection: CollectionHeld, searchable: dict[str, Held]) -> dict[str, Counter[str]]:
    made = _property(name, collection)
    if not made.get("indexSearchable"):
        raise Refused(f"Searching by property '{name}' requires inverted index. Is `indexSearchable` set?")
    return {uid: Counter(tokens(made["tokenization"], each.properties[name])) for uid, each in searchable.items()}
