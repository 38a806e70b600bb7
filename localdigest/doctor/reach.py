"""One question to the models' hub, whether it is there: all that the doctor asks of a network, and only if told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.net.http import guarded_http
from localdigest.net.outcome import FetchError
from localdigest.redact import redacted
from localdigest.urls import flaw_of_url, host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localdigest.net.guard import Guard

__all__ = ["endpoint_of", "reach"]

_HOME = "https://huggingface.co"
_SECONDS = 10.0


def endpoint_of(environment: Mapping[str, str]) -> str:
    return redacted(environment.get("HF_ENDPOINT", "").strip().rstrip("/")) or _HOME


def reach(endpoint: str, *, guard: Guard, named: bool) -> tuple[int, str]:
    """HTTP's status, and what went wrong before there was one; one HEAD, no redirects.

    Args:
        endpoint: the hub's address.
        guard: the run's.
        named: the user named this endpoint, so it may be private too.
    """
    if flaw := flaw_of_url(endpoint):
        return 0, f"HF_ENDPOINT is no address: {flaw}"
    own = guard.branch(named={host_of(endpoint)} if named else ())
    with guarded_http(own) as client, own.within(_SECONDS):
        try:
            return client.head(endpoint).status_code, ""
        except FetchError as error:
            return 0, error.detail
