"""Any OpenAI-style embedding endpoint, through the maintained client: batches, retries, time-outs."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import openai
from numpy.typing import NDArray
from openai.types import CreateEmbeddingResponse

from core.errors import JourneymanError, Misconfigured, Unavailable
from core.knowledge.embedders.tokens import about_tokens, shortened
from core.knowledge.embedders.unit import of_unit_length

TEXTS_AT_ONCE = 64
CHARACTERS_AT_ONCE = 200_000
"""Endpoints bound the tokens of one request, too."""

RETRIES = 4
"""By the client, with back-off, and as long as Retry-After says."""
TIMEOUT_S = 60.0

QUESTION_RETRIES = 1
QUESTION_TIMEOUT_S = 10.0
"""Somebody is waiting: without an answer till then, passages are found by words alone."""


class EmbeddingEndpoint:
    """An `Embedder` at a server, for whatever languages its model knows. May be called from several threads.

    Raises Unavailable when the server does not answer, Misconfigured when it refuses what it is asked.
    """

    def __init__(self, base_url: str, api_key: str, model: str, max_tokens: int) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._model = model
        self._max_tokens = max_tokens

    @property
    def name(self) -> str:
        """Model and server: what lies behind a name is the server's to say."""
        return f"{self._model}@{self._base_url.rstrip('/')}"

    @cached_property
    def dimension(self) -> int:
        """Length of each vector, found out by embedding a word."""
        return len(self._ask(self._client, ["dimension"])[0])

    @property
    def max_tokens(self) -> int:
        """Longest text that is sent whole."""
        return self._max_tokens

    def count_tokens(self, text: str) -> int:
        """About as many as tokenizers make of it: the server's own is not known here."""
        return about_tokens(text)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a text, in the order given."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._embed(self._client, texts)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """The question's unit vector."""
        hasty = self._client.with_options(max_retries=QUESTION_RETRIES, timeout=QUESTION_TIMEOUT_S)
        vector: NDArray[np.float32] = self._embed(hasty, [text])[0]
        return vector

    def readability(self, text: str) -> float:  # noqa: ARG002 - the same for every text
        """Taken to be made for all languages, as the models behind endpoints are."""
        return 1.0

    @cached_property
    def _client(self) -> openai.OpenAI:
        return openai.OpenAI(
            base_url=self._base_url, api_key=self._api_key or "none", timeout=TIMEOUT_S, max_retries=RETRIES
        )

    def _embed(self, client: openai.OpenAI, texts: Sequence[str]) -> NDArray[np.float32]:
        whole = [self._fit(text) for text in texts]
        found = [vector for batch in _batches(whole) for vector in self._ask(client, batch)]
        if len({len(vector) for vector in found}) != 1:
            raise Misconfigured(f"The model {self._model} gives vectors of several lengths: it cannot be used here.")
        return of_unit_length(np.asarray(found, dtype=np.float32))

    def _ask(self, client: openai.OpenAI, texts: list[str]) -> list[list[float]]:
        try:
            answer = client.embeddings.create(model=self._model, input=texts, encoding_format="float")
        except openai.APIStatusError as error:
            raise self._refusal(error) from error
        except openai.APIError as error:
            raise Unavailable(f"The embedding server at {self._base_url} does not answer.") from error
        # A page of some other server would come as a string.
        if not isinstance(answer, CreateEmbeddingResponse) or len(answer.data or ()) != len(texts):
            raise Misconfigured(
                f"What answers at {self._base_url} is no OpenAI-style embedding endpoint. Check EMBEDDING_BASE_URL: "
                "it mostly ends in /v1."
            )
        return [each.embedding for each in sorted(answer.data, key=lambda each: each.index)]

    def _refusal(self, error: openai.APIStatusError) -> JourneymanError:
        status = error.status_code
        if status in {408, 409, 429} or status >= 500:
            return Unavailable(f"The embedding server at {self._base_url} cannot answer just now (status {status}).")
        if status in {401, 403}:
            return Misconfigured("The embedding server refused the key. Check EMBEDDING_API_KEY.")
        if status == 404:
            return Misconfigured(
                f"There is no embedding model {self._model} at {self._base_url}. Check EMBEDDER and EMBEDDING_BASE_URL."
            )
        return Misconfigured(
            f"The embedding server refused the request (status {status}). Check EMBEDDER and EMBEDDING_MAX_TOKENS."
        )

    def _fit(self, text: str) -> str:
        """Within the limit, and never empty, which endpoints refuse."""
        return shortened(text, self._max_tokens).strip() or "-"


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == TEXTS_AT_ONCE or size + len(text) > CHARACTERS_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch
