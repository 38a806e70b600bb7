"""Questions about paths that strangers wrote: a name that no file can have is answered, not raised."""

from __future__ import annotations

import os
import re

__all__ = ["INBOX_MARK", "exists", "flaw_of_name", "is_folder", "real_path", "shown_name"]

INBOX_MARK = ".localdigest-inbox"  #: a file that says that its folder is one of pages saved by hand

_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def flaw_of_name(path: str) -> str:
    """Why a name can stand in no list, post or database; `""` when it can."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is no UTF-8"
    return "its name holds control characters" if _NO_TEXT.search(path) else ""


def shown_name(path: str) -> str:
    """The name on one line."""
    return _NO_TEXT.sub("\ufffd", path)


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
