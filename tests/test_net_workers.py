from __future__ import annotations

import threading
import time

import pytest

from localdigest.net.workers import Workers


def test_tasks_come_back_with_their_results() -> None:
    """As they are finished, no more than the count at a time."""

    def work(seconds: float) -> str:
        time.sleep(seconds)
        return f"slept {seconds}"

    workers: Workers[float, str] = Workers(2, work)
    workers.give(0.2)
    workers.give(0.01)
    was_free = workers.is_free
    results = [workers.wait(0.4), workers.wait(0.4)]

    assert not was_free
    assert results == [(0.01, "slept 0.01"), (0.2, "slept 0.2")]
    assert (workers.is_free, workers.busy) == (True, 0)
    workers.stop()


def test_waiting_ends_without_a_result() -> None:
    workers: Workers[int, int] = Workers(1, lambda number: number)

    assert workers.wait(0.01) is None


def test_what_goes_wrong_is_raised_where_it_is_waited_for() -> None:
    """And the thread is there for the next task."""
    workers: Workers[int, int] = Workers(1, lambda number: 10 // number)
    workers.give(0)
    with pytest.raises(ZeroDivisionError):
        workers.wait(2.0)
    workers.give(5)

    assert workers.wait(2.0) == (5, 2)
    workers.stop()


def test_stopped_threads_end() -> None:
    """After what they are doing; nobody waits for them."""
    before = set(threading.enumerate())
    workers: Workers[int, int] = Workers(3, lambda number: number)
    for number in range(3):
        workers.give(number)
    for _ in range(3):
        workers.wait(2.0)
    started = set(threading.enumerate()) - before
    workers.stop()
    for thread in started:
        thread.join(timeout=2.0)

    assert len(started) == 3
    assert not any(thread.is_alive() for thread in started)
