"""A Phi-3 with the real architecture and chat template, small enough for tests; its weights are random but fixed."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Phi3Config, Phi3ForCausalLM, PreTrainedTokenizerFast

SPECIAL = ("<unk>", "<s>", "</s>", "<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>")

# As microsoft/Phi-3-mini-4k-instruct ships it.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}"
    "{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}"
    "{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}"
    "{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
)


def tiny_tokenizer(corpus: Sequence[str] = (), vocabulary: int = 600) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer with Phi-3's control tokens and template, trained on `corpus`."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=4096,
    )


def write_tiny_phi3(
    folder: Path,
    corpus: Sequence[str] = (),
    *,
    hidden: int = 64,
    intermediate: int = 128,
    layers: int = 2,
    heads: int = 4,
    key_value_heads: int = 2,
    vocabulary: int = 600,
    context: int = 4096,
    seed: int = 0,
) -> Path:
    """Save such a model and its tokenizer in `folder`, as a checkpoint that `from_pretrained` loads."""
    tokenizer = tiny_tokenizer(corpus, vocabulary)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Phi3ForCausalLM(
            Phi3Config(
                vocab_size=len(tokenizer),
                hidden_size=hidden,
                intermediate_size=intermediate,
                num_hidden_layers=layers,
                num_attention_heads=heads,
                num_key_value_heads=key_value_heads,
                max_position_embeddings=context,
                original_max_position_embeddings=context,
                sliding_window=None,
                resid_pdrop=0.0,
                bos_token_id=tokenizer.convert_tokens_to_ids("<s>"),
                eos_token_id=tokenizer.convert_tokens_to_ids("<|endoftext|>"),
                pad_token_id=tokenizer.convert_tokens_to_ids("<|endoftext|>"),
            )
        )
    # The ids that end a reply, as in Phi-3's own generation_config.json.
    stops = ("<|endoftext|>", "<|assistant|>", "<|end|>")
    model.generation_config.eos_token_id = [tokenizer.convert_tokens_to_ids(token) for token in stops]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
