"""Thousands of pages through four model servers: memory of each process, seconds of each stage, jobs lost or repeated.

usage: bench_scale.py [COUNT…] [--folder] [--words LOW HIGH] [--lean] [--style quotes] [--kind llama] [--delay S]
                      [--kill-server] [--kill-client] [--profile FILE] [--keep DIR]

Made-up pages are served on loopback by 200 sites, each at an address and with a feed of its own; with --folder they are
files. Four played model servers answer at once, or after --delay seconds: what they say stands in the prompt.
`localdigest run` does the rest, in processes of its own and with a store of its own.

--kill-server ends one of the four after a quarter as many questions as there are pages. --kill-client kills the run
with SIGKILL after half as many, and starts it again: what was answered is not asked again, and no page is read twice.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import threading
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from played_servers import Fault, play
from scale_site import served, write_folder
from scripted_engine import honest_within
from watched import Taken, measured

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from played_servers import Played, Request

SERVERS = 4
SLOTS = 3  #: of each
KILLED = -9


@dataclass
class Servers:
    """The four, and what they were asked."""

    running: list[Played]
    killed: list[int] = field(default_factory=list)

    @property
    def asked(self) -> Counter[str]:
        return Counter(job.prompt for each in self.running for job in list(each.jobs))

    @property
    def num_asked(self) -> int:
        return sum(len(each.chats) for each in self.running)

    def kill_one(self) -> None:
        if not self.killed:
            self.killed.append(SERVERS - 1)
            threading.Thread(target=self.running[-1].close).start()


def command(sources: list[str], work: Path, servers: Servers, options: argparse.Namespace) -> list[str]:
    profiled = ["-m", "cProfile", "-o", str(options.profile)] if options.profile else []
    found = [sys.executable, *profiled, "-m", "localdigest", "run", *sources]
    found += ["--topic", "language models", "--lang", "en"]
    found += ["--date", "2025-12-30", "--slug", "bench", "--out", str(work / "out"), "--style", options.style]
    found += ["--store", str(work / "store.sqlite3"), "--quiet", "--interval", "0", "--allow-host", "127.0.0.0/8"]
    for server in servers.running:
        found += ["--endpoint", server.url]
    return found


def scale(count: int, work: Path, options: argparse.Namespace) -> bool:
    """One run of so many pages, told; whether nothing was lost or repeated."""
    words = (options.words[0], options.words[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCALDIGEST_")}

    def says(request: Request, schema: Any) -> Any:
        return honest_within(request.prompt, schema)

    with ExitStack() as stack:
        slow = Fault(delay_s=options.delay)
        servers = Servers(
            [
                stack.enter_context(play(options.kind, "json_schema", fills=says, fault=lambda _: slow))
                for _ in range(SERVERS)
            ]
        )
        if options.folder:
            write_folder(work / "pages", count, words, is_lean=options.lean)
            sources = [str(work / "pages")]
        else:
            site = stack.enter_context(served(count, words, is_lean=options.lean))
            sources = ["-"]
        listed = "" if options.folder else "\n".join(site.feeds)
        look_for_server = _server_killer(servers, count // 4) if options.kill_server else _nothing
        stored, before = 0, Counter[str]()
        if options.kill_client:

            def look(process: subprocess.Popen[bytes]) -> None:
                look_for_server(process)
                _kill_at(process, servers, count // 2)

            tell("killed", count, run(command(sources, work, servers, options), environment, listed, on_look=look))
            stored, before = answers_in(work / "store.sqlite3"), servers.asked
            twice = before.total() - len(before)
            print(f"       asked {before.total()}, of these twice {twice}; {stored} answers were stored before the end")
        taken = run(command(sources, work, servers, options), environment, listed, on_look=look_for_server)
        manifest = json.loads((work / "out" / "2025-12-30-bench.json").read_text("utf-8"))
        tell("again" if before else "whole", count, taken, manifest)
        return tell_jobs(servers.asked - before, manifest, work, stored=stored)


def run(
    arguments: list[str], environment: dict[str, str], stdin: str, *, on_look: Callable[[subprocess.Popen[bytes]], None]
) -> Taken:
    return measured(arguments, environment, stdin=stdin, on_look=on_look, may_end=(0, 3, KILLED))


def _nothing(_: subprocess.Popen[bytes]) -> None:
    pass


def _kill_at(process: subprocess.Popen[bytes], servers: Servers, at: int) -> None:
    if servers.num_asked >= at:
        process.kill()


def _server_killer(servers: Servers, at: int) -> Callable[[subprocess.Popen[bytes]], None]:
    def look(_: subprocess.Popen[bytes]) -> None:
        if servers.num_asked >= at:
            servers.kill_one()

    return look


def answers_in(store: Path) -> int:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        (count,) = db.execute("SELECT count(*) FROM completions").fetchone()
    return int(count)


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def tell(what: str, count: int, taken: Taken, manifest: dict[str, Any] | None = None) -> None:
    print(f"{count:>6} pages, {what}: {taken.wall_s:.0f} s, {taken.cpu_s:.0f} s of processors")
    for pid in sorted(taken.peak_mb):
        if taken.cpu_of[pid] >= 1:
            print(f"       {role(taken.command_of[pid]):<10} {taken.peak_mb[pid]:7.0f} MB {taken.cpu_of[pid]:8.1f} s")
    if manifest:
        stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in manifest["run"]["seconds"].items())
        counts = manifest["counts"]
        print(f"       {stages}")
        print(f"       {counts['documents']} texts, {counts['sentences']} sentences, {counts['not_read']} not read")
    sys.stdout.flush()


def role(command_line: str) -> str:
    if "localdigest.engine.worker" in command_line:
        return "messenger"
    return "parser" if "localdigest.sandbox.serve" in command_line else "main"


def tell_jobs(asked: Counter[str], manifest: dict[str, Any], work: Path, *, stored: int) -> bool:
    """Whether every job has its answer, none that was stored was asked again, and none twice but at a lost server."""
    jobs, account = manifest["run"]["work"], manifest["model"]["account"]
    twice, lost = asked.total() - len(asked), jobs["jobs_failed"]
    print(
        f"       asked {asked.total()}, of these twice {twice}, lost {lost};"
        f" run {jobs['jobs_run']}, known {jobs['jobs_stored']};"
        f" {account['chunks']} chunks, {account['claims']} claims, {account['stories']} stories,"
        f" parsed {manifest['run']['parsed']}"
    )
    sizes = {path.suffix: path.stat().st_size / 1e6 for path in (work / "out").iterdir() if path.suffix != ".png"}
    print("       " + ", ".join(f"{name} {size:.2f} MB" for name, size in sorted(sizes.items())))
    sys.stdout.flush()
    return not lost and twice <= SLOTS and len(asked) == jobs["jobs_run"] and stored == jobs["jobs_stored"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", nargs="*", type=int, default=[1000], metavar="COUNT")
    parser.add_argument("--folder", action="store_true", help="local files instead of sites")
    parser.add_argument("--words", type=int, nargs=2, default=[300, 800], metavar=("LOW", "HIGH"), help="of a page")
    parser.add_argument("--lean", action="store_true", help="pages without scripts and style sheets")
    parser.add_argument("--style", default="quotes", choices=["quotes", "abstract"])
    parser.add_argument("--kind", default="llama", choices=["llama", "vllm", "studio", "plain"])
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that an answer takes")
    parser.add_argument("--kill-server", action="store_true")
    parser.add_argument("--kill-client", action="store_true")
    parser.add_argument("--profile", type=Path, help="file for cProfile's figures of the main process")
    parser.add_argument("--keep", type=Path, help="folder that keeps store and digest")
    options = parser.parse_args()
    holds = True
    for count in options.counts:
        with tempfile.TemporaryDirectory() as temporary:
            work = (options.keep or Path(temporary)) / str(count)
            work.mkdir(parents=True, exist_ok=True)
            holds = scale(count, work, options) and holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
