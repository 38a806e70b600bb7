"""Questions about paths that strangers wrote: a name that no file can have is answered, not raised."""

from __future__ import annotations

import os

__all__ = ["INBOX_MARK", "exists", "is_folder", "real_path"]

INBOX_MARK = ".localdigest-inbox"  #: a file that says that its folder is one of pages saved by hand


def exists(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - pathlib raises on a name too long


def is_folder(path: str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - likewise


def real_path(path: str) -> str:
    """The path without links and dots, as far as it exists."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path
