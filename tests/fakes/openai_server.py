"""An OpenAI-style chat server, run as a process of its own: `python -m tests.fakes.openai_server PORT_FILE`.

The model named decides how it behaves: `echo` cites the first source, `slow` writes a word every 50 ms without end,
`silent` never answers, `breaks` drops the connection in the middle, `stumbles` does so once before the first word,
`cut` ends without a finish, `flaky` answers 503 twice and then works, `picky` refuses `max_tokens`, `limited` answers
429. The key must be `right-key`.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

ANSWER = ["The deploy ", "runs on ", "Fridays [1]", ". Grüße! 会议 🎉"]


class Server:
    def __init__(self) -> None:
        self.refused: dict[str, int] = {}
        self.closed = 0
        self.adapters: dict[str, str] = {}

    async def complete(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer right-key":
            return _error(401, "Incorrect API key provided")
        body = await request.json()
        model = body["model"]
        if model == "picky" and "max_tokens" in body:
            return _error(400, "Use max_completion_tokens instead", param="max_tokens")
        if model == "limited":
            return _error(429, "Too many requests", headers={"Retry-After": "0.01"})
        if model == "flaky" and self.refused.setdefault(model, 0) < 2:
            self.refused[model] += 1
            return _error(503, "Loading", headers={"Retry-After": "0.01"})
        if model == "silent":
            await asyncio.sleep(60)
        if model == "unknown":
            return _error(404, "The model `unknown` does not exist")
        if model.startswith("adapter-") and model not in self.adapters:
            return _error(404, f"The model `{model}` does not exist")
        return await self._stream(request, model)

    async def load_adapter(self, request: web.Request) -> web.Response:
        """As vLLM does it."""
        body = await request.json()
        if not Path(body["lora_path"]).is_absolute():
            return _error(400, "lora_path must be absolute")
        if body["lora_name"] in self.adapters:
            return _error(400, f"The lora adapter '{body['lora_name']}' has already been loaded.")
        self.adapters[body["lora_name"]] = body["lora_path"]
        return web.Response(text="Success: LoRA adapter added successfully.")

    async def unload_adapter(self, request: web.Request) -> web.Response:
        """The same."""
        if self.adapters.pop((await request.json())["lora_name"], None) is None:
            return _error(404, "The lora adapter cannot be found.")
        return web.Response(text="Success: LoRA adapter removed successfully.")

    async def start_anew(self, request: web.Request) -> web.Response:
        """What a server that was restarted knows of adapters."""
        self.adapters.clear()
        return web.Response()

    async def _stream(self, request: web.Request, model: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await self._pieces(request, response, model)
        except (ConnectionResetError, asyncio.CancelledError):
            self.closed += 1
            raise
        return response

    async def _pieces(self, request: web.Request, response: web.StreamResponse, model: str) -> None:
        await _send(response, {"role": "assistant", "content": ""}, None)
        if model == "stumbles" and not self.refused.setdefault(model, 0):
            self.refused[model] += 1
            request.transport.abort()
            return
        for piece in ["word "] * 100_000 if model == "slow" else ANSWER:
            await _send(response, {"content": piece}, None)
            if model == "slow":
                await asyncio.sleep(0.05)
            if model == "breaks":
                request.transport.abort()
                return
            if model == "cut":
                return
        await _send(response, {}, "stop")
        await response.write(b"data: [DONE]\n\n")

    async def told(self, request: web.Request) -> web.Response:
        return web.json_response({"closed": self.closed, "adapters": sorted(self.adapters)})


def _error(status: int, message: str, param: str | None = None, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(
        {"error": {"message": message, "type": "error", "param": param, "code": None}}, status=status, headers=headers
    )


async def _send(response: web.StreamResponse, delta: dict[str, Any], finish: str | None) -> None:
    chunk = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    await response.write(f"data: {json.dumps(chunk)}\n\n".encode())


async def serve(port_file: Path) -> None:
    server = Server()
    app = web.Application()
    app.add_routes(
        [
            web.post("/v1/chat/completions", server.complete),
            web.post("/v1/load_lora_adapter", server.load_adapter),
            web.post("/v1/unload_lora_adapter", server.unload_adapter),
            web.post("/start_anew", server.start_anew),
            web.get("/told", server.told),
        ]
    )
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port_file.write_text(str(runner.addresses[0][1]))  # noqa: ASYNC240 - nothing else runs yet
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
