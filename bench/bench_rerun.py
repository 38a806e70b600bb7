"""What a second run costs when one page of ten has changed: seconds inside the engine, and tokens.

usage: bench_rerun.py [--model PATH] [--style quotes|abstract]

Ten made-up pages of about 1,000 words go through the generative writer, then nine of them again with another tenth.
Each is on its own subject, as pages of the news are.
Loading the model is not counted. Random weights answer at random: the form of the work is right, its words are not.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from documents import a_document
from generative import a_store, a_writer

from localdigest.engine.loading import LoadOptions
from localdigest.engine.process import EngineProcess
from localdigest.stages.dedupe import dedupe
from localdigest.writers.generative_jobs import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from localdigest.engine.jobs import Completion, Job
    from localdigest.records import Document
    from localdigest.writers.generative_jobs import Work

SENTENCES = 40
WORDS_OF_A_PAGE = 160  #: of its own, beside those that all pages share
COMMON = (
    "the",
    "council",
    "of",
    "a",
    "new",
    "for",
    "with",
    "its",
    "will",
    "on",
    "more",
    "than",
    "after",
    "last",
    "year",
)
CONTEXT_TOKENS = 4096
SLOTS = 8


def a_page(number: int) -> Document:
    rng = random.Random(number)
    own = [
        "".join(rng.choices(("ba", "ri", "tol", "ven", "sha", "mo", "keld", "un"), k=3)) for _ in range(WORDS_OF_A_PAGE)
    ]
    lines = [
        f"{rng.choice(own).title()} {' '.join(rng.choices(own, k=9) + rng.choices(COMMON, k=9))} {rng.randrange(9999)}."
        for _ in range(SENTENCES)
    ]
    return a_document("\n".join(lines), url=f"https://site{number}.example/", title=f"{own[0].title()} and {own[1]}")


class Timed:
    """The engine, and how long it was at work."""

    def __init__(self, engine: EngineProcess) -> None:
        self._engine = engine
        self.seconds = 0.0

    def count_all(self, texts: Sequence[str]) -> Sequence[int]:
        return self._engine.count_all(texts)

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        start = time.perf_counter()
        done = list(self._engine.generate(list(jobs)))
        self.seconds += time.perf_counter() - start
        yield from done


def run(engine: Timed, pages: list[Document], folder: Path, *, style: str) -> tuple[float, Work]:
    engine.seconds = 0.0
    with a_store(folder) as store:
        writer = a_writer(engine, store, model=Model("bench", "0" * 64, CONTEXT_TOKENS, "1"), style=style)
        writer.write(tuple(dedupe(pages)), topic="depots", language="en")
    return engine.seconds, writer.account.work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a GGUF; default: the bench model of the tests, made once")
    parser.add_argument("--style", choices=("quotes", "abstract"), default="quotes")
    options = parser.parse_args()
    model = options.model
    if not model:
        from models import bench_model

        model = str(bench_model())
    pages = [a_page(number) for number in range(10)]
    changed = [*pages[:4], replace(a_page(77), url=pages[4].url), *pages[5:]]
    with tempfile.TemporaryDirectory() as folder, EngineProcess(LoadOptions(model, SLOTS, CONTEXT_TOKENS)) as process:
        engine = Timed(process)
        first = run(engine, pages, Path(folder), style=options.style)
        second = run(engine, changed, Path(folder), style=options.style)
    print(f"{'':8}{'seconds':>10}{'jobs':>8}{'computed':>10}{'written':>10}")
    for name, (seconds, work) in (("first", first), ("second", second)):
        print(f"{name:8}{seconds:>10.1f}{work.jobs_run:>8}{work.computed_tokens:>10}{work.written_tokens:>10}")
    before, after = first[1], second[1]
    shares = (
        second[0] / first[0],
        after.jobs_run / before.jobs_run,
        after.computed_tokens / before.computed_tokens,
        after.written_tokens / before.written_tokens,
    )
    print("share   " + "".join(f"{share:>{width}.0%}" for share, width in zip(shares, (10, 8, 10, 10), strict=True)))


if __name__ == "__main__":
    main()
