"""Brings one file onto this disk, whatever happens on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.hub.download_policy import DownloadPolicy, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from localdigest.hub.remote import RemoteFile

__all__ = ["DownloadPolicy", "Progress", "download"]


def download(
    remote: RemoteFile,
    target: Path,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    allow_hosts: Collection[str] = (),
    policy: DownloadPolicy | None = None,
) -> Path:
    """The file at `target`, verified. Goes on from `<target>.part` if an earlier call was interrupted.

    Args:
        remote: what to bring.
        target: where to. If it is there already, it is taken as it is when its size is right, and nothing is asked.
        on_progress: called by this thread only, a few times a second, and at once with every note.
        allow_hosts: further hosts that the user vouches for (`remote.named_hosts` are allowed already).
        policy: limits; the defaults suit a model.

    Raises:
        HubNotFoundError, HubAccessError: the server says no.
        HubUnreachableError, HubBusyError: it says nothing, or "later", too often in a row.
        DiskFullError: there is no room. DamagedFileError: the bytes are wrong. DownloadError: all else.
    """
    raise NotImplementedError
