"""How fast a model runs here: the engine is given work of known size, and timed. For `localdigest bench`.

    prefill   as many long prompts as a step holds, nothing written
    decode    the same prompts twice: first to have them computed, then again, reused, to write after them
    map       a shared instruction and a chunk of its own for each job, short outputs, as many at once as were quickest

The work goes the way of all work, through the engine's process: a model that crashes does not take the caller along.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from localdigest.engine.errors import BackendError
from localdigest.engine.jobs import Finish, Job, JsonSchema
from localdigest.engine.offload import Request, plan
from localdigest.engine.process import EngineProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from localdigest.engine.layout import ModelLayout
    from localdigest.engine.loading import KVLayout, LoadOptions
    from localdigest.engine.offload import Machine

__all__ = ["MapLoad", "Measured", "Rates", "Variant", "choose", "load_options", "measure_map", "measure_rates"]

PREFILL_TOKENS = 1024
CONTEXT_TOKENS = 512  #: what each sequence holds while decoding is measured
DECODE_TOKENS = 24
#: A map job of a digest: instruction, chunk, output; of the output about a quarter is forced by its schema.
INSTRUCTION_TOKENS, CHUNK_TOKENS, OUTPUT_TOKENS = 300, 700, 160
MAP_SCHEMA = JsonSchema(
    '{"type":"object","properties":{"claims":{"type":"array","minItems":12,"maxItems":12,"items":{"type":"object",'
    '"properties":{"quote":{"enum":["D1.S1","D1.S2","D1.S3","D1.S4"]},"claim":{"type":"string","maxLength":160}},'
    '"required":["quote","claim"],"additionalProperties":false}}},"required":["claims"],"additionalProperties":false}'
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to load the model."""

    layout: KVLayout
    repack: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens per second."""

    prefill: float
    decode: tuple[tuple[int, float], ...]  #: for each number of sequences at once, all together

    def best_width(self) -> int:
        """The number of sequences at which most is written; the smaller one where they are within 3 %."""
        best = max(rate for _, rate in self.decode)
        return next(width for width, rate in self.decode if rate >= 0.97 * best)

    def map_seconds(self) -> float:
        """What one map job costs at the best width, by these rates."""
        decode = dict(self.decode)[self.best_width()]
        return CHUNK_TOKENS / self.prefill + OUTPUT_TOKENS / decode


@dataclass(frozen=True, slots=True)
class MapLoad:
    """A map over chunks, as a digest makes it."""

    jobs: int
    width: int
    seconds: float
    prompt_tokens: int
    computed_tokens: int
    reused_tokens: int
    output_tokens: int
    in_llama_cpp: float  #: share of the time spent inside llama_decode


@dataclass(frozen=True, slots=True)
class Measured:
    """One variant and what it came to."""

    variant: Variant
    rates: Rates
    threads: tuple[int, int]  #: for few tokens, for many; 0: as loaded
    peak_bytes: int | None  #: of the engine's process; None where the system does not tell


def choose(measured: Iterable[Measured]) -> Measured:
    """The variant that maps quickest."""
    return min(measured, key=lambda each: each.rates.map_seconds())


def load_options(path: str, variant: Variant, *, width: int, model: ModelLayout, machine: Machine) -> LoadOptions:
    """Room for `width` map jobs at once, placed as the planner has it. Raises PlacementError where there is no room."""
    request = Request(
        num_slots=width,
        slot_tokens=PREFILL_TOKENS + OUTPUT_TOKENS + DECODE_TOKENS,
        layout=variant.layout,
        repack=variant.repack,
    )
    return plan(model, machine, request).options(path)


def measure_rates(
    options: LoadOptions,
    variant: Variant,
    *,
    widths: Sequence[int],
    on_progress: Callable[[str], None] = lambda _: None,
) -> Measured:
    """Load the model once, and measure prefill and decode at each width. Raises EngineError."""
    with EngineProcess(options) as engine:
        timed = _Timed(engine)
        timed.run([timed.job(64, max_tokens=4)])  # what the first step costs is not what the others cost
        on_progress("prefill")
        # A map's prompts come many at once: with weights in RAM a GPU fetches them once for a full step.
        at_once = min(options.num_slots, max(1, options.placement.batch_tokens // PREFILL_TOKENS))
        long_ones = [timed.job(PREFILL_TOKENS, max_tokens=1) for _ in range(at_once)]
        prefill = at_once * PREFILL_TOKENS / timed.run(long_ones)
        decode = []
        for width in widths:
            on_progress(f"decode, {width} at once")
            prompts = [timed.text(CONTEXT_TOKENS) for _ in range(width)]
            timed.run([timed.job(prompt, max_tokens=1) for prompt in prompts])
            seconds = timed.run([timed.job(prompt, max_tokens=DECODE_TOKENS) for prompt in prompts])
            decode.append((width, round(width * DECODE_TOKENS / seconds, 2)))
        stats = engine.stats()
        return Measured(
            variant=variant,
            rates=Rates(round(prefill, 2), tuple(decode)),
            threads=(int(stats["decode_threads"]), int(stats["prefill_threads"])),
            peak_bytes=_peak_bytes(engine.pid),
        )


def measure_map(options: LoadOptions, *, num_jobs: int) -> tuple[MapLoad, int | None]:
    """Map that many chunks; returns what it took, and the peak memory in bytes. Raises EngineError."""
    with EngineProcess(options) as engine:
        timed = _Timed(engine)
        timed.run([timed.job(64, max_tokens=4)])
        instruction = timed.text(INSTRUCTION_TOKENS)
        jobs = [
            timed.job(f"{instruction} {timed.text(CHUNK_TOKENS)}", max_tokens=OUTPUT_TOKENS, constraint=MAP_SCHEMA)
            for _ in range(num_jobs)
        ]
        before = engine.stats()
        seconds = timed.run(jobs)
        after = engine.stats()
        spent = {name: after[name] - before[name] for name in after}
        load = MapLoad(
            jobs=num_jobs,
            width=options.num_slots,
            seconds=round(seconds, 3),
            prompt_tokens=timed.prompt_tokens,
            computed_tokens=int(spent["computed_tokens"]),
            reused_tokens=int(spent["reused_tokens"]),
            output_tokens=timed.output_tokens,
            in_llama_cpp=round(spent["decode_seconds"] / seconds, 4),
        )
        return load, _peak_bytes(engine.pid)


class _Timed:
    """Makes jobs of given length, and runs them against the clock."""

    def __init__(self, engine: EngineProcess) -> None:
        self._engine = engine
        self._numbers = count(1)
        self._ids = count(1)
        self.prompt_tokens = 0  #: of the last run
        self.output_tokens = 0

    def text(self, num_tokens: int) -> str:
        """Numbers that do not repeat, so that no two texts begin alike."""
        text = str(next(self._numbers))
        size = self._engine.count_tokens(text)
        while size < num_tokens:
            # A number takes a token or more, so this is reached from below.
            missing = max(1, (num_tokens - size) // 6)
            text = " ".join([text, *(str(7919 * next(self._numbers) % 100_003) for _ in range(missing))])
            size = self._engine.count_tokens(text)
        return text

    def job(self, prompt: str | int, *, max_tokens: int, constraint: JsonSchema | None = None) -> Job:
        text = prompt if isinstance(prompt, str) else self.text(prompt)
        return Job(f"{next(self._ids)}", text, max_tokens=max_tokens, constraint=constraint)

    def run(self, jobs: list[Job]) -> float:
        """Seconds until all are done."""
        started = perf_counter()
        done = list(self._engine.generate(jobs))
        seconds = perf_counter() - started
        if failed := [completion for completion in done if completion.finish is Finish.FAILED]:
            raise failed[0].error or BackendError("A job of the measurement failed.")
        self.prompt_tokens = sum(completion.usage.prompt_tokens for completion in done)
        self.output_tokens = sum(
            completion.usage.sampled_tokens + completion.usage.forced_tokens for completion in done
        )
        return seconds


def _peak_bytes(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
