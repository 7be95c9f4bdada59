"""Which embedder the settings name: the packaged MiniLM, any sentence-transformers model, or an endpoint."""

from core.knowledge.embedding import Embedder
from core.knowledge.minilm import MiniLM

MINILM = "minilm"


def open_embedder(name: str, base_url: str, api_key: str, max_tokens: int) -> Embedder:
    """The embedder of this name, or of this name at that endpoint; `max_tokens` counts for endpoints only.

    Nothing is loaded yet: whether it is there shows when it is first used.
    """
    if base_url:
        from core.knowledge.embedders.endpoint import EmbeddingEndpoint  # noqa: PLC0415 - only one of them is used

        return EmbeddingEndpoint(base_url, api_key, name, max_tokens)
    if name == MINILM:
        return MiniLM()
    from core.knowledge.embedders.sentence_transformer import SentenceTransformerEmbedder  # noqa: PLC0415 - the same

    return SentenceTransformerEmbedder(name)
