"""What the Weaviate store does on the wire, told to the real client and seen by a server in memory.

What every store must do is in tests/contract; here is what only this one does.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from weaviate.proto.v1 import base_pb2, batch_delete_pb2, batch_pb2, search_get_pb2

from core.errors import StoreUnavailable
from core.knowledge.access import AccessScope
from core.knowledge.stores import weaviate as module
from core.knowledge.stores import weaviate_requests
from core.knowledge.stores.passage_store import StoredPassage
from core.knowledge.stores.weaviate import WeaviateStore
from tests.fakes.weaviate_server import RunningWeaviate, WeaviateServerState, weaviate_server
from tests.weaviate_stores import store_on

EVERYTHING_PUBLIC = AccessScope("T1", frozenset({"public"}))
EAST: NDArray[np.float32] = np.array([1, 0, 0], dtype=np.float32)
NORTH: NDArray[np.float32] = np.array([0, 1, 0], dtype=np.float32)


def passage(
    passage_id: str, document_id: str = "d", text: str = "the fox", workspace_id: str = "T1", vector=EAST
) -> StoredPassage:
    return StoredPassage(passage_id, document_id, workspace_id, "C1", "public", text, vector)


def put(store: WeaviateStore, *passages: StoredPassage) -> None:
    for workspace_id in dict.fromkeys(each.workspace_id for each in passages):
        mine = [each for each in passages if each.workspace_id == workspace_id]
        keep: dict[str, list[str]] = {}
        for each in mine:
            keep.setdefault(each.document_id, []).append(each.id)
        store.replace(workspace_id, keep, mine)


@pytest.fixture
def server() -> Iterator[RunningWeaviate]:
    with weaviate_server() as running:
        yield running


@pytest.fixture
def store(server: RunningWeaviate) -> Iterator[WeaviateStore]:
    made = store_on(server)
    yield made
    made.close()


def test_nothing_is_held_before_the_first_write_and_nothing_fails(store: WeaviateStore) -> None:
    assert store.search("fox", EAST, EVERYTHING_PUBLIC, 5, 0.5) == []
    assert store.count("T1") == 0
    assert store.held("T1", ["p"]) == set()
    store.delete_documents("T1", ["d"])
    store.delete_documents("T1", [])
    store.delete_workspace("T1")
    store.replace("T1", {"d": []}, [])


def test_a_search_is_one_hybrid_query_with_the_scope_inside(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"))
    store.search("a Fox?", EAST, EVERYTHING_PUBLIC, 7, 0.25)
    asked = server.state.asked[-1]
    assert isinstance(asked, search_get_pb2.SearchRequest)
    assert asked.tenant == "T1"
    assert asked.limit == 7
    assert asked.filters.target.property == "audience"
    hybrid = asked.hybrid_search
    assert hybrid.query == "a fox a fox ~^fox"
    assert list(hybrid.properties) == ["words", "pieces"]
    assert hybrid.alpha_param == pytest.approx(0.25)
    assert list(hybrid.targets.target_vectors) == ["default"]


def test_one_replica_answers_and_as_many_as_are_set_write_and_delete(
    store: WeaviateStore, server: RunningWeaviate
) -> None:
    put(store, passage("p"))
    store.search("fox", EAST, EVERYTHING_PUBLIC, 5, 0.5)
    store.held("T1", ["p"])
    store.replace("T1", {"d": []}, [])
    levels: dict[type, set[int]] = {}
    for asked in server.state.asked:
        levels.setdefault(type(asked), set()).add(asked.consistency_level)
    assert levels == {
        search_get_pb2.SearchRequest: {base_pb2.CONSISTENCY_LEVEL_ONE},
        batch_pb2.BatchObjectsRequest: {base_pb2.CONSISTENCY_LEVEL_QUORUM},
        batch_delete_pb2.BatchDeleteRequest: {base_pb2.CONSISTENCY_LEVEL_QUORUM},
    }


def test_the_similarity_is_the_cosine_whichever_ranker_found_it(store: WeaviateStore) -> None:
    long = np.array([3, 4, 0], dtype=np.float32)
    put(store, passage("p", vector=long), passage("q", text="whales", vector=NORTH))
    found = {hit.passage_id: hit for hit in store.search("fox", EAST, EVERYTHING_PUBLIC, 5, 0.0)}
    assert found["p"].similarity == pytest.approx(0.6)
    assert found["p"].score == pytest.approx(1.0)
    assert "q" not in found


def test_a_word_counts_as_much_as_two_pieces_of_words(store: WeaviateStore) -> None:
    put(store, passage("pieces", text="foxest"), passage("word", "e", text="us"), passage("other", "f", text="whales"))
    found = store.search("us foxes", EAST, EVERYTHING_PUBLIC, 5, 0.0)
    assert [hit.passage_id for hit in found] == ["word", "pieces"]


def test_a_question_without_words_is_asked_by_its_vector_alone(store: WeaviateStore) -> None:
    put(store, passage("p"), passage("q", vector=NORTH))
    assert store.search("👍", NORTH, EVERYTHING_PUBLIC, 1, 0.0)[0].passage_id == "q"


def test_an_empty_scope_does_not_even_ask(server: RunningWeaviate) -> None:
    store = store_on(server)
    assert store.search("fox", EAST, AccessScope("T1", frozenset()), 5, 0.5) == []
    assert not server.state.asked
    assert not server.state.collections


def test_workspaces_lie_in_tenants_apart(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"), passage("q", "e", workspace_id="T2"))
    (collection,) = server.state.collections.values()
    assert {name: len(held) for name, held in collection.tenants.items()} == {"T1": 1, "T2": 1}
    store.delete_workspace("T1")
    assert set(collection.tenants) == {"T2"}


def test_a_workspace_is_removed_when_the_node_that_answers_has_heard_of_it(
    store: WeaviateStore, server: RunningWeaviate
) -> None:
    put(store, passage("p"), passage("q", "e", workspace_id="T2"))
    server.state.late = 1
    store.delete_workspace("T1")
    assert (store.count("T1"), store.count("T2")) == (0, 1)
    server.state.late = 100
    with pytest.raises(StoreUnavailable, match="still answers"):
        store.delete_workspace("T2")


def test_what_shrinks_shrinks_in_its_own_workspace(store: WeaviateStore) -> None:
    put(store, passage("p", workspace_id="T2"), passage("q", workspace_id="T2"), passage("r"))
    store.replace("T2", {"d": ["q"]}, [])
    assert store.held("T2", ["p", "q", "r"]) == {"q"}
    assert store.held("T1", ["p", "q", "r"]) == {"r"}


def test_writes_go_in_portions_and_are_upserts(
    store: WeaviateStore, server: RunningWeaviate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weaviate_requests, "WRITTEN_AT_ONCE", 2)
    for _ in range(2):
        put(store, *(passage(f"p{number}") for number in range(5)))
    batches = [asked for asked in server.state.asked if isinstance(asked, batch_pb2.BatchObjectsRequest)]
    assert [len(each.objects) for each in batches] == [2, 2, 1] * 2
    assert {each.consistency_level for each in batches} == {base_pb2.CONSISTENCY_LEVEL_QUORUM}
    assert store.count("T1") == 5


def test_long_passages_go_in_smaller_portions(
    store: WeaviateStore, server: RunningWeaviate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weaviate_requests, "WRITTEN_BYTES", 10_000)
    put(store, *(passage(f"p{number}", text=f"{number} füchse " * 50) for number in range(20)))
    batches = [asked for asked in server.state.asked if isinstance(asked, batch_pb2.BatchObjectsRequest)]
    assert len(batches) > 5
    assert all(len(each.objects) > 1 and each.ByteSize() < 15_000 for each in batches[:-1])
    assert store.count("T1") == 20
    put(store, passage("long", "e", text="word " * 10_000))
    assert store.held("T1", ["long"]) == {"long"}


@pytest.mark.parametrize("refused", [{"p1"}, {"p0", "p1", "p2"}])
def test_passages_that_were_refused_are_counted_and_never_logged(
    store: WeaviateStore, server: RunningWeaviate, refused: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    server.state.refused_passages = refused
    with caplog.at_level(logging.INFO), pytest.raises(StoreUnavailable, match=f"did not take {len(refused)} of 3"):
        put(store, *(passage(f"p{number}", text="confidential") for number in range(3)))
    assert "confidential" not in caplog.text


def test_the_old_passages_stay_until_the_new_ones_are_written(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("old"))
    server.state.refused_passages = {"new"}
    with pytest.raises(StoreUnavailable):
        put(store, passage("new"))
    assert store.held("T1", ["old", "new"]) == {"old"}


def test_deleting_more_than_one_call_may_remove(server: RunningWeaviate) -> None:
    store = store_on(server)
    put(store, *(passage(f"p{number}") for number in range(25)))
    server.state.most_results = 10
    store.delete_documents("T1", ["d"])
    assert store.count("T1") == 0
    deletions = [asked for asked in server.state.asked if isinstance(asked, batch_delete_pb2.BatchDeleteRequest)]
    assert len([each for each in deletions if not each.dry_run]) == 4
    store.close()


def test_a_document_longer_than_the_server_lists_at_once_is_still_replaced_whole(
    store: WeaviateStore, server: RunningWeaviate
) -> None:
    put(store, *(passage(f"p{number}") for number in range(200)), passage("other", "e"))
    server.state.most_results = 40
    store.replace("T1", {"d": [f"p{number}" for number in range(150)], "e": ["other"]}, [])
    assert store.count("T1") == 151
    assert store.held("T1", ["p149", "p150", "other"]) == {"p149", "other"}
    server.state.most_results = 1
    with pytest.raises(StoreUnavailable, match="QUERY_MAXIMUM_RESULTS"):
        store.replace("T1", {"d": ["p0"]}, [])


def test_a_deletion_that_some_replicas_missed_is_repeated(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"), passage("q"))
    server.state.failed_replicas = 2
    store.delete_documents("T1", ["d"])
    assert store.count("T1") == 0
    put(store, passage("p"))
    server.state.failed_replicas = 100
    with pytest.raises(StoreUnavailable, match="could not remove 1 passages"):
        store.delete_documents("T1", ["d"])
    with pytest.raises(StoreUnavailable, match="could not list 1 passages"):
        store.replace("T1", {"d": []}, [])


def test_a_deletion_that_silently_did_nothing_is_repeated(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"), passage("q"))
    server.state.silent_replicas = 1
    store.delete_documents("T1", ["d"])
    assert store.count("T1") == 0
    put(store, passage("p"))
    server.state.silent_replicas = 100
    with pytest.raises(StoreUnavailable, match="still finds"):
        store.delete_documents("T1", ["d"])


def test_a_listing_that_silently_found_nothing_is_repeated(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("old"))
    server.state.silent_replicas = 1
    put(store, passage("new"))
    assert store.held("T1", ["old", "new"]) == {"new"}
    server.state.silent_replicas = 100
    with pytest.raises(StoreUnavailable, match="did not list"):
        put(store, passage("newer"))


def test_every_passage_is_told_page_by_page(store: WeaviateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_AT_ONCE", 2)
    put(store, *(passage(f"p{number}", text=f"fox {number}") for number in range(5)))
    assert dict(store.words("T1")) == {f"p{number}": f"fox {number} fox {number}" for number in range(5)}


def test_looking_makes_nothing(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"))
    store.drop()
    assert store.search("fox", EAST, EVERYTHING_PUBLIC, 5, 0.5) == []
    assert list(store.words("T1")) == []
    store.delete_documents("T1", ["d"])
    store.delete_workspace("T1")
    assert not server.state.collections


def test_a_node_that_has_not_heard_of_the_collection_yet_is_asked_again(
    store: WeaviateStore, server: RunningWeaviate
) -> None:
    put(store, passage("p"))
    server.state.behind = 1
    assert [hit.passage_id for hit in store.search("fox", EAST, EVERYTHING_PUBLIC, 5, 0.5)] == ["p"]
    server.state.behind = 2
    assert store.count("T1") == 1
    server.state.behind = 1
    store.delete_documents("T1", ["d"])
    assert store.count("T1") == 0


def test_questions_are_answered_while_the_cluster_has_no_leader(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"))
    server.state.leaderless = True
    assert [hit.passage_id for hit in store.search("fox", EAST, EVERYTHING_PUBLIC, 5, 0.5)] == ["p"]
    assert store.held("T1", ["p", "q"]) == {"p"}
    with pytest.raises(StoreUnavailable, match="leader"):
        put(store, passage("q", "e"))
    with pytest.raises(StoreUnavailable, match="leader"):
        put(store.beside(2), passage("q", "e"))
    server.state.leaderless = False
    put(store, passage("q", "e"))
    assert store.count("T1") == 2


@pytest.mark.parametrize("version", ["1.30.0", "1.36.5", "1.36.7", "1.37.0-rc.0", "1.40.4"])
def test_meaning_and_words_weigh_what_was_asked_for_on_every_version(version: str) -> None:
    with weaviate_server(WeaviateServerState(version=version)) as running:
        store = store_on(running)
        put(store, passage("by words", text="the fox", vector=NORTH), passage("by meaning", text="whales", vector=EAST))
        first = [store.search("fox", EAST, EVERYTHING_PUBLIC, 5, weight)[0].passage_id for weight in (0.0, 0.2, 0.8, 1)]
        assert first == ["by words", "by words", "by meaning", "by meaning"]
        store.close()


def test_the_one_version_that_does_not_hear_what_meaning_counts_is_refused() -> None:
    with weaviate_server(WeaviateServerState(version="1.36.6")) as running:
        store = store_on(running)
        with pytest.raises(StoreUnavailable, match=r"1\.36\.7 or newer"):
            put(store, passage("p"))
        store.close()


def test_the_index_lies_behind_an_alias(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"))
    store.take_over()
    ((alias, collection),) = server.state.aliases.items()
    assert collection == f"{alias}_v1"
    assert "embedder@1" in server.state.collections[collection].definition["description"]


def test_the_alias_moves_when_another_version_takes_over_and_stays_when_the_old_one_goes(
    store: WeaviateStore, server: RunningWeaviate
) -> None:
    put(store, passage("old"))
    store.take_over()
    rebuilt = store.beside(2)
    put(rebuilt, passage("new"))
    (before,) = server.state.aliases.values()
    server.state.behind = 1  # the node that is asked has not heard of the collection
    rebuilt.take_over()
    store.drop()
    (after,) = server.state.aliases.values()
    assert (before[-3:], after[-3:], *server.state.collections) == ("_v1", "_v2", after)
    rebuilt.drop()
    assert not server.state.aliases
    assert not server.state.collections


def test_every_process_finds_each_version_by_its_number(server: RunningWeaviate) -> None:
    reader, worker = store_on(server), store_on(server)
    put(worker.beside(2), passage("new"))
    assert (reader.count("T1"), reader.beside(2).count("T1")) == (0, 1)
    reader.close()
    worker.close()


def test_a_server_that_lost_everything_gets_its_collection_again(store: WeaviateStore, server: RunningWeaviate) -> None:
    put(store, passage("p"))
    server.state.collections.clear()
    assert store.count("T1") == 0
    put(store, passage("p"))
    assert store.count("T1") == 1
    store.take_over()
    server.state.collections.clear()
    store.take_over()
    assert list(server.state.collections) == list(server.state.aliases.values())


def test_each_embedder_has_an_index_of_its_own(server: RunningWeaviate) -> None:
    one, other = store_on(server, "one"), store_on(server, "other", dimension=2)
    put(one, passage("p"))
    put(other, passage("q", vector=np.array([1, 0], dtype=np.float32)))
    assert (one.held("T1", ["p", "q"]), other.held("T1", ["p", "q"])) == ({"p"}, {"q"})
    one.drop()
    assert other.held("T1", ["q"]) == {"q"}
    assert len(server.state.collections) == 1
    one.close()
    other.close()


def test_before_aliases_versions_stand_side_by_side_all_the_same() -> None:
    with weaviate_server(WeaviateServerState(version="1.30.0")) as running:
        store = store_on(running)
        put(store, passage("p"))
        rebuilt = store.beside(2)
        put(rebuilt, passage("q"))
        rebuilt.take_over()
        store.drop()
        assert [hit.passage_id for hit in rebuilt.search("fox", EAST, EVERYTHING_PUBLIC, 5, 0.5)] == ["q"]
        store.close()


def test_more_replicas_than_nodes_are_said_plainly(server: RunningWeaviate) -> None:
    store = store_on(server, replication=3)
    with pytest.raises(StoreUnavailable, match="WEAVIATE_REPLICATION"):
        put(store, passage("p"))
    store.close()


def test_fewer_replicas_than_the_server_demands_are_said_plainly() -> None:
    with weaviate_server(WeaviateServerState(nodes=3, least_replicas=3)) as running:
        store = store_on(running)
        with pytest.raises(StoreUnavailable, match="not less than it demands"):
            put(store, passage("p"))
        store.close()
        replicated = store_on(running, replication=3)
        put(replicated, passage("p"))
        replicated.close()


def test_two_processes_that_start_together_make_one_index(server: RunningWeaviate) -> None:
    stores = [store_on(server) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda store: put(store, passage("p")), stores))
    assert len(server.state.collections) == 1
    assert stores[0].count("T1") == 1
    for store in stores:
        store.close()
