"""A tiny Phi-3 with its own tokenizer, made on the spot: the real architecture, template and special tokens."""

from pathlib import Path

SPECIAL = ["<unk>", "<s>", "</s>", "<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>"]
# The stock chat template of microsoft/Phi-3-mini-4k-instruct.
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'system' %}"
    "{{'<|system|>\n' + message['content'] + '<|end|>\n'}}"
    "{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}"
    "{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
)
# That of the medium checkpoints: a system message vanishes.
TEMPLATE_WITHOUT_SYSTEM = (
    "{% for message in messages %}{% if (message['role'] == 'user') %}{{'<|user|>' + '\n' + message['content'] + "
    "'<|end|>' + '\n' + '<|assistant|>' + '\n'}}{% elif (message['role'] == 'assistant') %}"
    "{{message['content'] + '<|end|>' + '\n'}}{% endif %}{% endfor %}"
)
TEXTS = [
    "The deploy runs on Fridays at five o'clock, and Ana checks the dashboard before it.",
    "Answer the question from the numbered sources. Cite each source like [1].\n  - indented line\n",
    "Grüße aus Köln: der Fehler steht im Protokoll. ¿Cuándo es la reunión? Η σύσκεψη είναι αύριο. 会议在明天 🎉",
]


def build_tiny_phi3(folder: Path, *, context: int = 4096, template: str = TEMPLATE, seed: int = 7) -> Path:
    """Save a random tiny Phi-3 checkpoint in `folder`."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import Phi3Config, Phi3ForCausalLM, PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE(unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(TEXTS * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="<|endoftext|>", pad_token="<|endoftext|>", unk_token="<unk>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    config = Phi3Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=context,
        original_max_position_embeddings=context,
        bos_token_id=1,
        eos_token_id=3,
        pad_token_id=3,
        initializer_range=0.6,
    )
    model = Phi3ForCausalLM(config)
    with torch.no_grad():
        # It never ends of its own accord, so that tests of stopping know what stopped it.
        model.lm_head.weight[: len(SPECIAL)] = 0
    model.save_pretrained(folder)
    return folder
