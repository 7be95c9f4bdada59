"""One owner of Phi-3 and many askers: adapters swapped under load, failures, hangs, and answers written together."""

import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from core.answering.models.language_model import Prompt, Source, WrittenWith
from core.answering.models.phi3 import Phi3
from core.answering.models.phi3_adapters import LoadedAdapters
from core.answering.models.phi3_batch import Batch, Writing
from core.answering.models.phi3_checkpoint import load_model
from core.answering.models.phi3_lookup import agreed, guessed
from core.errors import DamagedAdapter, ModelResting, ModelUnavailable
from tests.lora import build_adapter
from tests.tiny_phi3 import build_tiny_phi3

RULES = "Answer the question from the numbered sources. Cite each source like [1]."
QUESTIONS = ["When does the deploy run?", "Who checks the dashboard before it?", "¿Cuándo es la reunión?", "Why?"]
PATIENCE = 30.0


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_phi3(tmp_path_factory.mktemp("owned_phi3"))


@pytest.fixture(scope="module")
def adapters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters")
    for seed, name in enumerate(("a.1", "b.2", "c.3"), 1):
        build_adapter(base, folder / name, seed)
    shutil.copytree(folder / "a.1", folder / "broken")
    (folder / "broken" / "adapter_model.safetensors").write_bytes(b"nonsense")
    return folder


Make = Callable[..., Phi3]


@pytest.fixture
def make(base: Path, adapters: Path) -> Iterator[Make]:
    made: list[Phi3] = []

    def phi3(max_new_tokens: int = 24, **options: Any) -> Phi3:
        made.append(
            Phi3(
                str(base),
                max_new_tokens=max_new_tokens,
                device="cpu",
                dtype="float32",
                folder_of=lambda adapter: adapters / adapter,
                **options,
            )
        )
        return made[-1]

    yield phi3
    for model in made:
        model.close()


def ask(model: Phi3, question: str) -> tuple[str, str]:
    """The adapter that the answer is stamped with, and the answer."""
    source = Source(1, "#ops", f"The deploy runs on Fridays. {question}")
    pieces = list(model.generate(Prompt(RULES, (source,), (), question), threading.Event()))
    stamps = [piece.adapter for piece in pieces if isinstance(piece, WrittenWith)]
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    assert text
    return stamps[-1], text


def test_answers_written_together_are_those_written_alone(make: Make) -> None:
    model = make()
    alone = [ask(model, question) for question in QUESTIONS]
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(lambda question: ask(model, question), QUESTIONS * 3))
    assert together == alone * 3


@pytest.mark.parametrize("sliding_window", [None, 40])
def test_a_batch_writes_what_generate_writes(base: Path, sliding_window: int | None) -> None:
    model = load_model(str(base), "cpu", "float32").model
    model.config.sliding_window = sliding_window
    rules = torch.randint(8, 300, (50,), generator=torch.Generator().manual_seed(1)).tolist()
    prompts = [[*rules, *range(20, 20 + 7 * nth)] for nth in range(1, 5)]
    expected = []
    for prompt in prompts:
        ids = torch.tensor([prompt])
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=20,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=3,
        )
        expected.append(out[0, len(prompt) :].tolist())
    for look_up in (True, False):
        batch = Batch(model, look_up=look_up)
        writings = [Writing(prompt, len(rules), 20, frozenset(), lambda _: None, lambda: False) for prompt in prompts]
        for nth, writing in enumerate(writings):
            batch.add(writing)
            for _ in range(nth * 4):  # they come at different times
                batch.advance()
        while batch.writings:
            batch.advance()
        assert [writing.written for writing in writings] == expected


def test_a_guess_is_what_followed_the_same_words_before() -> None:
    assert guessed([1, 2, 3, 4, 5, 9, 2, 3], most=2) == [4, 5]
    assert guessed([1, 2, 3]) == []
    assert agreed([4, 5, 6], [4, 5, 7, 8]) == 2


def test_swaps_under_load_never_mix_two_adapters(make: Make) -> None:
    model, written = make(), {}
    for adapter in ("", "a.1", "b.2"):
        model.use(adapter)
        written |= {(adapter, question): ask(model, question)[1] for question in QUESTIONS}
    assert len(set(written.values())) == len(written), "each adapter must be told apart by what it writes"

    with ThreadPoolExecutor(8) as pool:
        answers = [(question, pool.submit(ask, model, question)) for question in QUESTIONS * 12]
        for adapter in ("a.1", "", "b.2", "a.1", "b.2", ""):
            model.use(adapter)
            assert model.adapter == adapter
        for question, answer in answers:
            adapter, text = answer.result(PATIENCE)
            assert text == written[adapter, question]


def test_an_answer_under_way_is_finished_with_the_adapter_it_began_with(make: Make) -> None:
    model = make(max_new_tokens=200)
    expected = ask(model, QUESTIONS[0])
    source = Source(1, "#ops", f"The deploy runs on Fridays. {QUESTIONS[0]}")
    pieces = model.generate(Prompt(RULES, (source,), (), QUESTIONS[0]), threading.Event())
    assert next(pieces) == WrittenWith("")
    begun = next(piece for piece in pieces if isinstance(piece, str) and piece)
    swap = threading.Thread(target=model.use, args=("a.1",))
    swap.start()
    whole = begun + "".join(piece for piece in pieces if isinstance(piece, str))
    swap.join(PATIENCE)
    assert whole == expected[1]
    assert ask(model, QUESTIONS[0])[0] == "a.1"


def test_an_adapter_wanted_before_the_model_is_loaded_writes_the_first_answer(make: Make) -> None:
    model = make()
    model.use("b.2")
    assert ask(model, QUESTIONS[0])[0] == "b.2"


@pytest.mark.parametrize("failing", ["broken", "nowhere"])
def test_an_adapter_that_cannot_be_loaded_leaves_everything_as_it_was(make: Make, failing: str) -> None:
    model = make()
    model.use("a.1")
    before = ask(model, QUESTIONS[0])
    for _ in range(2):
        with pytest.raises(DamagedAdapter, match="goes on"):
            model.use(failing)
        assert ask(model, QUESTIONS[0]) == before
    model.use("")
    assert ask(model, QUESTIONS[0])[0] == ""
    model.use("b.2")
    assert ask(model, QUESTIONS[0])[0] == "b.2"


def test_the_adapter_before_stays_loaded_and_older_ones_go(make: Make, adapters: Path, tmp_path: Path) -> None:
    shutil.copytree(adapters, tmp_path / "adapters")
    model = make()
    model._folder_of = lambda adapter: tmp_path / "adapters" / adapter
    for adapter in ("a.1", "b.2", "c.3"):
        model.use(adapter)
        before = ask(model, QUESTIONS[0])
    shutil.rmtree(tmp_path / "adapters")
    model.use("b.2")  # from memory
    assert ask(model, QUESTIONS[0])[0] == "b.2"
    model.use("c.3")
    assert ask(model, QUESTIONS[0]) == before
    with pytest.raises(DamagedAdapter):
        model.use("a.1")


class Misbehaving:
    """The model, but one of its passes does what a test wants."""

    def __init__(self, model: Any, at: int, trouble: Callable[[], None]) -> None:
        self._model, self._at, self._trouble = model, at, trouble
        self._passes = 0

    def __call__(self, **inputs: Any) -> Any:
        self._passes += 1
        if self._passes == self._at:
            self._trouble()
        return self._model(**inputs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def with_trouble(model: Phi3, at: int, trouble: Callable[[], None]) -> None:
    """The first model that is loaded misbehaves; the next one is sound."""
    load = model._load_model
    loads: list[int] = []

    def once() -> Any:
        loaded = load()
        loads.append(1)
        sound = len(loads) > 1
        return loaded if sound else type(loaded)(Misbehaving(loaded.model, at, trouble), loaded.room)

    model._load_model = once


def raising(error: BaseException) -> Callable[[], None]:
    def trouble() -> None:
        raise error

    return trouble


def test_a_failed_pass_before_anything_was_shown_is_tried_again(make: Make) -> None:
    model = make()
    expected = ask(model, QUESTIONS[0])
    other = make()
    with_trouble(other, 1, raising(RuntimeError("out of memory")))
    assert ask(other, QUESTIONS[0]) == expected
    assert ask(other, QUESTIONS[1]) == ask(model, QUESTIONS[1])


def test_a_failed_pass_in_the_middle_ends_those_answers_and_no_others(make: Make) -> None:
    model = make()
    with_trouble(model, 9, raising(RuntimeError("a kernel failed")))
    with pytest.raises(ModelUnavailable, match="broke off"):
        ask(model, QUESTIONS[0])
    assert ask(model, QUESTIONS[0])[1]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_replaced_and_what_waited_is_answered(make: Make) -> None:
    model = make()
    with_trouble(model, 9, raising(SystemExit(1)))
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, model, question) for question in QUESTIONS]
        outcomes = [answer.exception(PATIENCE) for answer in answers]
    assert all(outcome is None or isinstance(outcome, ModelUnavailable) for outcome in outcomes)
    assert ask(model, QUESTIONS[0])[1]


def test_a_hung_model_is_replaced_and_the_questions_that_wait_for_it_are_kept(make: Make) -> None:
    released = threading.Event()
    model = make(stall_s=3.0)
    model.use("a.1")
    with_trouble(model, 9, lambda: released.wait(PATIENCE) and None)
    try:
        with ThreadPoolExecutor(3) as pool:
            hung = pool.submit(ask, model, QUESTIONS[0])
            deadline = time.monotonic() + PATIENCE
            while not (model._owner and model._owner._busy_since and model._owner.steps >= 5):
                assert time.monotonic() < deadline
                time.sleep(0.005)
            swap = pool.submit(model.use, "b.2")  # from now on questions wait for the swap, which waits for the answer
            waiting = pool.submit(ask, model, QUESTIONS[1])
            with pytest.raises(ModelUnavailable, match="broke off"):
                hung.result(PATIENCE)
            assert waiting.result(PATIENCE)[0] == "b.2"
            assert isinstance(swap.exception(PATIENCE), ModelUnavailable | None)
        released.set()
        assert ask(model, QUESTIONS[1])[0] == "b.2"
    finally:
        released.set()


def test_resting_finishes_what_is_being_written_and_lets_go_of_the_weights(make: Make) -> None:
    expected = ask(make(max_new_tokens=200), QUESTIONS[0])
    model = make(max_new_tokens=200)
    loads: list[weakref.ref[Any]] = []
    load = model._load_model

    def noted() -> Any:
        loaded = load()
        loads.append(weakref.ref(loaded.model))
        return loaded

    model._load_model = noted
    source = Source(1, "#ops", f"The deploy runs on Fridays. {QUESTIONS[0]}")
    pieces = model.generate(Prompt(RULES, (source,), (), QUESTIONS[0]), threading.Event())
    begun = next(piece for piece in pieces if isinstance(piece, str) and piece)
    resting = threading.Thread(target=model.rest)
    resting.start()
    whole = begun + "".join(piece for piece in pieces if isinstance(piece, str))
    resting.join(PATIENCE)
    assert whole == expected[1]
    assert len(loads) == 1
    assert loads[0]() is None, "the weights are still held"
    for _ in range(2):
        with pytest.raises(ModelResting, match="training run"):
            ask(model, QUESTIONS[0])
    assert len(loads) == 1


def test_it_wakes_with_the_adapter_that_was_promoted_meanwhile(make: Make) -> None:
    model = make()
    expected = [ask(model, question) for question in QUESTIONS]
    model.rest()
    model.rest()
    model.use("a.1")
    with pytest.raises(ModelResting):
        ask(model, QUESTIONS[0])
    model.wake()
    assert ask(model, QUESTIONS[0])[0] == "a.1"
    model.use("")
    assert [ask(model, question) for question in QUESTIONS] == expected


def test_those_who_ask_while_it_goes_to_rest_are_answered_or_refused(make: Make) -> None:
    model = make()
    expected = {question: ask(model, question) for question in QUESTIONS}
    with ThreadPoolExecutor(8) as pool:
        asked = [(question, pool.submit(ask, model, question)) for question in QUESTIONS * 6]
        model.rest()
        for question, answer in asked:
            failure = answer.exception(PATIENCE)
            assert isinstance(failure, ModelResting) or answer.result() == expected[question]
    model.wake()
    assert ask(model, QUESTIONS[0]) == expected[QUESTIONS[0]]


def test_a_swap_that_hangs_is_given_up_and_made_by_the_next_model(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    released, hung = threading.Event(), threading.Event()
    use = LoadedAdapters.use

    def hang_once(adapters: LoadedAdapters, adapter: str, folder: Path | None) -> None:
        if adapter == "b.2" and not hung.is_set():
            hung.set()
            assert released.wait(PATIENCE)
        use(adapters, adapter, folder)

    monkeypatch.setattr(LoadedAdapters, "use", hang_once)
    model = make(stall_s=3.0)
    assert ask(model, QUESTIONS[0])[0] == ""
    try:
        with ThreadPoolExecutor(2) as pool:
            swap = pool.submit(model.use, "b.2")
            assert hung.wait(PATIENCE)
            assert pool.submit(ask, model, QUESTIONS[0]).result(PATIENCE)[0] == "b.2", "the question was kept"
            with pytest.raises(ModelUnavailable, match="started again"):
                swap.result(PATIENCE)
    finally:
        released.set()
    assert ask(model, QUESTIONS[1])[0] == "b.2", "the stuck thread, back again, disturbs nothing"
