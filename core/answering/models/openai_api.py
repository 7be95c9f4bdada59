"""Any OpenAI-style server, such as vLLM, through the maintained client: streaming, time-outs, retries with back-off."""

import logging
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import openai

from core.answering.models.language_model import Prompt, WrittenWith
from core.answering.models.messages import as_messages
from core.answering.models.served_adapters import ServedAdapters
from core.answering.patience import Patiently, TookTooLong
from core.errors import ModelUnavailable

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk

log = logging.getLogger(__name__)

CONNECT_S = 10.0
RETRIES = 3
"""By the client, with back-off, of a request that is refused or not answered."""
ATTEMPTS = 2
"""Of a stream that breaks before the first word, as when the server is started anew."""
_TEMPLATE_TOKENS = 8
"""What a chat template adds to each message, generously."""
_ASCII_WORD = re.compile(r"[A-Za-z]+")
_ASCII_SIGN = re.compile(r"[!-@\[-`{-~]|\n")


class _BrokeOff(ModelUnavailable):
    """The stream ended before the answer did."""

    def __init__(self) -> None:
        super().__init__("The model server broke off in the middle of its answer.")


def estimated_tokens(text: str) -> int:
    """More tokens than most tokenizers make of the text: the server's own is not known here."""
    words = sum(-(-len(word) // 4) for word in _ASCII_WORD.findall(text))
    others = sum(1 for character in text if ord(character) > 127)
    return words + len(_ASCII_SIGN.findall(text)) + others


class OpenAIServer:
    """A LanguageModel at a server. The key goes nowhere but into the requests.

    With `folder_of`, which gives the checked folder of an adapter, the server is asked to load adapters, as vLLM does.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        context_tokens: int,
        max_new_tokens: int,
        patience_s: float,
        folder_of: Callable[[str], Path] | None = None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._model = model
        self._context_tokens = context_tokens
        self._patience_s = patience_s
        self._options: dict[str, Any] = {"max_tokens": max_new_tokens, "temperature": 0.0}
        self._max_new_tokens = max_new_tokens
        self._adapters = ServedAdapters(lambda: self._client, folder_of)

    @property
    def name(self) -> str:
        """The model's name at the server."""
        return self._model

    @property
    def adapter(self) -> str:
        """The one that is asked for by name instead of the model."""
        return self._adapters.current

    @property
    def generates(self) -> bool:
        """It writes in its own words."""
        return True

    def room_for(self, prompt: Prompt) -> int:
        """By a careful estimate."""
        messages = as_messages(prompt)
        used = sum(estimated_tokens(message["content"]) + _TEMPLATE_TOKENS for message in messages)
        return self._context_tokens - self._max_new_tokens - used

    def use(self, adapter: str) -> None:
        """Have the server load the adapter, and ask for it from the next answer on."""
        self._adapters.use(adapter)

    def generate(self, prompt: Prompt, stop: Event) -> Iterator[str | WrittenWith]:
        """The answer as the server streams it. The connection is closed when `stop` is set."""
        adapter = self._adapters.current
        yield WrittenWith(adapter)
        try:
            yield from Patiently(lambda leave: self._written(prompt, leave, adapter), stop, self._patience_s)
        except TookTooLong:
            raise ModelUnavailable(f"The model server said nothing for {self._patience_s:.0f} seconds.") from None

    def rest(self) -> None:
        """The server's memory is its own: it goes on."""

    def wake(self) -> None:
        """It never slept."""

    def close(self) -> None:
        """Close the connections that are kept open."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> openai.OpenAI:
        return openai.OpenAI(
            base_url=self._base_url or None,
            api_key=self._api_key or "none",
            timeout=openai.Timeout(self._patience_s, connect=CONNECT_S),
            max_retries=RETRIES,
        )

    def _written(self, prompt: Prompt, leave: Event, adapter: str) -> Iterator[str]:
        for attempt in range(1, ATTEMPTS + 1):
            has_begun = False
            try:
                for piece in self._streamed(prompt, leave, adapter):
                    has_begun = has_begun or bool(piece)
                    yield piece
                return
            except _BrokeOff:
                if has_begun or attempt == ATTEMPTS:
                    raise
                log.info("The model server broke off before the first word: it is asked again.")

    def _streamed(self, prompt: Prompt, leave: Event, adapter: str) -> Iterator[str]:
        begun = finished = False
        try:
            with self._opened(prompt, adapter) as stream:
                begun = True
                for chunk in stream:
                    if leave.is_set():
                        return
                    for choice in chunk.choices[:1]:
                        finished = finished or choice.finish_reason is not None
                        yield choice.delta.content or ""
        except openai.APIStatusError as error:
            raise ModelUnavailable(_sentence(error)) from error
        except openai.OpenAIError as error:
            if begun:
                raise _BrokeOff from error
            raise ModelUnavailable("The model server cannot be reached.") from error
        except ValueError as error:
            raise ModelUnavailable("The model server answered with something that is not a chat completion.") from error
        if not finished:
            raise _BrokeOff

    def _opened(self, prompt: Prompt, adapter: str) -> "openai.Stream[ChatCompletionChunk]":
        try:
            return self._create(prompt, adapter)
        except openai.BadRequestError as error:
            if not self._adapt(error):
                raise
            return self._create(prompt, adapter)
        except openai.NotFoundError:
            if not adapter:
                raise
            self._adapters.load(adapter)  # the server was started anew, and knows its base model alone
            return self._create(prompt, adapter)

    def _create(self, prompt: Prompt, adapter: str) -> "openai.Stream[ChatCompletionChunk]":
        messages: Any = as_messages(prompt)
        stream: openai.Stream[ChatCompletionChunk] = self._client.chat.completions.create(
            model=adapter or self._model, messages=messages, stream=True, **self._options
        )
        return stream

    def _adapt(self, error: openai.BadRequestError) -> bool:
        """Newer models at OpenAI itself refuse these two options: leave them out from now on."""
        options = dict(self._options)
        if error.param == "max_tokens" and "max_tokens" in options:
            options["max_completion_tokens"] = options.pop("max_tokens")
        elif error.param == "temperature":
            options.pop("temperature", None)
        changed = options != self._options
        self._options = options
        return changed


def _sentence(error: openai.APIStatusError) -> str:
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return "The model server refused the key. Check OPENAI_API_KEY."
    if isinstance(error, openai.NotFoundError):
        return "The model server does not know this model or address. Check OPENAI_BASE_URL and OPENAI_MODEL."
    if isinstance(error, openai.RateLimitError):
        return "The model server is asked for more than it allows."
    return f"The model server answered with status {error.status_code}."
