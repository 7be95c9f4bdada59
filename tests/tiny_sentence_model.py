"""A sentence-transformers model of a few thousand weights, made on the spot, that wants prompts as E5 does."""

from pathlib import Path

QUERY, PASSAGE = "query: ", "passage: "
WORDS = (
    "one two three word query passage the cat sits on mat printer is out of toner lunch served in yard at noon "
    "when and where"
)


def make_model(folder: Path) -> Path:
    """The model in its folder: words it knows are whole tokens, others are spelled out."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS.split(), *letters, *(f"##{x}" for x in letters)]
    bare = folder / "bare"
    bare.mkdir(parents=True)
    (bare / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)) + "\n")
    BertTokenizerFast(vocab=str(bare / "vocab.txt")).save_pretrained(bare)
    config = BertConfig(
        vocab_size=len(set(vocabulary)),
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(bare)
    reader = Transformer(str(bare), max_seq_length=64)
    model = SentenceTransformer(
        modules=[reader, Pooling(64)], prompts={"query": QUERY, "passage": PASSAGE}, device="cpu"
    )
    model.save(str(folder / "tiny"))
    return folder / "tiny"
