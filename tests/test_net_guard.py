from __future__ import annotations

import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpcore2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import Route, serve

from localdigest.net.addresses import is_public
from localdigest.net.client import open_client
from localdigest.net.guard import AddressRefusedError, Guard, OfflineError
from localdigest.net.http import _ssl_context, guarded_http
from localdigest.net.outcome import FetchError
from localdigest.net.policy import FetchPolicy
from localdigest.records import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PRIVATE = """
    127.0.0.1 127.1.2.3 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    100.127.255.255 192.0.0.8 192.0.0.170 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ::127.0.0.1
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2001::1 2001:0:7f00:1:: 2002:7f00:1:: 2002:808:808::
    2001:db8::1 3fff::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 100::1
"""
PUBLIC = "8.8.8.8 1.1.1.1 93.184.215.14 2606:4700:4700::1111 2001:4860:4860::8888 ::ffff:8.8.8.8"


@pytest.mark.parametrize("address", [*PRIVATE.split(), "", "no address", "127.1"])
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    """Private, special, and every way of wrapping a private address."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
@settings(deadline=None, max_examples=50)
def test_no_wrapping_makes_a_private_address_public(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    wrapped = [
        ipaddress.IPv6Address((0xFFFF << 32) + number),
        ipaddress.IPv6Address((0x64FF9B << 96) + number),
        ipaddress.IPv6Address((0x2002 << 112) + (number << 80)),
        ipaddress.IPv6Address((0x20010000 << 96) + (~number & 0xFFFFFFFF)),
    ]

    assert not any(is_public(str(form)) for form in (address, *wrapped))


SPELLINGS = """
    http://127.0.0.1/ http://[::1]/ http://0/ http://2130706433/ http://0x7f.1/ http://017700000001/ http://localhost/
    http://LocalHost/ http://[::ffff:127.0.0.1]/ http://[64:ff9b::7f00:1]/ http://169.254.169.254/ http://100.64.0.1/
    http://224.0.0.1/ http://192.0.2.1/ https://127.0.0.1/ http://127.0.0.1:22/ http://8.8.8.8:22/ http://[fe80::1]/
    http://①②⑦.⓪.⓪.①/
"""


@pytest.mark.parametrize("url", SPELLINGS.split())
def test_every_spelling_of_a_private_address_is_refused(url: str) -> None:
    """Through the whole client: nothing is dialled, and the reason is the address (or that it is no URL at all)."""
    with open_client(FetchPolicy()) as client, pytest.raises(FetchError) as caught:
        client.get(url)

    assert caught.value.reason in (Reason.ADDRESS, Reason.BAD_URL)
    assert client.contacted_hosts == frozenset()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.1/", "//127.0.0.1/"])
def test_other_schemes_are_no_urls(url: str) -> None:
    with open_client(FetchPolicy()) as client, pytest.raises(FetchError) as caught:
        client.get(url)

    assert caught.value.reason is Reason.BAD_URL


class Recorder(httpcore2.NetworkBackend):
    """Writes down who would be dialled, and dials nobody."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002 - the signature is httpcore's
        timeout: float | None = None,  # noqa: ARG002 - the shape of the interface
        local_address: str | None = None,  # noqa: ARG002 - the shape of the interface
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the shape of the interface
    ) -> httpcore2.NetworkStream:
        self.dialled.append(host)
        raise httpcore2.ConnectError("nobody is there")


def test_the_checked_address_is_the_one_that_is_dialled() -> None:
    """A name that would answer differently the second time is asked once."""
    answers = [("93.184.215.14",), ("127.0.0.1",)]
    recorder = Recorder()
    guard = Guard(resolve=lambda *_: answers.pop(0), inner=recorder)
    with pytest.raises(httpcore2.ConnectError):
        guard.connect_tcp("rebinding.example", 443)

    assert (recorder.dialled, len(answers)) == (["93.184.215.14"], 1)


def test_one_private_address_among_many_refuses_the_host() -> None:
    recorder = Recorder()
    guard = Guard(resolve=lambda *_: ("93.184.215.14", "10.0.0.1"), inner=recorder)
    with pytest.raises(AddressRefusedError, match=r"10\.0\.0\.1"):
        guard.connect_tcp("mixed.example", 443)

    assert recorder.dialled == []


def test_all_addresses_of_a_host_are_tried() -> None:
    recorder = Recorder()
    guard = Guard(resolve=lambda *_: ("93.184.215.14", "93.184.215.15"), inner=recorder)
    with pytest.raises(httpcore2.ConnectError):
        guard.connect_tcp("two.example", 443)

    assert recorder.dialled == ["93.184.215.14", "93.184.215.15"]


def test_a_second_address_serves_when_the_first_does_not() -> None:
    """Nobody listens on 127.0.0.9; the page comes all the same."""
    guard = Guard(allow_hosts={"two.example"}, resolve=lambda *_: ("127.0.0.9", "127.0.0.1"))
    with serve({"/a": Route("<p>x")}) as site, open_client(FetchPolicy(), guard=guard) as client:
        answer = client.get(site.url("/a").replace("127.0.0.1", "two.example"))

    assert answer.body == b"<p>x"
    assert client.contacted_hosts == {"two.example"}


def test_only_the_named_host_is_let_through() -> None:
    """Its name opens its address and its ports, and no other name's."""
    policy = FetchPolicy(allow_hosts=frozenset({"LocalHost"}))
    with serve({"/a": Route("<p>x")}) as site, open_client(policy) as client:
        answer = client.get(site.url("/a").replace("127.0.0.1", "localhost"))
        with pytest.raises(FetchError) as caught:
            client.get(site.url("/a"))

    assert answer.body == b"<p>x"
    assert caught.value.reason is Reason.ADDRESS


def test_the_host_header_stays_as_it_was() -> None:
    """Though a number is dialled, the server hears the name."""
    policy = FetchPolicy(allow_hosts=frozenset({"localhost"}))
    with serve({"/a": Route("<p>x")}) as site, open_client(policy) as client:
        client.get(site.url("/a").replace("127.0.0.1", "localhost"))

        assert site.log[0].headers["host"].startswith("localhost:")


def test_tls_names_the_host_and_offers_http_2() -> None:
    """The first bytes on the wire carry the host's name (SNI) and `h2` before `http/1.1` (ALPN)."""
    hello: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            connection, _ = listener.accept()
            with connection:
                hello.append(connection.recv(65536))

        thread = threading.Thread(target=listen)
        thread.start()
        policy = FetchPolicy(allow_hosts=frozenset({"localhost"}))
        guard = Guard(allow_hosts=policy.allow_hosts, resolve=lambda *_: ("127.0.0.1",))
        with open_client(policy, guard=guard) as client, pytest.raises(FetchError) as caught:
            client.get(f"https://localhost:{listener.getsockname()[1]}/")
        thread.join()

    assert caught.value.reason is Reason.CONNECTION
    assert b"localhost" in hello[0]
    assert b"\x02h2\x08http/1.1" in hello[0]


def test_a_slow_look_up_meets_the_deadline() -> None:
    """`getaddrinfo` itself knows none."""

    def slow(*_: object) -> tuple[str, ...]:
        time.sleep(3.0)
        return ("93.184.215.14",)

    started = time.monotonic()
    with open_client(FetchPolicy(), guard=Guard(resolve=slow)) as client, pytest.raises(FetchError) as caught:
        client.get("https://slow.example/", deadline_s=0.2)

    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize("problem", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_looked_up(problem: Exception) -> None:
    def fail(*_: object) -> tuple[str, ...]:
        raise problem

    with open_client(FetchPolicy(), guard=Guard(resolve=fail)) as client, pytest.raises(FetchError) as caught:
        client.get("https://unknown.example/")

    assert caught.value.reason is Reason.CONNECTION


def test_a_branch_shares_the_account_and_ends_alone() -> None:
    """Each client of a run is one: what it is allowed beside is not for the others."""
    guard = Guard(allow_hosts={"127.0.0.2"})
    first, second = guard.branch(named={"127.0.0.1"}), guard.branch()
    with serve({"/a": Route("<p>x")}) as site:
        port = int(site.url("").rpartition(":")[2])
        first.connect_tcp("127.0.0.1", port).close()
        with pytest.raises(AddressRefusedError):
            second.connect_tcp("127.0.0.1", port)
        first.stop()
        with pytest.raises(httpcore2.ReadTimeout):
            first.connect_tcp("127.0.0.1", port)
        with pytest.raises(httpcore2.ConnectError):
            second.connect_tcp("127.0.0.2", 9)

    assert guard.contacted_hosts == {"127.0.0.1", "127.0.0.2"}


def test_an_offline_guard_neither_looks_up_nor_dials() -> None:
    """Whoever forgot to ask whether there is a network finds none; nor does a branch."""
    asked: list[str] = []

    def note(host: str, _: int) -> tuple[str, ...]:
        asked.append(host)
        return ("93.184.215.14",)

    recorder = Recorder()
    guard = Guard(allow_hosts={"127.0.0.1"}, offline=True, resolve=note, inner=recorder)
    for host in ("127.0.0.1", "example.com"):
        with pytest.raises(OfflineError):
            guard.branch(named={host}).connect_tcp(host, 80)
        with guarded_http(guard) as http, pytest.raises(FetchError) as caught:
            http.get(f"http://{host}/")
        assert caught.value.reason is Reason.OFFLINE

    assert (asked, recorder.dialled, guard.contacted_hosts) == ([], [], set())


def test_a_deadline_within_a_deadline_is_no_longer_than_it() -> None:
    guard = Guard()
    with guard.within(5.0), guard.within(60.0):
        assert (guard.left() or 0.0) <= 5.0
    with guard.within(60.0):
        with guard.within(5.0):
            pass
        assert (guard.left() or 0.0) > 5.0
    assert guard.left() is None


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the environment names it: only the system's own store counts."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, *files], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    _ssl_context.cache_clear()  # it was made before the environment was so
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

        thread = threading.Thread(target=answer)
        thread.start()
        policy = FetchPolicy(allow_hosts=frozenset({"localhost"}))
        guard = Guard(allow_hosts=policy.allow_hosts, resolve=lambda *_: ("127.0.0.1",))
        with open_client(policy, guard=guard) as client, pytest.raises(FetchError) as caught:
            client.get(f"https://localhost:{listener.getsockname()[1]}/")
        thread.join()

    assert "certificate" in caught.value.detail
    assert not caught.value.may_pass
    assert not (tmp_path / "keys").exists()


def test_a_stopped_guard_ends_what_is_under_way() -> None:
    """A thread that reads a drip comes back soon after the client was closed."""
    policy = FetchPolicy(allow_hosts=frozenset({"127.0.0.1"}))
    errors: list[FetchError] = []
    with serve({"/a": Route("x" * 1000, drip_s=0.05)}) as site:
        with open_client(policy) as client:

            def ask() -> None:
                try:
                    client.get(site.url("/a"))
                except FetchError as error:
                    errors.append(error)

            thread = threading.Thread(target=ask)
            thread.start()
            time.sleep(0.3)
        thread.join(timeout=10.0)

    assert not thread.is_alive()
    assert len(errors) == 1
