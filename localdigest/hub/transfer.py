"""stub"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from localdigest.hub.remote import RemoteFile

__all__ = ["read_range"]


def read_range(remote: RemoteFile, *, start: int, num_bytes: int, allow_hosts: Collection[str] = ()) -> bytes:
    """So many bytes of a remote file from `start` on, fewer at its end. For headers: all of it is held in memory."""
    raise NotImplementedError
