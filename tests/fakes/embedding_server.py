"""An OpenAI-style embedding endpoint on this machine. The model named decides how it behaves.

`words` embeds, and answers in any order; `busy` says 503 twice and 429 once before; `down` says 503 for ever; `page`
answers with a page for people; `other` is not there. The key must be `right-key`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.fakes.embedder import FakeEmbedder

KEY = "right-key"
MOST_AT_ONCE = 100


@dataclass
class EmbeddingServer:
    url: str = ""
    asked: list[list[str]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=lambda: [503, 429, 503])


@contextmanager
def embedding_server() -> Iterator[EmbeddingServer]:
    state = EmbeddingServer()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path != "/v1/embeddings" or body["model"] == "other":
                self._refuse(404)
            elif self.headers["authorization"] != f"Bearer {KEY}":
                self._refuse(401)
            elif body["model"] == "down":
                self._refuse(503)
            elif body["model"] == "busy" and state.refusals:
                self._refuse(state.refusals.pop())
            elif body["model"] == "page":
                self._send(200, b"<html>Welcome</html>", "text/html")
            elif not all(body["input"]) or len(body["input"]) > MOST_AT_ONCE:
                self._refuse(400)
            else:
                state.asked.append(body["input"])
                self._answer(body)

        def _answer(self, body: dict[str, Any]) -> None:
            vectors = 3 * FakeEmbedder().embed_passages(body["input"])
            data = [
                {"object": "embedding", "index": at, "embedding": vector.tolist()} for at, vector in enumerate(vectors)
            ]
            usage = {"prompt_tokens": 1, "total_tokens": 1}
            answer = {"object": "list", "data": data[::-1], "model": body["model"], "usage": usage}
            self._send(200, json.dumps(answer).encode(), "application/json")

        def _refuse(self, status: int) -> None:
            self._send(status, b'{"error": {"message": "no, right-key"}}', "application/json")

        def _send(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.send_header("retry-after", "0.01")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
