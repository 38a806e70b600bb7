"""Gathering as a run does it, with the real store, client and reader: what is held in memory, and what is not."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from conftest import IN_TESTS
from servers import Asked, Route, serve

from localdigest.cli.program import PROGRAM
from localdigest.cli.session import open_session
from localdigest.gathering import gather, read_documents
from localdigest.job import Job, plan_job
from localdigest.settings import Settings
from localdigest.values import SourceEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = 40
KILOBYTES = 400


@pytest.fixture(autouse=True)
def _in_tests() -> Iterator[None]:
    token = PROGRAM.set(IN_TESTS)
    yield
    PROGRAM.reset(token)


def job(sources: list[str], folder: Path) -> Job:
    settings = Settings(
        topic="harbour",
        sources=tuple(SourceEntry(source) for source in sources),
        store=str(folder / "store.sqlite3"),
        allow_hosts=("127.0.0.1",),
        interval=0.0,
        date="2026-01-02",
    )
    return plan_job(settings, now=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))


def article(name: str) -> str:
    """A short text in a large page."""
    sentences = (f"On day {day} the quay of {name} was used by {day + 7} ships. " for day in range(12))
    return f"<html><body><h1>Of {name}</h1><p>{''.join(sentences)}</p><!--{'x' * KILOBYTES * 1000}--></body></html>"


def answer(asked: Asked) -> Route:
    if asked.path == "/robots.txt":
        return Route(status=404)
    return Route(article(asked.path.strip("/")), etag=f'"{asked.path}"')


def test_what_is_held_does_not_grow_with_the_bytes_of_pages_or_files(home: Path) -> None:
    for number in range(PAGES):
        (home / f"file-{number}.html").write_text(article(f"file {number}"))
    paths = [f"/page-{number}" for number in range(PAGES)]
    peaks: list[int] = []
    with serve(dict.fromkeys((*paths, "/robots.txt"), answer)) as site:
        sources = [str(home), *(site.url(path) for path in paths)]
        for _ in range(2):  # the second time the store knows them, and is told that they have not changed
            with open_session(job(sources, home), lambda _: None) as session:
                tracemalloc.start()
                gathered = gather(session.job, session.tools)
                reading = read_documents(gathered.results, session.job, session.tools)
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
            assert len(reading.documents) == 2 * PAGES
            assert [page.num_bytes for page in gathered.pages if page.body] == []
            assert all(page.num_bytes > KILOBYTES * 1000 for page in gathered.pages)

    everything = 2 * PAGES * KILOBYTES * 1000
    assert max(peaks) < everything / 3, peaks
