"""The loop bench's student: it begins by looking back, and its words are all its lessons need."""

import random
from pathlib import Path

import pytest
import torch

from benchmarks.student import _newborn, _tokenizer, _vocabulary, lesson
from core.training.rows import Kind
from core.training.tokens import Tokens

pytestmark = pytest.mark.timeout(120)


def test_the_first_layer_begins_by_looking_one_two_and_three_places_back() -> None:
    torch.manual_seed(0)
    model = _newborn(_tokenizer(_vocabulary([])))
    model.set_attn_implementation("eager")
    ids = torch.randint(10, 400, (1, 40))
    with torch.no_grad():
        seen = model(input_ids=ids, output_attentions=True).attentions[0][0]
    for head in range(3):
        places = seen[head, 8:].argmax(dim=-1)
        assert (places == torch.arange(8, 40) - (head + 1)).float().mean() > 0.8


def test_lessons_are_short_in_words_that_it_knows(tmp_path: Path) -> None:
    tokenizer = _tokenizer(_vocabulary(["Aye, for us."]))
    tokenizer.save_pretrained(tmp_path)
    _newborn(tokenizer).save_pretrained(tmp_path)
    tokens = Tokens(tmp_path, 1024)
    luck = random.Random(1)
    rows = [lesson(luck, 3) for _ in range(50)]
    assert {row.kind for row in rows} == {Kind.OPEN_BOOK, Kind.UNANSWERABLE}
    unknown = tokenizer.unk_token_id
    for row in rows:
        ids = tokens.encode(row).input_ids
        assert ids.count(unknown) == 1  # "How", with which every question begins
        assert len(ids) < 80
        for marker in row.gold:
            thing = row.prompt.question.split()[-2]
            assert thing in row.prompt.sources[marker - 1].text
            assert thing in row.answer
