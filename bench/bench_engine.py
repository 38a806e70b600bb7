"""The engine against what one would take instead, on the same prompts, schema and number of tokens.

usage: bench_engine.py [--server PATH] [--model PATH] [--rounds N] [--niced-busy] [--gpu] [--quick] [--json FILE]
       bench_engine.py --report FILE…

    (a) llama      llama_cpp.Llama with its own defaults and schema support, one prompt after the other
    (b) server-N   llama-server (from the sources in llama-cpp-python's sdist) with 1 and with 8 slots
        ours       localdigest.engine

Every run is a process of its own. A round is one run of each contender on the same prompts, one after the other, so
that slow changes of the machine touch all alike; the next round has other prompts. Ratios are taken within a round.
Runs during which others took much processor time are left out of the tables, and named below them; `--retries` repeats
such a run, whatever it measured, until it is quiet or the retries are used up.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from busy import Neighbour, niced_busy
from contenders import Spec, run_in_child
from report import is_quiet, report
from workloads import Shape, Work, map_work, reduce_work, single_token_words, warm_up_work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAP = "map"
INSTRUCTION_FIRST = "reduce-instruction-first"
PREFIX_FIRST = "reduce-prefix-first"
WORKS = (MAP, INSTRUCTION_FIRST, PREFIX_FIRST)
CONTENDERS = ("llama", "server-1", "server-8", "ours")
#: How each is told to use the GPU; `--gpu` changes nothing else.
ON_GPU: dict[str, dict[str, Any]] = {
    "llama": {"n_gpu_layers": -1},
    "server": {"-ngl": 999},
    "ours": {"gpu_layers": -1},
}


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    if options.report:
        print(report(read_records(options.report)))
        return
    model = options.model or default_model()
    words = words_of(model)
    records = []
    with niced_busy(wanted=options.niced_busy) as neighbour:
        for record in rounds(options, model=model, words=words, neighbour=neighbour):
            records.append(record)
            if options.json:
                with Path(options.json).open("a") as file:
                    print(json.dumps(record), file=file)
    print(report(records))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a GGUF; default: the bench model of the tests, made once")
    parser.add_argument("--server", help="llama-server's path; without it (b) is left out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--first-round", type=int, default=0, help="number of the first, which chooses its prompts")
    parser.add_argument("--retries", type=int, default=2, help="of a run that others disturbed")
    parser.add_argument("--niced-busy", action="store_true", help="beside one busy process of the lowest priority")
    parser.add_argument("--gpu", action="store_true", help="all layers on the GPU, for each contender")
    parser.add_argument("--quick", action="store_true", help="small loads: tries the bench, measures little")
    parser.add_argument("--work", nargs="+", choices=WORKS, default=None, help="default: all; map where busy")
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--set", nargs="+", default=[], metavar="WHO.NAME=JSON", help="change a contender's default")
    parser.add_argument("--json", metavar="FILE", help="append one JSON object a run")
    parser.add_argument("--report", nargs="+", metavar="FILE", help="print the tables of such files, run nothing")
    options = parser.parse_args(arguments)
    options.work = options.work or ([MAP] if options.niced_busy else list(WORKS))
    if not options.server:
        options.contenders = [name for name in options.contenders if not name.startswith("server-")]
    return options


def rounds(
    options: argparse.Namespace, *, model: str, words: list[str], neighbour: Neighbour
) -> Iterator[dict[str, Any]]:
    shape = Shape.quick() if options.quick else Shape()
    warm_up = warm_up_work(words)
    settings = read_settings(options.set)
    on_gpu = ON_GPU if options.gpu else {}
    for number in range(options.first_round, options.first_round + options.rounds):
        for name in options.work:
            work = make_work(name, words, seed=number, shape=shape)
            for contender in in_turn(runners(name, options.contenders), number):
                chosen = settings.get(contender, {})
                placed = on_gpu.get(contender.partition("-")[0], {}) | chosen
                spec = Spec(contender, model, work, warm_up, server=options.server or "", settings=placed)
                about = {"round": number, "busy": options.niced_busy, "settings": chosen}
                for record in until_quiet(spec, neighbour, retries=options.retries):
                    told = f"{record['result']['seconds']:.1f} s, others {record['foreign_seconds']:.1f} s"
                    print(f"round {number}: {work.name}: {contender} {told}", file=sys.stderr, flush=True)
                    yield record | about | {"contender": label(contender, chosen)}


def label(contender: str, settings: dict[str, Any]) -> str:
    """Changed defaults make another contender: a row of its own, which no bound looks at."""
    return " ".join([contender, *(f"{name} {value}".strip() for name, value in settings.items())])


def until_quiet(spec: Spec, neighbour: Neighbour, *, retries: int) -> Iterator[dict[str, Any]]:
    """Every run that was made, the disturbed ones too: whoever reads the records can judge."""
    for _ in range(retries + 1):
        record = run_once(spec, neighbour)
        yield record
        if is_quiet(record):
            return


def run_once(spec: Spec, neighbour: Neighbour) -> dict[str, Any]:
    """One run, and the processor seconds that others took on this machine meanwhile, the busy neighbour left out."""
    machine, own, beside = machine_seconds(), child_seconds(), neighbour.seconds()
    result = run_in_child(spec)
    taken = neighbour.seconds() - beside
    foreign = machine_seconds() - machine - (child_seconds() - own) - taken
    return {
        "work": spec.work.name,
        "contender": spec.contender,
        "result": asdict(result),
        "foreign_seconds": max(foreign, 0.0),
        "neighbour_seconds": taken,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def make_work(name: str, words: list[str], *, seed: int, shape: Shape) -> Work:
    if name == MAP:
        return map_work(words, seed=seed, shape=shape)
    return reduce_work(words, seed=seed, shape=shape, prefix_first=name == PREFIX_FIRST)


def runners(work: str, contenders: Sequence[str]) -> list[str]:
    """Instruction-first is how chains do it: only (a) is asked, since no one else would write prompts so."""
    return [name for name in contenders if work != INSTRUCTION_FIRST or name == "llama"]


def in_turn(names: list[str], number: int) -> list[str]:
    """Another one begins each round: none always runs on the machine that the same other left warm."""
    turn = number % max(len(names), 1)
    return names[turn:] + names[:turn]


def read_settings(changes: Sequence[str]) -> dict[str, dict[str, Any]]:
    settings: dict[str, dict[str, Any]] = {}
    for change in changes:
        path, _, value = change.partition("=")
        contender, _, name = path.partition(".")
        settings.setdefault(contender, {})[name] = json.loads(value)
    return settings


def read_records(paths: Sequence[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in Path(path).read_text().splitlines()]


def words_of(model: str) -> list[str]:
    import llama_cpp

    vocabulary = llama_cpp.Llama(model, vocab_only=True, verbose=False)
    pieces = [vocabulary.detokenize([0, token]).decode("utf-8", "replace") for token in range(vocabulary.n_vocab())]
    counted = ((piece, len(vocabulary.tokenize(piece.strip().encode(), add_bos=False))) for piece in pieces)
    return single_token_words(counted)


def default_model() -> str:
    from models import bench_model

    return str(bench_model())


def machine_seconds() -> float:
    """Processor seconds of all cores since the machine started, stolen ones too."""
    user, nice, system, _idle, _wait, hard, soft, steal = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    )
    return (user + nice + system + hard + soft + steal) / os.sysconf("SC_CLK_TCK")


def child_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
