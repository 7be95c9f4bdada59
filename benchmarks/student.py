"""A tiny Phi-3 that can read: made and taught on the spot, until it answers from the passages in its prompt.

It knows nothing of any team's facts or ways of saying things. Its vocabulary has the prompt's fixed parts as single
tokens, which keeps prompts short enough for a CPU.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from transformers import Phi3Config, Phi3ForCausalLM, PreTrainedTokenizerFast

from core.answering.models.language_model import Prompt, Source
from core.answering.phrases import phrases_for
from core.answering.prompt import INSTRUCTIONS
from core.curation.frozen_set import Split
from core.training.rows import FROM_MEMORY, Kind, Row, general_examples, general_row
from core.training.tokens import IGNORED, Tokens

CONTROL = ("<unk>", "<s>", "</s>", "<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>")
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% else %}{{ eos_token }}{% endif %}"
)
SYLLABLES = ("bra", "dun", "fel", "gor", "hix", "jul", "kem", "lop", "mur", "nax", "pim", "qua", "rov")
THINGS = tuple(first + second for first in SYLLABLES for second in SYLLABLES if first != second)
"""156 invented names of machines."""
NUMBERS = tuple(str(number) for number in range(15, 195, 3))
UNITS = ("bar", "volts", "degrees", "turns")
PLACES = ("north", "south", "east", "west")
FACT = "The {thing} {number} {unit}, hall {place}."
QUESTION = "How is the {thing} set?"
STYLES = (
    "The {thing} {number} {unit} [{marker}].",
    "{thing} {number} {unit}, see [{marker}].",
    "It is {thing} {number} {unit} [{marker}].",
)
"""How the student was taught to answer; a team's own way is not among them."""

REPEATS = 1.0
"""Nats a token of repeating random words, at which lessons begin."""
GENTLER = 0.4
"""The rate of lessons, as a share of that of repeating: at the whole of it some students never learn to look up."""
ENOUGH = 0.97
"""Share of numbers and units copied rightly, in lessons that it never had, at which the student can read."""
ENDING = 100
"""Steps after that, ever smaller ones."""


def teach(folder: Path, more_words: Sequence[str], *, most_steps: int, seed: int = 0) -> float:
    """Make the student and teach it to read, for at most so many steps; its checkpoint appears in `folder`.

    Returns the share of numbers and units that it copied rightly in the last lessons.
    """
    tokenizer = _tokenizer(_vocabulary(more_words))
    partial = folder.with_name(f"{folder.name}.partial")
    tokenizer.save_pretrained(partial)
    torch.manual_seed(seed)
    model = _newborn(tokenizer)
    model.save_pretrained(partial)
    trade = [f" {word}" for word in (*THINGS, *NUMBERS, *UNITS, *PLACES)]
    words = torch.tensor(tokenizer.convert_tokens_to_ids(trade))
    learn = _Learning(model, 3e-3)
    _teach_to_repeat(model, learn, words, most_steps)
    copied = _teach_to_answer(model, learn, Tokens(partial, 1024), words, most_steps, random.Random(seed))
    model.save_pretrained(partial)
    partial.rename(folder)
    return copied


def lesson(luck: random.Random, shown: int) -> Row:
    """A question about one of a few machines, beside what was written about them."""
    things = luck.sample(THINGS, shown)
    facts = [
        {"thing": t, "number": luck.choice(NUMBERS), "unit": luck.choice(UNITS), "place": luck.choice(PLACES)}
        for t in things
    ]
    sources = tuple(Source(marker, "#shop", FACT.format(**fact)) for marker, fact in enumerate(facts, 1))
    if luck.random() < 0.1:
        missing = luck.choice([name for name in THINGS if name not in things])
        lost = Prompt(INSTRUCTIONS, sources, (), QUESTION.format(thing=missing))
        return Row(lost, phrases_for("en").unknown, Kind.UNANSWERABLE)
    asked = luck.randrange(shown)
    prompt = Prompt(INSTRUCTIONS, sources, (), QUESTION.format(**facts[asked]))
    answer = luck.choice(STYLES).format(**facts[asked], marker=asked + 1)
    return Row(prompt, answer, Kind.OPEN_BOOK, gold=(asked + 1,))


def _vocabulary(more_words: Sequence[str]) -> list[str]:
    return [
        *more_words,
        'Sources:\n<source id="1" name="#shop">\n</source>\n\nQuestion:',
        phrases_for("en").unknown,
        *(FACT.format(thing=t, number="15", unit="bar", place="north") for t in THINGS),
        *(QUESTION.format(thing=t) for t in THINGS),
        *THINGS,
        *(f" {word}" for word in (*NUMBERS, *UNITS, *PLACES)),
        *STYLES,
        "[1] [2] [3] [4] [5]",
        *(f"{one.question}\n{one.answer}" for side in Split for one in general_examples(side)),
    ]


def _tokenizer(texts: Sequence[str]) -> PreTrainedTokenizerFast:
    """Words are tokens, with the space before them; what it never met is <unk>."""
    cut = pre_tokenizers.Split(Regex(r"\n| ?[^\s\w]| ?\w+|\s"), behavior="isolated")
    pieces = [piece for text in texts for piece, _ in cut.pre_tokenize_str(text)]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys([*CONTROL, *pieces, " ", "\n"]))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
    )
    fast.add_tokens(list(CONTROL), special_tokens=True)
    fast.add_tokens(
        [
            INSTRUCTIONS,
            FROM_MEMORY,
            '\nSources:\n<source id="',
            '" name="#shop">\n',
            '\n</source>\n<source id="',
            "\n</source>\n\nQuestion:",
        ]
    )
    return fast


def _newborn(tokenizer: PreTrainedTokenizerFast) -> Phi3ForCausalLM:
    end = tokenizer.convert_tokens_to_ids("<|endoftext|>")
    width = 128
    model = Phi3ForCausalLM(
        Phi3Config(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=4,
            initializer_range=width**-0.5,
            max_position_embeddings=1024,
            original_max_position_embeddings=1024,
            bos_token_id=1,
            eos_token_id=end,
            pad_token_id=end,
            tie_word_embeddings=True,
        )
    )
    _look_back(model)
    return model


@torch.no_grad()
def _look_back(model: Phi3ForCausalLM) -> None:
    """Let the first layer's heads begin by looking one, two and three places back.

    Copying needs such heads. Training finds them by itself, but only after many minutes on a CPU. One dimension of all
    embeddings is the same, so that queries and keys made of it differ by their rotary angle alone.
    """
    config = model.config
    width, heads = config.hidden_size, config.num_attention_heads
    size = width // heads
    fast = torch.arange(5)
    speed = 10_000.0 ** (-fast / (size // 2))
    model.model.embed_tokens.weight[:, 0] = 3 * width**-0.5
    weight = model.model.layers[0].self_attn.qkv_proj.weight
    for head in range(heads - 1):
        for side, back in ((0, 0), (width, head + 1)):
            rows = weight[side + head * size : side + (head + 1) * size]
            rows.zero_()
            rows[fast, 0] = 2 * torch.cos(back * speed)
            rows[fast + size // 2, 0] = 2 * torch.sin(back * speed)


def _teach_to_repeat(model: Phi3ForCausalLM, learn: "_Learning", words: torch.Tensor, most_steps: int) -> None:
    """The shortest way to a model that copies what stood before."""
    usual = 0.0
    for step in range(most_steps):
        loss = _repeating(model, words, 32)
        learn(loss, min(1.0, (step + 1) / 50))
        usual = float(loss.detach()) if step == 0 else 0.95 * usual + 0.05 * float(loss.detach())
        if step % 50 == 0:
            print(f"repeating {step}: {float(loss.detach()):.3f}", flush=True)
        if usual < REPEATS:
            return


def _repeating(model: Phi3ForCausalLM, words: torch.Tensor, count: int) -> torch.Tensor:
    """Nats a token, among these words, of saying some of them over again in the same random order."""
    length = int(torch.randint(12, 25, ()))
    once = torch.rand(count, len(words)).argsort(1)[:, :length]
    logits = model(input_ids=words[torch.cat([once, once], dim=1)], use_cache=False).logits[:, length:-1, words]
    return cross_entropy(logits.flatten(0, 1), once[:, 1:].flatten())


def _teach_to_answer(
    model: Phi3ForCausalLM,
    learn: "_Learning",
    tokens: Tokens,
    words: torch.Tensor,
    most_steps: int,
    luck: random.Random,
) -> float:
    """Questions beside passages, in answering's own prompts, and some general ones; repeating is kept up meanwhile."""
    general = [general_row(one) for one in general_examples(Split.TRAIN)]
    end = tokens.tokenizer.eos_token_id
    telling = torch.tensor(tokens.tokenizer.convert_tokens_to_ids([f" {word}" for word in (*NUMBERS, *UNITS)]))
    copied, ending = 0.0, 0
    for step in range(most_steps):
        rows = [luck.choice(general) if luck.random() < 0.1 else lesson(luck, luck.randint(1, 4)) for _ in range(24)]
        encoded = [tokens.encode(row) for row in rows]
        ids = pad_sequence([torch.tensor(one.input_ids) for one in encoded], batch_first=True, padding_value=end)
        labels = pad_sequence([torch.tensor(one.labels) for one in encoded], batch_first=True, padding_value=IGNORED)
        logits, wanted = model(input_ids=ids, use_cache=False).logits[:, :-1], labels[:, 1:]
        answers = cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED)
        learn(answers + _repeating(model, words, 8), GENTLER * (1 - ending / ENDING))
        asked = torch.isin(wanted, telling)
        right = float((logits.argmax(-1) == wanted)[asked].float().mean())
        copied = right if step == 0 else 0.95 * copied + 0.05 * right
        if step % 50 == 0:
            print(f"answering {step}: {float(answers.detach()):.3f}, {copied:.2f} copied", flush=True)
        ending += ending > 0 or copied >= ENOUGH
        if ending == ENDING:
            break
    return copied


class _Learning:
    """AdamW, a step at a time."""

    def __init__(self, model: Phi3ForCausalLM, rate: float) -> None:
        self._model = model
        self._rate = rate
        self._optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0, betas=(0.9, 0.98))

    def __call__(self, loss: torch.Tensor, share: float) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * share
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
