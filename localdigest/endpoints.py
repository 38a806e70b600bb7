"""Addresses of model servers that a user names: what may be written, and what follows from it. Pure.

http://gpu-box:8000/v1    the address under which the server's OpenAI-compatible interface lies
http://gpu-box:8000       the same: `/v1` is where it lies when nothing else is said
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from localdigest import access, values
from localdigest.redact import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Endpoint", "doors_of", "endpoints", "variable"]

_PORTS = {"http": 80, "https": 443}
_INTERFACE = "/v1"
_STRANGE = re.compile(r"[\s\\\x00-\x1f\x7f]")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server's interface; `url` is in the form that `endpoints` gives."""

    url: str

    @property
    def root(self) -> str:
        """Below which the server's own paths lie, those that are not OpenAI's: `http://gpu-box:8000`."""
        return self.url.removesuffix(_INTERFACE)

    @property
    def door(self) -> str:
        """Host and port, as `localdigest.access` takes them and people read them."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        return f"{f'[{host}]' if ':' in host else host}:{parts.port or _PORTS[parts.scheme]}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def is_encrypted(self) -> bool:
        return self.url.startswith("https:")


def endpoints(raw: Any) -> tuple[str, ...]:
    """The value of the setting: each address checked and in one form, each once.

    Raises:
        ValueError: what would be right. It names no password.
    """
    return tuple(dict.fromkeys(_checked(each) for each in values.texts(raw)))


def variable(raw: Any) -> str:
    """The name of an environment variable, or `""`. What is no name may be the key itself, and is not repeated.

    Raises:
        ValueError: what would be right.
    """
    if raw == "":
        return ""
    if not isinstance(raw, str) or not _VARIABLE.fullmatch(raw):
        raise ValueError("expected the name of an environment variable that holds the key, not the key itself")
    return raw


def doors_of(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(Endpoint(url).door for url in urls)


def _checked(text: str) -> str:
    wanted = f"expected an address such as http://gpu-box:8000/v1, got {redacted(text)!r}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{wanted}: {redacted(str(error))}") from None
    if parts.scheme not in _PORTS or not parts.hostname or _STRANGE.search(text) or port == 0:
        raise ValueError(wanted)
    if "@" in parts.netloc:
        raise ValueError(f"{redacted(text)} holds a password; put a key into the environment and name its variable")
    if parts.query or parts.fragment:
        raise ValueError(f"{wanted}: nothing may follow the path")
    url = _plain(parts)
    access.hosts([Endpoint(url).door])  # the guard must understand it
    return url


def _plain(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port and parts.port != _PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{shown}{port}{parts.path.rstrip('/') or _INTERFACE}"
