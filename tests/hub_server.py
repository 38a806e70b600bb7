"""A real server on loopback that speaks the protocol of the Hugging Face hub, and misbehaves as told.

There are two of them, as in life: the hub at `http://127.0.0.1:PORT` answers `resolve` with a redirect to the store of
bytes at `http://localhost:PORT`, another host. `hub.environment` points the real client at it; `hub.allow_hosts` is
what the user would have to vouch for.

    with serve_hub({"owner/tiny": {"model.gguf": content}}) as hub:
        hub.faults["model.gguf"] = Fault(cut_after=1000, times=1)
        ...
        assert hub.bytes_sent("model.gguf") == ...
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_secret"

_MODEL = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)(?:/revision/(?P<rev>[^/]+))?")
_RESOLVE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<rev>[^/]+)/(?P<name>.+)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(frozen=True)
class Fault:
    """How the store of bytes (or, with `at_hub`, the hub itself) misbehaves for one file."""

    times: int | None = None  #: so many answers, then none is faulty; None for ever
    skip: int = 0  #: so many answers first that are right
    cut_after: int | None = None  #: bytes of the body, then the connection is closed
    stall_after: int | None = None  #: bytes of the body, then silence
    bytes_per_s: float | None = None  #: a drip
    wrong_at: int | None = None  #: the byte at this place of the file is another one
    status: int | None = None  #: instead of an answer
    headers: Mapping[str, str] = field(default_factory=dict)  #: on top
    ignore_range: bool = False  #: 200 and the whole file
    no_length: bool = False  #: chunked
    other_range: bool = False  #: a part that starts one byte later than was asked for
    other_length: int | None = None  #: the file is said to be so long
    new_content: bytes | None = None  #: from now on the file is this, with a tag of its own
    at_hub: bool = False


@dataclass(frozen=True)
class Request:
    """One request that was seen."""

    server: str  #: hub or store
    method: str
    path: str
    query: str  #: the hub hands on what it is asked with
    range: tuple[int, int] | None  #: from the first byte to after the last
    if_range: str
    has_token: bool
    headers: Mapping[str, str]
    at: float


class Hub:
    """Both servers. Everything may be changed while they run."""

    def __init__(self, repos: Mapping[str, Mapping[str, bytes]]) -> None:
        self.repos = {repo: dict(files) for repo, files in repos.items()}
        self.faults: dict[str, Fault] = {}  #: by the file's name
        self.gated: set[str] = set()  #: repositories that want the token
        self.revisions = {"main", COMMIT}
        self.bytes_per_s: float | None = None  #: of each connection to the store
        self.ranges = True  #: whether the store answers them
        self.tags = True  #: whether its answers have an ETag
        self.log: list[Request] = []
        self._sent: dict[str, int] = {}
        self._answers: dict[str, int] = {}
        self._lock = threading.Lock()
        self.hub = _Server(("127.0.0.1", 0), _HubHandler, self)
        self.store = _Server(("127.0.0.1", 0), _StoreHandler, self)
        self.url = f"http://127.0.0.1:{self.hub.server_address[1]}"
        self.store_url = f"http://localhost:{self.store.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """What the real client needs to find it, set before it is imported."""
        return {"HF_ENDPOINT": self.url, "HF_TOKEN": "", "HF_HUB_OFFLINE": "0"}

    @property
    def allow_hosts(self) -> frozenset[str]:
        """The store's host, which HF_ENDPOINT does not name."""
        return frozenset({"localhost"})

    def resolve_url(self, repo: str, name: str) -> str:
        return f"{self.url}/{repo}/resolve/{COMMIT}/{name}"

    def bytes_sent(self, name: str) -> int:
        """Of a file's body, over all answers."""
        with self._lock:
            return self._sent.get(name, 0)

    def asked(self, server: str, name: str = "") -> list[Request]:
        with self._lock:
            return [each for each in self.log if each.server == server and each.path.endswith(name)]

    def note(self, request: Request) -> None:
        with self._lock:
            self.log.append(request)

    def count(self, name: str, num_bytes: int) -> None:
        with self._lock:
            self._sent[name] = self._sent.get(name, 0) + num_bytes

    def fault_for(self, name: str, *, at_hub: bool) -> Fault:
        with self._lock:
            fault = self.faults.get(name, Fault())
            if fault.at_hub != at_hub:
                return Fault()
            turn = self._answers.get(name, 0)
            self._answers[name] = turn + 1
            if turn < fault.skip or (fault.times is not None and turn >= fault.skip + fault.times):
                return Fault()
            return fault


@contextmanager
def serve_hub(repos: Mapping[str, Mapping[str, bytes]]) -> Iterator[Hub]:
    """A hub for the time of the block."""
    hub = Hub(repos)
    servers = (hub.hub, hub.store)
    threads = [threading.Thread(target=each.serve_forever, args=(0.02,), daemon=True) for each in servers]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


def tag_of(content: bytes) -> str:
    """The store's strong tag: not the sha256, as with the real ones."""
    return f'"{hashlib.md5(content).hexdigest()}"'


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[_Handler], hub: Hub) -> None:
        super().__init__(address, handler)
        self.owner = hub

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up or is killed is what the tests want."""


class _Handler(BaseHTTPRequestHandler, ABC):
    protocol_version = "HTTP/1.1"
    name = ""
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
        """Tests read `Hub.log` instead."""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    @abstractmethod
    def answer(self, path: str) -> None:
        """What this one of the two servers says to a request."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.owner.note(
            Request(
                server=self.name,
                method=self.command,
                path=path,
                query=urlsplit(self.path).query,
                range=self.range(10**18),
                if_range=headers.get("if-range", ""),
                has_token="authorization" in headers,
                headers=headers,
                at=time.monotonic(),
            )
        )
        self.answer(path)

    def range(self, total: int) -> tuple[int, int] | None:
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        if not found:
            return None
        return int(found[1]), min(int(found[2]) + 1, total) if found[2] else total

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.wfile.write("\r\n".join(lines).encode())

    def refuse(self, status: int, code: str = "", headers: Mapping[str, str] | None = None) -> None:
        named = {"X-Error-Code": code, "X-Error-Message": f"told {code}"} if code else {}
        self.head(status, {"Content-Length": "0", **named, **(headers or {})})


class _HubHandler(_Handler):
    name = "hub"

    def answer(self, path: str) -> None:
        hub = self.server.owner
        found = _MODEL.fullmatch(path) or _RESOLVE.fullmatch(path)
        if not found:
            self.refuse(404)
            return
        repo, revision = found["repo"], found["rev"] or "main"
        if repo not in hub.repos:
            # The hub does not tell strangers which private repositories there are.
            self.refuse(401 if not self._token() else 404, "RepoNotFound")
        elif repo in hub.gated and self._token() != TOKEN:
            self.refuse(403 if self._token() else 401, "GatedRepo")
        elif revision not in hub.revisions:
            self.refuse(404, "RevisionNotFound")
        elif path.startswith("/api/"):
            self._tell_model(repo)
        else:
            self._resolve(repo, found["name"])

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _tell_model(self, repo: str) -> None:
        siblings = [{"rfilename": name} for name in self.server.owner.repos[repo]]
        body = json.dumps({"id": repo, "sha": COMMIT, "siblings": siblings}).encode()
        self.head(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        self.wfile.write(body)

    def _resolve(self, repo: str, name: str) -> None:
        hub = self.server.owner
        content = hub.repos[repo].get(name)
        if content is None:
            self.refuse(404, "EntryNotFound")
            return
        fault = hub.fault_for(name, at_hub=True)
        if fault.status is not None:
            self.refuse(fault.status, headers=fault.headers)
            return
        self.head(
            302,
            {
                "Content-Length": "0",
                "Location": f"{hub.store_url}/{repo}/{name}?signature=1&{urlsplit(self.path).query}",
                "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
                "X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"',
                "X-Linked-Size": str(len(content)),
                "X-Repo-Commit": COMMIT,
                "Accept-Ranges": "bytes",
                **fault.headers,
            },
        )


class _StoreHandler(_Handler):
    name = "store"

    def answer(self, path: str) -> None:
        hub = self.server.owner
        _, owner, repo, name = path.split("/", maxsplit=3)
        fault = hub.fault_for(name, at_hub=False)
        if fault.new_content is not None:
            hub.repos[f"{owner}/{repo}"][name] = fault.new_content
        if fault.status is not None:
            self.refuse(fault.status, headers=fault.headers)
            return
        self._send(name, hub.repos[f"{owner}/{repo}"][name], fault)

    def _send(self, name: str, content: bytes, fault: Fault) -> None:
        if fault.wrong_at is not None:
            content = content[: fault.wrong_at] + bytes([content[fault.wrong_at] ^ 1]) + content[fault.wrong_at + 1 :]
        total = len(content) if fault.other_length is None else fault.other_length
        tag = tag_of(content)
        asked = self.range(len(content))
        wants = asked if self.headers.get("If-Range", tag) == tag else None
        headers = {"Content-Type": "application/octet-stream", **({"ETag": tag} if self.server.owner.tags else {})}
        if not self.server.owner.ranges or fault.ignore_range:
            wants = None
        else:
            headers["Accept-Ranges"] = "bytes"
        if wants and wants[0] >= len(content):
            self.head(416, {"Content-Length": "0", "Content-Range": f"bytes */{total}", **headers})
            return
        start, end = wants or (0, len(content))
        if fault.other_range:
            start += 1
        if wants:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{total}"
        if fault.no_length:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(end - start if wants or fault.other_length is None else total)
        self.head(206 if wants else 200, {**headers, **fault.headers})
        if self.command == "GET":
            self._body(name, content[start:end], fault)

    def _body(self, name: str, body: bytes, fault: Fault) -> None:
        hub = self.server.owner
        rate = fault.bytes_per_s or hub.bytes_per_s
        size = 16384 if rate is None else max(1, int(rate * 0.02))
        stop = min(each for each in (fault.cut_after, fault.stall_after, len(body)) if each is not None)
        for at in range(0, stop, size):
            piece = body[at : min(at + size, stop)]
            hub.count(name, len(piece))
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if fault.no_length else piece)
            if rate is not None:
                time.sleep(len(piece) / rate)
        if fault.stall_after is not None and stop < len(body):
            time.sleep(30)
        if stop < len(body):
            self.close_connection = True
        elif fault.no_length:
            self.wfile.write(b"0\r\n\r\n")
        if fault.other_length is not None:
            self.close_connection = True
