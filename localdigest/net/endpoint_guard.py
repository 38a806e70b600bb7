"""Who may be dialled for a model on a server: the servers that were named, and nobody else."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from localdigest.access import Access
from localdigest.net.addresses import is_own
from localdigest.net.door import AddressRefusedError, Door, resolve

if TYPE_CHECKING:
    from collections.abc import Collection

    import httpcore2

    from localdigest.net.door import Resolve

__all__ = ["EndpointGuard"]

#: A machine that is switched off sends no farewell: the kernel asks after 15 s of silence, four times in 20 s.
_KEEP_ALIVE = tuple(
    (getattr(socket, level), getattr(socket, option), value)
    for level, option, value in (
        ("SOL_SOCKET", "SO_KEEPALIVE", 1),
        ("IPPROTO_TCP", "TCP_KEEPIDLE", 15),
        ("IPPROTO_TCP", "TCP_KEEPINTVL", 5),
        ("IPPROTO_TCP", "TCP_KEEPCNT", 4),
    )
    if hasattr(socket, option)
)


class EndpointGuard(Door):
    """Dials the doors that it was made with, and nobody else: not even another port of the same host.

    Their addresses must be of one's own network. A public one must have been allowed, and is dialled for TLS only.
    """

    _socket_options = _KEEP_ALIVE

    def __init__(
        self,
        doors: Collection[str],
        *,
        plain_doors: Collection[str] = (),
        allow_public: bool = False,
        resolve: Resolve = resolve,
        inner: httpcore2.NetworkBackend | None = None,
    ) -> None:
        """The door of whoever talks to model servers.

        Args:
            doors: `host:port`, each as `localdigest.access` takes it.
            plain_doors: those of them that are talked to without TLS.
            allow_public: whether they may have public addresses.
            resolve: the addresses of a host.
            inner: what makes the connections.
        """
        super().__init__(resolve=resolve, inner=inner)
        self._doors = Access.of(doors)
        self._plain = Access.of(plain_doors)
        self._allow_public = allow_public
        self.public_hosts: set[str] = set()  #: names of those that were found to have such an address

    def _checked(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        if not self._doors.vouches_for(host, port):
            raise AddressRefusedError(host, f"with port {port} is none of the endpoints")
        addresses = self._look_up(host, port, self.left(timeout))
        strange = [address for address in addresses if not is_own(address)]
        if strange and not self._allow_public:
            raise AddressRefusedError(host, f"leads to {strange[0]}, which is no address of one's own network")
        if strange and self._plain.vouches_for(host, port):
            raise AddressRefusedError(host, f"leads to {strange[0]}, beyond one's own network, without TLS (https://)")
        if strange:
            self.public_hosts.add(host)
        return addresses
