"""What is said of a model server: what it serves, how much it holds, how it keeps a schema. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.doctor.check import Check, Status
from localdigest.endpoints import Endpoint
from localdigest.remote.served import Counting

if TYPE_CHECKING:
    from localdigest.remote.served import Served, Server

__all__ = ["check_endpoint", "check_lost_endpoint"]

_SHORT_CONTEXT = 8192  #: tokens; a digest can be made with 4,096, and is better with more


def check_endpoint(served: Served) -> Check:
    """Of one server that can be used."""
    (server,) = served.servers
    hints = [*server.notes]
    if server.is_public:
        hints.append("It is beyond your own network: what is read is sent there.")
    if server.context_tokens < _SHORT_CONTEXT and not server.notes:
        hints.append(f"Serve it with a longer context than {server.context_tokens:,} tokens: more stories fit.")
    status = Status.WARNING if server.is_public else Status.NOTE if hints else Status.OK
    return Check(_name(server.url), status, _found(served.name, server), "\n".join(hints))


def check_lost_endpoint(url: str, message: str, hint: str) -> Check:
    """Of one that cannot be used."""
    return Check(_name(url), Status.FAILED, message, hint)


def _name(url: str) -> str:
    return f"endpoint {Endpoint(url).door}"


def _found(model: str, server: Server) -> str:
    slots = f"{server.slots} at once" if server.slots else "slots not told"
    counted = "counted" if server.counting is not Counting.BOUND else "reckoned at most"
    return (
        f"{server.software} serves {model}: context {server.context_tokens:,}, {slots}, "
        f"schemas kept as {server.form.value}, tokens {counted}"
    )
