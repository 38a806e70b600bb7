"""What merging copies and writing a digest without a model take, by the number of documents.

usage: bench_extractive.py [COUNT…]

Documents of made-up words, twelve to sixty sentences each; processor seconds, the better of two runs.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from test_dedupe import made_up
from test_extractive import many

from localdigest.stages.dedupe import dedupe
from localdigest.writers.extractive import ExtractiveWriter

if TYPE_CHECKING:
    from collections.abc import Callable


def best_of_two(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(2):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main(counts: list[int]) -> None:
    print(f"{'documents':>10}{'dedupe s':>10}{'write s':>10}{'peak MB':>10}")
    for count in counts:
        copies, texts = made_up(count), dedupe(many(count, 60 if count <= 100 else 12))
        merging = best_of_two(lambda copies=copies: dedupe(copies))
        writing = best_of_two(lambda texts=texts: ExtractiveWriter().write(texts, topic="port", language="en"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{count:>10}{merging:>10.2f}{writing:>10.2f}{peak:>10.0f}")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [20, 250, 1000])
