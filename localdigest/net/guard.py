"""Who may be dialled for pages and models: public addresses on web ports, and whom the user vouched for.

    Guard of the run ──branch──▶ one client: its own deadlines and end, perhaps a host more
          │            ──branch──▶ …
          └── contacted_hosts: whom any of them dialled

Each branch knows besides whom it dialled itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.access import Access
from localdigest.net.addresses import is_public
from localdigest.net.door import AddressRefusedError, Door, resolve

if TYPE_CHECKING:
    from collections.abc import Collection

    import httpcore2

    from localdigest.net.door import Resolve

__all__ = ["AddressRefusedError", "Guard", "OfflineError"]

_WEB_PORTS = (80, 443)


class OfflineError(Exception):
    """Nobody may be dialled at all."""


class Guard(Door):
    """Dials only public addresses on web ports, or whom the user vouched for."""

    def __init__(
        self,
        *,
        allow_hosts: Collection[str] = (),
        offline: bool = False,
        resolve: Resolve = resolve,
        inner: httpcore2.NetworkBackend | None = None,
    ) -> None:
        """The door of one run.

        Args:
            allow_hosts: in the forms of `localdigest.access`.
            offline: dial nobody, look nothing up.
            resolve: the addresses of a host.
            inner: what makes the connections.
        """
        super().__init__(resolve=resolve, inner=inner)
        self._access = Access.of(allow_hosts)
        self._offline = offline

    def branch(self, *, named: Collection[str] = ()) -> Guard:
        """The same door for one client, which can be stopped without the others.

        Args:
            named: hosts that the user vouched for in another way, and for this client alone.
        """
        branch = Guard(offline=self._offline, resolve=self._resolve, inner=self._inner)
        branch._access = self._access.and_names(named)
        branch.contacted_hosts = self.contacted_hosts
        return branch

    def vouches_for(self, host: str, port: int) -> bool:
        """Whether the user did."""
        return self._access.vouches_for(host, port)

    def _checked(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        if self._offline:
            raise OfflineError("the network may not be used")
        if self._access.vouches_for(host, port):
            return self._look_up(host, port, self.left(timeout))
        if port not in _WEB_PORTS and not self._access.networks:
            raise AddressRefusedError(host, f"is asked for on port {port}; only 80 and 443 are open to sites")
        addresses = self._look_up(host, port, self.left(timeout))
        strange = [address for address in addresses if not self._access.holds(address)]
        if strange and port not in _WEB_PORTS:
            raise AddressRefusedError(host, f"is asked for on port {port}; only 80 and 443 are open to sites")
        refused = [address for address in strange if not is_public(address)]
        if refused:
            raise AddressRefusedError(host, f"leads to {refused[0]}, which is no public address")
        return addresses
