"""How a database keeps its promises where it lies: a write-ahead log, or a rollback journal where that is not safe.

The log needs memory that all processes share, which network file systems do not give: there it seems to work, and two
machines damage the file together.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

__all__ = ["NETWORK_FILE_SYSTEMS", "is_on_network", "prepare_journal"]

NETWORK_FILE_SYSTEMS = frozenset(
    (
        *("9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs"),
        *("lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf", "virtiofs"),
    )
)
_MOUNTS = Path("/proc/self/mountinfo")


def prepare_journal(db: sqlite3.Connection, path: Path) -> bool:
    """Sets the journal, and that every commit is on the disk before it returns. False: no log can be used there."""
    if not is_on_network(path.parent, _mounts()) and _use_log(db):
        db.execute("PRAGMA synchronous=FULL")
        return True
    try:
        db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if not _needs_shared_memory(error):
            raise
        # The file has a log. Without shared memory it is read by whoever has it for itself alone.
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("PRAGMA locking_mode=NORMAL")
        db.execute("SELECT 1 FROM sqlite_master").fetchone()  # the lock is let go with the next look
    db.execute("PRAGMA synchronous=EXTRA")  # FULL does not wait until the journal is gone for good
    return False


def _use_log(db: sqlite3.Connection) -> bool:
    try:
        return bool(db.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal")
    except sqlite3.OperationalError as error:
        if not _needs_shared_memory(error):
            raise
        return False


def _needs_shared_memory(error: sqlite3.OperationalError) -> bool:
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
