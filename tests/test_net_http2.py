"""Servers that speak HTTP/2 and mean harm: each costs one page, its time and little memory."""

from __future__ import annotations

import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import hpack
import pytest

from localdigest.net.client import open_client
from localdigest.net.guard import Guard
from localdigest.net.outcome import Answer, FetchError
from localdigest.net.policy import FetchPolicy
from localdigest.records import Reason

DATA, HEADERS, RESET, SETTINGS, PUSH, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 9
ACK = END_STREAM = 1
END_HEADERS = 4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def head(*further: tuple[str, str]) -> bytes:
    return bytes(hpack.Encoder().encode([(":status", "200"), ("content-type", "text/html"), *further]))


HELLO = frame(SETTINGS, 0, 0) + frame(SETTINGS, ACK, 0)
#: What is sent at first, and what then comes again and again.
CASES: dict[str, tuple[bytes, bytes, Reason]] = {
    "continuations without end": (frame(HEADERS, 0, 1, head()), frame(CONTINUATION, 0, 1), Reason.CONNECTION),
    "a packed head of 40 MB": (
        frame(HEADERS, END_HEADERS, 1, head(*[("x" * 20, "y" * 4_000)] * 10_000)), b"", Reason.CONNECTION,
    ),
    "pings": (b"", frame(PING, 0, 0, bytes(8)) * 1_000, Reason.TIMEOUT),
    "settings": (b"", frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 100)) * 1_000, Reason.TIMEOUT),
    "data of no bytes": (frame(HEADERS, END_HEADERS, 1, head()), frame(DATA, 0, 1) * 1_000, Reason.TIMEOUT),
    "a page that nobody asked for": (
        frame(PUSH, END_HEADERS, 1, struct.pack(">I", 2) + head()), b"", Reason.CONNECTION,
    ),
    "a farewell": (frame(GOAWAY, 0, 0, struct.pack(">II", 0, 11)), b"", Reason.CONNECTION),
    "a stream that is reset": (frame(RESET, 0, 1, struct.pack(">I", 7)), b"", Reason.CONNECTION),
    "another protocol": (b"HTTP/1.1 200 OK\r\n\r\n", b"", Reason.TIMEOUT),
}  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, *files], check=True, capture_output=True)
    return key, certificate


@contextmanager
def server(certificate: tuple[Path, Path], parts: Sequence[bytes], endless: bytes) -> Iterator[str]:
    """Sends what it is given, whatever it is asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    context.set_alpn_protocols(["h2"])
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.recv(65_536)
                for part in parts:
                    connection.sendall(part)
                while endless and not over.is_set():
                    connection.sendall(endless)
                over.wait(20)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield f"https://localhost:{listener.getsockname()[1]}/"
        finally:
            over.set()
            thread.join(10)


def asked(url: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Answer:
    context = ssl.create_default_context(cafile=certificate[1])
    monkeypatch.setattr("localdigest.net.http._ssl_context", lambda: context)
    policy = FetchPolicy(allow_hosts=frozenset({"localhost"}), deadline_s=1.5)
    guard = Guard(allow_hosts=policy.allow_hosts, resolve=lambda *_: ("127.0.0.1",))
    with open_client(policy, guard=guard) as client:
        return client.get(url)


def test_a_page_comes_over_http_2(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    page = frame(HEADERS, END_HEADERS, 1, head()) + frame(DATA, END_STREAM, 1, b"hello")
    with server(certificate, [HELLO, page], b"") as url:
        assert asked(url, certificate, monkeypatch).body == b"hello"


@pytest.mark.parametrize("name", CASES)
def test_harm_over_http_2_costs_one_page(
    name: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, endless, reason = CASES[name]
    with server(certificate, [HELLO, first], endless) as url, pytest.raises(FetchError) as caught:
        asked(url, certificate, monkeypatch)

    assert caught.value.reason is reason
