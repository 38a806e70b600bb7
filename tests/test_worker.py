"""The engine's process, with real processes and an engine without a model."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import HEEDING_PYTHON

import models
from localdigest.engine.calibrate import (
    WAIT_VARIABLES,
    CpuTimes,
    busy_cores,
    measure_busy_cores,
    read_times,
    start_threads,
    worker_environment,
)
from localdigest.engine.errors import (
    BackendError,
    ContextOverflowError,
    EngineError,
    JobError,
    ModelFileError,
    WorkerDiedError,
)
from localdigest.engine.jobs import Completion, Finish, Job, Message
from localdigest.engine.loading import LoadOptions, Threads
from localdigest.engine.postmortem import Death, Memory, explain, look
from localdigest.engine.process import EngineProcess
from localdigest.engine.wire import MAX_FRAME_BYTES

TESTS = Path(__file__).parent
#: As users have it: how workers wait is left to the engine.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in WAIT_VARIABLES}
ENVIRONMENT["PYTHONPATH"] = str(TESTS)
STUB = "engine_stub:make_engine"

posix = pytest.mark.skipif(os.name == "nt", reason="signals")


def start(path: str = "model", **settings: object) -> EngineProcess:
    return EngineProcess(LoadOptions(path), factory=STUB, environment=ENVIRONMENT, **settings)  # type: ignore[arg-type]  # the keywords of each test


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with start(close_seconds=5.0) as process:
        yield process


def jobs(*prompts: str) -> list[Job]:
    return [Job(f"j{number}", prompt) for number, prompt in enumerate(prompts)]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that ended and was not waited for is still listed.
    stat = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return not stat.parent.parent.joinpath("self").exists()


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


# ── jobs ─────────────────────────────────────────────────────────────────────


def test_every_job_ends_in_one_completion(engine: EngineProcess) -> None:
    done = list(engine.generate(jobs("say hello", "steps 3", "fail", "refuse")))

    assert {completion.job_id: completion.finish for completion in done} == {
        "j0": Finish.END,
        "j1": Finish.END,
        "j2": Finish.FAILED,
        "j3": Finish.FAILED,
    }
    by_id = {completion.job_id: completion for completion in done}
    assert by_id["j0"].text == "hello"
    assert by_id["j0"].usage.prompt_tokens == len("say hello")
    assert type(by_id["j2"].error) is ContextOverflowError
    assert by_id["j3"].error is not None
    assert by_id["j3"].error.hint == "ask nicely"


def test_a_thousand_jobs(engine: EngineProcess) -> None:
    done = list(engine.generate(Job(f"j{number}", f"say {number}") for number in range(1000)))

    assert sorted(int(completion.text) for completion in done) == list(range(1000))
    assert all(completion.job_id == f"j{completion.text}" for completion in done)


def test_results_come_as_they_finish(engine: EngineProcess) -> None:
    done = engine.generate(jobs("steps 200", "say first"))

    assert [completion.job_id for completion in done] == ["j1", "j0"]


def test_an_endless_source_is_read_as_there_is_room() -> None:
    read = itertools.count()
    source = (Job(f"j{next(read)}", "say x") for _ in itertools.count())
    with start(max_in_flight=4) as engine:
        done = engine.generate(source)
        first = list(itertools.islice(done, 50))
        num_read = next(read)
        done.close()

    assert len({completion.job_id for completion in first}) == 50
    assert num_read <= 50 + 4


def test_what_is_done_comes_before_a_slow_source_is_asked_again(engine: EngineProcess) -> None:
    """A source that waits for an answer gets it."""
    seen: list[str] = []

    def source() -> Iterator[Job]:
        yield Job("a", "say 1")
        while not seen:
            yield Job(f"filler{time.monotonic_ns()}", "say filler")
        yield Job("b", "say 2")

    done = []
    for completion in engine.generate(source()):
        done.append(completion.job_id)
        seen.append(completion.text)

    assert done[0] == "a"
    assert "b" in done


@pytest.mark.parametrize("text", ["", "繁體中文，：；", "\x00\x1b[31m\r\n", "half a pair \ud83d", "\U0001f600" * 10])
def test_any_text_comes_and_goes(engine: EngineProcess, text: str) -> None:
    (completion,) = engine.generate([Job("an id: 識別\udc80", f"say {text}")])

    assert (completion.job_id, completion.text) == ("an id: 識別\udc80", text)


def test_huge_texts(engine: EngineProcess) -> None:
    """More than any pipe holds, both ways at once."""
    texts = [str(number) * 3_000_000 for number in range(8)]

    done = list(engine.generate(Job(f"j{number}", f"say {text}") for number, text in enumerate(texts)))

    assert sorted(completion.text for completion in done) == texts


def test_a_text_too_long_to_send_fails_alone(engine: EngineProcess) -> None:
    long = "x" * (MAX_FRAME_BYTES + 1)
    done = {
        completion.job_id: completion
        for completion in engine.generate([Job("a", "say 1"), Job("b", (Message("user", long),)), Job("c", "say 3")])
    }

    assert [done[job_id].finish for job_id in "abc"] == [Finish.END, Finish.FAILED, Finish.END]
    assert type(done["b"].error) is ContextOverflowError
    with pytest.raises(ContextOverflowError):
        engine.count_tokens(long)


def test_two_jobs_of_one_id_are_refused(engine: EngineProcess) -> None:
    with pytest.raises(JobError, match="the id j0"):
        list(engine.generate([Job("j0", "forever"), Job("j0", "say x")]))

    assert [completion.text for completion in engine.generate(jobs("say again"))] == ["again"]


def test_no_jobs(engine: EngineProcess) -> None:
    assert list(engine.generate([])) == []


def test_one_generate_at_a_time(engine: EngineProcess) -> None:
    running = engine.generate(jobs("say a", "forever"))
    next(running)
    with pytest.raises(RuntimeError):
        next(engine.generate(jobs("say b")))
    running.close()

    assert len(list(engine.generate(jobs("say b")))) == 1


# ── other questions ──────────────────────────────────────────────────────────


def test_tokens_are_counted_while_jobs_run(engine: EngineProcess) -> None:
    """No completion is lost over it."""
    done = [
        (completion.job_id, engine.count_tokens("x" * number))
        for number, completion in enumerate(engine.generate(jobs(*["say x"] * 200)))
    ]

    assert [counted for _, counted in done] == list(range(200))
    assert len({job_id for job_id, _ in done}) == 200


def test_many_texts_are_counted_in_few_messages_in_their_order(engine: EngineProcess) -> None:
    texts = ["x" * number for number in range(600)] + ["y" * (700 * 1024)] * 3

    assert engine.count_all(texts) == [len(text) for text in texts]
    assert engine.count_all([]) == []


def test_figures(engine: EngineProcess) -> None:
    list(engine.generate(jobs("steps 5")))
    figures = engine.stats()

    assert figures["steps"] == 5
    assert figures["seconds"] == 0.5
    assert figures["pending"] == 0


def test_loading_is_told() -> None:
    told: list[float] = []
    with start(on_loading=told.append) as engine:
        log = engine.log

    assert told == [0.5, 1.0]
    assert "loaded model" in until_logged(engine, log)


def until_logged(engine: EngineProcess, log: tuple[str, ...]) -> tuple[str, ...]:
    until(lambda: bool(engine.log))
    return engine.log or log


def test_what_others_print_and_read_disturbs_nothing(engine: EngineProcess) -> None:
    done = list(engine.generate(jobs("print", "say a")))

    assert len(done) == 2
    assert until(lambda: "noise" in engine.log and "more noise" in engine.log)
    assert until(lambda: "read ''" in engine.log)


# ── cancelling ───────────────────────────────────────────────────────────────


def test_a_cancelled_job_ends_with_what_it_has(engine: EngineProcess) -> None:
    done = engine.generate(jobs("forever", "say a"))
    first = next(done)
    engine.cancel("j0")
    (rest,) = done

    assert first.job_id == "j1"
    assert rest == Completion("j0", Finish.CANCELLED, text="so far")
    assert engine.stats()["cancelled"] == 1


def test_another_thread_may_cancel(engine: EngineProcess) -> None:
    threading.Timer(0.1, engine.cancel, ["j0"]).start()

    assert [completion.finish for completion in engine.generate(jobs("forever"))] == [Finish.CANCELLED]


def test_cancelling_what_is_over_or_unknown_does_nothing(engine: EngineProcess) -> None:
    engine.cancel("nobody")
    for completion in engine.generate(jobs("say a", "steps 20")):
        engine.cancel(completion.job_id)

    assert engine.stats()["cancelled"] == 0


def test_closing_the_iterator_cancels_the_rest(engine: EngineProcess) -> None:
    """And the ids may be used again: nothing of the old run comes into the new one."""
    done = engine.generate(jobs("say a", "forever", "forever"))
    next(done)
    done.close()
    again = list(engine.generate(jobs("steps 3", "say b")))

    assert engine.stats()["cancelled"] == 2
    assert engine.stats()["pending"] == 0
    assert [(completion.job_id, completion.text) for completion in again] == [("j1", "b"), ("j0", "3")]


def test_a_source_that_breaks_cancels_the_rest(engine: EngineProcess) -> None:
    def source() -> Iterator[Job]:
        yield Job("a", "forever")
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(engine.generate(source()))

    assert engine.stats()["cancelled"] == 1


def test_jobs_that_are_under_way_can_be_finished_without_the_rest(engine: EngineProcess) -> None:
    """Nothing more is taken from the source, and the engine can be used again."""

    def source() -> Iterator[Job]:
        yield from jobs("steps 50", "later", "steps 80", "say a")
        while True:
            yield Job(f"more{next(numbers)}", "later")

    numbers = itertools.count()
    done = []
    for completion in engine.generate(source()):
        if not done:
            engine.finish_begun()
        done.append(completion)
    ended = {completion.job_id: completion.finish for completion in done}

    assert {ended[name] for name in ("j0", "j2", "j3")} == {Finish.END}
    assert {finish for name, finish in ended.items() if name not in ("j0", "j2", "j3")} == {Finish.CANCELLED}
    assert [completion.text for completion in engine.generate(jobs("say b"))] == ["b"]


# ── ends ─────────────────────────────────────────────────────────────────────


@posix
@pytest.mark.parametrize(
    ("prompt", "words", "hint"),
    [
        ("kill SIGKILL", "killed (SIGKILL)", "memory"),
        ("kill SIGTERM", "from outside (SIGTERM)", "again"),
        ("kill SIGSEGV", "damaged", "checksum"),
        ("kill SIGBUS", "cut short", "checksum"),
        ("kill SIGILL", "another CPU", "Build"),
        ("abort", "GGML_ASSERT(a == b) failed", "report"),
        ("exit 0", "status 0", "again"),
        ("exit 7", "status 7", "again"),
        ("bug", "LookupError: nobody thought of this", "report"),
    ],
)
def test_a_worker_that_dies_is_told_of(prompt: str, words: str, hint: str) -> None:
    """After all that was done before; and ever after."""
    done = []
    with start() as engine:
        done.extend(engine.generate(jobs("say a", "say b")))
        with pytest.raises(WorkerDiedError) as told:
            done.extend(engine.generate(jobs(prompt)))
        with pytest.raises(WorkerDiedError):
            engine.count_tokens("x")
        with pytest.raises(WorkerDiedError):
            list(engine.generate(jobs("say c")))

    assert words in told.value.message
    assert hint in told.value.hint
    assert len(done) == 2


@posix
def test_what_was_done_before_the_end_is_yielded(engine: EngineProcess) -> None:
    """Even when the news of the end is there already."""
    done = engine.generate(jobs("say a", "say b", "say c", "steps 20", "forever"))
    got = [next(done)]
    time.sleep(0.2)
    os.kill(engine.pid, signal.SIGKILL)
    time.sleep(0.2)
    with pytest.raises(WorkerDiedError):
        got.extend(done)

    assert sorted(completion.job_id for completion in got) == ["j0", "j1", "j2", "j3"]


def test_no_terminal_obeys_the_log(engine: EngineProcess) -> None:
    with pytest.raises(WorkerDiedError):
        list(engine.generate(jobs("abort")))

    assert until(lambda: any("later" in line for line in engine.log))
    assert not any("\x1b" in line for line in engine.log)


def test_a_step_that_breaks_is_raised_as_it_is(engine: EngineProcess) -> None:
    with pytest.raises(BackendError, match="no step") as told:
        list(engine.generate(jobs("break")))

    assert type(told.value) is BackendError
    with pytest.raises(BackendError, match="no step"):
        engine.stats()


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("missing", ModelFileError, "no such model"),
        ("bug", WorkerDiedError, "LookupError: in the making"),
        ("abort", WorkerDiedError, "SIGABRT"),
    ],
)
def test_an_engine_that_cannot_be_made(path: str, kind: type[EngineError], words: str) -> None:
    engine = start(path)
    with pytest.raises(EngineError) as told:
        engine.start()

    assert type(told.value) is kind
    assert words in told.value.message
    assert told.value.hint


def test_a_factory_that_is_not_there() -> None:
    engine = EngineProcess(LoadOptions("model"), factory="nowhere:nothing", environment=ENVIRONMENT)
    with pytest.raises(WorkerDiedError, match="nowhere"):
        engine.start()


def test_closing_ends_it_at_once() -> None:
    """In the middle of a step."""
    engine = start(close_seconds=20.0)
    with engine:
        pid = engine.pid
        done = engine.generate(jobs("say a", "sleep 60"))
        next(done)
        began = time.monotonic()

    assert time.monotonic() - began < 10
    done.close()
    assert not is_alive(pid)
    with pytest.raises(WorkerDiedError):
        list(engine.generate(jobs("say b")))


def test_closing_while_it_loads() -> None:
    engine = start("slow")
    threading.Timer(0.5, engine.close).start()
    with pytest.raises(EngineError):
        engine.start()

    assert not is_alive(engine.pid)


@posix
def test_one_that_hangs_is_killed() -> None:
    with start(close_seconds=0.1) as engine:
        os.kill(engine.pid, signal.SIGSTOP)
        for number in range(50):
            engine.cancel("x" * 100_000 + str(number))

    assert not is_alive(engine.pid)


def test_not_started() -> None:
    engine = start()
    engine.close()

    assert engine.log == ()
    with pytest.raises(WorkerDiedError):
        engine.stats()


# ── Ctrl-C and the parent's end ──────────────────────────────────────────────

PARENT = """
import sys, time
from localdigest.engine.jobs import Job
from localdigest.engine.loading import LoadOptions
from localdigest.engine.process import EngineProcess
with EngineProcess(LoadOptions("model"), factory="engine_stub:make_engine") as engine:
    print(engine.pid, flush=True)
    try:
        for completion in engine.generate([Job("a", "say hi"), Job("b", PROMPT)]):
            print(completion.text, flush=True)
    except KeyboardInterrupt:
        print("stopped", flush=True)
        print([completion.text for completion in engine.generate([Job("a", "say again")])], flush=True)
        print(engine.stats()["cancelled"], flush=True)
"""


@contextlib.contextmanager
def parent(prompt: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that runs an engine, in a group of its own as a terminal's job is; and the engine's id."""
    code = PARENT.replace("PROMPT", repr(prompt))
    with subprocess.Popen(
        [*HEEDING_PYTHON, "-c", code],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        try:
            assert process.stdout is not None
            pid = int(process.stdout.readline())
            assert process.stdout.readline() == "hi\n"
            yield process, pid
        finally:
            process.kill()


@posix
def test_ctrl_c_stops_the_jobs_and_not_the_worker() -> None:
    """A terminal sends it to both."""
    with parent("forever") as (process, pid):
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert out.splitlines() == ["stopped", "['again']", "1"], err
    assert process.returncode == 0
    assert until(lambda: not is_alive(pid))


@posix
def test_a_second_ctrl_c_ends_all() -> None:
    """In the middle of a step that takes long."""
    with parent("sleep 60") as (process, pid):
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.readline() == "stopped\n"
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=20)

    assert process.returncode == -signal.SIGINT
    assert until(lambda: not is_alive(pid))


@posix
@pytest.mark.parametrize("prompt", ["forever", "sleep 60"])
def test_a_worker_does_not_outlive_its_parent(prompt: str) -> None:
    with parent(prompt) as (process, pid):
        process.kill()
        process.wait()

        assert until(lambda: not is_alive(pid))


@posix
def test_an_idle_worker_whose_pipe_another_holds_sees_that_its_parent_is_gone() -> None:
    """The parent's other children may have inherited the pipe."""
    code = (
        "import os, time\n"
        "from localdigest.engine.loading import LoadOptions\n"
        "from localdigest.engine.process import EngineProcess\n"
        "engine = EngineProcess(LoadOptions('model'), factory='engine_stub:make_engine')\n"
        "engine.start()\n"
        "other = os.fork()\n"
        "if not other: time.sleep(30); os._exit(0)\n"
        "print(engine.pid, other, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid, other = map(int, process.stdout.readline().split())
        try:
            assert until(lambda: not is_alive(pid))
        finally:
            os.kill(other, signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own")
def test_the_system_ends_the_worker_first_when_memory_runs_out(engine: EngineProcess) -> None:
    assert Path(f"/proc/{engine.pid}/oom_score_adj").read_text().strip() == "500"


# ── why it died ──────────────────────────────────────────────────────────────


def test_the_system_counted_it_among_those_it_killed() -> None:
    told = explain(Death(-9, before=Memory(oom_kills=3), after=Memory(oom_kills=4, available_bytes=2**34)))

    assert "because memory ran out (SIGKILL)" in told.message
    assert "most likely" not in told.message


@pytest.mark.parametrize(
    ("available", "words"),
    [(None, "most likely because"), (2**34, "most likely because"), (2**20, ", because")],
)
def test_a_killed_worker(available: int | None, words: str) -> None:
    assert words in explain(Death(-9, after=Memory(available_bytes=available))).message


def test_an_abort_for_lack_of_memory() -> None:
    log = ("loading", "terminate called after throwing an instance of 'std::bad_alloc'", "  what():  std::bad_alloc")
    told = explain(Death(-6, log))

    assert "ran out of memory" in told.message
    assert "smaller model" in told.hint


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0xC0000005, "damaged"),
        (0xC000001D, "another CPU"),
        (1, "status 1"),
        (-15, "SIGTERM"),
        (-1000, "signal 1000"),
    ],
)
def test_statuses(status: int, words: str) -> None:
    assert words in explain(Death(status)).message


def test_the_counters_are_read(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/user/app\n")
    (tmp_path / "proc/meminfo").write_text("MemTotal:  100 kB\nMemAvailable:  50 kB\n")
    (tmp_path / "sys/fs/cgroup/user/app").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/user/app/memory.events").write_text("oom 2\noom_kill 3\n")

    assert look(tmp_path) == Memory(oom_kills=3, available_bytes=50 * 1024)


def test_older_counters_are_read(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("9:name=systemd:/\n4:cpu,memory:/a\n0::/\n")
    (tmp_path / "sys/fs/cgroup/memory/a").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/memory/a/memory.oom_control").write_text("under_oom 0\noom_kill 1\n")

    assert look(tmp_path) == Memory(oom_kills=1)


def test_counters_that_are_not_there(tmp_path: Path) -> None:
    assert look(tmp_path) == Memory()


# ── how it starts ────────────────────────────────────────────────────────────


def test_workers_spin_a_little_and_sleep_then(engine: EngineProcess) -> None:
    assert engine.stats()["spin"] > 0


@pytest.mark.parametrize("variable", ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"])
def test_what_the_user_chose_stands(variable: str) -> None:
    base = {variable: "0", "PATH": "/bin"}

    assert {name: value for name, value in worker_environment(base).items() if name != "GGML_NO_BACKTRACE"} == base


def test_the_threshold_of_offloading_is_left_alone() -> None:
    assert set(worker_environment({})) == {"GOMP_SPINCOUNT", "GGML_NO_BACKTRACE"}


@pytest.mark.parametrize(
    ("cores", "busy", "threads"),
    [(2, None, 2), (2, 0.0, 2), (2, 0.3, 2), (2, 0.5, 1), (2, 1.0, 1), (2, 2.0, 1), (16, 4.1, 12), (1, 1.0, 1)],
)
def test_cores_in_use_are_left_to_their_users(cores: int, busy: float | None, threads: int) -> None:
    assert start_threads(cores, busy=busy) == Threads(decode=threads, prefill=threads)


def test_cpu_counters(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/stat").write_text(
        "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 10 0 0 80 10 0 0 0 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\ncpu10 5 0 0 5 0 0 0 0\n"
    )

    assert read_times(tmp_path, {0}) == CpuTimes(idle=90, total=100)
    assert read_times(tmp_path, {0, 10}) == CpuTimes(idle=95, total=110)
    assert read_times(tmp_path, {7}) is None
    assert read_times(tmp_path / "none", {0}) is None
    assert measure_busy_cores(tmp_path, seconds=0.0) is None


@pytest.mark.parametrize(
    ("idle", "total", "busy"), [(100, 100, 0.0), (0, 100, 4.0), (50, 100, 2.0), (-3, 100, 4.0), (0, 0, None)]
)
def test_busy_cores(idle: int, total: int, busy: float | None) -> None:
    assert busy_cores(CpuTimes(50, 50), CpuTimes(50 + idle, 50 + total), cores=4) == busy


# ── with llama.cpp ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [models.truncated, models.bad_header, models.split_experts])
def test_a_file_that_is_no_model(make: Callable[[], Path]) -> None:
    """Raised as what it is, not as a death."""
    engine = EngineProcess(LoadOptions(str(make())))
    with pytest.raises(ModelFileError):
        engine.start()


@posix
def test_llama_killed_in_mid_run() -> None:
    """What was done is there; another process can go on."""
    options = LoadOptions(
        str(models.tiny_mixtral()), num_slots=2, slot_tokens=512, threads=Threads(decode=1, prefill=1)
    )
    work = [Job(f"j{number}", "some words to go on from", max_tokens=20) for number in range(200)]
    with EngineProcess(options) as engine:
        done = engine.generate(work)
        got = list(itertools.islice(done, 3))
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(WorkerDiedError, match="SIGKILL"):
            got.extend(done)
    finished = {completion.job_id for completion in got}
    with EngineProcess(options) as engine:
        rest = list(engine.generate(job for job in work[:20] if job.id not in finished))

    assert len(finished) >= 3
    assert finished | {completion.job_id for completion in rest} >= {job.id for job in work[:20]}


def test_llama_says_how_far_it_is_and_what_it_does() -> None:
    told: list[float] = []
    with EngineProcess(LoadOptions(str(models.tiny_mistral()), slot_tokens=256), on_loading=told.append) as engine:
        num_tokens = engine.count_tokens("some words")
        log = "\n".join(engine.log)

    assert told == sorted(told)
    assert told[-1] == 1.0
    assert num_tokens > 0
    assert "llama" in log


def test_llama_cpp_is_loaded_before_what_else_brings_a_library() -> None:
    """The other way round a build with CUDA crashed as soon as it loaded a model."""
    script = "import sys, localdigest.engine.factory; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()

    assert loaded.index("llama_cpp.llama_cpp") < min(loaded.index("numpy"), loaded.index("llguidance"))
