"""What it costs to read a page in the jailed process instead of in this one: both ways for each page, in one run.

    python bench/bench_parser_worker.py [FOLDER]     pages (*.html, *.html.gz, *.pdf) below it, else the examples

Each page is read `ROUNDS` times both ways in turn; its figure is the difference of the two best times: what other
programs on the machine add falls away.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.parsing.document import parse_document
from localdigest.reader import Reader
from localdigest.records import Page, PageOrigin, Source

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
EXAMPLES = Path(__file__).parent.parent / "examples" / "pages"


def page_of(path: Path) -> Page:
    body = path.read_bytes()
    if path.suffix == ".gz":
        body = gzip.decompress(body)
    address = f"https://example.com/{path.stem}"
    media_type = "application/pdf" if path.suffix == ".pdf" else "text/html"
    return Page(Source(address), body, media_type, "", address, "2026-01-01T00:00:00+00:00", PageOrigin.NETWORK)


def timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def main() -> None:
    folder = Path(sys.argv[1]) if sys.argv[1:] else EXAMPLES
    pages = [page_of(path) for path in sorted(folder.rglob("*")) if path.name.endswith((".html", ".html.gz", ".pdf"))]
    with Reader() as reader:
        reader.warm()
        reader.document(pages[0])
        parse_document(pages[0])
        here, there = [], []
        for page in pages:
            rounds = [
                (timed(lambda page=page: parse_document(page)), timed(lambda page=page: reader.document(page)))
                for _ in range(ROUNDS)
            ]
            here.append(min(first for first, _ in rounds))
            there.append(min(second for _, second in rounds))
        print("held by:", reader.enforced())
    more = [1000 * (second - first) for first, second in zip(here, there, strict=True)]
    cuts = statistics.quantiles(more, n=20) if len(more) > 1 else more * 19
    print(f"{len(pages)} pages, median {1000 * statistics.median(here):.1f} ms in this process")
    print(f"more in the jailed one: median {statistics.median(more):+.2f} ms, 19 of 20 below {cuts[18]:+.2f} ms")
    print(f"all pages: {sum(here):.2f} s here, {sum(there):.2f} s there")


if __name__ == "__main__":
    main()
