"""What was answered is never asked for again, whatever happens in between."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from documents import FIVE, a_document
from generative import MODEL, a_store, as_bytes, many, write
from generative_child import TOWNS
from scripted_engine import ScriptedEngine, a_claim, honest, prompt_of

from localdigest.engine.jobs import Job
from localdigest.prompts import load_prompts
from localdigest.records import Document
from localdigest.store import StoredCompletion

TESTS = Path(__file__).parent


@pytest.mark.parametrize("style", ["abstract", "quotes"])
def test_a_second_run_asks_the_engine_nothing(tmp_path: Path, style: str) -> None:
    """Not even how long a text is: a model that is not needed is not loaded."""
    first = write(tmp_path, FIVE, style=style)
    again = write(tmp_path, FIVE, style=style)

    assert as_bytes(first.digest) == as_bytes(again.digest)
    assert (again.engine.jobs, again.engine.counted) == ([], 0)
    assert again.account.work.jobs_stored == first.account.work.jobs_run > 0
    assert (again.account.work.jobs_run, again.account.work.computed_tokens) == (0, 0)
    assert replace(again.account, work=first.account.work) == first.account


def long_page(number: int, *, last: str = "Nobody objected to it.") -> Document:
    """Some 1,500 words."""
    lines = [
        f"The council of Town{number} opened depot {n} of district {n * number + 3} with {n + 100} guests on Monday, "
        "and everybody who had a part in the long and careful work on it was thanked in person by the old mayor."
        for n in range(40)
    ]
    return a_document(
        "\n".join([*lines, last]), url=f"https://site{number}.example/", title=f"Town{number} opens depots"
    )


def test_one_changed_page_of_ten_is_the_only_one_read_again(tmp_path: Path) -> None:
    """Of a page that changed near its end, not even its beginning."""
    pages = [long_page(number) for number in range(10)]
    first = write(tmp_path, pages, topic="depots")
    pages[4] = long_page(4, last="Everybody objected to it.")
    again = write(tmp_path, pages, topic="depots")
    mapped = [job for job in again.engine.jobs if job.id.startswith("map")]
    work, before = again.account.work, first.account.work

    assert len(mapped) == 1
    assert "title: Town4 opens depots" in prompt_of(mapped[0])
    assert work.computed_tokens + work.written_tokens <= 0.2 * (before.computed_tokens + before.written_tokens)


def test_a_page_that_changed_as_a_whole_costs_its_own_chunks_and_the_sections(tmp_path: Path) -> None:
    pages = [long_page(number) for number in range(10)]
    first = write(tmp_path, pages, topic="depots")
    pages[4] = replace(long_page(77), url=pages[4].url)
    again = write(tmp_path, pages, topic="depots")
    mapped = [job for job in again.engine.jobs if job.id.startswith("map")]

    assert len(mapped) == first.account.chunks / 10
    assert all("title: Town77 opens depots" in prompt_of(job) for job in mapped)


@pytest.mark.parametrize(
    "change",
    [
        {"model": replace(MODEL, sha256="1" * 64)},
        {"model": replace(MODEL, engine_version="2")},
        {"seed": 1},
        {"prompts": replace(load_prompts(), hash="other")},
        {"topic": "boats"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_an_answer_depends_on_makes_it_another(tmp_path: Path, change: dict[str, Any]) -> None:
    first = write(tmp_path, FIVE)
    again = write(tmp_path, FIVE, **change)

    assert len(again.engine.jobs) == len(first.engine.jobs)


def test_the_name_of_a_model_is_no_part_of_its_answers(tmp_path: Path) -> None:
    write(tmp_path, FIVE)
    again = write(tmp_path, FIVE, model=replace(MODEL, name="renamed"))

    assert again.engine.jobs == []
    assert again.digest.writer == "renamed"


@pytest.mark.parametrize("text", ['{"claims":[{"evidence":["S77"],"claim":"x"}]}', "", "{}", '{"claims":['])
def test_a_bad_row_is_made_again(tmp_path: Path, text: str) -> None:
    first = write(tmp_path, FIVE)
    with sqlite3.connect(tmp_path / "store.sqlite3") as db:
        (key,) = db.execute("SELECT key FROM completions WHERE text LIKE '%claims%' LIMIT 1").fetchone()
        db.execute("UPDATE completions SET text = ? WHERE key = ?", (text, key))
        db.execute("UPDATE token_counts SET value = '[1, \"x\"]'")
    again = write(tmp_path, FIVE)

    assert len(again.engine.jobs) == 1
    assert first.digest == again.digest
    assert write(tmp_path, FIVE).engine.jobs == []


def test_an_answer_that_breaks_its_schema_or_fails_is_not_kept(tmp_path: Path) -> None:
    write(tmp_path, FIVE, lambda job: "nonsense" if job.id == "map-0" else honest(job))
    again = write(tmp_path, FIVE)

    assert "map-0" in [job.id for job in again.engine.jobs]
    assert sum(job.id.startswith("map") for job in again.engine.jobs) == 1


def test_an_answer_that_was_cut_is_kept_as_such(tmp_path: Path) -> None:
    def answer(job: Job) -> Any:
        return '{"claims":[{"evid' if job.id == "map-0" else honest(job)

    first = write(tmp_path, FIVE, engine=ScriptedEngine(answer, cut={"map-0"}))
    again = write(tmp_path, FIVE)

    assert first.digest == again.digest
    assert (first.account.work.jobs_cut, again.account.work.jobs_cut) == (1, 1)
    assert again.engine.jobs == []


def test_two_equal_jobs_are_one(tmp_path: Path) -> None:
    """The same false claim in two chunks is asked for again once."""
    wrong = a_claim(["S1"], "The council of Town1 opened depot 9999.")
    page = a_document("\n".join(["The council of Town1 opened depot 1 of district 4 on Monday."] * 3), title="Town1")
    pages = [replace(page, url=f"https://site{n}.example/", sources=()) for n in range(1)]
    written = write(tmp_path, pages, lambda job: {"claims": [wrong]} if job.id.startswith("map") else honest(job))

    assert Counter(job.id.split("-")[0] for job in written.engine.jobs) == {"map": 1, "repair": 1}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills what it forks")
def test_killed_fifty_times_it_makes_the_same_digest_and_no_finished_job_twice(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-P", str(TESTS / "generative_child.py"), str(tmp_path), "50"],
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    log = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    taken: set[str] = set()
    for what, job in log:
        if what == "begun":
            assert job not in taken
        else:
            taken.add(job)
    begun = Counter(job for what, job in log if what == "begun")
    untouched = write(tmp_path / "untouched", many(TOWNS), topic="buses")

    assert (tmp_path / "hits").read_text() == "50"
    assert (tmp_path / "digest.json").read_bytes() == as_bytes(untouched.digest)
    assert set(begun) == {job.id for job in untouched.engine.jobs}
    assert begun.total() - len(begun) <= 50, "a kill costs the job in flight"


# ── the tables ───────────────────────────────────────────────────────────────


def test_what_a_model_answered_comes_back_after_reopening(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.put_completion("a", StoredCompletion("{}", is_whole=True), created_at="2026-01-05")
        store.put_completion("a", StoredCompletion("繁體", is_whole=False), created_at="2026-01-05")
        store.put_token_counts("b", (1, 2))

    with a_store(tmp_path) as store:
        assert store.completion("a") == StoredCompletion("繁體", is_whole=False)
        assert store.token_counts("b") == (1, 2)
        assert (store.completion("b"), store.token_counts("a")) == (None, None)
        assert store.stats().completions == 1
        store.clear()
        assert (store.completion("a"), store.token_counts("b")) == (None, None)
