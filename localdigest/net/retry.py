"""Whether to ask again, and after how long: pure, so that a table of cases tests it.

What it does not do: sleep, or ask.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["RETRIED_STATUSES", "retry_after_s", "wait_before_retry_s"]

#: The server may well answer better in a moment. 501, 505 and the like will not change.
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_LONGEST_BACKOFF_S = 30.0


def retry_after_s(header: str, *, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for, given as a number or as a date; None when it says nothing."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def wait_before_retry_s(
    *,
    tries: int,
    retries: int,
    base_s: float,
    jitter: float,
    asked_s: float | None = None,
    max_asked_s: float = 60.0,
) -> float | None:
    """Seconds to wait before the next try, or None to give up.

    Args:
        tries: how many were made.
        retries: how many may follow the first.
        base_s: the first wait, doubled with each try.
        jitter: from [0, 1): clients that failed together shall not come back together.
        asked_s: what the server asked for.
        max_asked_s: whoever asks for more gets no second visit in this run.
    """
    if tries > retries or (asked_s is not None and asked_s > max_asked_s):
        return None
    backoff = min(base_s * 2.0 ** (tries - 1), _LONGEST_BACKOFF_S)
    return (asked_s or 0.0) + backoff * (0.5 + jitter if asked_s is None else jitter)
