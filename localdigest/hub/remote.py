"""A file on somebody else's machine, as a value. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RemoteFile", "origin_of", "split_names"]

_SPLIT = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_MOST_PARTS = 1000
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Where a file is, and what is promised of it. What is unknown is empty or 0."""

    url: str
    name: str
    num_bytes: int = 0
    sha256: str = ""  #: in lower-case hexadecimal digits
    etag: str = ""  #: of the file's owner, which need not be that of the server the bytes come from
    revision: str = ""  #: the commit
    #: For the origin of `url` alone: a redirect to another host goes without. Secret: not in `repr`.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Hosts that the user named: they may have private addresses, odd ports and plain http.
    named_hosts: frozenset[str] = frozenset()


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: whoever shares all three may see what was meant for one of them."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme, 0)


def split_names(name: str) -> tuple[str, ...]:
    """All files of a model that lies in parts (`-00001-of-00005.gguf`), first one first; the name alone if it does not.

    Any part will do. Numbers that cannot be right (part 6 of 5, part 0, more than a thousand) make no parts.
    """
    found = _SPLIT.fullmatch(name)
    if not found:
        return (name,)
    number, count = int(found["number"]), int(found["count"])
    if not 1 <= number <= count <= _MOST_PARTS:
        return (name,)
    return tuple(f"{found['stem']}-{each:05d}-of-{count:05d}.gguf" for each in range(1, count + 1))
