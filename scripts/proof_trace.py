"""What `strace -f -e trace=network` wrote, as values: which sockets were made, and who was spoken to. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["INTERNET", "Trace", "parse"]

#: Families that can leave the machine, or tell how to. AF_NETLINK is how a program reads and changes routes.
INTERNET = ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK")

_CALL = re.compile(r"(?P<pid>\d+)\s+(?P<call>\w+)\((?P<rest>.*)")
_RESUMED = re.compile(r"(?P<pid>\d+)\s+<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)")
_UNFINISHED = " <unfinished ...>"
_RESULT = re.compile(r"\)\s+= (?P<value>-?\d+|\?)(?: (?P<error>E\w+))?[^=]*$")
_FAMILY = re.compile(r"^(AF_\w+|0x[0-9a-f]+|\d+)")
_PEER_4 = re.compile(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
_PEER_6 = re.compile(r'sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"')
_SPEAKING = ("connect", "sendto", "sendmsg", "sendmmsg")


@dataclass(frozen=True)
class Trace:
    """Of one run, all its processes together."""

    made: tuple[str, ...]  #: families of the sockets that were made
    refused: tuple[str, ...]  #: families that were asked for and not given
    spoken_to: frozenset[str]  #: numeric addresses that somebody tried to reach

    @property
    def internet(self) -> tuple[str, ...]:
        """Sockets that could have left the machine."""
        return tuple(family for family in self.made if family in INTERNET or not family.startswith("AF_"))


def parse(lines: Iterable[str]) -> Trace:
    made: list[str] = []
    refused: list[str] = []
    spoken_to: set[str] = set()
    for name, text in _whole(lines):
        result = _RESULT.search(text)
        failed = result is None or result["value"].startswith(("-", "?"))
        if name == "socket" and (family := _FAMILY.match(text)):
            (refused if failed else made).append(family[1])
        elif name in _SPEAKING:
            spoken_to |= {peer[1] for peer in (*_PEER_4.findall(text), *_PEER_6.findall(text))}
    return Trace(tuple(made), tuple(refused), frozenset(spoken_to))


def _whole(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each call with its arguments and result, where another process' call came between."""
    begun: dict[tuple[str, str], str] = {}
    for line in lines:
        if resumed := _RESUMED.match(line):
            start = begun.pop((resumed["pid"], resumed["call"]), "")
            yield resumed["call"], start + resumed["rest"]
        elif call := _CALL.match(line):
            rest = call["rest"].rstrip()
            if rest.endswith(_UNFINISHED):
                begun[call["pid"], call["call"]] = rest.removesuffix(_UNFINISHED)
            else:
                yield call["call"], rest
    yield from ((name, start) for (_, name), start in begun.items())  # killed in the middle: counts as asked
