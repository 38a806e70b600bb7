"""Who is asked what, how much at once, and again where something failed: decided on values, without server or clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.engine.errors import BackendError, JobError
from localdigest.remote.caller import BusyError, CallError, GoneError, Patience, RefusedError, StrangeError
from localdigest.remote.order import Queue, common_length
from localdigest.remote.pace import MOST_UNKNOWN, Pace, work_of
from localdigest.remote.pool import Call, Pool

PATIENCE = Patience(absent_s=60.0, first_s=900.0)


# ── pace ─────────────────────────────────────────────────────────────────────


def answer(pace: Pace, seconds: float, *, times: int = 1) -> None:
    for _ in range(times):
        pace.answered(seconds, 1.0, begun_in=pace.round)


def test_a_server_that_tells_its_slots_gets_as_many_jobs_and_never_more() -> None:
    pace = Pace(slots=6)

    assert pace.limit == 6
    answer(pace, 1.0, times=200)
    assert pace.limit == 6


def test_a_server_that_tells_none_gets_more_until_it_becomes_slow() -> None:
    """As one that computes four at once, and the rest one after the other."""
    pace, highest = Pace(), 0
    for _ in range(600):
        answer(pace, max(1.0, pace.limit / 4))
        highest = max(highest, pace.limit)

    assert 8 <= highest <= 16
    assert 4 <= pace.limit <= 10


def test_a_server_that_never_becomes_slow_gets_the_most_there_is() -> None:
    pace = Pace()
    answer(pace, 1.0, times=1000)

    assert pace.limit == MOST_UNKNOWN


def test_a_refusal_halves_once_however_many_were_under_way() -> None:
    pace = Pace(slots=16)
    begun = pace.round
    for _ in range(9):
        pace.refused(begun_in=begun)

    assert pace.limit == 8
    pace.refused(begun_in=pace.round)
    assert pace.limit == 4


def test_after_a_refusal_it_goes_up_one_by_one() -> None:
    pace = Pace(slots=16)
    pace.refused(begun_in=pace.round)
    seen = [pace.limit]
    for _ in range(40):
        answer(pace, 1.0)
        seen.append(pace.limit)

    assert {later - earlier for earlier, later in pairwise(seen)} <= {0, 1}
    assert seen[-1] > 8


def test_long_answers_are_no_slow_ones() -> None:
    """Time is reckoned for what was read and written."""
    pace = Pace(slots=4)
    for tokens in (10, 500, 10, 500, 2000, 10, 40, 900) * 4:
        pace.answered(tokens / 50, work_of(read_tokens=0, written_tokens=tokens), begun_in=pace.round)

    assert pace.limit == 4


HAPPENINGS = st.tuples(st.sampled_from(["answer", "refuse", "restart", "late"]), st.floats(0.01, 100))


@given(st.lists(HAPPENINGS, max_size=200), st.integers(0, 8))
def test_there_is_always_room_for_one_and_never_for_more_than_the_most(
    events: list[tuple[str, float]], slots: int
) -> None:
    pace = Pace(slots=slots)
    for event, seconds in events:
        match event:
            case "answer":
                answer(pace, seconds)
            case "refuse":
                pace.refused(begun_in=pace.round)
            case "restart":
                pace.restart()
            case "late":
                pace.answered(seconds, 1.0, begun_in=pace.round - 1)
        assert 1 <= pace.limit <= pace.most


# ── order ────────────────────────────────────────────────────────────────────


@given(st.text("ab", max_size=40), st.text("ab", max_size=40))
def test_the_common_beginning_is_as_long_as_it_is(one: str, other: str) -> None:
    length = common_length(one, other)

    assert one[:length] == other[:length]
    assert one[length : length + 1] != other[length : length + 1] or not one[length:] or not other[length:]


def test_jobs_that_begin_alike_follow_one_another() -> None:
    """Sections over one long text, and pages under one instruction, in a shuffled order."""
    prompts = [f"{kind} {'x' * 300} {number}" for number in range(10) for kind in ("map", "reduce", "judge")]
    queue = Queue()
    for prompt in prompts:
        queue.add(prompt, prompt)
    last, kinds = None, []
    while len(queue):
        name = queue.next_for(last)
        assert name is not None
        queue.remove(name)
        last = name
        kinds.append(name.split(" ", 1)[0])

    assert sum(a != b for a, b in pairwise(kinds)) == 2


@given(st.lists(st.text("ab", max_size=6), max_size=30), st.data())
def test_a_queue_gives_out_what_it_took_each_once(prompts: list[str], data: st.DataObject) -> None:
    queue, taken = Queue(), []
    for number, prompt in enumerate(prompts):
        (queue.add_first if data.draw(st.booleans()) else queue.add)(f"{number}", prompt)
    last = None
    while len(queue):
        name = queue.next_for(last, share=data.draw(st.floats(0, 0.99)))
        assert name is not None
        queue.remove(name)
        last = prompts[int(name)]
        taken.append(name)

    assert sorted(taken, key=int) == [f"{number}" for number in range(len(prompts))]


# ── pool ─────────────────────────────────────────────────────────────────────


def pool(*slots: int, jobs: int = 0, patience: Patience = PATIENCE) -> Pool:
    made = Pool([f"box{index}:1" for index in range(len(slots))], slots, patience)
    for number in range(jobs):
        made.add(f"{number}", f"prompt {number:03}", 0.0)
    return made


def send_all(made: Pool, now_s: float) -> list[Call]:
    calls = []
    while (call := made.next_call(now_s)) is not None:
        made.begun(call, now_s)
        calls.append(call)
    return calls


def test_the_servers_are_filled_evenly() -> None:
    calls = send_all(pool(4, 2, jobs=10), 0.0)

    assert Counter(call.server for call in calls) == {0: 4, 1: 2}


def test_jobs_that_begin_alike_wait_for_the_first_of_them() -> None:
    """Its beginning is then in the server's cache."""
    made = Pool(["a:1"], [4], PATIENCE)
    for number in range(4):
        made.add(f"{number}", "stories " * 200 + f"{number}", 0.0)
    first = made.next_call(0.0)

    assert first is not None
    assert made.next_call(0.0) is None
    made.begun(first, 1.0)
    assert len(send_all(made, 1.0)) == 3


def test_jobs_that_share_little_do_not_wait() -> None:
    made = pool(4, jobs=4)
    calls = [made.next_call(0.0) for _ in range(4)]

    assert None not in calls


def test_a_job_of_a_server_that_is_gone_is_done_by_another() -> None:
    made = pool(1, 1, jobs=2)
    calls = send_all(made, 0.0)
    assert made.failed(calls[0], GoneError("does not answer"), 1.0) is None
    made.answered(calls[1], 2.0, work=1.0)
    again = made.next_call(2.0)

    assert again is not None
    assert (again.job_id, again.server) == (calls[0].job_id, calls[1].server)


def test_a_server_that_is_gone_is_looked_at_until_it_is_back() -> None:
    made = pool(1, jobs=1)
    (call,) = send_all(made, 0.0)
    made.failed(call, GoneError("does not answer"), 1.0)

    assert made.next_call(1.0) is None
    assert made.looks_due(1.0) == (0,)
    assert made.looks_due(1.0) == (), "once at a time"
    made.looked_at(0, 1.1, is_healthy=False)
    assert made.looks_due(1.2) == ()
    assert made.looks_due(3.0) == (0,)
    made.looked_at(0, 3.1, is_healthy=True)
    assert made.next_call(3.1) is not None


def test_a_server_that_drops_what_it_has_when_more_comes_is_given_less() -> None:
    """It is there at the next look, so it was not its end."""
    made, now = pool(4, jobs=12), 0.0
    while made.limits != (1,):
        now += 20.0
        for index in made.looks_due(now):
            made.looked_at(index, now, is_healthy=True)
        first, *others = send_all(made, now)
        for call in others:
            made.failed(call, GoneError("peer closed connection"), now)
        made.answered(first, now, work=1.0)

    assert now <= 60.0


def test_a_server_that_was_away_begins_anew() -> None:
    made = pool(4, jobs=4)
    for call in send_all(made, 0.0):
        made.failed(call, GoneError("does not answer"), 1.0)
    assert made.looks_due(1.0) == (0,)
    made.looked_at(0, 1.0, is_healthy=False)
    assert made.looks_due(30.0) == (0,)
    made.looked_at(0, 30.0, is_healthy=True)

    assert made.limits == (4,)


def test_a_run_without_any_server_ends_after_a_while_and_says_what_was_wrong() -> None:
    made = pool(1, 1, jobs=2)
    for call in send_all(made, 0.0):
        made.failed(call, GoneError("does not answer: refused"), 5.0)
    made.check(64.0)

    with pytest.raises(BackendError, match="box0:1 does not answer: refused; box1:1 does not") as error:
        made.check(66.0)
    assert "kept" in error.value.hint


def test_a_server_that_was_silent_for_long_is_looked_at_before_the_run_ends() -> None:
    made = pool(1, jobs=1)
    (call,) = send_all(made, 0.0)
    made.failed(call, GoneError("nothing came for 180 s"), 1000.0)
    made.check(1000.0)

    assert made.looks_due(1000.0) == (0,)


def test_a_busy_server_rests_as_long_as_it_says_and_its_job_goes_elsewhere() -> None:
    made = pool(2, 1, jobs=3)
    calls = send_all(made, 0.0)
    busy = next(call for call in calls if call.server == 0)
    assert made.failed(busy, BusyError("answers 503", after_s=7.0), 1.0) is None
    for call in calls:
        if call is not busy:
            made.answered(call, 2.0, work=1.0)
    elsewhere = made.next_call(2.0)

    assert elsewhere is not None
    assert (elsewhere.server, elsewhere.job_id) == (1, busy.job_id)
    assert made.limits == (1, 1)
    made.add("new", "prompt new", 2.0)
    assert made.next_call(7.9) is None
    assert made.next_call(8.1) is not None


def test_servers_that_are_busy_for_ever_end_the_run() -> None:
    made = pool(1, jobs=1, patience=Patience(absent_s=60.0, first_s=100.0))
    now = 0.0

    def go_on() -> None:
        nonlocal now
        while now < 1000:
            now += 1.0
            if (call := made.next_call(now)) is not None:
                made.failed(call, BusyError("answers 503", after_s=0.0), now)
            made.check(now)

    with pytest.raises(BackendError, match="No server has taken a job for 100 s: box0:1 answers 503"):
        go_on()
    assert 100 < now < 120


def test_a_strange_answer_is_asked_for_once_more_and_then_fails_its_job_alone() -> None:
    made = pool(1, 1, jobs=3)
    (first, other) = send_all(made, 0.0)
    assert made.failed(first, StrangeError("answers against the schema: x"), 1.0) is None
    made.answered(other, 1.0, work=1.0)
    again = next(call for call in send_all(made, 1.0) if call.job_id == first.job_id)
    assert again.server != first.server, "another is asked where there is one"
    error = made.failed(again, StrangeError("answers against the schema: y"), 2.0)

    assert isinstance(error, JobError)
    assert "twice" in error.message
    assert len(made) == 1, "the others go on"


def test_a_job_that_ends_every_server_is_given_up() -> None:
    made, error, now = pool(1, jobs=1), None, 0.0
    for _ in range(9):
        now += 20.0
        for index in made.looks_due(now):
            made.looked_at(index, now, is_healthy=True)
        if (call := made.next_call(now)) is None:
            break
        error = made.failed(call, GoneError("does not answer"), now)

    assert isinstance(error, JobError)
    assert "3 times before" in error.message
    assert len(made) == 0


@pytest.mark.parametrize(("status", "tries"), [(400, 1), (404, 1), (422, 1), (500, 2), (502, 2)])
def test_a_refusal_is_final_and_a_fault_of_the_server_is_asked_once_more(status: int, tries: int) -> None:
    made, error, asked = pool(1, jobs=1), None, 0
    while error is None and asked < 9:
        call = made.next_call(float(asked))
        assert call is not None
        asked += 1
        error = made.failed(call, RefusedError(f"answers {status}", status=status), float(asked))

    assert asked == tries


def test_what_waits_can_be_taken_back_and_what_is_under_way_is_told() -> None:
    made = pool(1, jobs=3)
    (call,) = send_all(made, 0.0)

    assert set(made.cancel_waiting()) == {"0", "1", "2"} - {call.job_id}
    assert len(made) == 1
    assert not made.cancel(call.job_id)
    assert call.is_cancelled
    made.cancelled(call)
    assert len(made) == 0


@dataclass
class World:
    """Servers that fail as drawn, and all that the pool was told."""

    made: Pool
    now: float = 0.0
    under_way: list[Call] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)

    def step(self, event: str, choice: int, seconds: float) -> None:
        self.now += seconds
        for index in self.made.looks_due(self.now):
            self.made.looked_at(index, self.now, is_healthy=choice % 3 > 0)
        while (call := self.made.next_call(self.now)) is not None:
            self.under_way.append(call)
            assert sum(other.server == call.server for other in self.under_way) <= self.made.limits[call.server]
            if choice % 2:
                self.made.begun(call, self.now)
        if not self.under_way:
            return
        call = self.under_way.pop(choice % len(self.under_way))
        errors: dict[str, CallError] = {
            "gone": GoneError("gone"),
            "busy": BusyError("busy", after_s=float(choice % 5)),
            "strange": StrangeError("strange"),
            "refused": RefusedError("refused", status=500),
        }
        if event == "answered":
            self.made.answered(call, self.now, work=1.0)
            self.ended[call.job_id] += 1
        elif self.made.failed(call, errors[event], self.now) is not None:
            self.ended[call.job_id] += 1


EVENTS = st.sampled_from(["answered", "answered", "gone", "busy", "strange", "refused"])


@settings(max_examples=150, deadline=None)
@given(
    slots=st.lists(st.integers(0, 3), min_size=1, max_size=4),
    jobs=st.integers(1, 25),
    events=st.lists(st.tuples(EVENTS, st.integers(0, 50), st.floats(0.0, 5.0)), max_size=120),
)
def test_every_job_ends_once_whatever_the_servers_do(
    slots: list[int], jobs: int, events: list[tuple[str, int, float]]
) -> None:
    world = World(pool(*slots, jobs=jobs))
    for event, choice, seconds in events:
        world.step(event, choice, seconds)
    for _ in range(2000):  # and then they are well
        if not len(world.made):
            break
        world.step("answered", 1, 1.0)

    assert world.ended == Counter(f"{number}" for number in range(jobs))
    assert world.under_way == []
