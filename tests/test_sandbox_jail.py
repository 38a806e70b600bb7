"""Jails that real processes enter: what is refused then, to whom, and what is said of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from servers import Route, serve

from localdigest.engine.ask import ask
from localdigest.engine.errors import BackendError
from localdigest.engine.loading import LoadOptions
from localdigest.engine.process import EngineProcess
from localdigest.sandbox.environment import for_parsing, secrets_in
from localdigest.sandbox.jail import probe_model_jail
from localdigest.sandbox.network import measure

REPOSITORY = Path(__file__).parent.parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")

#: What a process can try, each as (name, code that raises OSError when it is refused).
TRIES = """
import ctypes, errno, json, os, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)

def by_libc(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def says(act):
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except subprocess.CalledProcessError as error:
        return f"status {error.returncode}"
    return "done"

GRANDCHILD = [sys.executable, "-c", "import socket; socket.socket(socket.AF_INET)"]

def tries():
    numbers = {"x86_64": (41, 425, 101, 310, 438), "aarch64": (198, 425, 117, 270, 438)}[os.uname().machine]
    call, ring, trace, read, take = numbers
    return {
        "python": says(lambda: socket.socket(socket.AF_INET)),
        "python, udp over ipv6": says(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)),
        "a raw packet": says(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
        "netlink": says(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "a name": says(lambda: socket.getaddrinfo("localhost", 80)),
        "libc": says(lambda: by_libc(call, 2, 1, 0)),
        "io_uring": says(lambda: by_libc(ring, 1, None)),
        "ptrace": says(lambda: by_libc(trace, 16, 2**22 + 1, 0, 0)),
        "another's memory": says(lambda: by_libc(read, os.getppid(), None, 0, None, 0, 0)),
        "another's socket": says(lambda: by_libc(take, 0, 0, 0)),
        "a grandchild": says(lambda: subprocess.run(GRANDCHILD, check=True, capture_output=True)),
        "unix": says(lambda: socket.socket(socket.AF_UNIX)),
    }
"""
REFUSED = {
    "python", "python, udp over ipv6", "a raw packet", "netlink", "a name", "libc", "io_uring", "ptrace",
    "another's memory", "another's socket",
}  # fmt: skip


def child(code: str, **settings: Any) -> Any:
    """What a process prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", TRIES + code], capture_output=True, text=True, check=False, timeout=60, **settings
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ── no internet ──────────────────────────────────────────────────────────────


@linux
def test_a_process_that_gave_up_the_internet_has_no_way_back() -> None:
    found = child(
        "from localdigest.sandbox import deny_internet; held = deny_internet(); print(json.dumps([held, tries()]))"
    )

    assert found[0] == "seccomp"
    assert {name: how for name, how in found[1].items() if name in REFUSED} == dict.fromkeys(REFUSED, "EACCES")
    assert found[1]["a grandchild"] == "status 1"
    assert found[1]["unix"] == "done"


@linux
def test_without_the_jail_the_same_tries_go_through() -> None:
    """Else the test above would say nothing."""
    found = child("print(json.dumps(tries()))")

    assert {found[name] for name in ("python", "libc", "a grandchild", "unix", "a name")} == {"done"}


@linux
def test_threads_that_run_already_are_held_too() -> None:
    found = child(
        """
import threading
from localdigest.sandbox import deny_internet
asked, told = threading.Event(), []
def later():
    asked.wait()
    told.append(says(lambda: by_libc({"x86_64": 41, "aarch64": 198}[os.uname().machine], 2, 1, 0)))
thread = threading.Thread(target=later)
thread.start()
deny_internet()
asked.set()
thread.join()
print(json.dumps(told))
"""
    )

    assert found == ["EACCES"]


@linux
def test_giving_it_up_twice_is_giving_it_up() -> None:
    found = child(
        "from localdigest.sandbox import deny_internet; print(json.dumps([deny_internet(), deny_internet()]))"
    )

    assert found == ["seccomp", "seccomp"]


@linux
def test_where_there_is_no_filter_pythons_doors_are_shut_and_no_more_is_claimed() -> None:
    found = child(
        """
from localdigest.sandbox import deny_internet, seccomp
seccomp.ARCHES.clear()
held = deny_internet()
print(json.dumps([held, tries()]))
"""
    )

    assert found[0] == "audit-hook"
    assert {found[1][name] for name in ("python", "python, udp over ipv6", "netlink", "a name")} == {"EACCES"}
    assert found[1]["libc"] == "done"
    assert found[1]["unix"] == "done"


def test_what_is_not_held_is_called_so() -> None:
    assert measure() == "none"


@linux
def test_a_connection_that_the_parent_left_open_is_closed() -> None:
    found = child(
        """
from localdigest.sandbox.network import close_sockets
left = socket.socket()
kept = os.open(os.devnull, os.O_RDONLY)
close_sockets()
print(json.dumps([says(lambda: os.fstat(left.fileno())), says(lambda: os.fstat(kept))]))
left.detach()
"""
    )

    assert found == ["EBADF", "done"]


# ── files ────────────────────────────────────────────────────────────────────


@linux
def test_files_that_are_not_named_are_neither_read_nor_written(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a").write_text("a")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "b").write_text("b")
    found = child(
        f"""
from pathlib import Path
from localdigest.sandbox.landlock import restrict_files
folder = Path({str(tmp_path)!r})
held = restrict_files([folder / "mine", folder / "nowhere", Path(sys.prefix)])
print(json.dumps([
    held,
    says((folder / "mine" / "a").read_text),
    says((folder / "theirs" / "b").read_text),
    says(lambda: (folder / "mine" / "a").write_text("x")),
    says(lambda: (folder / "mine" / "c").touch()),
    says((folder / "mine" / "a").unlink),
]))
"""
    )

    assert found == [True, "done", "EACCES", "EACCES", "EACCES", "EACCES"]


# ── the environment ──────────────────────────────────────────────────────────

SECRETS = {
    "HF_TOKEN": "t", "HUGGING_FACE_HUB_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "t", "OPENAI_API_KEY": "t",
    "GITHUB_TOKEN": "t", "PGPASSWORD": "t", "https_proxy": "http://u:p@proxy", "HTTP_PROXY": "http://u:p@proxy",
    "ALL_PROXY": "socks5://proxy", "NETRC_PASSWORD": "t",
}  # fmt: skip
NEEDED = {"PATH": "/bin", "LANG": "zh_TW.UTF-8", "LC_ALL": "C", "TZ": "Asia/Taipei"}
DRIVERS = {
    "CUDA_VISIBLE_DEVICES": "0",
    "OMP_NUM_THREADS": "2",
    "GGML_NO_BACKTRACE": "1",
    "HSA_OVERRIDE_GFX_VERSION": "1",
}


def test_a_parser_is_told_what_it_needs_and_no_secret() -> None:
    assert for_parsing({**SECRETS, **NEEDED, **DRIVERS, "HOME": "/home/ann"}) == NEEDED


def test_a_model_is_told_what_drivers_read_and_no_secret() -> None:
    assert set(secrets_in({**SECRETS, **NEEDED, **DRIVERS})) == set(SECRETS)


def test_no_folder_that_follows_the_working_folder_is_searched_for_modules() -> None:
    path = os.pathsep.join(("", ".", "lib", str(REPOSITORY)))

    assert for_parsing({"PYTHONPATH": path}) == {"PYTHONPATH": str(REPOSITORY)}
    assert for_parsing({"PYTHONPATH": os.pathsep}) == {}


# ── the model's process ──────────────────────────────────────────────────────

HELD = {"internet": "PermissionError", "secrets": [], "has llama.cpp": False}


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "tests"))
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:password@proxy")


@linux
@pytest.mark.usefixtures("secrets")
def test_whatever_loads_a_model_is_held_before_it_is_loaded_itself() -> None:
    engine = EngineProcess(LoadOptions("model"), factory="jailed_factory:make_engine")
    with pytest.raises(BackendError) as raised:
        engine.start()

    assert json.loads(raised.value.message) == HELD


@linux
@pytest.mark.usefixtures("secrets")
def test_so_is_a_child_that_is_only_asked_something() -> None:
    """The probe of devices, and the rehearsal, which lets llama.cpp open a header that came from the network."""
    assert json.loads(ask("jailed_factory", limit_seconds=60).stdout) == HELD


@linux
@pytest.mark.usefixtures("secrets")
def test_it_says_what_was_found_to_hold_it() -> None:
    with EngineProcess(LoadOptions("model"), factory="engine_stub:make_engine") as engine:
        assert engine.held["network"] == "seccomp"
    assert probe_model_jail()["network"] == "seccomp"


@linux
@pytest.mark.usefixtures("secrets")
def test_a_jail_must_be_left_out_by_name() -> None:
    """As tests need, whose stand-in for a GPU is at the end of a socket; no command has a way to."""
    engine = EngineProcess(LoadOptions("model"), factory="jailed_factory:make_engine", jail="")
    with pytest.raises(BackendError) as raised:
        engine.start()

    assert json.loads(raised.value.message)["internet"] == "open"


# ── commands ─────────────────────────────────────────────────────────────────

ARTICLE = """<title>A quay for Lindholm</title><article><h1>A quay for Lindholm</h1>
<p>The harbour of Lindholm opened its second quay on Monday after four years of work and two of delay.</p>
<p>The new quay takes ships of up to 340 metres, which until now had to unload in the next county.</p>
<p>The port authority expects 120 more calls a year and says that two cranes will follow in the autumn.</p></article>"""

#: Runs a command in a process of its own, and says what the same process can do afterwards.
AFTERWARDS = """
import contextlib, io
from localdigest.cli.main import main
printed = io.StringIO()
code = None
with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
    main()
print(json.dumps([tries(), sorted(name for name in sys.modules if name.split(".")[0] in {
    "lxml", "trafilatura", "selectolax", "fastfeedparser", "protego", "pypdf", "pypdfium2", "readability"})]))
"""


def after(home: Path, *arguments: str | Path) -> Any:
    program = TRIES + f"sys.argv = {['localdigest', *map(str, arguments)]!r}\n" + AFTERWARDS
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=home)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@linux
@pytest.mark.parametrize(
    "arguments",
    [
        ("extract", "a.html", "--offline"),
        ("run", "a.html", "--offline", "--date", "2025-12-30"),
        ("collect", "a.html", "--offline"),
        ("check", "a.md", "--against", "a.html", "--offline"),
        ("sources", "test", "a.html", "--offline"),
        ("run", "a.html", "--dry-run"),
    ],
)
def test_offline_is_by_the_systems_hand(home: Path, arguments: tuple[str, ...]) -> None:
    (home / "a.html").write_text(ARTICLE)
    (home / "a.md").write_text("The quay opened on Monday.")
    tries, parsers = after(home, *arguments, "--store", home / "s.sqlite3")

    assert {tries[name] for name in REFUSED} == {"EACCES"}
    assert parsers == []


@linux
def test_once_everything_is_fetched_the_network_is_given_up(home: Path) -> None:
    """And all that was parsed, a feed and robots.txt among it, was parsed elsewhere."""
    feed = "<rss version='2.0'><channel><title>F</title><item><title>A</title><link>/a</link></item></channel></rss>"
    routes = {
        "/feed": Route(feed, content_type="application/rss+xml"),
        "/a": Route(ARTICLE),
        "/robots.txt": Route("User-agent: *\nDisallow: /b", content_type="text/plain"),
    }
    with serve(routes) as site:
        flags = ("--allow-host", site.host, "--interval", "0", "--store", str(home / "s.sqlite3"))
        tries, parsers = after(home, "run", site.url("/feed"), "--date", "2025-12-30", *flags)

    manifest = json.loads((home / "output" / "2025-12-30-digest.json").read_text())
    assert {tries[name] for name in REFUSED} == {"EACCES"}
    assert parsers == []
    assert manifest["counts"]["read"] == 1
    assert manifest["sandbox"]["main"] == {"network": "seccomp"}
    assert manifest["sandbox"]["parser"]["network"] == "seccomp"
    assert "model" not in manifest["sandbox"]
