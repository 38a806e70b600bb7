"""Which addresses belong to the public internet, and which to one's own network. Pure: it looks nothing up."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

__all__ = ["is_own", "is_public"]

#: The part of IPv6 that is given out to networks: all else is special, or nobody's yet.
_GIVEN_OUT = ip_network("2000::/3")
# `is_global` alone lets these through on some Python versions (the table of spellings in the tests shows them).
_REFUSED = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # carrier-grade NAT
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)

#: Of this machine, and those that RFC 1918 and RFC 4193 leave to everybody's own use. A carrier's (100.64.0.0/10) are
#: shared with strangers, and at a link-local one a cloud's machines find their own keys.
_OWN = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


def is_own(address: str) -> bool:
    """Whether a numeric address can only be of this machine or of a network of one's own."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in _OWN if network.version == parsed.version)


def is_public(address: str) -> bool:
    """Whether a numeric address may be dialled for a stranger: globally routed, and no way round to a private one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public(parsed)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return _is_public(address.ipv4_mapped)
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:  # NAT64, link-local, multicast and more
        return False
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address in network for network in _REFUSED if network.version == address.version)
