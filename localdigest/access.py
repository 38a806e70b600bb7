"""Whom the user vouches for: hosts, single ports of them, and networks. Pure.

    nas.local           this name, on any port
    nas.local:8080      this name, on this port alone
    192.168.1.0/24      any address in it, on any port, whoever leads there
    ::1, [::1]:8080     addresses are written as in an address bar

What is vouched for may be private, loopback or on any port. Nothing opens everything: a network that holds more than
one of the private ranges is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from localdigest import values

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Access", "hosts"]

_HOST = re.compile(r"[\w.-]+")
_HOST_AND_PORT = re.compile(r"(?:\[(?P<inside>[^\[\]]+)\]|(?P<host>[^\[\]:]+))(?::(?P<port>[0-9]{1,6}))?")
#: 10.0.0.0/8 and fc00::/7 are the widest networks that are anybody's own.
_WIDEST = {4: 8, 6: 7}
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Access:
    """What was vouched for, ready to be asked."""

    names: frozenset[str] = frozenset()  #: on any port
    doors: frozenset[tuple[str, int]] = frozenset()  #: on this port
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, written: Collection[str]) -> Access:
        """From the forms above.

        Raises:
            ValueError: one of them is none, with what would be right.
        """
        names: set[str] = set()
        doors: set[tuple[str, int]] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for each in written:
            if "/" in each:
                networks.append(_network(each))
                continue
            host, port = _split(each)
            if port is None:
                names.add(host)
            else:
                doors.add((host, port))
        return cls(frozenset(names), frozenset(doors), tuple(networks))

    def and_names(self, names: Collection[str]) -> Access:
        """The same with more hosts, on any port."""
        return Access(self.names | frozenset(map(_plain, names)), self.doors, self.networks)

    def vouches_for(self, host: str, port: int) -> bool:
        """Whether this very host is named, or is a number in a network that is."""
        name = _plain(host)
        return name in self.names or (name, port) in self.doors or self.holds(name)

    def holds(self, address: str) -> bool:
        """Whether a numeric address lies in a network that was vouched for."""
        if not self.networks:
            return False
        try:
            parsed = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        return any(parsed in network for network in self.networks if network.version == parsed.version)


def hosts(raw: Any) -> tuple[str, ...]:
    """The value of the setting: each form checked, in lower case.

    Raises:
        ValueError: what would be right.
    """
    written = tuple(each.lower() for each in values.texts(raw))
    Access.of(written)
    return written


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f"expected a host, host:port or a network such as 192.168.1.0/24: {error}") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(f"{text} is wider than any network of one's own; name the narrowest that will do")
    return network


def _split(text: str) -> tuple[str, int | None]:
    """Host and port."""
    found = _HOST_AND_PORT.fullmatch(text)
    host = (found["inside"] or found["host"]) if found else text  # what is left is an IPv6 address, or nothing
    if not _is_host(host):
        raise ValueError(f"expected a host, host:port or a network such as 192.168.1.0/24, got {text!r}")
    port = found["port"] if found else None
    if port is None:
        return _plain(host), None
    if not 0 < int(port) <= _HIGHEST_PORT:
        raise ValueError(f"expected a port between 1 and {_HIGHEST_PORT} in {text!r}")
    return _plain(host), int(port)


def _is_host(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return _HOST.fullmatch(text) is not None
    return True


def _plain(host: str) -> str:
    """As the client spells a host when it dials: lower case, no brackets, no dot at the end, ASCII."""
    name = host.strip("[]").lower().rstrip(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
