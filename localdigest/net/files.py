"""Local files as pages: they pass the same limits as what comes from the network."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.net.media import PDF, media_type_of_name
from localdigest.records import Failure, Page, PageOrigin, Reason, Source

if TYPE_CHECKING:
    from localdigest.net.policy import FetchPolicy

__all__ = ["read_file"]

_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  #: there were no web pages before
_AHEAD = timedelta(days=1)


def read_file(source: Source, policy: FetchPolicy) -> Page | Failure:
    """The file of a local source, or why it cannot be read."""
    path = Path(source.locator)
    try:
        status = path.stat()
        flaw = _flaw(path, status.st_mode, status.st_size, policy)
        return Failure(source, *flaw) if flaw else _page(source, path, status.st_mtime)
    except (FileNotFoundError, NotADirectoryError):
        return Failure(source, Reason.NOT_FOUND, "no such file")
    except PermissionError:
        return Failure(source, Reason.FORBIDDEN, "no permission to read the file")
    except (OSError, ValueError) as error:  # a name too long, a NUL in it, a broken disk
        return Failure(source, Reason.UNREADABLE, getattr(error, "strerror", "") or str(error))


def _flaw(path: Path, mode: int, size: int, policy: FetchPolicy) -> tuple[Reason, str] | None:
    limit = policy.max_pdf_bytes if media_type_of_name(path.name) == PDF else policy.max_bytes
    if stat.S_ISDIR(mode):
        return Reason.UNSUPPORTED, "a folder, not a file"
    if not stat.S_ISREG(mode):
        return Reason.UNSUPPORTED, "no regular file"  # reading a pipe or a device might never end
    if size > limit:
        return Reason.TOO_LARGE, f"{size:,} bytes, more than {limit:,}"
    if size == 0:
        return Reason.EMPTY, "the file is empty"
    return None


def _page(source: Source, path: Path, modified: float) -> Page:
    return Page(
        source=source,
        body=path.read_bytes(),
        media_type=media_type_of_name(path.name),
        charset="",
        url=source.url or path.absolute().as_uri(),
        fetched_at=_time(modified),
        origin=PageOrigin.FILE,
    )


def _time(modified: float) -> str:
    """Of the file, not of the reading: the same file gives the same page. Archives date files to 1970 and 1980, and
    clocks that are wrong to any year: what cannot be, or is still to come, is not known.
    """
    try:
        time = datetime.fromtimestamp(modified, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    is_possible = _FIRST <= time <= datetime.now(UTC) + _AHEAD
    return time.isoformat(timespec="seconds") if is_possible else ""
