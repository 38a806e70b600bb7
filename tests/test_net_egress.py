"""No library of ours tells anybody anything: whatever looks up or reaches a host is written down, and judged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import REPOSITORY, Ran
from hub_server import Hub, serve_hub
from servers import Route, serve

from models import tiny_mixtral

#: Python's own account of what leaves: read by every interpreter that starts with this folder on its path.
WATCH = """
import os, sys

_WATCHED = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
_log = os.open(os.environ["EGRESS_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

def _note(event, arguments):
    if event in _WATCHED:
        where = arguments[1] if event in ("socket.connect", "socket.sendto", "socket.sendmsg") else arguments[:2]
        if isinstance(where, (str, bytes)) or where is None:  # AF_UNIX, and what is connected already
            return
        os.write(_log, f"{event} {where[0]}\\n".encode())

sys.addaudithook(_note)
"""
CONTENT = tiny_mixtral().read_bytes()


@dataclass(frozen=True)
class Watched:
    """A user whose every step towards a network is written down."""

    folder: Path
    hub: Hub

    def run(self, *arguments: str) -> tuple[Ran, set[str]]:
        """What came of it, and every host that was looked up or dialled."""
        log = self.folder / "egress"
        log.unlink(missing_ok=True)
        homes = {name: str(self.folder / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HF_HOME")}
        quiet = ("LOCALDIGEST_", "HF_", "DO_NOT_TRACK", "DISABLE_TELEMETRY", "HUGGING")
        done = subprocess.run(
            [sys.executable, "-m", "localdigest", *arguments],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(quiet)},
                **self.hub.environment,
                **homes,
                "HF_TOKEN": "hf_token",
                "PYTHONPATH": os.pathsep.join((str(self.folder / "watch"), str(REPOSITORY))),
                "EGRESS_LOG": str(log),
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        hosts = {line.split()[1] for line in log.read_text().splitlines()}
        return Ran(done.returncode, done.stdout, done.stderr), hosts


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Watched]:
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    shutil.copytree(REPOSITORY / "examples" / "pages", tmp_path / "pages")
    shutil.copy(tiny_mixtral(), tmp_path / "tiny.gguf")
    with serve_hub({"owner/tiny": {"tiny.gguf": CONTENT}}) as hub:
        yield Watched(tmp_path, hub)


def test_the_watch_sees_a_dial(user: Watched) -> None:
    """Else an empty account would prove nothing."""
    _, hosts = user.run("fetch", "http://127.0.0.1:9/", "--allow-host", "127.0.0.1", "--no-robots")

    assert hosts == {"127.0.0.1"}


ALONE = {
    "an extractive digest": ("run", "pages", "--writer", "extractive", "--topic", "Mistral"),
    "a digest with a model": ("run", "pages/company.html", "--model", "tiny.gguf", "--style", "quotes"),
    "reading": ("extract", "pages/paper.pdf", "pages/forum.html", "--json"),
    "checking": ("check", "pages/company.html", "--against", "pages/company.html"),
    "a plan": ("plan", "--model", "mixtral-8x7b-q4", "--ram", "32GiB", "--vram", "0"),
    "the list of models": ("models", "list"),
    "the doctor": ("doctor",),
    "help": ("run", "--help"),
    "a topic file": ("init", "new.toml"),
    "settings": ("config", "show"),
    "the cache": ("cache", "stats"),
}


@pytest.mark.parametrize("name", ALONE)
def test_what_needs_no_network_asks_nobody(name: str, user: Watched) -> None:
    """No telemetry, no look for updates, no name looked up: by us, or by any library of ours."""
    ran, hosts = user.run(*ALONE[name])

    assert hosts == set()
    assert ran.code in (0, 3) or name == "the doctor", ran.err
    assert user.hub.log == []


def test_a_model_is_asked_for_at_its_hub_alone(user: Watched) -> None:
    """The hub, and where it points. Its library would also tell who asks, and look for updates."""
    ran, hosts = user.run("models", "pull", "hf:owner/tiny/tiny.gguf", "--allow-host", "localhost")

    assert ran.code == 0, ran.err
    assert hosts <= {"127.0.0.1", "localhost", "::1"}
    assert {asked.path.rpartition("/")[2] for asked in user.hub.log} == {"tiny.gguf"}
    agents = {asked.headers["user-agent"] for asked in user.hub.log}
    assert not any("session" in agent or "agent/" in agent for agent in agents), agents


def test_the_doctor_asks_the_hub_only_when_told_to(user: Watched) -> None:
    _, hosts = user.run("doctor", "--network")

    assert hosts == {"127.0.0.1"}
    assert [(asked.method, asked.path) for asked in user.hub.log] == [("HEAD", "/")]


def test_the_manifest_names_the_hub_and_the_sites(user: Watched) -> None:
    """All that one run dialled stands in one list."""
    page = (REPOSITORY / "examples" / "pages" / "company.html").read_text("utf-8")
    with serve({"/page": Route(page)}, host="127.0.0.2") as site:
        ran, hosts = user.run(
            "run", site.url("/page"), "--model", "hf:owner/tiny/tiny.gguf", "--style", "quotes", "--slug", "x",
            "--date", "2025-12-30", "--allow-host", "127.0.0.2", "--allow-host", "localhost",
        )  # fmt: skip
    assert ran.code in (0, 3), ran.err
    manifest = json.loads((user.folder / "output" / "2025-12-30-x.json").read_text("utf-8"))

    assert manifest["run"]["hosts"] == ["127.0.0.1", "127.0.0.2", "localhost"]
    assert hosts - {"::1"} == {"127.0.0.1", "127.0.0.2", "localhost"}
