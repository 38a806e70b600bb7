"""Four model servers, one of them killed in the middle: is anything lost or done twice, how fast do the others go on?

usage: bench_remote.py [--chunks 500] [--slots 2]

Twice the same: with real llama-servers on this machine, which share its cores, and with played ones that take a fixed
time for each answer, as machines of their own would. Each time first with the three that remain, then with four.

The rate of the others is counted from when the last job that was under way at the killed one has come back to them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from llama_servers import LLAMA_SERVER, llama_servers
from played_servers import Fault, play

import models
from localdigest.engine.jobs import Completion, Finish, Job, JsonSchema, Message
from localdigest.remote.caller import Patience
from localdigest.remote.factory import Errand
from localdigest.remote.process import Messenger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SERVERS = 4
ANSWER_SECONDS = 0.25  #: of a played server
WORDS = ("model", "source", "claim", "news", "story", "report", "page", "digest", "open", "memory")
SCHEMA = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"enum": [f"S{n}" for n in range(1, 40)]}, "kind": {"enum": ["event", "number"]}},
                "required": ["id", "kind"],
                "additionalProperties": False,
            },
            "minItems": 2,
            "maxItems": 4,
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Servers:
    """Some that run, and how one of them is ended."""

    urls: tuple[str, ...]
    kill: Callable[[int], None]
    asked: Callable[[], Counter[str]]  #: prompts that all but the last were asked; empty where nobody counts


@dataclass(frozen=True)
class Result:
    name: str
    completions: list[Completion]
    rate: float  #: jobs a second, of all or, after a kill, of the rest
    stats: dict[str, int | float]


def chunks(count: int) -> list[Job]:
    draw = random.Random(1)
    instruction = " ".join(draw.choice(WORDS) for _ in range(80))
    return [
        Job(
            f"{number}",
            (Message("user", f"{instruction}\n{' '.join(draw.choice(WORDS) for _ in range(120))} {number}"),),
            max_tokens=120,
            constraint=JsonSchema(json.dumps(SCHEMA)),
        )
        for number in range(count)
    ]


@contextmanager
def real(count: int, slots: int) -> Iterator[Servers]:
    with llama_servers(count, models.tiny_mixtral(), "-tb", "1", slots=slots) as running:
        yield Servers(tuple(each.url for each in running), lambda index: running[index].kill(), Counter)


@contextmanager
def played(count: int, _slots: int) -> Iterator[Servers]:
    with ExitStack() as stack:
        slow = lambda _: Fault(delay_s=ANSWER_SECONDS)  # noqa: E731 - one line says it
        running = [stack.enter_context(play("llama", "json_schema", fault=slow)) for _ in range(count)]
        urls = tuple(each.url for each in running)
        yield Servers(
            urls,
            lambda index: running[index].close(),
            lambda: Counter(job.prompt for each in running[: SERVERS - 1] for job in each.jobs),
        )


def measure(name: str, servers: Servers, jobs: Sequence[Job], *, killed_at: int) -> Result:
    """Run the jobs; after so many one server is killed (0: none is)."""
    found: list[Completion] = []
    with Messenger(Errand(servers.urls, patience=Patience(absent_s=20.0))) as messenger:
        started, counted_from = time.perf_counter(), 0
        for completion in messenger.generate(jobs):
            found.append(completion)
            if killed_at and len(found) == killed_at:
                threading.Thread(target=servers.kill, args=(SERVERS - 1,)).start()
            if killed_at and len(found) == killed_at + 40:
                started, counted_from = time.perf_counter(), len(found)
        seconds = time.perf_counter() - started
        return Result(name, found, (len(found) - counted_from) / seconds, messenger.stats())


def compare(kind: Callable[[int, int], object], label: str, options: argparse.Namespace) -> bool:
    jobs = chunks(options.chunks)
    with kind(SERVERS - 1, options.slots) as three:  # type: ignore[attr-defined]  # a context manager
        alone = measure("three", three, jobs[: options.chunks * 2 // 3], killed_at=0)
    with kind(SERVERS, options.slots) as four:  # type: ignore[attr-defined]  # as above
        killed = measure("four, one killed", four, jobs, killed_at=options.chunks // 4)
        asked = four.asked()
    ids = Counter(completion.job_id for completion in killed.completions)
    lost = len(jobs) - len(ids)
    twice = sum(number > 1 for number in ids.values()) + sum(number > 1 for number in asked.values())
    failed = sum(completion.finish is Finish.FAILED for completion in killed.completions)
    share = killed.rate / alone.rate
    print(f"{label}: {options.chunks} chunks")
    print(f"  three servers                {alone.rate:8.1f} chunks/s")
    print(f"  four, after one was killed   {killed.rate:8.1f} chunks/s   {share:.0%} of the three")
    again, ends = killed.stats["again"], killed.stats["ends"]
    print(f"  lost {lost}, done twice {twice}, failed {failed}; {again} asked again, {ends} servers lost")
    return not lost and not twice and not failed and share >= 0.9


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=500)
    parser.add_argument("--slots", type=int, default=2)
    options = parser.parse_args()
    holds = compare(played, "played servers, 3 at once, 0.25 s each", options)
    if LLAMA_SERVER.exists():
        holds = compare(real, f"llama-server, {options.slots} at once, one thread each", options) and holds
    else:
        print("llama-server is not built: ./scripts/make-llama-build.sh server")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
