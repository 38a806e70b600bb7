from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.net.client import open_client
from localdigest.net.policy import FetchPolicy
from localdigest.net.polite import HostQueue, Pauses


def queue(interval_s: float = 1.0) -> tuple[HostQueue[str], Pauses]:
    pauses = Pauses(interval_s=interval_s, max_interval_s=10.0)
    return HostQueue(pauses), pauses


def test_one_at_a_time_and_a_pause_after() -> None:
    waiting, _ = queue()
    waiting.put("a", "a1")
    waiting.put("a", "a2")

    assert waiting.take(now=0.0) == "a1"
    assert waiting.take(now=5.0) is None  # a1 is under way
    assert waiting.wait_s(now=5.0) is None  # only its end can change that
    waiting.done("a", now=6.0)
    assert waiting.take(now=6.5) is None
    assert waiting.wait_s(now=6.5) == 0.5
    assert waiting.take(now=7.0) == "a2"
    assert len(waiting) == 0


def test_other_hosts_do_not_wait() -> None:
    """What was put first is taken first, as far as its host is free."""
    waiting, _ = queue()
    for host, item in (("a", "a1"), ("a", "a2"), ("b", "b1"), ("c", "c1")):
        waiting.put(host, item)

    assert [waiting.take(now=0.0) for _ in range(4)] == ["a1", "b1", "c1", None]


def test_a_retry_waits_for_its_time() -> None:
    """While it waits, others of its host go first."""
    waiting, _ = queue(interval_s=0.0)
    waiting.put("a", "again", not_before=5.0)
    waiting.put("a", "first")

    assert waiting.take(now=1.0) == "first"
    waiting.done("a", now=1.0)
    assert waiting.take(now=4.9) is None
    assert waiting.wait_s(now=4.0) == 1.0
    assert waiting.take(now=5.0) == "again"


def test_a_host_can_be_held_back() -> None:
    """As Retry-After asks; a shorter hold takes nothing back."""
    waiting, pauses = queue()
    waiting.put("a", "a1")
    pauses.hold("a", 30.0)
    pauses.hold("a", 10.0)

    assert waiting.take(now=29.9) is None
    assert waiting.take(now=30.0) == "a1"


def test_a_host_can_ask_for_longer_pauses() -> None:
    """Up to the limit, and never shorter ones than the program's own."""
    _, pauses = queue()
    for host, asked_s in (("slow", 5.0), ("slower", 99.0), ("quick", 0.1)):
        pauses.slow_down(host, asked_s)
        pauses.asked(host, now=100.0)

    assert [pauses.free_at(host) for host in ("slow", "slower", "quick")] == [105.0, 110.0, 101.0]


def test_all_that_waits_for_a_host_can_be_dropped() -> None:
    """In its order; other hosts and what is under way stay."""
    waiting, _ = queue()
    for host, item, not_before in (("a", "a1", 0.0), ("a", "a2", 9.0), ("a", "a3", 0.0), ("b", "b1", 0.0)):
        waiting.put(host, item, not_before=not_before)

    assert waiting.take(now=0.0) == "a1"
    assert waiting.drop("a") == ["a3", "a2"]
    assert waiting.drop("c") == []
    assert (len(waiting), waiting.take(now=0.0)) == (1, "b1")


def test_the_sites_with_rules_of_their_own_are_asked_slowly() -> None:
    """From the first request on, whatever their robots.txt leaves out."""
    with open_client(FetchPolicy()) as client:
        client.pauses.slow_down("arxiv.org", 0.0)
        client.pauses.asked("arxiv.org", now=100.0)

    assert client.pauses.free_at("arxiv.org") == 103.0


def test_the_pause_outlives_the_queue() -> None:
    first, pauses = queue()
    first.put("a", "a1")
    first.take(now=0.0)
    first.done("a", now=0.0)
    second: HostQueue[str] = HostQueue(pauses)
    second.put("a", "a2")

    assert second.wait_s(now=0.25) == 0.75


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), min_size=1, max_size=25), st.floats(0.01, 2))
@settings(deadline=None, max_examples=150)
def test_all_are_served_and_no_host_is_hurried(requests: list[tuple[str, float]], interval_s: float) -> None:
    """Whatever takes how long: everything is taken, and a host rests between two requests."""
    waiting, _ = queue(interval_s)
    for index, (host, _) in enumerate(requests):
        waiting.put(host, f"{host}{index}")
    now, ends, spans = 0.0, {}, []  # type: ignore[var-annotated]  # host -> end of its request; (host, start, end)
    while len(waiting) or ends:
        item = waiting.take(now)
        if item is not None:
            host = item[0]
            ends[host] = now + requests[int(item[1:])][1]
            spans.append((host, now, ends[host]))
            continue
        wait_s = waiting.wait_s(now)
        times = ([now + wait_s] if wait_s is not None else []) + list(ends.values())
        now = max(now, min(times))
        for host in [host for host, end in ends.items() if end <= now]:
            waiting.done(host, ends.pop(host))

    assert len(spans) == len(requests)
    for host in "abc":
        own = [(start, end) for other, start, end in spans if other == host]
        assert all(later[0] - earlier[1] >= interval_s - 1e-6 for earlier, later in itertools.pairwise(own))
