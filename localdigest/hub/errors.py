"""What can go wrong between a model's name and its file, each with its exit code and a hint.

UsageError                  2
├── HubNotFoundError        2  no such repository, revision or file
└── HubAccessError          2  it is there, and not for whoever asks: a licence to accept, a token to give
LocalDigestError            1
└── HubError                1
    ├── HubOfflineError     1  the network may not be used
    ├── HubUnreachableError 1  nobody answers
    ├── HubBusyError        1  429 or 5xx, after the last try
    └── DownloadError       1  the file itself
        ├── DiskFullError   1  it has no room, or room ran out; what came is kept
        └── DamagedFileError   1  size or sha256 is not what was promised; the file was moved to `.bad`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.errors import LocalDigestError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "DamagedFileError",
    "DiskFullError",
    "DownloadError",
    "HubAccessError",
    "HubBusyError",
    "HubError",
    "HubNotFoundError",
    "HubOfflineError",
    "HubUnreachableError",
]


class HubNotFoundError(UsageError):
    default_hint = "`localdigest models list` shows the models that are known by name."


class HubAccessError(UsageError):
    default_hint = "Accept the licence on the model's page, and set HF_TOKEN to a token of that account."


class HubError(LocalDigestError):
    """What is wrong with the hub, the way to it, or what it sent."""


class HubOfflineError(HubError):
    default_hint = (
        "Unset HF_HUB_OFFLINE and leave out `--offline`, or bring the file: `localdigest models import PATH`."
    )


class HubUnreachableError(HubError):
    default_hint = "Check the network. Behind a mirror set HF_ENDPOINT. What came so far is kept."
    is_final = False  #: whether the next try is sure to fail too


class HubBusyError(HubError):
    default_hint = "Run it again later: what came so far is kept."

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s  #: what the server asked for; None when it did not say


class DownloadError(HubError):
    default_hint = "Run it again: it goes on from what came so far."


class DiskFullError(DownloadError):
    default_hint = "Make room and run it again: it goes on from what came so far."


class DamagedFileError(DownloadError):
    """The whole file came, and is not the file that was asked for."""

    default_hint = "Run it again. If it happens twice, the server or a proxy on the way serves another file."

    def __init__(self, message: str, *, path: Path, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path  #: where the bytes were put, for whoever wants to look
