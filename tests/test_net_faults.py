"""Servers that misbehave as servers can: each costs one page, a bounded time and bounded memory, and says why."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace

import brotli
import pytest
from backports import zstd
from caches import MemoryCache
from readers import READER
from servers import Route, Site, redirect, serve

from localdigest.net.client import open_client
from localdigest.net.guard import Guard
from localdigest.net.policy import FetchPolicy
from localdigest.records import Failure, Reason, Source
from localdigest.stages.fetch import fetch

DEADLINE_S = 1.0
POLICY = FetchPolicy(
    allow_hosts=frozenset({"127.0.0.1"}),
    deadline_s=DEADLINE_S,
    max_bytes=100_000,
    retries=0,
    respect_robots=False,
    per_host_interval_s=0.0,
)
MIB = 2**20


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html", *lines, "", ""]).encode()


def many_codings(count: int) -> Route:
    return Route(b"x", headers={"Content-Encoding": ", ".join(["gzip"] * count)})


CHUNKED = head("Transfer-Encoding: chunked")

#: What the server does, and what may be made of it.
FAULTS: dict[str, tuple[Route, set[Reason]]] = {
    "drips its head": (Route("x" * 100, drip_headers_s=0.1), {Reason.TIMEOUT}),
    "drips its body": (Route("x" * 100, drip_s=0.1), {Reason.TIMEOUT}),
    "says nothing": (Route("x", delay_s=DEADLINE_S + 0.5), {Reason.TIMEOUT}),
    "hangs up before its head": (Route(raw=b""), {Reason.CONNECTION}),
    "hangs up in its head": (Route(raw=b"HTTP/1.1 200 O"), {Reason.CONNECTION}),
    "hangs up in its body": (Route("x" * 100, cut_after=50), {Reason.CONNECTION}),
    "has one header without end": (Route(raw=b"HTTP/1.1 200 OK\r\nX: ", endless=b"x" * 8192), {Reason.CONNECTION}),
    "has headers without end": (Route(raw=b"HTTP/1.1 200 OK\r\n", endless=b"X-Y: z\r\n" * 999), {Reason.CONNECTION}),
    "has a status line without end": (Route(raw=b"HTTP/1.1 200 ", endless=b"O" * 8192), {Reason.CONNECTION}),
    "has a body without end": (Route(raw=head(), endless=b"x" * 8192), {Reason.TOO_LARGE}),
    "has chunks without end": (Route(raw=CHUNKED, endless=b"400\r\n" + b"x" * 1024 + b"\r\n"), {Reason.TOO_LARGE}),
    "has empty lines without end": (Route(raw=b"", endless=b"\r\n" * 4096), {Reason.CONNECTION, Reason.TIMEOUT}),
    "is about to answer for ever": (
        Route(raw=b"", endless=b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 99),
        {Reason.CONNECTION, Reason.TIMEOUT},
    ),
    "has a chunk extension without end": (Route(raw=CHUNKED + b"1;", endless=b"x" * 8192), {Reason.CONNECTION}),
    "has trailers without end": (Route(raw=CHUNKED + b"0\r\n", endless=b"X: y\r\n" * 999), {Reason.CONNECTION}),
    "has a chunk size that is no number": (Route(raw=CHUNKED + b"zz\r\nx\r\n0\r\n\r\n"), {Reason.CONNECTION}),
    "has a negative chunk size": (Route(raw=CHUNKED + b"-1\r\nx\r\n0\r\n\r\n"), {Reason.CONNECTION}),
    "has a chunk size beyond all": (Route(raw=CHUNKED + b"f" * 40 + b"\r\nx"), {Reason.CONNECTION}),
    "has a chunk that is longer than told": (Route(raw=CHUNKED + b"1\r\nxxxx\r\n0\r\n\r\n"), {Reason.CONNECTION}),
    "ends its chunks too soon": (Route(raw=CHUNKED + b"5\r\nxx"), {Reason.CONNECTION}),
    "sends less than it told": (Route("x", length=50, cut_after=1), {Reason.CONNECTION}),
    "tells two lengths": (Route(raw=head("Content-Length: 1", "Content-Length: 2") + b"xx"), {Reason.CONNECTION}),
    "tells a negative length": (Route(raw=head("Content-Length: -1") + b"x"), {Reason.CONNECTION}),
    "tells a length that is no number": (Route(raw=head("Content-Length: 1x") + b"x"), {Reason.CONNECTION}),
    "has NULs in its head": (Route(raw=head("X: a\0b") + b"x"), {Reason.CONNECTION}),
    "has a header without a colon": (Route(raw=head("nothing") + b"x"), {Reason.CONNECTION}),
    "has status 99": (Route(raw=head(status="99 Low") + b"x"), {Reason.CONNECTION, Reason.HTTP_ERROR}),
    "has status 1000": (Route(raw=head(status="1000 High") + b"x"), {Reason.CONNECTION, Reason.HTTP_ERROR}),
    "has a status in words": (Route(raw=head(status="OK 200") + b"x"), {Reason.CONNECTION}),
    "speaks HTTP/0.9": (Route(raw=b"<p>Hello"), {Reason.CONNECTION}),
    "speaks another protocol": (Route(raw=b"SSH-2.0-OpenSSH_9.2\r\n"), {Reason.CONNECTION}),
    "answers in TLS": (Route(raw=b"\x15\x03\x01\x00\x02\x02\x46"), {Reason.CONNECTION}),
    "changes the protocol": (Route(raw=head(status="101 Switching Protocols") + b"x"), {Reason.CONNECTION}),
    "sends nothing with 200": (Route(""), {Reason.EMPTY}),
    "sends nothing with 204": (Route("", status=204), {Reason.HTTP_ERROR}),
    "sends a part that nobody asked for": (Route("x", status=206), {Reason.HTTP_ERROR}),
    "says that nothing changed, to a stranger": (Route("", status=304), {Reason.HTTP_ERROR}),
    "names a coding that nobody knows": (Route("x", headers={"Content-Encoding": "rot13"}), {Reason.UNREADABLE}),
    "says gzip of what is none": (Route("x" * 99, headers={"Content-Encoding": "gzip"}), {Reason.UNREADABLE}),
    "packs 3 times": (many_codings(3), {Reason.UNREADABLE}),
    "packs 5,000 times": (many_codings(5_000), {Reason.UNREADABLE}),
    "sends a gzip bomb": (Route(b"\0" * 50 * MIB, gzip=True), {Reason.TOO_LARGE}),
    "sends a bomb in a bomb": (
        Route(gzip.compress(gzip.compress(b"\0" * 50 * MIB)), headers={"Content-Encoding": "gzip, gzip"}),
        {Reason.TOO_LARGE},
    ),
    "sends a deflate bomb": (
        Route(zlib.compress(b"\0" * 50 * MIB), headers={"Content-Encoding": "deflate"}),
        {Reason.TOO_LARGE},
    ),
    "sends an image": (Route("x", content_type="image/png"), {Reason.UNSUPPORTED}),
    "leads to itself": (redirect("/"), {Reason.REDIRECTS}),
    "leads to a file": (redirect("file:///etc/passwd"), {Reason.BAD_URL}),
    "leads to a script": (redirect("javascript:alert(1)"), {Reason.BAD_URL}),
    "leads to a name and a password": (redirect("http://user:secret@example.com/"), {Reason.BAD_URL}),
    "leads to a backslash": (redirect("http://example.com\\@127.0.0.1/"), {Reason.BAD_URL}),
    "leads to a broken address": (redirect("http://[::1/"), {Reason.BAD_URL}),
    "leads to a mail server": (redirect("http://example.com:25/"), {Reason.ADDRESS}),
    "leads to the cloud's metadata": (redirect("http://169.254.169.254/latest/meta-data/"), {Reason.ADDRESS}),
    "leads to the router": (redirect("http://192.168.1.1/"), {Reason.ADDRESS}),
    "leads to another loopback": (redirect("http://127.0.0.2/"), {Reason.ADDRESS}),
    "leads to a number": (redirect("http://2130706434/"), {Reason.ADDRESS}),
    "leads to octal": (redirect("http://0177.0.0.2/"), {Reason.BAD_URL}),
    "leads to hexadecimal": (redirect("http://0x7f.2/"), {Reason.ADDRESS}),
    "leads to a mapped address": (redirect("http://[::ffff:127.0.0.2]/"), {Reason.ADDRESS}),
    "leads to NAT64": (redirect("http://[64:ff9b::7f00:2]/"), {Reason.ADDRESS}),
    "leads to 6to4": (redirect("http://[2002:7f00:2::]/"), {Reason.ADDRESS}),
}  # fmt: skip


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


def result_of(site: Site, cache: MemoryCache, *, guard: Guard | None = None, policy: FetchPolicy = POLICY) -> Failure:
    """What comes of the site's first page, through the stage that every run has."""
    with open_client(policy, guard=guard) as client:
        (result,) = fetch([Source(site.url("/"))], client=client, cache=cache, policy=policy, robots=READER.robots)
    assert isinstance(result, Failure), result
    return result


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that(name: str, cache: MemoryCache) -> None:
    """One page is lost, with a reason, in little more than the deadline."""
    route, reasons = FAULTS[name]
    started = time.monotonic()
    with serve({"/": route}) as site:
        failure = result_of(site, cache)

    assert failure.reason in reasons, (failure.reason, failure.detail)
    assert time.monotonic() - started < DEADLINE_S + 8.0  # the machine may be busy
    assert "secret" not in failure.detail
    assert cache.pages == {}


def test_what_a_server_sends_beyond_the_length_is_not_read() -> None:
    with serve({"/": Route(raw=head("Content-Length: 5") + b"<p>abEVIL")}) as site, open_client(POLICY) as client:
        assert client.get(site.url()).body == b"<p>ab"


def test_a_rebinding_name_is_looked_up_once_a_connection(cache: MemoryCache) -> None:
    """A page leads to a name that is public when it is first asked and private ever after."""
    answers = iter([("192.0.0.9",), ("127.0.0.1",)])

    def rebinding(host: str, _: int) -> tuple[str, ...]:
        return next(answers) if host == "rebind.example" else ("127.0.0.1",)

    guard = Guard(allow_hosts={"127.0.0.1"}, resolve=rebinding)
    with serve({"/": redirect("http://rebind.example/")}) as site:
        first = result_of(site, cache, guard=guard)
        second = result_of(site, cache, guard=guard)

    assert (first.reason, second.reason) == (Reason.ADDRESS, Reason.ADDRESS)
    assert guard.contacted_hosts == {"127.0.0.1"}


@pytest.mark.parametrize("body", ["<html><title>Log in to the hotel's network</title>", "\0" * 500, "\xff\xfe" * 99])
def test_a_captive_portal_or_rubbish_is_a_page_for_the_reader(body: str) -> None:
    """What came whole is no matter of the network: whether it is an article, the reader says."""
    with serve({"/": Route(body)}) as site, open_client(POLICY) as client:
        assert client.get(site.url()).body == body.encode()


def test_a_portal_that_answers_robots_txt_forbids_nothing(cache: MemoryCache) -> None:
    """Its rules are no rules; the pages are asked for, and are what the portal sends."""
    policy = replace(POLICY, respect_robots=True)
    portal = Route("<html><h1>Welcome to the hotel</h1>")
    with serve({"/robots.txt": portal, "/a": portal}) as site, open_client(policy) as client:
        (page,) = fetch([Source(site.url("/a"))], client=client, cache=cache, policy=policy, robots=READER.robots)

    assert not isinstance(page, Failure)


def test_a_long_way_round_ends(cache: MemoryCache) -> None:
    """Each hop leads to a new address: after five it is enough."""
    routes = {f"/{number or ''}": redirect(f"/{number + 1}") for number in range(20)}
    with serve(routes) as site:
        failure = result_of(site, cache)

    assert failure.reason is Reason.REDIRECTS
    assert len(site.log) == POLICY.max_redirects + 1


BOMBS = """
import resource, sys
from localdigest.net.client import open_client
from localdigest.net.outcome import FetchError
from localdigest.net.policy import FetchPolicy

policy = FetchPolicy(allow_hosts=frozenset({"127.0.0.1"}))
with open_client(policy) as client:
    client.get(sys.argv[1] + "warm")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in sys.argv[2:]:
        try:
            client.get(sys.argv[1] + path)
        except FetchError as error:
            print(path, error.reason.value)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture(scope="module")
def bombs() -> Iterator[Site]:
    """A gigabyte of zeros, packed in each way that the client asks for; made piece by piece."""
    size = 1024 * MIB
    deflate = zlib.compressobj(9, wbits=31)
    packed = b"".join(deflate.compress(b"\0" * MIB) for _ in range(size // MIB)) + deflate.flush()
    routes = {
        "/warm": Route("x"),
        "/gzip": Route(packed, headers={"Content-Encoding": "gzip"}),
        "/twice": Route(gzip.compress(packed), headers={"Content-Encoding": "gzip, gzip"}),
        "/br": Route(brotli.compress(b"\0" * (200 * MIB), quality=1), headers={"Content-Encoding": "br"}),
        "/zstd": Route(zstd.compress(b"\0" * (200 * MIB)), headers={"Content-Encoding": "zstd"}),
    }
    with serve(routes) as site:
        yield site


def test_bombs_cost_little_memory(bombs: Site) -> None:
    """A page may have 10 MiB; a bomb of a gigabyte costs a few times that, whatever it is packed with."""
    paths = [path for path in bombs.routes if path != "/warm"]
    ran = subprocess.run(
        [sys.executable, "-c", BOMBS, bombs.url(), *(path[1:] for path in paths)],
        capture_output=True,
        text=True,
        check=True,
    )
    *told, grown_kib = ran.stdout.split("\n")[:-1]

    assert told == [f"{path[1:]} too-large" for path in paths]
    assert int(grown_kib) < 100 * 1024
