"""Who does the work: each run is a fresh process, so that memory, threads and caches are its own.

usage: contenders.py < SPEC   (JSON; the last line of the output is a `Result` as JSON)

    llama       llama_cpp.Llama with its own defaults and its schema support, one prompt after the other
    server-N    llama-server with N slots and its own defaults, N requests at a time
    ours        localdigest.engine, all jobs at once

What is timed is the work alone, from the first job handed over to the last answer; loading and one short job come
before.
All sample greedily, and all are held to the schema by their own means.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workloads import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Result", "Spec", "run_in_child"]

MIB = 1024 * 1024
#: A map beside a busy process takes minutes with the slowest.
LIMIT_SECONDS = 3600
START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Spec:
    """What one process is to do. `settings` change a contender's defaults, to see what they cost."""

    contender: str
    model: str
    work: Work
    warm_up: Work
    server: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Spec:
        data = json.loads(text)
        data["work"], data["warm_up"] = Work.from_dict(data["work"]), Work.from_dict(data["warm_up"])
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Result:
    """What one run took. Counts are of the timed work alone."""

    seconds: float = 0.0
    prompt_tokens: int = 0  #: of all prompts, computed or not
    computed_tokens: int = 0  #: of the prompts; ours counts what a constraint forced with the sampled ones
    sampled_tokens: int = 0
    forced_tokens: int = 0
    outputs: tuple[int, ...] = ()  #: tokens of each job's output
    prefill_seconds: float = 0.0  #: of one sequence at a time; 0 where steps mix both
    decode_seconds: float = 0.0
    llama_seconds: float = 0.0  #: inside llama_decode; 0: unknown
    peak_mib: float = 0.0
    load_seconds: float = 0.0
    sample: str = ""  #: the beginning of an output

    def add(self, other: Result) -> Result:
        numbers = {name: getattr(self, name) + getattr(other, name) for name in ADDED}
        return Result(**numbers, outputs=self.outputs + other.outputs, sample=self.sample or other.sample)


ADDED = ("prompt_tokens", "computed_tokens", "sampled_tokens", "prefill_seconds", "decode_seconds")


class Contender(Protocol):
    """One loaded model."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def do(self, work: Work) -> Result:
        """Do all the jobs; `seconds` is left to the caller."""

    def peak_mib(self) -> float: ...


# ── (a) llama_cpp.Llama ──────────────────────────────────────────────────────


class HighLevelLlama:
    """What LangChain's and LlamaIndex's chains call: one prompt after the other."""

    def __init__(self, spec: Spec) -> None:
        import llama_cpp

        self._lib = llama_cpp
        # Its default of 512 tokens is too short for the prompts; nothing else is changed.
        self._llama = llama_cpp.Llama(
            spec.model, **({"n_ctx": spec.work.slot_tokens, "verbose": False} | spec.settings)
        )
        self._grammar = llama_cpp.LlamaGrammar.from_json_schema(spec.work.schema, verbose=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._llama.close()

    def do(self, work: Work) -> Result:
        total = Result()
        for job in work.jobs:
            total = total.add(self._answer(job.prompt, job.output_tokens))
        return total

    def _answer(self, prompt: str, output_tokens: int) -> Result:
        self._lib.llama_perf_context_reset(self._llama.ctx)
        reply = self._llama.create_completion(prompt, max_tokens=output_tokens, temperature=0.0, grammar=self._grammar)
        spent = self._lib.llama_perf_context(self._llama.ctx)
        return Result(
            prompt_tokens=reply["usage"]["prompt_tokens"],
            computed_tokens=spent.n_p_eval,
            sampled_tokens=reply["usage"]["completion_tokens"],
            outputs=(reply["usage"]["completion_tokens"],),
            prefill_seconds=spent.t_p_eval_ms / 1000,
            decode_seconds=spent.t_eval_ms / 1000,
            sample=reply["choices"][0]["text"][:200],
        )

    def peak_mib(self) -> float:
        return peak_mib(os.getpid())


# ── (b) llama-server ─────────────────────────────────────────────────────────


class Server:
    """llama-server beside this process, and a client with as many requests under way as it has slots."""

    def __init__(self, spec: Spec) -> None:
        self._slots = int(spec.contender.partition("-")[2])
        self._port = free_port()
        command = [spec.server, "-m", spec.model, "--host", "127.0.0.1", "--port", str(self._port)]
        # Every slot has room for a job; nothing else is changed.
        command += ["-np", str(self._slots), "-c", str(self._slots * spec.work.slot_tokens)]
        command += [str(word) for item in spec.settings.items() for word in item if word != ""]
        self._process = subprocess.Popen(command, stdout=sys.stderr, stderr=sys.stderr)

    def __enter__(self) -> Self:
        deadline = time.monotonic() + START_SECONDS
        while self._status() != http.client.OK:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise SystemExit("llama-server did not start; its log stands above.")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _status(self) -> int:
        with contextlib.suppress(OSError, http.client.HTTPException), self._connect() as connection:
            connection.request("GET", "/health")
            return connection.getresponse().status
        return 0

    @contextlib.contextmanager
    def _connect(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LIMIT_SECONDS)
        try:
            yield connection
        finally:
            connection.close()

    def do(self, work: Work) -> Result:
        total = Result()
        schema = json.loads(work.schema)
        with ThreadPoolExecutor(self._slots) as pool:
            for answer in pool.map(lambda job: self._answer(job.prompt, job.output_tokens, schema), work.jobs):
                total = total.add(answer)
        return total

    def _answer(self, prompt: str, output_tokens: int, schema: dict[str, Any]) -> Result:
        body = {"prompt": prompt, "n_predict": output_tokens, "temperature": 0.0, "json_schema": schema}
        with self._connect() as connection:
            connection.request(
                "POST", "/completion", json.dumps(body | {"cache_prompt": True}), {"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            reply = json.loads(response.read())
        if response.status != http.client.OK:
            raise SystemExit(f"llama-server answered {response.status}: {reply}")
        spent = reply["timings"]
        single = self._slots == 1
        return Result(
            prompt_tokens=spent["cache_n"] + spent["prompt_n"],
            computed_tokens=spent["prompt_n"],
            sampled_tokens=spent["predicted_n"],
            outputs=(spent["predicted_n"],),
            prefill_seconds=spent["prompt_ms"] / 1000 if single else 0.0,
            decode_seconds=spent["predicted_ms"] / 1000 if single else 0.0,
            sample=reply["content"][:200],
        )

    def peak_mib(self) -> float:
        return peak_mib(self._process.pid)


# ── ours ─────────────────────────────────────────────────────────────────────


class Ours:
    """localdigest's engine as users get it, a process of its own. Settings: those of `LoadOptions` and `Placement`."""

    #: What `localdigest bench` chooses for the bench model; the other defaults are the engine's own.
    SLOTS = 16

    def __init__(self, spec: Spec) -> None:
        from localdigest.engine.loading import KVLayout, LoadOptions, Placement, Threads
        from localdigest.engine.process import EngineProcess

        wanted = dict(spec.settings)
        threads = wanted.pop("threads", None)
        options: dict[str, Any] = {"slot_tokens": spec.work.slot_tokens, "num_slots": self.SLOTS}
        if "layout" in wanted:
            options["layout"] = KVLayout(wanted.pop("layout"))
        options |= {name: wanted.pop(name) for name in ("num_slots", "total_tokens") if name in wanted}
        self._engine = EngineProcess(
            LoadOptions(
                spec.model,
                placement=Placement(**wanted),
                threads=Threads(*threads) if threads else None,
                **options,
            )
        )

    def __enter__(self) -> Self:
        self._engine.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def do(self, work: Work) -> Result:
        from localdigest.engine.jobs import Job, JsonSchema

        before = self._engine.stats()
        schema = JsonSchema(work.schema)
        done = list(
            self._engine.generate(
                Job(f"{number}", job.prompt, max_tokens=job.output_tokens, constraint=schema)
                for number, job in enumerate(work.jobs)
            )
        )
        after = self._engine.stats()
        if failed := [completion.error for completion in done if completion.error]:
            raise SystemExit(f"A job failed: {failed[0]}")
        usages = [completion.usage for completion in done]
        prompts = sum(usage.prompt_tokens for usage in usages)
        return Result(
            prompt_tokens=prompts,
            computed_tokens=prompts - sum(usage.reused_tokens for usage in usages),
            sampled_tokens=sum(usage.sampled_tokens for usage in usages),
            forced_tokens=sum(usage.forced_tokens for usage in usages),
            outputs=tuple(usage.sampled_tokens + usage.forced_tokens for usage in usages),
            llama_seconds=after["decode_seconds"] - before["decode_seconds"],
            sample=done[0].text[:200],
        )

    def peak_mib(self) -> float:
        return peak_mib(self._engine.pid)


# ── one process ──────────────────────────────────────────────────────────────


def make(spec: Spec) -> Contender:
    if spec.contender == "llama":
        return HighLevelLlama(spec)
    if spec.contender.startswith("server-"):
        return Server(spec)
    return Ours(spec)


def measure(spec: Spec) -> Result:
    """Load, warm up, do the work."""
    begun = time.perf_counter()
    with make(spec) as contender:
        contender.do(spec.warm_up)
        started = time.perf_counter()
        result = contender.do(spec.work)
        seconds = time.perf_counter() - started
        known = asdict(result) | {
            "seconds": seconds,
            "load_seconds": started - begun,
            "peak_mib": contender.peak_mib(),
        }
    return Result(**known)


def run_in_child(spec: Spec) -> Result:
    """Measure in a fresh process; refuse a result that is no fair pair of the others."""
    child = subprocess.run(
        [sys.executable, __file__],
        input=spec.to_json(),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if child.returncode:
        raise SystemExit(f"{child.stderr[-4000:]}\n{spec.contender} failed with {child.returncode}.")
    result = Result(**json.loads(child.stdout.splitlines()[-1]))
    check_fair(spec, result)
    return result


def check_fair(spec: Spec, result: Result) -> None:
    """Every output has exactly the tokens asked for, and every prompt was read as the same tokens."""
    wanted = [job.output_tokens for job in spec.work.jobs]
    if sorted(result.outputs) != sorted(wanted):
        raise SystemExit(f"{spec.contender} wrote {result.outputs} tokens where {wanted} were asked for.")
    fewest = spec.work.prompt_tokens * len(wanted)
    if not fewest <= result.prompt_tokens <= fewest + len(wanted):
        raise SystemExit(f"{spec.contender} read {result.prompt_tokens} tokens in prompts of {fewest}.")


def peak_mib(process_id: int) -> float:
    """The most memory that the process ever had resident, with mapped pages of the file."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / MIB
    return 0.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Spec.from_json(sys.stdin.read())))))
