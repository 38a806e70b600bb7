"""Shows that nothing leaves this machine but what was asked for: a whole digest, watched by the operating system.

usage: proof.py [--as current|ordinary|both] [--without-model]

A site of three hosts is served on loopback. The first half of a digest is made online (`fetch`, `run`, `models pull`):
every network call is written down by strace, and whom they dialled compared with whom they say they dialled. The second
half is made offline, in a network namespace that has no network, and again watched: not one internet socket may be
made, with a model and without. With a model server one process dials that and nobody else. As root all of it is done
twice, the second time as a user without privileges.

Prints a line for each claim. Exit code 0: all hold. 1: one does not. 2: one could not be shown, and why.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from proof_trace import Trace, parse

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY / "tests"))
from hub_server import serve_hub  # noqa: E402 - lies in another folder
from played_servers import play  # noqa: E402 - as above
from servers import Route, Site, redirect, serve  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOBODY = 65534
HOSTS = ("127.0.0.1", "127.0.0.2")
TRAP = "127.0.0.3"
NO_NETWORK = ("unshare", "--user", "--map-current-user", "--net", "--")
STRACE = ("strace", "-f", "-qq", "-e", "trace=network", "-o")
#: All that a site is told of whoever asks.
POLITE = {"host", "user-agent", "accept", "accept-encoding", "connection", "if-none-match", "if-modified-since"}
DATE = "2025-12-30"
PATIENCE_S = 300


@dataclass(frozen=True)
class Line:
    """One claim."""

    who: str
    claim: str
    holds: bool | None  #: None: it could not be shown
    found: str


@dataclass(frozen=True)
class User:
    """Somebody who runs the program, with a folder of their own."""

    name: str
    folder: Path
    prefix: tuple[str, ...] = ()  #: makes a command theirs

    def watched(
        self, *arguments: str, jail: Sequence[str] = (), **environment: str
    ) -> tuple[subprocess.CompletedProcess[str], Trace]:
        """`localdigest` with these arguments, and every network call that came of it."""
        log = self.folder / "strace.log"
        log.unlink(missing_ok=True)
        ran = self.run(*jail, *STRACE, str(log), sys.executable, "-m", "localdigest", *arguments, **environment)
        return ran, parse(log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else ())

    def is_seen(self) -> bool:
        """Whether a socket that leaves would be noticed, of a process and of its child: else silence proves nothing."""
        log = self.folder / "control.log"
        made = "import os, socket; os.fork(); socket.socket(socket.AF_INET); socket.socket(socket.AF_INET6)"
        self.run(*NO_NETWORK, *STRACE, str(log), sys.executable, "-c", made)
        trace = parse(log.read_text(encoding="utf-8").splitlines()) if log.exists() else parse(())
        return sorted(trace.internet) == ["AF_INET", "AF_INET", "AF_INET6", "AF_INET6"]

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        homes = {name: str(self.folder / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HF_HOME")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCALDIGEST_", "HF_"))}
        return subprocess.run(
            [*self.prefix, *command],
            env={**kept, **homes, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1", **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def manifest(self) -> dict[str, object]:
        return dict(json.loads((self.folder / "out" / f"{DATE}-proof.json").read_text(encoding="utf-8")))


# ── the site ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def sites() -> Iterator[tuple[Site, Site, Site]]:
    """Two hosts that the user names, and one that a page leads to."""
    page = {name: (REPOSITORY / "examples" / "pages" / name).read_text("utf-8") for name in _PAGES}
    with ExitStack() as stack:
        trap = stack.enter_context(serve({"/": Route(page[_PAGES[0]])}, host=TRAP))
        second = stack.enter_context(serve({f"/{name}": Route(page[name]) for name in _PAGES}, host=HOSTS[1]))
        items = "".join(
            f"<item><title>{title}</title><link>{link}</link></item>"
            for title, link in (
                ("Here", f"/{_PAGES[0]}"),
                ("There", second.url(f"/{_PAGES[1]}")),
                ("On", "/on"),
                ("Away", "/away"),
            )
        )
        feed = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
        first = stack.enter_context(
            serve(
                {
                    "/feed.xml": Route(feed, content_type="application/rss+xml", etag='"1"'),
                    f"/{_PAGES[0]}": Route(page[_PAGES[0]]),
                    "/on": redirect(second.url(f"/{_PAGES[2]}")),
                    "/away": redirect(trap.url("/")),
                },
                host=HOSTS[0],
            )
        )
        yield first, second, trap


_PAGES = ("company.html", "funding-zh.html", "forum.html")


# ── the claims ───────────────────────────────────────────────────────────────────────────────────────────────────────


def online(user: User) -> Iterator[Line]:
    """The half that may use the network: `fetch`, then a run whose manifest says whom it dialled."""
    with sites() as (first, second, trap):
        asked = ("--allow-host", HOSTS[0], "--allow-host", HOSTS[1], "--interval", "0", "--date", DATE)
        ran, trace = user.watched("fetch", first.url("/feed.xml"), *asked, "--json")
        yield _judged(user, "fetch dials whom its sources name", ran, _told(trace), holds=trace.spoken_to == set(HOSTS))
        ran, trace = user.watched("run", first.url("/feed.xml"), *asked, *DIGEST)
        named = set(_run_record(user).get("hosts", ())) if ran.returncode == 0 else set()
        same = trace.spoken_to == named == set(HOSTS)
        yield _judged(user, "run dials whom its manifest names", ran, _told(trace), holds=same)
        yield Line(user.name, "a page cannot lead elsewhere", trap.log == [], f"{len(trap.log)} requests at {TRAP}")
        requests = [*first.log, *second.log]
        told = {name for request in requests for name in request.headers} - POLITE
        found = f"{len(requests)} requests" + (f", with {', '.join(sorted(told))}" if told else ", no more told")
        yield Line(user.name, "sites learn what they must know", not told and len(requests) > 0, found)
    (user.folder / "feed-url").write_text(first.url("/feed.xml"), "utf-8")


def hub(user: User, model: Path) -> Line:
    """A download: the hub and where it points, and neither telemetry nor a look for updates."""
    with serve_hub({"owner/tiny": {"tiny.gguf": model.read_bytes()}}) as running:
        asked = ("hf:owner/tiny/tiny.gguf", "--models", "models", "--allow-host", "localhost")
        ran, trace = user.watched("models", "pull", *asked, "--json", **running.environment)
    paths = {request.path for request in running.log}
    holds = trace.spoken_to <= {"127.0.0.1", "::1"} and all(path.endswith("/tiny.gguf") for path in paths)
    return _judged(user, "a model comes from its hub alone", ran, _told(trace), holds=holds)


def served(user: User) -> Line:
    """A digest that a model server on this machine writes, offline: it is dialled, and nobody else."""
    page = REPOSITORY / "examples" / "pages" / _PAGES[0]
    shutil.copy(page, user.folder / page.name)
    with play("llama", "json_schema") as server:
        asked = ("run", page.name, "--offline", "--endpoint", server.url, *DIGEST, "--style", "quotes")
        ran, trace = user.watched(*asked)
    named = set(_run_record(user).get("hosts", ())) if ran.returncode in (0, 3) else set()
    holds = trace.spoken_to == named == {"127.0.0.1"} and len(server.jobs) > 0
    found = f"{_told(trace)}, {len(server.jobs)} jobs"
    return _judged(user, "offline, with a server: it alone", ran, found, holds=holds)


def offline(user: User, model: Path | None) -> Iterator[Line]:
    """The half that may not: the pages of before, summarised where there is no network and no way to ask for one."""
    feed = (user.folder / "feed-url").read_text("utf-8")
    writers = [("without a model", ("--writer", "extractive"))]
    if model is not None:
        writers.append(("with a model", ("--model", str(model), "--style", "quotes")))
    for name, writer in writers:
        ran, trace = user.watched("run", feed, "--offline", *DIGEST, *writer, jail=NO_NETWORK)
        holds = not trace.internet and trace.spoken_to == set() and _is_digest(user, ran)
        refused = f", {len(trace.refused)} refused" if trace.refused else ""
        yield _judged(user, f"offline, {name}: no socket", ran, f"{len(trace.internet)} made{refused}", holds=holds)


DIGEST = ("--topic", "Proof", "--slug", "proof", "--date", DATE, "--out", "out", "--json")


def _run_record(user: User) -> dict[str, list[str]]:
    record = user.manifest()["run"]
    assert isinstance(record, dict)
    return record


def _is_digest(user: User, ran: subprocess.CompletedProcess[str]) -> bool:
    """Whether something was really summarised, from what was fetched before, and nobody was dialled."""
    if ran.returncode not in (0, 3):
        return False
    counts = user.manifest()["counts"]
    assert isinstance(counts, dict)
    return counts["documents"] >= len(_PAGES) and not _run_record(user).get("hosts")


def _judged(
    user: User,
    claim: str,
    ran: subprocess.CompletedProcess[str],
    found: str,
    *,
    holds: bool,
) -> Line:
    if ran.returncode not in (0, 3):
        last = (ran.stderr.strip() or "no word").splitlines()[-1]
        return Line(user.name, claim, holds=None, found=f"exit code {ran.returncode}: {last}")
    return Line(user.name, claim, holds=holds, found=found)


def _told(trace: Trace) -> str:
    return ", ".join(sorted(trace.spoken_to)) or "nobody"


# ── whoever can show it ──────────────────────────────────────────────────────────────────────────────────────────────


def lines_of(user: User, model: Path | None) -> Iterator[Line]:
    missing = lacking(user)
    if missing:
        yield Line(user.name, "all of it", holds=None, found=missing)
        return
    yield from online(user)
    if model is not None:
        yield hub(user, model)
    yield from offline(user, model)
    yield served(user)


def lacking(user: User) -> str:
    """What this machine lacks; empty when it lacks nothing, and a socket that is made in there is seen."""
    for program, package in (("strace", "strace"), ("unshare", "util-linux")):
        if shutil.which(program) is None:
            return f"{program} is not installed (`apt-get install {package}`)"
    if user.run("strace", "-f", "-qq", "-o", "/dev/null", "true").returncode:
        return "strace may not watch processes here"
    if user.run(*NO_NETWORK, "true").returncode:
        return "network namespaces cannot be made here (`unshare --user --net` is refused)"
    if user.run(sys.executable, "-c", "import localdigest").returncode:
        return f"{sys.executable} cannot be run by this user"
    return "" if user.is_seen() else "strace does not see a socket that is made"


@contextmanager
def users(wanted: str) -> Iterator[list[User]]:
    """Whoever runs this, and where that is root somebody without privileges."""
    with tempfile.TemporaryDirectory(prefix="localdigest-proof-") as name:
        root = Path(name)
        root.chmod(0o755)
        is_root = os.geteuid() == 0
        found = [User("root" if is_root else "this user", root / "current")] if wanted != "ordinary" else []
        if is_root and wanted != "current":
            found.append(User("ordinary user", root / "ordinary", as_nobody(root)))
        for user in found:
            user.folder.mkdir()
            if user.prefix:
                os.chown(user.folder, NOBODY, NOBODY)
        yield found


def as_nobody(folder: Path) -> tuple[str, ...]:
    """Makes a command one of a user without privileges, for whom Python and this checkout can be reached.

    Both often lie below a folder that is root's alone. In a mount namespace of the command's own it is covered by an
    empty one, into which the two are bound: nothing changes outside of it.
    """
    needed = sorted({Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), REPOSITORY.resolve()})
    locked = {lock: [path for path in needed if lock in path.parents] for path in needed if (lock := _lock_on(path))}
    lines = []
    for lock, paths in locked.items():
        for number, path in enumerate(paths):
            lines += [f"mkdir -p {folder}/{number}", f"mount --bind {path} {folder}/{number}"]
        lines.append(f"mount -t tmpfs -o mode=0755 tmpfs {lock}")
        lines += [f"mkdir -p {path} && mount --bind {folder}/{number} {path}" for number, path in enumerate(paths)]
    lines.append(f'exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups -- "$@"')
    return ("unshare", "--mount", "--", "sh", "-ec", "\n".join(lines), "sh")


def _lock_on(path: Path) -> Path | None:
    """The topmost folder above it that only its owner may enter."""
    return next((each for each in reversed(path.parents) if not each.stat().st_mode & stat.S_IXOTH), None)


def tiny_model(folder: Path) -> Path:
    from models import tiny_mixtral  # noqa: PLC0415 - needs numpy and gguf

    copy = folder / "tiny-mixtral.gguf"
    shutil.copy(tiny_mixtral(), copy)
    copy.chmod(0o644)
    return copy


def table(lines: Sequence[Line]) -> Iterator[str]:
    marks = {True: "holds", False: "FAILS", None: "not shown"}
    rows = [("who", "claim", "", "found"), *((each.who, each.claim, marks[each.holds], each.found) for each in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3])).rstrip()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as", dest="who", choices=("current", "ordinary", "both"), default="both")
    parser.add_argument("--without-model", action="store_true")
    options = parser.parse_args(arguments)
    with users(options.who) as found:
        model = None if options.without_model else tiny_model(found[0].folder.parent)
        lines = [line for user in found for line in lines_of(user, model)]
    print(*table(lines), sep="\n")
    return code_of(lines)


def code_of(lines: Sequence[Line]) -> int:
    if any(line.holds is False for line in lines):
        return 1
    return 2 if any(line.holds is None for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
