"""How often and how long to try again: counts what brought nothing in a row, waits, and says so."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from localdigest.hub.transfer import unreachable
from localdigest.net.outcome import FetchError
from localdigest.net.retry import wait_before_retry_s
from localdigest.records import Reason

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from localdigest.hub.download_policy import DownloadPolicy
    from localdigest.hub.errors import HubBusyError

__all__ = ["Patience", "StoppedError"]

_TRANSIENT = frozenset({Reason.TIMEOUT, Reason.CONNECTION})


class StoppedError(Exception):
    """The download ends; no fault of this thread."""


class Patience:
    """One thread's: its failures are counted apart from those of others."""

    def __init__(
        self, policy: DownloadPolicy, name: str, *, stop: threading.Event, tell: Callable[[str], None]
    ) -> None:
        self._policy = policy
        self._name = name
        self._stop = stop
        self._tell = tell
        self._failures = 0

    def progress(self) -> None:
        self._failures = 0

    def after(self, error: FetchError | HubBusyError, *, has_answered: bool) -> None:
        """Waits before the next try.

        Raises:
            HubUnreachableError, HubBusyError: there shall be none.
            StoppedError: meanwhile the download has ended.
        """
        if self._stop.is_set():
            raise StoppedError
        self._failures += 1
        wait_s = self._wait_s(error, has_answered=has_answered)
        if wait_s is None:
            raise unreachable(error, self._name) if isinstance(error, FetchError) else error
        problem = (error.detail if isinstance(error, FetchError) else error.message).rstrip(".")
        self._tell(f"{problem[:1].upper()}{problem[1:]}. Trying again in {wait_s:.0f} s.")
        if self._stop.wait(wait_s):
            raise StoppedError

    def _wait_s(self, error: FetchError | HubBusyError, *, has_answered: bool) -> float | None:
        if isinstance(error, FetchError):
            # A name that does not exist is a typing error at first, and a network that went away later on.
            if error.reason not in _TRANSIENT or not (has_answered or error.may_pass):
                return None
            asked_s = None
        else:
            asked_s = error.retry_after_s
        return wait_before_retry_s(
            tries=self._failures,
            retries=self._policy.retries if has_answered else self._policy.first_retries,
            base_s=self._policy.retry_base_s,
            jitter=random.random(),  # noqa: S311 - spreads clients out, protects nothing
            asked_s=asked_s,
            max_asked_s=self._policy.max_retry_after_s,
        )
