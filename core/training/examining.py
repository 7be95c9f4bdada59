"""Examining models on the held-out questions: how likely each finds the approved answers, and what it writes itself."""

import time
from collections.abc import Callable, Iterator, Sequence

import torch
from peft.peft_model import PeftModel
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from core.training.examination import Answered, Paper, Reply
from core.training.rows import Row
from core.training.tokens import Tokens


class Examiner:
    """Puts rows to one model; `tell` is called with the number of rows done since the last call."""

    def __init__(
        self, model: PeftModel, tokens: Tokens, batch: int, answer_tokens: int, tell: Callable[[int], None]
    ) -> None:
        self._model = model.eval()
        self._tokens = tokens
        self._batch = batch
        self._answer_tokens = answer_tokens
        self._tell = tell

    def examine(self, paper: Paper) -> Answered:
        """The replies of the adapter that is set now."""
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        answered = Answered(
            open_book=self._replies(paper.open_book),
            closed_book=self._replies(paper.closed_book),
            unanswerable=self._replies(paper.unanswerable),
            manners=tuple(Reply(nll) for nll in self._nlls(paper.manners)),
            memory_mb=torch.cuda.max_memory_allocated() / 2**20
            if torch.cuda.is_available()
            else _weights_mb(self._model),
        )
        self._tell(len(paper.manners))
        return answered

    def _replies(self, rows: Sequence[Row]) -> tuple[Reply, ...]:
        nlls = self._nlls(rows)
        replies = [""] * len(rows)
        seconds = [0.0] * len(rows)
        for places in self._by_length(rows):
            started = time.monotonic()
            for place, text in zip(places, self._write([rows[place] for place in places]), strict=True):
                replies[place] = text
            for place in places:
                seconds[place] = (time.monotonic() - started) / len(places)
            self._tell(len(places))
        return tuple(Reply(*reply) for reply in zip(nlls, replies, seconds, strict=True))

    @torch.inference_mode()
    def _nlls(self, rows: Sequence[Row]) -> list[float]:
        """Nats a token of each row's approved answer."""
        nlls = [0.0] * len(rows)
        for places in self._by_length(rows):
            encoded = [self._tokens.encode(rows[place]) for place in places]
            ids = pad_sequence([torch.tensor(one.input_ids) for one in encoded], batch_first=True)
            mask = pad_sequence([torch.ones(len(one.input_ids), dtype=torch.long) for one in encoded], batch_first=True)
            # From where the first answer begins: all of the prompts' logits would fill a GPU.
            first = min(len(one.prompt) for one in encoded) - 1
            told = self._model(
                input_ids=ids.to(self._device),
                attention_mask=mask.to(self._device),
                use_cache=False,
                logits_to_keep=ids.shape[1] - first,
            )
            for row, (place, one) in enumerate(zip(places, encoded, strict=True)):
                begin, end = len(one.prompt) - 1 - first, len(one.input_ids) - 1 - first
                logits = told.logits[row, begin:end].float()
                nlls[place] = float(cross_entropy(logits, torch.tensor(one.answer, device=self._device)))
        return nlls

    @torch.inference_mode()
    def _write(self, rows: Sequence[Row]) -> list[str]:
        prompts = [self._tokens.encode(row).prompt for row in rows]
        longest = max(len(prompt) for prompt in prompts)
        pad = self._tokens.tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (longest - len(prompt)) + prompt for prompt in prompts], device=self._device)
        mask = torch.tensor(
            [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=self._device
        )
        written = self._model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=self._answer_tokens,
            do_sample=False,
            use_cache=True,
            eos_token_id=self._tokens.stops,
            pad_token_id=pad,
        )
        texts = self._tokens.tokenizer.batch_decode(written[:, longest:], skip_special_tokens=True)
        return [text.strip() for text in texts]

    def _by_length(self, rows: Sequence[Row]) -> Iterator[list[int]]:
        """Places of the rows in batches of similar length, so that little is padded; the same for every model."""
        order = sorted(range(len(rows)), key=lambda place: len(self._tokens.encode(rows[place]).input_ids))
        for start in range(0, len(order), self._batch):
            yield order[start : start + self._batch]

    @property
    def _device(self) -> torch.device:
        return torch.device(next(self._model.parameters()).device)


def _weights_mb(model: PeftModel) -> float:
    return float(sum(weight.numel() * weight.element_size() for weight in model.parameters())) / 2**20
