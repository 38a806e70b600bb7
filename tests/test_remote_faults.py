"""The messenger with servers that die, refuse, hang, lie and cut: every job comes to one end, none is done twice."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from played_servers import IMPATIENT, Fault, Played, Request, play

from localdigest.engine.errors import BackendError, ConstraintError, JobError
from localdigest.engine.jobs import Choice, Completion, Finish, Job, JsonSchema, Message
from localdigest.remote.caller import Patience
from localdigest.remote.factory import Errand
from localdigest.remote.process import Messenger

SCHEMA = JsonSchema(
    json.dumps(
        {
            "type": "object",
            "properties": {"ids": {"type": "array", "items": {"enum": ["S1", "S2"]}, "minItems": 8, "maxItems": 9}},
            "required": ["ids"],
            "additionalProperties": False,
        }
    )
)


def jobs(count: int, *, first: int = 0) -> list[Job]:
    return [
        Job(f"{number}", (Message("user", f"page {number}"),), max_tokens=60, constraint=SCHEMA)
        for number in range(first, first + count)
    ]


@contextmanager
def messenger(*servers: Played, patience: Patience = IMPATIENT, **options: Any) -> Iterator[Messenger]:
    with Messenger(Errand(tuple(server.url for server in servers), patience=patience, **options)) as started:
        yield started


def done(started: Messenger, asked: Sequence[Job]) -> dict[str, Completion]:
    """Each job's one completion."""
    found: dict[str, Completion] = {}
    for completion in started.generate(asked):
        assert completion.job_id not in found
        found[completion.job_id] = completion
    assert set(found) == {job.id for job in asked}
    return found


def once(fault: Fault, *numbers: int) -> Callable[[Request], Fault | None]:
    """The fault happens to the first chats about each of these pages; to all of them where none is named."""
    seen: Counter[str] = Counter()

    def happens(request: Request) -> Fault | None:
        page = request.prompt.rsplit(" ", 1)[-1]
        seen[page] += 1
        return fault if seen[page] == 1 and (not numbers or int(page) in numbers) else None

    return happens


def pages(*servers: Played) -> Counter[str]:
    """How often each page was asked about."""
    return Counter(job.prompt for server in servers for job in server.jobs)


FAULTS = {
    "429 with a time": Fault(429, headers={"Retry-After": "0.2"}),
    "503": Fault(503, error={"error": {"message": "Loading model"}}),
    "500": Fault(500, error={"error": "CUDA error"}),
    "502 of a balancer": Fault(502, error="<html>Bad Gateway</html>"),
    "cut in the middle": Fault(cut_after=2),
    "an end without an end": Fault(ends_after=2),
    "silence in the middle": Fault(hangs_after=2),
    "silence from the beginning": Fault(hangs_after=0),
    "broken JSON in the stream": Fault(raw=b'data: {"choices": [{"delta": {"content": "{\n\n'),
    "an error in the stream": Fault(raw=b'data: {"error": {"message": "slot lost"}}\n\n'),
    "no JSON": Fault(text="Sure! The sentences are S1 and S2."),
    "JSON against the schema": Fault(text='{"ids": ["S1", "S77"]}'),
    "another end": Fault(finish="content_filter"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_happens_once_costs_no_job(name: str) -> None:
    patience = replace(IMPATIENT, first_s=1.5)
    with (
        play("vllm", "json_schema", fault=once(FAULTS[name], 3)) as server,
        messenger(server, patience=patience) as started,
    ):
        found = done(started, jobs(6))

    assert {completion.finish for completion in found.values()} == {Finish.END}
    assert all(json.loads(completion.text)["ids"] == ["S1"] * 8 for completion in found.values())
    asked = pages(server)
    assert asked.pop("page 3") == 2
    assert set(asked.values()) == {1}, "the others are asked once"


@pytest.mark.parametrize(
    "name", ["no JSON", "JSON against the schema", "broken JSON in the stream", "500", "an end without an end"]
)
def test_what_happens_twice_fails_its_own_job_and_says_why(name: str) -> None:
    def always(request: Request) -> Fault | None:
        return FAULTS[name] if request.prompt == "page 3" else None

    with play("vllm", "json_schema", fault=always) as server, messenger(server) as started:
        found = done(started, jobs(6))

    failed = found.pop("3")
    assert failed.finish is Finish.FAILED
    assert isinstance(failed.error, JobError)
    assert failed.error.message.endswith("twice.")
    assert failed.error.message.isprintable()
    assert {completion.finish for completion in found.values()} == {Finish.END}
    assert pages(server)["page 3"] == 2


def test_an_answer_that_was_cut_at_its_limit_is_one() -> None:
    asked = [replace(job, max_tokens=3) for job in jobs(2)]
    with play("vllm", "json_schema") as server, messenger(server) as started:
        found = done(started, asked)

    assert {completion.finish for completion in found.values()} == {Finish.LENGTH}
    assert pages(server) == {"page 0": 1, "page 1": 1}


def test_a_job_is_refused_by_its_server_once_and_for_all() -> None:
    refusal = Fault(400, error={"error": {"message": "bad \x1b[2J request"}})
    with play("vllm", "json_schema", fault=once(refusal, 1)) as server, messenger(server) as started:
        found = done(started, jobs(3))

    error = found["1"].error
    assert error is not None
    assert "answers 400: bad [2J request" in error.message
    assert pages(server)["page 1"] == 1


def test_what_no_server_is_asked_for_fails_by_itself() -> None:
    asked = [
        Job("plain", "a plain prompt"),
        Job("choice", (Message("user", "x"),), constraint=Choice(("a", "b"))),
        Job("none", (Message("user", "x"),), max_tokens=0),
        *jobs(1),
    ]
    with play("vllm", "json_schema") as server, messenger(server) as started:
        found = done(started, asked)

    assert "plain prompt" in str(found["plain"].error)
    assert isinstance(found["choice"].error, ConstraintError)
    assert "0 tokens" in str(found["none"].error)
    assert found["0"].finish is Finish.END


# ── several servers ──────────────────────────────────────────────────────────


def test_the_jobs_of_a_server_that_dies_are_done_by_the_others() -> None:
    """Each once, but for those that were under way there."""
    killed = threading.Event()

    def slow(_: Request) -> Fault:
        return Fault(delay_s=0.02)

    def dying(request: Request) -> Fault:
        if request.number > 20:
            killed.set()
            return Fault(cut_after=1)
        return Fault(delay_s=0.02)

    with (
        play("llama", "json_schema", fault=slow) as one,
        play("llama", "json_schema", fault=slow) as other,
        play("llama", "json_schema", fault=dying) as victim,
        messenger(one, other, victim) as started,
    ):
        killer = threading.Thread(target=lambda: (killed.wait(30), victim.close()))
        killer.start()
        found = done(started, jobs(120))
        killer.join()
        stats = started.stats()

    assert {completion.finish for completion in found.values()} == {Finish.END}
    assert killed.is_set()
    answered = pages(one, other)
    assert set(answered.values()) == {1}
    again = sum((pages(one, other, victim) - Counter(f"page {number}" for number in range(120))).values())
    assert again <= 8, "no more than what was under way where it died, and what it was asked before that was known"
    assert stats["ends"] >= 1
    assert len(one.jobs) > 30
    assert len(other.jobs) > 30


def test_a_server_that_comes_back_is_used_again() -> None:
    with play("llama", "json_schema", fault=lambda _: Fault(delay_s=0.05)) as one:
        port = one.server.server_address[1]
        with messenger(one, patience=replace(IMPATIENT, absent_s=20.0)) as started:
            stream = started.generate(jobs(30))
            first = next(stream)
            one.close()
            time.sleep(1.0)
            with play("llama", "json_schema", port=port) as again:
                rest = list(stream)

    assert first.finish is Finish.END
    assert {completion.finish for completion in rest} == {Finish.END}
    assert len(rest) == 29
    assert len(again.jobs) > 10


def test_a_run_whose_servers_are_all_gone_ends_with_what_was_done() -> None:
    found: list[Completion] = []

    def take(started: Messenger, server: Played) -> None:
        for completion in started.generate(jobs(40)):
            found.append(completion)
            if len(found) == 5:
                server.close()

    with (
        play("llama", "json_schema", fault=lambda _: Fault(delay_s=0.05)) as server,
        messenger(server) as started,
        pytest.raises(BackendError, match=r"No server answers any more: 127\.0\.0\.1:") as error,
    ):
        take(started, server)

    assert len(found) >= 5
    assert "kept" in error.value.hint


def test_a_server_that_refuses_all_is_relieved_by_another() -> None:
    with (
        play("vllm", "json_schema", fault=lambda _: Fault(503)) as busy,
        play("vllm", "json_schema") as free,
        messenger(busy, free) as started,
    ):
        found = done(started, jobs(40))

    assert {completion.finish for completion in found.values()} == {Finish.END}
    assert len(busy.jobs) < 20, "it is asked less and less"
    assert set(pages(free).values()) == {1}


def test_no_more_jobs_are_under_way_than_a_server_has_slots() -> None:
    with play("llama", "json_schema", fault=lambda _: Fault(delay_s=0.01)) as server, messenger(server) as started:
        done(started, jobs(60))

    assert server.most_under_way == 3


def test_a_server_that_tells_no_slots_gets_more_at_once_while_it_is_quick() -> None:
    with play("vllm", "json_schema", fault=lambda _: Fault(delay_s=0.05)) as server, messenger(server) as started:
        done(started, jobs(120))

    assert server.most_under_way >= 8


# ── what a caller may do ─────────────────────────────────────────────────────


def test_the_first_ctrl_c_lets_what_is_under_way_end() -> None:
    with play("llama", "json_schema", fault=lambda _: Fault(delay_s=0.1)) as server, messenger(server) as started:
        found = []
        for completion in started.generate(jobs(50)):
            found.append(completion)
            if len(found) == 4:
                started.finish_begun()
        asked = len(server.jobs)
        ends = Counter(completion.finish for completion in found)

        assert ends[Finish.END] == asked
        assert 4 <= asked <= 4 + 2 * 3
        assert ends[Finish.END] + ends[Finish.CANCELLED] == 50
        assert len(done(started, jobs(3, first=60))) == 3, "it can be used again"


def test_a_caller_that_goes_away_hangs_up() -> None:
    slow = Fault(hangs_after=3)
    with play("llama", "json_schema", fault=lambda _: slow) as server:
        with messenger(server, patience=replace(IMPATIENT, idle_s=30.0)) as started:
            stream = started.generate(jobs(3))
            threading.Timer(0.5, started.finish_begun).start()
            begun = time.monotonic()
            for number in range(3):
                started._process.cancel(f"{number}")
            del stream
        assert time.monotonic() - begun < 10, "closing waits for nobody"


def test_tokens_are_counted_by_whoever_is_there() -> None:
    with play("llama", "json_schema") as one, play("llama", "json_schema") as other, messenger(one, other) as started:
        assert started.count_all(["one two three"]) == [3]
        assert started.count_all([""]) == [0]
        assert started.count_all(["word " * number for number in range(300)]) == list(range(300))
        one.close()
        assert started.count_all(["one two three four"]) == [4]
        other.close()
        with pytest.raises(BackendError, match="counts tokens any more"):
            started.count_all(["five"])


def test_a_key_stands_in_no_message_and_other_secrets_stay_here() -> None:
    key, environment = "k3y-of-mine-alone", {**os.environ, "HF_TOKEN": "other-secret", "OPENAI_API_KEY": "third-secret"}
    refusal = Fault(400, error={"error": {"message": f"Bearer {key} may not do this"}})
    with play("vllm", "json_schema", key=key, fault=once(refusal, 1)) as server:
        with Messenger(Errand((server.url,), patience=IMPATIENT), key=key, environment=environment) as started:
            found = done(started, jobs(3))
            told = json.dumps([started._process.told, started.held, started._process.log])
            process = Path(f"/proc/{started._process.pid}/environ")
            known = process.read_bytes() if process.exists() else b""
        headers = [chat.headers for chat in server.chats]

    assert {each["authorization"] for each in headers} == {f"Bearer {key}"}
    assert "Bearer *** may not do this" in str(found["1"].error)
    assert key not in told
    assert b"secret" not in known
