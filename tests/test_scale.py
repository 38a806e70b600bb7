"""Many pages through four model servers: what is held at once does not grow with them, and a kill loses nothing."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from played_servers import IMPATIENT, Fault, play
from scripted_engine import honest_within
from test_interrupts import running, wait_until

from localdigest.engine.jobs import Finish, Job, JsonSchema, Message
from localdigest.prompts import load_prompts
from localdigest.remote.factory import Errand
from localdigest.remote.process import MOST_IN_FLIGHT, Messenger
from localdigest.store import Store
from localdigest.writers.generative_jobs import JobsOf, Model, Progress, Runner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    import pytest
    from played_servers import Played, Request

SERVERS, SLOTS = 4, 3  #: as played ones tell
PAGES, JOBS = 160, 1300
SCHEMA = json.dumps({"type": "object", "properties": {"a": {"enum": ["x"]}}, "required": ["a"]})
PLACES = ("Oslo", "Lyon", "Porto", "Tainan", "Leeds", "Turin", "Bergen", "Ghent", "Kaunas", "Utrecht")


def says(request: Request, schema: Any) -> Any:
    return honest_within(request.prompt, schema)


@contextmanager
def four(**options: Any) -> Iterator[list[Played]]:
    with ExitStack() as stack:
        yield [stack.enter_context(play("llama", "json_schema", **options)) for _ in range(SERVERS)]


def test_a_job_is_made_when_there_is_room_for_it_and_let_go_of_when_it_is_answered(tmp_path: Path) -> None:
    looked_at, answered, most_alive = 0, 0, 0

    def make(place: int, _: int) -> Job:
        nonlocal looked_at, most_alive
        looked_at += 1
        most_alive = max(most_alive, looked_at - JOBS - answered)
        return Job(f"{place}", (Message("user", f"page {place}"),), max_tokens=60, constraint=JsonSchema(SCHEMA))

    def hear(progress: Progress) -> None:
        nonlocal answered
        answered = progress.done

    with (
        four() as servers,
        Messenger(Errand(tuple(each.url for each in servers), patience=IMPATIENT)) as messenger,
        Store(tmp_path / "store.sqlite3") as store,
    ):
        runner = Runner(
            messenger,
            Model("tiny", "x", 8192, "1"),
            store,
            prompts_hash=load_prompts().hash,
            on_event=hear,
            now=lambda: dt.datetime(2025, 12, 30, tzinfo=dt.UTC),
        )
        done = runner.run("map", JobsOf(range(JOBS), make), is_sound=lambda _, text: bool(text))

    assert [completion.finish for completion in done] == [Finish.END] * JOBS
    assert looked_at == 2 * JOBS, "once for its key, once for the engine"
    assert 0 < most_alive <= MOST_IN_FLIGHT < JOBS


def page(number: int) -> str:
    """A text of its own, of two chunks."""
    dice = random.Random(number)
    told = " ".join(
        f"The council of {dice.choice(PLACES)} agreed in meeting {dice.randrange(9999)} that plan {number}-{line} "
        f"may cost {dice.randrange(11, 990)} million euros, of which {dice.randrange(3, 97)} percent are its own."
        for line in range(24)
    )
    title = f"Plan {number} of the council"
    return f"<html lang=en><title>{title}</title><article><h1>{title}</h1><p>{told}</p></article>"


def asked_of(servers: list[Played]) -> Counter[str]:
    return Counter(job.prompt for each in servers for job in each.jobs)


def test_a_run_that_is_killed_in_the_middle_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SIGKILL, after one of the four servers was lost."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / ".home" / name))
    pages, store = tmp_path / "pages", tmp_path / "store.sqlite3"
    pages.mkdir()
    for number in range(PAGES):
        (pages / f"{number:03d}.html").write_text(page(number), "utf-8")

    def answers() -> int:
        if not store.exists():
            return 0
        with Store(store) as opened:
            return opened.stats().completions

    with four(fills=says, fault=lambda _: Fault(delay_s=0.05)) as servers:
        common = ("--topic", "council", "--lang", "en", "--date", "2025-12-30", "--slug", "proof", "--no-pictures")
        urls = (argument for each in servers for argument in ("--endpoint", each.url))
        arguments = (
            "-m",
            "localdigest",
            "run",
            "pages",
            *common,
            "--store",
            "store.sqlite3",
            "--style",
            "quotes",
            *urls,
        )
        with running(tmp_path, *arguments) as started:
            wait_until(lambda: answers() >= PAGES // 4, 120)
            servers[-1].close()
            wait_until(lambda: answers() >= PAGES // 2, 120)
            started.process.kill()  # it alone: what it started ends by itself
            started.end()
        kept, before = answers(), asked_of(servers)
        with running(tmp_path, *arguments, name="again") as again:
            code, _, err = again.end(180)
        after = asked_of(servers) - before

    assert code == 0, err
    made = json.loads((tmp_path / "output" / "2025-12-30-proof.json").read_text("utf-8"))
    work = made["run"]["work"]
    assert made["counts"]["read"] == PAGES
    assert made["run"]["parsed"] == 0, "every page was read before the kill, and is known"
    assert PAGES // 2 <= kept == work["jobs_stored"]
    assert work["jobs_failed"] == 0
    assert after.total() == len(after) == work["jobs_run"], "what was stored is not asked again, nor anything twice"
    assert before.total() - len(before) <= SLOTS, "only what was under way at the lost server"
