"""What every passage store must do; LanceDB on disk, Weaviate and the fake in memory are held to it alike.

Weaviate is tried on a server in memory that speaks its protocol, and on a real one where WEAVIATE_URL names it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.knowledge.access import AccessScope
from core.knowledge.stores.lancedb import LanceDBStore
from core.knowledge.stores.passage_store import PassageStore, StoredPassage
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import FakeStore
from tests.weaviate_stores import store_in_memory, store_on_real_server

EMBEDDER = FakeEmbedder()
PUBLIC = AccessScope("T1", frozenset({"public"}))
HOSTILE = ["a'b", "a\\", "'; DROP TABLE passages; --", "%", "é“”", "a' OR '1'='1", "\n", ""]


OPENING: dict[str, Callable[[Path], AbstractContextManager[PassageStore]]] = {
    "lancedb": lambda folder: closing(LanceDBStore(folder, EMBEDDER.name, EMBEDDER.dimension)),
    "fake": lambda _: closing(FakeStore()),
    "weaviate in memory": lambda _: store_in_memory(EMBEDDER.dimension),
    "weaviate": lambda _: store_on_real_server(EMBEDDER.dimension),
}


@pytest.fixture(params=OPENING)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageStore]:
    with OPENING[request.param](tmp_path) as opened:
        yield opened


def passage(id: str, text: str, document: str = "d1", workspace="T1", channel="C1", audience="public") -> StoredPassage:
    return StoredPassage(id, document, workspace, channel, audience, text, EMBEDDER.embed_question(text))


def put(store: PassageStore, *passages: StoredPassage) -> None:
    for workspace_id in dict.fromkeys(each.workspace_id for each in passages):
        mine = [each for each in passages if each.workspace_id == workspace_id]
        keep: dict[str, list[str]] = {}
        for each in mine:
            keep.setdefault(each.document_id, []).append(each.id)
        store.replace(workspace_id, keep, mine)


def find(store: PassageStore, question: str, scope: AccessScope = PUBLIC, limit=10, dense_weight=0.5) -> list[str]:
    vector = EMBEDDER.embed_question(question)
    return [hit.passage_id for hit in store.search(question, vector, scope, limit, dense_weight)]


def until_empty(store: PassageStore) -> None:
    """The node of a cluster that is asked may hear of a removal a moment later."""
    deadline = time.monotonic() + 2
    while store.count("T1"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_passage_is_found_by_what_stands_beside_it_after_one_that_says_it_itself(store: PassageStore) -> None:
    beside = replace(passage("beside", "it costs nine euros"), around=("the canteen and its menu",))
    put(store, passage("other", "a day in the woods"), beside, passage("itself", "the canteen is full"))
    assert find(store, "canteen", dense_weight=0, limit=2) == ["itself", "beside"]


def test_an_empty_store_finds_nothing(store: PassageStore) -> None:
    assert find(store, "anything") == []
    assert store.count("T1") == 0
    store.delete_workspace("T1")
    store.replace("T1", {}, [])
    store.replace("T1", {"d1": []}, [])
    store.tidy()
    assert store.held("T1", []) == set()


@pytest.mark.parametrize("dense_weight", [0.0, 0.5, 1.0])
def test_the_best_passage_comes_first_and_scores_are_in_order(store: PassageStore, dense_weight: float) -> None:
    put(store, passage("p1", "the printer is on the second floor"), passage("p2", "lunch is at noon in the yard"))
    hits = store.search("when is lunch", EMBEDDER.embed_question("when is lunch"), PUBLIC, 10, dense_weight)
    assert hits[0].passage_id == "p2"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 + 1e-6 for hit in hits)
    for hit in hits:
        text = {"p1": "the printer is on the second floor", "p2": "lunch is at noon in the yard"}[hit.passage_id]
        cosine = float(EMBEDDER.embed_question(text) @ EMBEDDER.embed_question("when is lunch"))
        assert hit.similarity == pytest.approx(cosine, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Η βιβλιοθήκη ανοίγει στις εννέα", "πότε ανοίγει η βιβλιοθήκη"),
        ("图书馆早上九点开门", "图书馆几点开门"),
        ("図書館は朝九時に開きます", "図書館はいつ開きますか"),
        ("ห้องสมุดเปิดเก้าโมงเช้า", "ห้องสมุดเปิดกี่โมง"),
        ("المكتبة تفتح في التاسعة", "متى تفتح المكتبة"),
        ("Die Bücherei öffnet um neun", "wann oeffnet die BÜCHEREI"),
        ("Die Fehlermeldung erscheint beim Start", "Welcher Fehler erscheint?"),
    ],
)
def test_words_are_found_in_every_script(store: PassageStore, text: str, question: str) -> None:
    put(store, passage("other", "an entirely different matter", "d2"), passage("right", text))
    assert find(store, question, dense_weight=0.05)[0] == "right"


def test_writing_twice_changes_nothing(store: PassageStore) -> None:
    put(store, passage("p1", "one"), passage("p2", "two"))
    put(store, passage("p1", "one"), passage("p2", "two"))
    assert store.count("T1") == 2


def test_replace_writes_over_and_removes_what_is_not_kept(store: PassageStore) -> None:
    put(store, passage("p1", "apples"), passage("p2", "pears"), passage("p9", "untouched", "d9"))
    store.replace("T1", {"d1": ["p1", "p3"]}, [passage("p3", "plums")])
    assert store.held("T1", ["p1", "p2", "p3", "p9"]) == {"p1", "p3", "p9"}
    store.replace("T1", {"d1": ["p1"]}, [passage("p1", "bananas instead")])
    assert store.count("T1") == 2
    assert find(store, "bananas", dense_weight=0)[0] == "p1"
    assert "p1" not in find(store, "apples", dense_weight=0, limit=1) or store.count("T1") == 2
    store.replace("T1", {"d1": []}, [])
    assert store.held("T1", ["p1", "p9"]) == {"p9"}


def test_what_another_workspace_calls_the_same_is_left_alone(store: PassageStore) -> None:
    put(store, passage("p1", "apples", "d1"), passage("q1", "pears", "d1", workspace="T2"))
    store.replace("T1", {"d1": []}, [])
    assert (store.count("T1"), store.count("T2")) == (0, 1)


def test_an_index_is_made_beside_the_old_one_takes_over_and_the_old_one_goes(store: PassageStore) -> None:
    put(store, passage("old", "lunch is at noon"), passage("other", "supper is at six", "d2", workspace="T2"))
    rebuilt = store.beside(store.version + 1)
    assert (rebuilt.version, rebuilt.count("T1"), find(rebuilt, "lunch")) == (store.version + 1, 0, [])
    put(rebuilt, passage("new", "lunch is at one"), passage("newer", "lunch is at two", "d2"))
    assert find(store, "lunch") == ["old"]
    assert store.beside(rebuilt.version).count("T1") == 2, "whoever goes on after a crash finds what was done"
    rebuilt.take_over()
    rebuilt.take_over()
    assert find(store, "lunch") == ["old"], "a reader of the old one may finish"
    store.drop()
    store.drop()
    assert set(find(rebuilt, "lunch")) == {"new", "newer"}
    put(rebuilt, passage("newest", "lunch is at three", "d3"))
    rebuilt.delete_documents("T1", ["d2"])
    rebuilt.tidy()
    assert rebuilt.held("T1", ["old", "new", "newer", "newest"]) == {"new", "newest"}
    rebuilt.drop()


def test_an_index_that_is_given_up_leaves_the_live_one_as_it_is(store: PassageStore) -> None:
    put(store, passage("old", "lunch is at noon"))
    given_up = store.beside(store.version + 1)
    put(given_up, passage("half", "lunch is at one"))
    given_up.drop()
    assert find(store, "lunch") == ["old"]
    begun_again = store.beside(given_up.version)
    until_empty(begun_again)
    begun_again.drop()


def test_deletion_by_document_channel_and_workspace(store: PassageStore) -> None:
    put(
        store,
        passage("p1", "one", "d1", channel="C1"),
        passage("p2", "two", "d2", channel="C1"),
        passage("p3", "three", "d3", channel="C2"),
        passage("p4", "four", "d4", workspace="T2", channel="C1"),
    )
    store.delete_documents("T1", ["d1", "d4"])
    assert store.count("T1") == 2
    assert store.count("T2") == 1, "another workspace's document is not ours to delete"
    store.delete_channel("T1", "C1")
    assert store.held("T1", ["p1", "p2", "p3"]) == {"p3"}
    assert store.count("T2") == 1
    store.delete_workspace("T1")
    assert store.count("T1") == 0
    assert store.count("T2") == 1


def test_the_scope_decides_what_is_seen(store: PassageStore) -> None:
    put(
        store,
        passage("open", "the password is swordfish", "d1"),
        passage("closed", "the password is swordfish", "d2", channel="G1", audience="G1"),
        passage("elsewhere", "the password is swordfish", "d3", workspace="T2"),
        passage("other", "the password is swordfish", "d4", channel="C2"),
    )
    question = "what is the password"
    assert set(find(store, question)) == {"open", "other"}
    assert set(find(store, question, AccessScope("T1", frozenset({"public", "G1"})))) == {"open", "other", "closed"}
    assert set(find(store, question, AccessScope("T1", frozenset({"G1"})))) == {"closed"}
    assert set(find(store, question, AccessScope("T1", frozenset({"public"}), frozenset({"C2"})))) == {"other"}
    assert find(store, question, AccessScope("T1", frozenset())) == []
    assert find(store, question, AccessScope("T1", frozenset({"public"}), frozenset())) == []
    assert find(store, question, AccessScope("T3", frozenset({"public"}))) == []


def test_the_filter_comes_before_ranking(store: PassageStore) -> None:
    hidden = [passage(f"h{n}", "rotate the signing key", f"h{n}", channel="G1", audience="G1") for n in range(120)]
    put(store, *hidden, passage("seen", "we rotate tyres, sometimes with a key", "d1"))
    assert find(store, "rotate the signing key", limit=1) == ["seen"]


@pytest.mark.parametrize("odd", HOSTILE)
def test_ids_may_hold_anything(store: PassageStore, odd: str) -> None:
    put(
        store,
        passage(f"p{odd}", "hello there", f"d{odd}", channel=f"C{odd}", audience=f"A{odd}"),
        passage("plain", "hello there", "d0", channel="C0", audience="A0"),
    )
    assert find(store, "hello", AccessScope("T1", frozenset({f"A{odd}"}))) == [f"p{odd}"]
    assert store.held("T1", [f"p{odd}", "nope"]) == {f"p{odd}"}
    store.delete_channel("T1", f"C{odd}")
    store.delete_documents("T1", [f"d{odd}"])
    assert store.held("T1", [f"p{odd}", "plain"]) == {"plain"}


def test_ids_that_look_alike_are_not_the_same(store: PassageStore) -> None:
    alike = ["G-1", "g-1", "G 1", "G_1", "G1", "G", "1", "the"]
    put(store, *(passage(each, "hello there", each, channel=each, audience=each) for each in alike))
    for each in alike:
        assert find(store, "hello", AccessScope("T1", frozenset({each}))) == [each]
        assert find(store, "hello", AccessScope("T1", frozenset(alike), frozenset({each}))) == [each]
    store.delete_channel("T1", "G-1")
    store.delete_documents("T1", ["the"])
    assert store.held("T1", alike) == set(alike) - {"G-1", "the"}


def test_what_was_heard_in_no_channel_is_for_whoever_sees_more_than_channels(store: PassageStore) -> None:
    put(store, passage("file", "the roof leaks", "d1", channel=""), passage("said", "the roof holds", "d2"))
    assert set(find(store, "roof")) == {"file", "said"}
    assert find(store, "roof", AccessScope("T1", frozenset({"public"}), frozenset({"C1"}))) == ["said"]
    store.delete_documents("T1", ["d1"])
    assert store.held("T1", ["file", "said"]) == {"said"}


@pytest.mark.parametrize(
    ("near", "right", "question"),
    [
        ("दिन", "दान और बहुत कुछ", "दान"),
        ("a memo about what was said", "and so to be or not to be, said the prince of Denmark", "to be or not to be"),
    ],
    ids=["vowel signs", "small words"],
)
def test_every_word_counts_whole(store: PassageStore, near: str, right: str, question: str) -> None:
    put(store, passage("near", near, "d1"), passage("right", right, "d2"))
    assert find(store, question, dense_weight=0, limit=1) == ["right"]


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "?!",
        "🎉🎉",
        "lunch AND NOT",
        '"lunch',
        "(lunch OR",
        "lunch~ +yard -noon ^3",
        "'; --",
        "lunch " * 4000,
    ],
)
def test_whatever_is_asked_is_only_words(store: PassageStore, question: str) -> None:
    put(store, passage("p1", "lunch is at noon in the yard"))
    assert find(store, question) == ["p1"]


def test_new_passages_are_found_before_and_after_tidying(store: PassageStore) -> None:
    put(store, passage("p1", "alpha words", "d1"))
    store.tidy()
    put(store, passage("p2", "beta words", "d2"))
    assert find(store, "beta", dense_weight=0, limit=1) == ["p2"]
    store.tidy()
    store.delete_documents("T1", ["d1"])
    assert find(store, "alpha beta", dense_weight=0) == ["p2"]
    store.tidy()
    assert find(store, "alpha beta") == ["p2"]


AUDIENCES = ["public", "G1", "G2", "G3"]
CHANNELS = ["C1", "C2", "G1", "G2", "G3"]
WORLD = st.lists(
    st.tuples(st.sampled_from(["T1", "T2"]), st.sampled_from(CHANNELS), st.sampled_from(AUDIENCES)),
    min_size=1,
    max_size=25,
)
SCOPE = st.builds(
    AccessScope,
    st.sampled_from(["T1", "T2", "T3"]),
    st.frozensets(st.sampled_from(AUDIENCES)),
    st.none() | st.frozensets(st.sampled_from(CHANNELS)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=WORLD, scopes=st.lists(SCOPE, min_size=1, max_size=4), dense_weight=st.sampled_from([0.0, 0.3, 1.0]))
def test_nothing_leaks_and_nothing_inside_is_missed(
    store: PassageStore, world: list[tuple[str, str, str]], scopes: list[AccessScope], dense_weight: float
) -> None:
    for workspace in ("T1", "T2"):
        store.delete_workspace(workspace)
    everything = [
        passage(f"{workspace}-{at}", f"the secret number {at} of everybody", f"d{at}", workspace, channel, audience)
        for at, (workspace, channel, audience) in enumerate(world)
    ]
    put(store, *everything)
    for scope in scopes:
        allowed = {
            each.id
            for each in everything
            if each.workspace_id == scope.workspace_id and scope.admits(each.audience, each.channel_id)
        }
        assert set(find(store, "what is the secret number", scope, 50, dense_weight)) == allowed


def test_another_embedder_has_an_index_of_its_own(tmp_path: Path) -> None:
    one = LanceDBStore(tmp_path, "model/a", 64)
    other = LanceDBStore(tmp_path, "model-a", 64)
    put(one, passage("p1", "hello"))
    assert (one.count("T1"), other.count("T1")) == (1, 0)
    again: Callable[[], LanceDBStore] = lambda: LanceDBStore(tmp_path, "model/a", 64)  # noqa: E731 - said twice below
    assert again().count("T1") == 1
    assert find(again(), "hello") == ["p1"]


def test_what_is_held_is_told_and_erasing_leaves_it(store: PassageStore) -> None:
    put(store, *(passage(f"p{n}", f"the roaster runs at {n} degrees", f"d{n}") for n in range(5)))
    store.delete_documents("T1", ["d0", "d3"])
    store.erase_deleted(0.0)
    held = dict(store.words("T1"))
    assert {id: words.split()[-2] for id, words in held.items()} == {"p1": "1", "p2": "2", "p4": "4"}
    assert dict(store.words("T2")) == {}
    put(store, passage("p9", "the grinder needs oil", "d9"))
    assert find(store, "grinder oil")[0] == "p9"
    assert find(store, "roaster 4 degrees")[0] == "p4"
