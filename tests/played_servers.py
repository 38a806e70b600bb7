"""Model servers played on loopback from the documented answers of llama-server, vLLM, Ollama, LM Studio and others.

They misbehave as told. A word is a token.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from localdigest.remote.bound import LATIN_SAMPLE, OTHER_SAMPLE
from localdigest.remote.caller import Patience

__all__ = ["IMPATIENT", "Fault", "Played", "Request", "play"]

#: Of tests: what would take minutes takes seconds.
IMPATIENT = Patience(connect_s=2.0, short_s=5.0, first_s=10.0, idle_s=1.0, absent_s=2.0)


@dataclass(frozen=True)
class Request:
    number: int  #: of the chats so far
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "".join(message["content"] for message in self.body.get("messages", ()))

    @property
    def is_probe(self) -> bool:
        return self.prompt.startswith("Say hello.") or self.prompt in (LATIN_SAMPLE, OTHER_SAMPLE)


@dataclass(frozen=True)
class Fault:
    """What happens to one chat."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: Any = None  #: body of another status
    cut_after: int | None = None  #: pieces of the answer, and the connection is closed in the middle
    ends_after: int | None = None  #: pieces of the answer, and the stream ends as if that were all
    hangs_after: int | None = None  #: pieces of the answer, and nothing more for a minute
    text: str | None = None  #: in place of the answer
    raw: bytes | None = None  #: in place of the first piece
    finish: str = ""
    delay_s: float = 0.0


#: What a chat asks for when nothing constrains it.
Says = Callable[[Request], str]


@dataclass
class Played:
    """One server. `kind` decides what it tells and how it is asked, `honours` which forms of a schema it keeps."""

    kind: str  #: llama, vllm, ollama, studio, plain
    honours: tuple[str, ...] = ()
    models: tuple[str, ...] = ("tiny",)
    context: int = 8192
    tells_context: bool = True
    tells_usage: bool = True
    tokenizes: bool = True
    streams: bool = True
    scores: int = 0  #: log-probabilities of at most so many tokens
    refuses: tuple[str, ...] = ()  #: fields of a chat that are answered with 400
    key: str = ""
    loading: int = 0  #: requests that are answered with 503 before the model is there
    says: Says = lambda _: "Hello, I am a model."
    fills: Callable[[Request, Any], Any] = lambda _, schema: filled(schema)  #: what it says within a schema
    fault: Callable[[Request], Fault | None] = lambda _: None
    cuts_prompts_at: int = 0  #: tokens, without a word
    chats: list[Request] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    @property
    def jobs(self) -> list[Request]:
        """The chats that were no part of finding out what it is."""
        return [chat for chat in self.chats if not chat.is_probe]

    def close(self) -> None:
        """As if its process had been killed: nobody listens there any more, and every connection is cut."""
        self.server.shutdown()
        self.server.server_close()
        for connection in tuple(self.server.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # ── what it answers ──────────────────────────────────────────────────────

    def get(self, path: str) -> Any:
        """JSON, or None for 404."""
        if path == "/v1/models":
            return {"object": "list", "data": [self._row(name) for name in self.models]}
        told = {
            ("llama", "/props"): self._props,
            ("vllm", "/version"): lambda: {"version": "0.30.1"},
            ("ollama", "/api/version"): lambda: {"version": "0.32.9"},
            ("ollama", "/api/tags"): lambda: {"models": [_tag(name) for name in self.models]},
            ("ollama", "/api/ps"): self._loaded,
            ("studio", "/api/v0/models"): lambda: {"data": [self._studio_row(name) for name in self.models]},
        }
        if (self.kind, path) in told:
            return told[self.kind, path]()
        return {"error": f"Unexpected endpoint or method. (GET {path})"} if self.kind == "studio" else None

    def _props(self) -> dict[str, Any]:
        return {
            "total_slots": 3,
            "model_path": "/data/models/tiny.gguf",
            "default_generation_settings": {"n_ctx": self.context},
            "build_info": "b9999-abc",
            "chat_template": "{{ messages }}",
        }

    def _loaded(self) -> dict[str, Any]:
        """Of Ollama: nothing before the first question, and no context in older versions."""
        told = {"context_length": self.context} if self.tells_context else {}
        return {"models": [{"name": f"{name}:latest", **told} for name in self.models if self.chats]}

    def _row(self, name: str) -> dict[str, Any]:
        row: dict[str, Any] = {"id": f"{name}:latest" if self.kind == "ollama" else name, "object": "model"}
        match self.kind:
            case "llama":
                meta = {"n_vocab": 32000, "n_ctx_train": 32768, "n_params": 7_000, "size": 4_000, "ftype": "Q4_K"}
                return row | {"owned_by": "llamacpp", "meta": meta}
            case "vllm":
                return row | {"owned_by": "vllm", "root": f"org/{name}", "max_model_len": self.context}
            case "ollama":
                return row | {"owned_by": "library"}
        return row | {"owned_by": "somebody"}

    def _studio_row(self, name: str) -> dict[str, Any]:
        row = {"id": name, "state": "loaded", "arch": "llama", "quantization": "Q4_K_M", "max_context_length": 32768}
        return row | ({"loaded_context_length": self.context} if self.tells_context else {})

    def tokenize(self, body: dict[str, Any]) -> Any:
        """A word is a token."""
        if not self.tokenizes or self.kind not in ("llama", "vllm"):
            return None
        key = "content" if self.kind == "llama" else "prompt"
        if key not in body:
            return {"tokens": []} if self.kind == "llama" else None
        tokens = list(range(len(body[key].split())))
        return {"tokens": tokens} if self.kind == "llama" else {"count": len(tokens), "tokens": tokens}

    def answer(self, request: Request) -> str:
        """What the schema asks for, where it is kept; what the model says anyway, where not."""
        schema = self._schema(request.body)
        if schema is None:
            return self.says(request)
        value = filled(schema) if request.is_probe else self.fills(request, schema)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def _schema(self, body: dict[str, Any]) -> Any:
        format_ = body.get("response_format") or {}
        found = {
            "json_schema": format_.get("json_schema", {}).get("schema")
            if format_.get("type") == "json_schema"
            else None,
            "json_object": format_.get("schema") if format_.get("type") == "json_object" else None,
            "structured_outputs": (body.get("structured_outputs") or {}).get("json"),
            "guided_json": body.get("guided_json"),
            "format": body.get("format"),
        }
        return next((schema for name, schema in found.items() if name in self.honours and schema), None)


def _tag(name: str) -> dict[str, Any]:
    details = {"family": "llama", "parameter_size": "7B", "quantization_level": "Q4_K_M"}
    return {"name": f"{name}:latest", "digest": "d" * 64, "size": 4_000_000_000, "details": details}


def filled(schema: dict[str, Any]) -> Any:
    """The least that keeps a schema."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {name: filled(value) for name, value in schema["properties"].items()}
        case "array":
            return [filled(schema["items"])] * schema.get("minItems", 0)
        case "string":
            return "x" * schema.get("minLength", 1)
        case "boolean":
            return True
    raise AssertionError(schema)


@contextmanager
def play(kind: str, *honours: str, port: int = 0, **options: Any) -> Iterator[Played]:
    """A played server for the time of the block."""
    played = Played(kind, honours, **options)
    played.server = _Server(("127.0.0.1", port), _Handler)
    played.server.played = played
    thread = threading.Thread(target=played.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield played
    finally:
        with suppress(OSError):
            played.close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    played: Played

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for somebody to have heard of its head
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
        """Tests read `Played.log` instead."""

    def do_GET(self) -> None:
        played = self.server.played
        played.log.append(self.path)
        if self._is_shut_out(played):
            return
        data = played.get(self.path)
        self._json(404 if data is None else 200, {"error": "not found"} if data is None else data)

    def do_POST(self) -> None:
        played = self.server.played
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        body = json.loads(raw)
        played.log.append(self.path)
        played.bodies.append(raw)
        if self._is_shut_out(played):
            return
        if self.path == "/tokenize":
            data = played.tokenize(body)
            self._json(404 if data is None else 200, {"error": "not found"} if data is None else data)
        elif self.path in ("/v1/chat/completions", *(["/api/chat"] if "format" in played.honours else [])):
            self._chat(played, body)
        else:
            self._json(404, {"error": "not found"})

    def _is_shut_out(self, played: Played) -> bool:
        if played.loading:
            played.loading -= 1
            self._json(503, {"error": {"message": "Loading model", "type": "unavailable_error"}})
            return True
        if not played.key or self.headers.get("authorization") == f"Bearer {played.key}":
            return False
        self._json(401, {"error": {"message": f"Incorrect key: {self.headers.get('authorization')}"}})
        return True

    def _chat(self, played: Played, body: dict[str, Any]) -> None:
        with played.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(len(played.chats), self.path, headers, body)
            played.chats.append(request)
            played.under_way += 1
            played.most_under_way = max(played.most_under_way, played.under_way)
        try:
            self._answer(played, request)
        finally:
            with played.lock:
                played.under_way -= 1

    def _answer(self, played: Played, request: Request) -> None:
        if refused := [name for name in played.refuses if name in request.body]:
            self._json(400, {"error": {"message": f"unknown field {refused[0]}"}})
            return
        fault = (None if request.is_probe else played.fault(request)) or Fault()
        time.sleep(fault.delay_s)
        if fault.status != 200:
            self._json(fault.status, fault.error or {"error": {"message": "no"}}, fault.headers)
            return
        read = len(re.findall(r"\S+", request.prompt)) + 3
        read = min(read, played.cuts_prompts_at) if played.cuts_prompts_at else read
        if request.body.get("logprobs"):
            self._scores(played, request)
            return
        text = played.answer(request) if fault.text is None else fault.text
        options = request.body.get("options", {})
        most = options.get("num_predict") if self.path == "/api/chat" else request.body.get("max_tokens")
        pieces = re.findall(r"[^ ]* ?", text)[:-1] if " " in text else [text[i : i + 7] for i in range(0, len(text), 7)]
        finish = fault.finish or ("length" if most is not None and len(pieces) > most else "stop")
        pieces = pieces[:most]
        usage = {"prompt_tokens": read, "completion_tokens": len(pieces), "total_tokens": read + len(pieces)}
        if self.path == "/api/chat" and not request.body.get("stream"):
            counts = {"prompt_eval_count": read} if played.tells_usage else {}
            self._json(200, {"message": {"content": "".join(pieces)}, "done": True, "done_reason": finish, **counts})
        elif self.path == "/api/chat":
            self._lines(pieces, fault, _ollama(finish, usage if played.tells_usage else {}))
        elif played.streams and request.body.get("stream"):
            self._lines(pieces, fault, _events(finish, usage if played.tells_usage else None))
        else:
            choice = {"message": {"content": "".join(pieces)}, "finish_reason": finish}
            self._json(200, {"choices": [choice], **({"usage": usage} if played.tells_usage else {})})

    def _scores(self, played: Played, request: Request) -> None:
        asked = request.body.get("top_logprobs", 0)
        if asked > played.scores:
            self._json(400, {"error": {"message": f"top_logprobs may be at most {played.scores}"}})
            return
        words = [" yes", "Yes", " no", "maybe", "no", " nothing"]
        rows = [{"token": word, "logprob": -0.5 - index} for index, word in enumerate(words)][:asked]
        content = [{"token": " yes", "logprob": -0.5, "top_logprobs": rows}]
        usage = {"prompt_tokens": len(request.prompt.split()), "completion_tokens": 1}
        choice = {"message": {"content": " yes"}, "logprobs": {"content": content}}
        self._json(200, {"choices": [choice], "usage": usage})

    def _lines(self, pieces: Sequence[str], fault: Fault, lines: _Lines) -> None:
        """Chunked, piece by piece, up to the fault."""
        self.send_response(200)
        self.send_header("Content-Type", lines.media_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if fault.raw is not None:
            self._chunk(fault.raw)
        for index, piece in enumerate(pieces):
            if fault.hangs_after == index:
                self._hang()
                return
            if fault.cut_after == index:
                self.close_connection = True
                self.connection.close()
                return
            if fault.ends_after == index:
                self._chunk(b"")
                return
            self._chunk(lines.of(piece))
        for line in lines.end:
            self._chunk(line)
        self._chunk(b"")

    def _hang(self) -> None:
        """Until the other side has had enough."""
        self.connection.settimeout(60)
        with suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _json(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True)
class _Lines:
    media_type: str
    of: Callable[[str], bytes]
    end: tuple[bytes, ...]


def _events(finish: str, usage: dict[str, int] | None) -> _Lines:
    def event(data: Any) -> bytes:
        return f"data: {json.dumps(data)}\n\n".encode()

    def piece(text: str) -> bytes:
        return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})

    last = event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    counts = (event({"choices": [], "usage": usage}),) if usage else ()
    return _Lines("text/event-stream", piece, (last, *counts, b"data: [DONE]\n\n"))


def _ollama(finish: str, usage: dict[str, int]) -> _Lines:
    def piece(text: str) -> bytes:
        return (json.dumps({"message": {"role": "assistant", "content": text}, "done": False}) + "\n").encode()

    counts = {"prompt_eval_count": usage["prompt_tokens"], "eval_count": usage["completion_tokens"]} if usage else {}
    last = json.dumps({"message": {"content": ""}, "done": True, "done_reason": finish, **counts}) + "\n"
    return _Lines("application/x-ndjson", piece, (last.encode(),))
