"""What a whole digest of many pages takes without a model: processor seconds and memory of all processes together.

usage: bench_pages.py [COUNT…] [--corpus] [--keep DIR] [--second]

Pages are files in a folder (`made_pages.py`), which name addresses of 160 sites; with --corpus they are the real ones
of `../shared/corpus`, repeated with changes. `localdigest run` reads them in processes of its own, with a store of its
own; what it takes is asked of the system: processor seconds of it and all its children, and the highest resident memory
of each process, added up. --second runs it once more, with what the first one kept.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from made_pages import corpus_pages, made_pages
from watched import Taken, measured

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def run(folder: Path, work: Path) -> tuple[Taken, dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCALDIGEST_")}
    command = [sys.executable, "-m", "localdigest", "run", str(folder), "--topic", "language models", "--lang", "en"]
    command += ["--writer", "extractive", "--date", "2025-12-30", "--slug", "bench", "--out", str(work / "out")]
    command += ["--store", str(work / "store.sqlite3"), "--quiet", "--offline"]
    taken = measured(command, environment)
    manifest = json.loads((work / "out" / "2025-12-30-bench.json").read_text("utf-8"))
    return taken, manifest


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a whole digest of many pages without a model.")
    parser.add_argument("counts", nargs="*", type=int, default=[250, 1000], metavar="COUNT")
    parser.add_argument("--corpus", action="store_true", help="real pages instead of made-up ones")
    parser.add_argument("--keep", type=Path, help="folder that keeps pages and digest")
    parser.add_argument("--second", action="store_true", help="run it twice")
    options = parser.parse_args()
    print(f"{'pages':>6} {'MB':>6} {'texts':>6} {'cpu s':>7} {'wall s':>7} {'peak MB':>8}  by process; by stage")
    for count in options.counts:
        with tempfile.TemporaryDirectory() as temporary:
            work = options.keep or Path(temporary)
            folder = work / "pages"
            folder.mkdir(parents=True, exist_ok=True)
            size = 0
            for name, text in corpus_pages(CORPUS, count) if options.corpus else made_pages(count):
                size += (folder / name).write_bytes(text.encode("utf-8", "replace"))
            for _ in range(2 if options.second else 1):
                taken, manifest = run(folder, work)
                tell(count, size, taken, manifest)


def tell(count: int, size: int, taken: Taken, manifest: dict[str, Any]) -> None:
    by_process = " + ".join(f"{taken.cpu_of[pid]:.1f} s {taken.peak_mb[pid]:.0f} MB" for pid in sorted(taken.cpu_of))
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in manifest["run"]["seconds"].items())
    counts = manifest["counts"]
    print(
        f"{count:>6} {size / 1e6:>6.1f} {counts['documents']:>6} {taken.cpu_s:>7.1f} {taken.wall_s:>7.1f}"
        f" {taken.memory_mb:>8.0f}  {by_process}; {stages}"
    )
    reasons = Counter(source["reason"] for source in manifest["sources"] if source["reason"])
    if reasons:
        print("       not read:", dict(reasons))


if __name__ == "__main__":
    main()
