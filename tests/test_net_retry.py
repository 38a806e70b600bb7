from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.net.retry import retry_after_s, wait_before_retry_s

NOW = datetime(2025, 12, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Wed, 24 Dec 2025 12:01:30 GMT", 90.0),
        ("Wed, 24 Dec 2025 20:01:30 +0800", 90.0),
        ("Wed, 24 Dec 2025 12:01:30", 90.0),
        ("Wed, 24 Dec 2025 11:00:00 GMT", 0.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Wed, 99 Dec 2025 12:00:00 GMT", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    """A number of seconds or a date; anything else says nothing."""
    assert retry_after_s(header, now=NOW) == seconds


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=100)
def test_any_header_is_survived(header: str) -> None:
    seconds = retry_after_s(header, now=NOW)

    assert seconds is None or seconds >= 0


def wait_s(tries: int, *, jitter: float = 0.5, asked_s: float | None = None) -> float | None:
    return wait_before_retry_s(tries=tries, retries=3, base_s=1.0, jitter=jitter, asked_s=asked_s, max_asked_s=60.0)


def test_waits_double_until_it_is_enough() -> None:
    assert [wait_s(tries) for tries in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, None]


def test_jitter_spreads_the_waits() -> None:
    """By half to either side."""
    assert (wait_s(1, jitter=0.0), wait_s(1, jitter=0.5), wait_s(2, jitter=0.75)) == (0.5, 1.0, 2.5)


def test_what_the_server_asks_is_kept() -> None:
    """Never sooner, a little later; and no waiting at all for one who asks for too much."""
    assert wait_s(1, asked_s=10.0, jitter=0.0) == 10.0
    assert wait_s(1, asked_s=10.0, jitter=0.5) == 10.5
    assert wait_s(1, asked_s=61.0) is None
    assert wait_s(4, asked_s=1.0) is None


@given(st.integers(1, 50), st.floats(0, 0.999), st.none() | st.floats(0, 60))
@settings(deadline=None, max_examples=200)
def test_a_wait_is_bounded(tries: int, jitter: float, asked_s: float | None) -> None:
    seconds = wait_before_retry_s(tries=tries, retries=100, base_s=1.0, jitter=jitter, asked_s=asked_s)

    assert seconds is not None
    assert (asked_s or 0.0) <= seconds <= 60.0 + 45.0
