"""How a database keeps its promises where it lies: a write-ahead log, or a rollback journal where that is not safe.

The log needs memory that all processes share, which network file systems do not give: there it seems to work, and two
machines damage the file together.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

__all__ = ["NETWORK_FILE_SYSTEMS", "do_without_log", "is_on_network", "needs_shared_memory", "use_log"]

NETWORK_FILE_SYSTEMS = frozenset(
    (
        *("9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs"),
        *("lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf", "virtiofs"),
    )
)
_MOUNTS = Path("/proc/self/mountinfo")


def use_log(db: sqlite3.Connection, path: Path) -> bool:
    """Sets up the log, where there is to be one; every commit is then on the disk before it returns.

    Raises:
        sqlite3.OperationalError: see `needs_shared_memory`.
    """
    mode = str(db.execute("PRAGMA journal_mode").fetchone()[0])
    is_new = not db.execute("PRAGMA user_version").fetchone()[0]
    if is_on_network(path.parent, _mounts()) or (mode != "wal" and not is_new):  # found impossible before
        return False
    mode = str(db.execute("PRAGMA journal_mode=WAL").fetchone()[0])
    db.execute("SELECT 1 FROM sqlite_master").fetchone()  # only now is the memory asked for
    db.execute("PRAGMA synchronous=FULL")
    return mode == "wal"


def do_without_log(db: sqlite3.Connection) -> None:
    """Sets up a rollback journal, which is safe everywhere and lets nobody read while somebody writes."""
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute("PRAGMA locking_mode=NORMAL")
    db.execute("SELECT 1 FROM sqlite_master").fetchone()  # the lock is let go with the next look
    db.execute("PRAGMA synchronous=EXTRA")  # FULL does not wait until the journal is gone for good


def needs_shared_memory(error: sqlite3.OperationalError) -> bool:
    """Whether it may be raised by a log that finds no shared memory."""
    kinds = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_IOERR)
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in kinds


def _mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not on Linux: nothing is known of it
        return ""


def is_on_network(folder: Path, mounts: str) -> bool:
    """Whether the folder lies on another machine, as far as `mounts` (the text of mountinfo) tells."""
    where, kind = Path("/"), ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        words = before.split(" ")
        if len(words) < 5 or not after:  # noqa: PLR2004 - the fifth word is the mount point
            continue
        point = Path(words[4].replace("\\040", " "))
        if folder.is_relative_to(point) and len(point.parts) >= len(where.parts):
            where, kind = point, after.split(" ")[0]
    return kind in NETWORK_FILE_SYSTEMS
