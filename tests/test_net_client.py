from __future__ import annotations

import gzip
import zlib
from importlib.metadata import version
from importlib.util import find_spec

import pytest
from servers import Route, redirect, serve

from localdigest import __version__
from localdigest.net.client import open_client
from localdigest.net.media import is_readable, media_type_of_name, split_content_type
from localdigest.net.outcome import FetchError
from localdigest.net.policy import PROJECT_URL, FetchPolicy
from localdigest.records import Reason

POLICY = FetchPolicy(allow_hosts=frozenset({"127.0.0.1"}))
TEXT = "文字 " * 1000


def test_the_client_says_who_asks() -> None:
    """Name, version, and an address where an owner of a site can complain."""
    with serve({"/a": Route("<p>x")}) as site, open_client(POLICY) as client:
        client.get(site.url("/a"))

        assert site.log[0].headers["user-agent"] == f"localdigest/{__version__} (+{PROJECT_URL})"


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy the guard would be blind, so none is taken from the environment."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serve({"/a": Route("<p>x")}) as site, open_client(POLICY) as client:
        assert client.get(site.url("/a")).body == b"<p>x"


def test_no_cookie_is_kept() -> None:
    """A site shall not know the reader from page to page; the answer hands them over for the next hop."""
    with serve({"/a": Route("<p>x", headers={"Set-Cookie": "id=1; Path=/"})}) as site, open_client(POLICY) as client:
        client.get(site.url("/a"))
        client.get(site.url("/a"))

        assert "cookie" not in site.log[1].headers


def test_a_connection_serves_several_requests() -> None:
    """And each is its own: nothing of the first answer is in the second."""
    with serve({"/a": Route("<p>a"), "/b": Route("<p>b")}) as site, open_client(POLICY) as client:
        assert [client.get(site.url(path)).body for path in ("/a", "/b", "/a")] == [b"<p>a", b"<p>b", b"<p>a"]


def test_a_redirect_is_told_and_not_followed() -> None:
    with serve({"/a": redirect("/b"), "/b": Route("<p>x")}) as site, open_client(POLICY) as client:
        answer = client.get(site.url("/a"))

    assert (answer.status, answer.header("location"), answer.body) == (302, "/b", b"")
    assert site.asked("/b") == []


def test_the_body_of_an_error_is_not_read() -> None:
    with serve({"/a": Route(b"x" * 10**6, status=404)}) as site, open_client(POLICY) as client:
        assert client.get(site.url("/a")).body == b""


def brotli_of(data: bytes) -> bytes:
    brotli = pytest.importorskip("brotli")
    compressed = brotli.compress(data, quality=4)
    assert isinstance(compressed, bytes)
    return compressed


def zstd_of(data: bytes) -> bytes:
    zstd = pytest.importorskip("backports.zstd", reason="built into Python from 3.14 on")
    compressed = zstd.compress(data)
    assert isinstance(compressed, bytes)
    return compressed


@pytest.mark.parametrize(
    ("coding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli_of), ("zstd", zstd_of), ("identity", bytes)],
)
def test_content_encodings(coding: str, compress: object) -> None:
    """All that the client says it understands."""
    assert callable(compress)
    body = compress(TEXT.encode())
    with serve({"/a": Route(body, headers={"Content-Encoding": coding})}) as site, open_client(POLICY) as client:
        assert client.get(site.url("/a")).body.decode() == TEXT
        assert coding == "identity" or coding in site.log[0].headers["accept-encoding"]


@pytest.mark.parametrize(("coding", "compress"), [("gzip", gzip.compress), ("br", brotli_of), ("zstd", zstd_of)])
def test_bombs_of_each_kind(coding: str, compress: object) -> None:
    """Bytes are counted after unpacking, as they come."""
    assert callable(compress)
    bomb = compress(b"\0" * 2**25)
    route = Route(bomb, headers={"Content-Encoding": coding})
    with serve({"/a": route}) as site, open_client(POLICY) as client, pytest.raises(FetchError) as caught:
        client.get(site.url("/a"), max_bytes=2**21)

    assert caught.value.reason is Reason.TOO_LARGE


def test_a_body_of_just_the_limit_is_read() -> None:
    with serve({"/a": Route("x" * 1000)}) as site, open_client(POLICY) as client:
        assert len(client.get(site.url("/a"), max_bytes=1000).body) == 1000
        with pytest.raises(FetchError):
            client.get(site.url("/a"), max_bytes=999)


def test_an_offline_client_asks_nobody() -> None:
    with serve({"/a": Route("x")}) as site, open_client(FetchPolicy(offline=True)) as client:
        with pytest.raises(FetchError) as caught:
            client.get(site.url("/a"))

        assert (caught.value.reason, site.log) == (Reason.OFFLINE, [])


def test_http_2_can_be_spoken() -> None:
    """The extras that pyproject.toml names are there; test_net_guard.py sees `h2` offered on the wire."""
    assert find_spec("h2") is not None
    assert int(version("httpx2").partition(".")[0]) >= 2


def test_the_policy_is_checked() -> None:
    with pytest.raises(ValueError, match="concurrency"):
        FetchPolicy(concurrency=0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ("", "")),
        ("text/html", ("text/html", "")),
        ('TEXT/HTML ; Charset="UTF-8"; x=y', ("text/html", "utf-8")),
        ("text/html; boundary=a; charset='Big5'", ("text/html", "big5")),
        ("text/html;", ("text/html", "")),
        (";charset=gbk", ("", "gbk")),
    ],
)
def test_content_types(header: str, expected: tuple[str, str]) -> None:
    assert split_content_type(header) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.HTML", "text/html"),
        ("https://e.example/paper.pdf?download=1#p2", "application/pdf"),
        ("https://e.example/%E8%AB%96.md", "text/markdown"),
        ("https://e.example/a.com", ""),
        ("folder.pdf/file", ""),
        ("", ""),
    ],
)
def test_names_of_media_types(name: str, expected: str) -> None:
    assert media_type_of_name(name) == expected


@pytest.mark.parametrize(
    ("media_type", "url", "readable"),
    [
        ("text/html", "https://e.example/", True),
        ("", "https://e.example/", True),
        ("application/feed+json", "https://e.example/", True),
        ("application/vnd.x+xml", "https://e.example/", True),
        ("image/svg+xml", "https://e.example/", False),
        ("text/css", "https://e.example/", False),
        ("application/octet-stream", "https://e.example/a.pdf", True),
        ("application/octet-stream", "https://e.example/a.bin", False),
        ("application/zip", "https://e.example/a.html", False),
    ],
)
def test_what_is_worth_reading(media_type: str, url: str, readable: bool) -> None:  # noqa: FBT001 - a column
    assert is_readable(media_type, url) is readable
