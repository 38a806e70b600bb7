"""What one host is told no other hears, and what is secret stands in no file, no message and no log."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import pytest
from caches import MemoryCache
from conftest import REPOSITORY, Ran
from hub_server import COMMIT, Fault, Hub, serve_hub
from hypothesis import given
from hypothesis import strategies as st
from servers import Route, Site, redirect, serve

from localdigest.errors import UsageError
from localdigest.hub.download import DownloadPolicy, download
from localdigest.hub.remote import RemoteFile
from localdigest.net.client import open_client
from localdigest.net.guard import Guard
from localdigest.net.http import guarded_http
from localdigest.net.policy import FetchPolicy
from localdigest.net.seams import Rules
from localdigest.net.stream import StreamClient
from localdigest.records import Page, Reason, Source
from localdigest.redact import redacted
from localdigest.stages.fetch import fetch
from localdigest.urls import flaw_of_url
from localdigest.values import SourceEntry
from models import tiny_mixtral

SECRET = "s3cr3t-c4n4ry"
TOKEN = f"hf_{SECRET}"
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
POLICY = FetchPolicy(allow_hosts=frozenset(HOSTS), retries=0, respect_robots=False, per_host_interval_s=0.0)
#: All that a stranger is told.
POLITE = {"host", "user-agent", "accept", "accept-encoding", "connection"}


def page_of(locator: str, cache: MemoryCache) -> Page:
    def no_rules(body: bytes, url: str, agent: str) -> Rules:  # noqa: ARG001 - the shape of the interface
        return Rules(allowed=True, crawl_delay_s=0.0)

    with open_client(POLICY) as client:
        (page,) = fetch([Source(locator)], client=client, cache=cache, policy=POLICY, robots=no_rules)
    assert isinstance(page, Page), page
    return page


# ── from host to host ────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_told_from_one_host_to_the_next() -> None:
    """Over a redirect: no referrer, no cookie, no tag of the page that led there."""
    cache = MemoryCache()
    setting = {"Set-Cookie": f"id={SECRET}; Path=/", "ETag": f'"{SECRET}"'}
    with serve({"/b": Route("<p>b")}, host=HOSTS[1]) as second:
        first_routes = {"/a": redirect(second.url("/b")), "/hop": redirect("/a")}
        first_routes["/a"] = replace(first_routes["/a"], headers={**first_routes["/a"].headers, **setting})
        with serve(first_routes, host=HOSTS[0]) as first:
            page_of(first.url("/hop"), cache)
            page_of(first.url("/hop"), cache)

            assert {name for asked in second.log for name in asked.headers} <= POLITE
            assert SECRET not in str([asked.headers for asked in second.log])
            assert "referer" not in first.log[1].headers


@pytest.mark.parametrize("domain", [HOSTS[1], "127.0.0", ".0.0.1", "com", "localhost"])
def test_a_cookie_for_another_host_is_not_taken(domain: str) -> None:
    cache = MemoryCache()
    setting = {"Set-Cookie": f"id={SECRET}; Path=/; Domain={domain}"}
    with serve({"/b": Route("<p>b")}, host=HOSTS[1]) as second:
        there = redirect(second.url("/b"))
        with serve({"/a": replace(there, headers={**there.headers, **setting})}, host=HOSTS[0]) as first:
            page_of(first.url("/a"), cache)

        assert "cookie" not in second.log[0].headers


def test_a_cookie_goes_to_the_host_that_set_it_and_lives_for_one_page() -> None:
    """Some publishers send readers in a circle to set one."""
    cache = MemoryCache()
    with serve({}, host=HOSTS[0]) as site:
        site.routes["/a"] = [
            Route(status=302, headers={"Location": site.url("/a"), "Set-Cookie": "seen=1; Path=/"}),
            Route("<p>a"),
        ]
        page_of(site.url("/a"), cache)
        page_of(site.url("/a"), cache)

    assert [asked.headers.get("cookie") for asked in site.log] == [None, "seen=1", None]


def test_a_name_and_a_password_are_sent_to_nobody() -> None:
    """Neither those of an address, nor those that a redirect adds."""
    with serve({"/a": redirect("http://user:secret@127.0.0.1/b")}) as site, open_client(POLICY) as client:
        with_password = site.url("/a").replace("http://", f"http://user:{SECRET}@")
        (result,) = fetch(
            [Source(with_password)], client=client, cache=MemoryCache(), policy=POLICY, robots=lambda *_, **__: None
        )

        assert not isinstance(result, Page)
        assert result.reason is Reason.BAD_URL
        assert SECRET not in repr(result)
        assert site.log == []


# ── what the environment says ────────────────────────────────────────────────────────────────────────────────────────


def test_proxies_and_passwords_of_the_environment_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would dial in the guard's place, and see every address; `.netrc` holds what is meant for others."""
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"default login user password {SECRET}\nmachine 127.0.0.1 login user password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with serve({}, host=HOSTS[2]) as proxy, serve({"/a": Route("<p>a")}) as site:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url().replace("http://", f"http://user:{SECRET}@"))
        guard = Guard(allow_hosts=HOSTS)
        with open_client(POLICY, guard=guard) as client:
            client.get(site.url("/a"))
        stream = StreamClient(guard, connections=1, connect_timeout_s=5, idle_timeout_s=5, head_timeout_s=5)
        with stream.open(site.url("/a")) as answer:
            assert list(answer.chunks()) == [b"<p>a"]
        stream.close()
        with guarded_http(guard) as bare:
            assert bare.get(site.url("/a")).content == b"<p>a"

    assert proxy.log == []
    assert len(site.log) == 3
    assert all("authorization" not in asked.headers for asked in site.log)
    assert guard.contacted_hosts == {"127.0.0.1"}


# ── the token ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_token_stays_with_its_origin(tmp_path: Path) -> None:
    """The hub leads to another host, and that to the hub's host on another port: the hub alone hears the token."""
    content = b"GGUF" + bytes(500)
    with (
        serve({"/file": Route(content, content_type="application/octet-stream")}, host=HOSTS[0]) as port,
        serve({"/on": redirect(port.url("/file"))}, host=HOSTS[1]) as other,
        serve({"/model": redirect(other.url("/on"))}, host=HOSTS[0]) as hub,
    ):
        remote = RemoteFile(
            hub.url("/model"), "m.gguf", num_bytes=len(content), headers={"Authorization": f"Bearer {TOKEN}"}
        )
        guard = Guard(allow_hosts=HOSTS)
        path = download(remote, tmp_path / "m.gguf", guard=guard, policy=DownloadPolicy(spare_bytes=0))

    assert path.read_bytes() == content
    assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in hub.log)
    assert other.log
    assert port.log
    assert TOKEN not in str([asked.headers for asked in chain(other.log, port.log)])
    assert TOKEN not in "".join(file.read_text("latin-1") for file in tmp_path.iterdir())
    assert guard.contacted_hosts == {HOSTS[0], HOSTS[1]}


# ── addresses with a password in them ────────────────────────────────────────────────────────────────────────────────

hosts = st.sampled_from(("example.com", "example.com:8080", "[::1]:80", "127.0.0.1"))
words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=9)
paths = st.sampled_from(("", "/", "/a?b=c#d", "/@user/post", "?x=@y", "/a:b@c"))
passwords = st.text(st.characters(codec="ascii", exclude_characters=" \"'<>`/?#", categories=("L", "N", "P", "S")))


@given(words, passwords, hosts, paths)
def test_no_password_is_left_in_an_address(user: str, password: str, host: str, path: str) -> None:
    """Nor the user's name; where it led can still be told, and that it may not be asked."""
    masked = redacted(f"https://{user}:{password}@{host}{path}")

    assert masked == f"https://***@{host}{path}"
    assert redacted(masked) == masked
    assert flaw_of_url(masked)


@given(hosts, paths)
def test_an_address_without_a_password_stays_as_it_is(host: str, path: str) -> None:
    assert redacted(f"see https://{host}{path} or mail a@b.example") == f"see https://{host}{path} or mail a@b.example"


@pytest.mark.parametrize("url", [f"http://u:{SECRET}/x@h/", f"http://u:x/{SECRET}@h/", f"http://u:#{SECRET}@h/"])
def test_a_password_that_was_not_escaped_is_masked_too(url: str) -> None:
    """A slash in it ends the host too soon; the address is none in any case."""
    assert SECRET not in redacted(url)
    assert flaw_of_url(redacted(url))


def test_sources_settings_and_errors_hold_no_password() -> None:
    url = f"https://user:{SECRET}@example.com/feed"

    assert SECRET not in repr([Source(url), Source("a.html", url=url), SourceEntry(url), SourceEntry("a", url=url)])
    assert SECRET not in repr(UsageError(f"no: {url}", hint=url).__dict__)
    assert Source("a.html", url=url).url == "https://example.com/feed", "it is cited, and leads there all the same"
    assert Source("notes/u:p@x.md").locator == "notes/u:p@x.md", "a file may be called anything"


# ── the whole program ────────────────────────────────────────────────────────────────────────────────────────────────

CONTENT = tiny_mixtral().read_bytes()
CATALOG = f"""
[[entry]]
name = "tiny"
title = "Tiny"
repo = "owner/tiny"
revision = "{COMMIT}"
files = [{{ name = "tiny.gguf", bytes = {len(CONTENT)} }}]
licence = "MIT"
architecture = "llama"
quantisation = "F32"
"""


@dataclass(frozen=True)
class User:
    """A folder where all that the program writes lies, and an environment full of secrets."""

    folder: Path
    hub: Hub
    site: Site

    def run(self, *arguments: str) -> Ran:
        return self.python("import sys; from localdigest.cli.main import main; main()", *arguments)

    def python(self, code: str, *arguments: str, stdin: str = "") -> Ran:
        homes = {
            name: str(self.folder / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
        }
        proxy = f"http://user:{SECRET}@127.0.0.9:1"
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            input=stdin,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("LOCALDIGEST_")},
                **self.hub.environment,
                **homes,
                "HF_HOME": str(self.folder / "hf"),
                "HF_TOKEN": TOKEN,
                "HTTP_PROXY": proxy,
                "HTTPS_PROXY": proxy,
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def leaks(self, ran: Ran) -> list[str]:
        """Every place where the secret stands."""
        texts = {"stdout": ran.out, "stderr": ran.err}
        texts |= {str(path): path.read_bytes().decode("latin-1") for path in self.folder.rglob("*") if path.is_file()}
        return [
            place
            for place, text in texts.items()
            if SECRET in text and not place.endswith(("topic.toml", "s.opml", "own.html"))
        ]

    def url(self, path: str) -> str:
        return self.site.url(path).replace("http://", f"http://user:{SECRET}@")


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    page = (REPOSITORY / "examples" / "pages" / "company.html").read_text("utf-8")
    canonical = f'<head><link rel="canonical" href="https://user:{SECRET}@127.0.0.1/own">'
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "catalog.toml").write_text(CATALOG, "utf-8")
    (tmp_path / "own.html").write_text(page.replace("<head>", canonical).replace("2023", "2022"), "utf-8")
    shutil.copy(REPOSITORY / "examples" / "pages" / "company.html", tmp_path / "page.html")
    routes = {
        "/page": Route(page),
        "/to-secret": redirect(f"http://user:{SECRET}@127.0.0.1/"),
        "/feed.xml": Route(
            "<rss version='2.0'><channel><title>N</title>"
            f"<item><title>A</title><link>http://user:{SECRET}@127.0.0.1/a</link></item>"
            "<item><title>B</title><link>/page</link></item></channel></rss>",
            content_type="application/rss+xml",
        ),
    }
    with serve_hub({"owner/tiny": {"tiny.gguf": CONTENT}}) as hub, serve(routes) as site:
        yield User(tmp_path, hub, site)


def test_a_digest_with_a_password_among_its_sources_holds_none(user: User) -> None:
    """The source is named without it, with the reason why it was not asked; the others are read."""
    site = user.site
    (user.folder / "topic.toml").write_text(
        f'topic = "Mistral"\nsources = ["{user.url("/toml")}", {{ url = "{user.url("/cite")}", path = "page.html" }}]\n'
    )
    (user.folder / "s.opml").write_text(
        f'<opml version="2.0"><body><outline type="rss" xmlUrl="{user.url("/opml")}" text="x"/></body></opml>'
    )
    sources = (
        "topic.toml",
        user.url("/page"),
        *map(site.url, ("/page", "/feed.xml", "/to-secret")),
        "own.html",
        "s.opml",
    )
    options = (
        "--date",
        "2025-12-30",
        "--allow-host",
        "127.0.0.1",
        "--interval",
        "0",
        "--writer",
        "extractive",
        "--json",
    )
    ran = user.run("run", *sources, *options)
    manifest = (user.folder / "output" / "2025-12-30-mistral.json").read_text("utf-8")

    assert ran.code in (0, 3), ran.err
    assert user.leaks(ran) == []
    assert len(re.findall(r'"reason": "bad-url"', manifest)) == 5
    assert "://***@127.0.0.1:" in manifest
    assert '"https://127.0.0.1/own"' in manifest, "a saved page is cited by the name that it gives itself"
    assert all("authorization" not in asked.headers for asked in site.log)


def test_a_model_fetched_with_a_token_leaves_none(user: User) -> None:
    user.hub.gated.add("owner/tiny")
    ran = user.run("models", "pull", "tiny", "--allow-host", "localhost")

    assert ran.code != 0, "this token is not the hub's: the licence was not accepted"
    assert user.leaks(ran) == []
    user.hub.gated.clear()
    ran = user.run("models", "pull", "tiny", "--allow-host", "localhost")

    assert ran.code == 0, ran.err
    assert {asked.has_token for asked in user.hub.asked("hub")} == {True}
    assert {asked.has_token for asked in user.hub.asked("store")} == {False}
    assert user.leaks(ran) == []


FAILURES = {
    "no such page": ("run", "{page}/none", "--allow-host", "127.0.0.1"),
    "a refused host": ("run", "{page}/page"),
    "a password alone": ("run", "{secret}/page", "--allow-host", "127.0.0.1"),
    "a password alone, fetched": ("fetch", "{secret}/page", "--json"),
    "a password alone, collected": ("collect", "{secret}/page"),
    "a password alone, read": ("extract", "{secret}/page", "--json"),
    "a password alone, tested": ("sources", "test", "{secret}/page"),
    "a dry run": ("run", "{secret}/page", "--dry-run", "--json"),
    "a broken password": ("run", "http://user:x/{canary}@127.0.0.1/"),
    "a check": ("check", "page.html", "--against", "{secret}/page"),
    "a model at an address": ("models", "pull", "{secret}/m.gguf", "--json"),
    "a model at no address": ("models", "show", "{secret}/m.bin"),
    "a plan of one": ("plan", "--model", "{secret}/m.gguf"),
    "a run with one": ("run", "page.html", "--model", "{secret}/m.gguf"),
    "a host that is none": ("run", "page.html", "--allow-host", "{secret}"),
    "a topic file that is none": ("run", "--config", "{secret}.toml"),
    "an unknown model": ("models", "pull", "hf:owner/none/m.gguf"),
    "a model of another size": ("models", "pull", "hf:owner/tiny/tiny.gguf", "--allow-host", "localhost"),
    "the settings": ("config", "show", "--json"),
    "the doctor": ("doctor", "--network", "--json"),
}


#: What the user's shell may hold.
ENVIRONMENTS = {
    "a mirror with a password": ({"HF_ENDPOINT": f"https://user:{SECRET}@hub.example"}, ("models", "pull", "tiny")),
    "a mirror, doctor": ({"HF_ENDPOINT": f"https://user:{SECRET}@hub.example"}, ("doctor", "--network")),
    "a broken mirror": ({"HF_ENDPOINT": f"https://user:x/{SECRET}@hub.example"}, ("models", "pull", "tiny")),
    "a broken mirror, doctor": ({"HF_ENDPOINT": f"https://user:x/{SECRET}@hub.example"}, ("doctor", "--network")),
    "a token that is none": ({"HF_TOKEN": f"{SECRET} with a space"}, ("models", "pull", "tiny")),
    "a host that is none, set": ({"LOCALDIGEST_ALLOW_HOSTS": f"http://user:{SECRET}@x"}, ("run", "page.html")),
    "sources, set": ({"LOCALDIGEST_SOURCES": f"http://user:{SECRET}@x/"}, ("run",)),
    "a traceback": ({"LOCALDIGEST_DEBUG": "1", "HF_ENDPOINT": f"https://u:{SECRET}@h"}, ("models", "pull", "tiny")),
}

#: Runs each command in a process forked from one that has imported the program: a second saved for each.
FORKER = """
import json, os, sys
from pathlib import Path
from localdigest.cli import main, model_writer, session
from localdigest import pipeline
from localdigest.parsing import document
from localdigest.hub import obtain

for number, (environment, arguments) in enumerate(json.load(sys.stdin)):
    if not (child := os.fork()):
        os.environ.update(environment)
        sys.argv = ["localdigest", *arguments]
        for stream, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{sys.argv[0]}-{number}.{name}", os.O_WRONLY | os.O_CREAT), stream)
        main.main()
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_no_failure_tells_a_secret(user: User) -> None:
    """Whatever goes wrong, and whatever is asked for."""
    user.hub.faults["tiny.gguf"] = Fault(other_length=10)
    words = {"page": user.site.url("").rstrip("/"), "secret": user.url("").rstrip("/"), "canary": SECRET}
    asked = [({}, tuple(part.format(**words) for part in arguments)) for arguments in FAILURES.values()]
    asked += ENVIRONMENTS.values()
    ran = user.python(FORKER, stdin=json.dumps(asked))
    told = {
        name: (user.folder / f"localdigest-{number}.err").read_text("utf-8")
        for number, name in enumerate((*FAILURES, *ENVIRONMENTS))
    }

    assert user.leaks(ran) == []
    assert [name for name, text in told.items() if "Traceback" in text] == ["a traceback"]
    assert sum("Error: " in text for text in told.values()) > len(told) // 2, "most of them do fail"
