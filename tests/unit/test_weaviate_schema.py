import json
import uuid
from collections import Counter
from typing import Any

import numpy as np
import pytest
from weaviate.collections.classes.config import _CollectionConfigCreate
from weaviate.collections.filters import _FilterToGRPC
from weaviate.proto.v1 import base_pb2

from core.knowledge.access import AccessScope
from core.knowledge.stores.passage_store import StoredPassage
from core.knowledge.stores.terms import QUESTION_TERMS, WORD_WEIGHT
from core.knowledge.stores.weaviate_schema import (
    SHELVES,
    IndexName,
    as_object,
    definition,
    inside,
    query_of,
    tenant_of,
    uuid_of,
)
from tests.fakes.weaviate_rules import wrong_with


def sent(replication: int = 1) -> dict[str, Any]:
    """The definition as the client sends it, checked by the client's own rules."""
    config = {name.removesuffix("_config"): value for name, value in definition(replication).items()}
    made = _CollectionConfigCreate(
        name="Passages",
        properties=config["properties"],
        inverted_index_config=config["inverted_index"],
        multi_tenancy_config=config["multi_tenancy"],
        replication_config=config["replication"],
        vector_config=config["vector"],
    )
    return json.loads(json.dumps(made._to_dict()))


def test_the_collection_brings_its_own_vectors_in_a_cosine_graph_that_filters_well() -> None:
    assert sent()["vectorConfig"] == {
        "default": {
            "vectorizer": {"none": {}},
            "vectorIndexType": "hnsw",
            "vectorIndexConfig": {"distance": "cosine", "filterStrategy": "acorn"},
        }
    }


def test_the_collection_has_tenants_that_come_into_being_with_the_first_write() -> None:
    assert sent()["multiTenancyConfig"] == {
        "enabled": True,
        "autoTenantCreation": True,
        "autoTenantActivation": True,
    }


def test_no_language_loses_its_small_words() -> None:
    assert sent()["invertedIndexConfig"]["stopwords"]["preset"] == "none"


def test_words_are_searched_and_ids_are_filtered() -> None:
    properties = {each["name"]: each for each in sent()["properties"]}
    searched = {name for name, each in properties.items() if each.get("indexSearchable")}
    filtered = {name for name, each in properties.items() if each.get("indexFilterable")}
    assert searched == {"words", "pieces"}
    assert filtered == {"passage_id", "document_id", "channel_id", "audience", "shelf"}
    assert {properties[name]["tokenization"] for name in searched} == {"whitespace"}
    assert {properties[name]["tokenization"] for name in filtered - {"shelf"}} == {"field"}


@pytest.mark.parametrize(("factor", "heals"), [(1, False), (3, True)])
def test_replicas_heal_and_deletions_stay(factor: int, heals: bool) -> None:
    replication = sent(factor)["replicationConfig"]
    assert (replication["factor"], replication["asyncEnabled"]) == (factor, heals)
    assert replication["deletionStrategy"] == "TimeBasedResolution"


def test_each_embedder_and_dimension_has_names_of_its_own_that_weaviate_allows() -> None:
    names = [
        IndexName.of(*each) for each in [("a/b", 384), ("a-b", 384), ("a/b", 768), ("x" * 300, 1), ("ünï", 3), ("", 3)]
    ]
    assert len({name.alias for name in names}) == len(names)
    for name in names:
        assert name.version(1)[0].isupper()
        assert name.version(1).replace("_", "").isascii()
        assert name.version(1).replace("_", "").isalnum()
        assert len(name.version(100)) < 255


def test_a_workspace_is_its_own_tenant_and_odd_ids_get_a_name_that_is_allowed() -> None:
    assert tenant_of("T0123ABC") == "T0123ABC"
    odd = [tenant_of(each) for each in ("a b", "a/b", "", "x" * 65, "ü")]
    assert len(set(odd)) == len(odd)
    assert all(len(each) <= 64 and each.replace("-", "").isalnum() for each in odd)


def test_a_passage_is_written_under_the_same_id_every_time() -> None:
    assert uuid_of("p1") == uuid_of("p1") != uuid_of("p2")
    assert uuid.UUID(uuid_of("p1")).version == 5


def test_a_passage_is_written_with_its_terms_and_without_its_text() -> None:
    vector = np.array([3, 4], dtype=np.float32)
    passage = StoredPassage("p", "d", "T1", "C1", "public", "Secret Überblick", vector, around=("Beside it",))
    made = as_object(passage)
    assert made.vector == {"default": [3.0, 4.0]}
    assert made.properties["words"] == "secret uberblick secret uberblick beside it"
    assert made.properties["audience"] == "public"
    assert 0 <= made.properties["shelf"] < SHELVES
    assert "Überblick" not in str(made.properties)


def test_no_empty_value_is_given_to_be_filtered_by() -> None:
    nowhere = StoredPassage("p", "d", "T1", "", "public", "text", np.array([3, 4], dtype=np.float32))
    assert "channel_id" not in as_object(nowhere).properties


@pytest.mark.parametrize(("nodes", "refused"), [(3, False), (2, True)])
def test_a_server_makes_the_collection_where_it_has_the_nodes(nodes: int, refused: bool) -> None:
    complaint = wrong_with({**sent(3), "class": IndexName.of("a/b", 384).version(1)}, nodes)
    assert ("not find enough weaviate nodes" in complaint) is refused
    assert bool(complaint) is refused


def test_a_question_is_asked_in_words_said_twice_and_pieces_said_once_and_not_without_end() -> None:
    assert query_of("fox Fox FOX") == "fox fox ~^fox"
    assert query_of("?!") is None
    asked = Counter((query_of(" ".join(f"word{number}" for number in range(5_000))) or "").split())
    words = {term for term in asked if not term.startswith("~")}
    assert (len(words), len(asked)) == (QUESTION_TERMS, 2 * QUESTION_TERMS)
    assert {asked[term] for term in words} == {WORD_WEIGHT}


def as_sent(scope: AccessScope) -> base_pb2.Filters:
    filters = inside(scope)
    assert filters is not None
    converted = _FilterToGRPC.convert(filters)
    assert converted is not None
    return converted


def test_the_scope_becomes_a_filter_on_audiences() -> None:
    sent_filter = as_sent(AccessScope("T1", frozenset({"public", "C2"})))
    assert sent_filter.operator == base_pb2.Filters.OPERATOR_CONTAINS_ANY
    assert sent_filter.target.property == "audience"
    assert list(sent_filter.value_text_array.values) == ["C2", "public"]


def test_a_guests_scope_is_both_audiences_and_channels() -> None:
    sent_filter = as_sent(AccessScope("T1", frozenset({"public"}), channels=frozenset({"C1"})))
    assert sent_filter.operator == base_pb2.Filters.OPERATOR_AND
    assert {each.target.property for each in sent_filter.filters} == {"audience", "channel_id"}


@pytest.mark.parametrize(
    "scope", [AccessScope("T1", frozenset()), AccessScope("T1", frozenset({"public"}), channels=frozenset())]
)
def test_a_scope_that_can_hold_nothing_is_no_filter_at_all(scope: AccessScope) -> None:
    assert inside(scope) is None
