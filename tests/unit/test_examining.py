"""Examining: what a padded batch says of a row is what the row says alone."""

from pathlib import Path

import pytest
import torch
from torch import nn

from core.training.base_model import load_base, with_lora
from core.training.examination import Paper
from core.training.examining import Examiner
from core.training.paper import paper_of
from core.training.recipes import load_recipe
from core.training.tokens import Tokens
from tests.nights import quick_recipe, valves

pytestmark = pytest.mark.timeout(240)


def test_every_row_is_read_as_if_it_were_alone_and_counted_once(tiny_base: Path, tmp_path: Path) -> None:
    recipe = load_recipe(quick_recipe(tmp_path))
    tokens = Tokens(tiny_base, recipe.data.max_tokens)
    torch.manual_seed(0)
    model = with_lora(load_base(tiny_base, recipe.base), recipe.lora)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(weight, std=0.1)
    whole = paper_of(valves(0, 5), recipe, tokens.room_for)
    paper = Paper(whole.open_book, whole.closed_book, whole.unanswerable, whole.manners[:3])
    done: list[int] = []
    answered = Examiner(model, tokens, 4, 3, done.append).examine(paper)
    for rows, replies in (
        (paper.open_book, answered.open_book),
        (paper.closed_book, answered.closed_book),
        (paper.unanswerable, answered.unanswerable),
        (paper.manners, answered.manners),
    ):
        assert len(rows) == len(replies) > 0
        for row, reply in zip(rows, replies, strict=True):
            one = tokens.encode(row)
            with torch.no_grad():
                alone = model(input_ids=torch.tensor([one.input_ids]), labels=torch.tensor([one.labels])).loss
            assert reply.nll == pytest.approx(float(alone), rel=1e-4)
    assert sum(done) == sum(map(len, (paper.open_book, paper.closed_book, paper.unanswerable, paper.manners)))
