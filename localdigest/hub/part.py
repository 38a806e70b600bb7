"""The unfinished file: `<name>.part` with the bytes, `<name>.part.json` with what is known of them.

The sidecar never says more than the disk has: the bytes are synced first, then it is written beside, synced and
renamed. So whatever is killed and whenever, the bytes that it names are right, and a download goes on from there.
What it does not do: decide whether to go on (`fits`' caller does), or hash.
"""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from localdigest.files import sync_folder
from localdigest.hub.errors import DiskFullError, DownloadError
from localdigest.hub.ranges import Spans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localdigest.hub.remote import RemoteFile

__all__ = ["Identity", "PartFile", "disk_errors", "identity_of"]

_SCHEMA = "localdigest/part/1"
_MOST_SIDECAR_BYTES = 2**20
_RESERVED_AT_ONCE = 2**28
_LONGEST_RESERVING_S = 0.5
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two downloads the same file. Empty or 0 is unknown, and unknown is like anything."""

    url: str  #: without its query: a signature in it changes from hour to hour, and is a secret
    revision: str = ""
    etag: str = ""
    sha256: str = ""
    num_bytes: int = 0
    validator: str = ""  #: the strong ETag of the server that the bytes come from

    def is_same_file(self, other: Identity) -> bool:
        """Whether bytes of one may stand beside bytes of the other. The same hash is the same file, from anywhere."""
        if self.sha256 and other.sha256:
            return self.sha256 == other.sha256 and _alike(self.num_bytes, other.num_bytes)
        return self.url == other.url and all(
            _alike(mine, others)
            for mine, others in (
                (self.revision, other.revision),
                (self.etag, other.etag),
                (self.num_bytes, other.num_bytes),
            )
        )


def identity_of(remote: RemoteFile) -> Identity:
    parts = urlsplit(remote.url)
    return Identity(
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        revision=remote.revision,
        etag=remote.etag,
        sha256=remote.sha256,
        num_bytes=remote.num_bytes,
    )


class PartFile:
    """One unfinished file, owned by the holder of its lock. `write` may be called by several threads."""

    def __init__(self, target: Path, identity: Identity) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self.sidecar = target.with_name(f"{target.name}.part.json")
        self.identity = identity
        self.spans = Spans()

    @classmethod
    def open(cls, target: Path, identity: Identity) -> tuple[PartFile, str]:
        """What an earlier download left, or an empty part; and why what was there cannot be used, if so."""
        part = cls(target, identity)
        found = _read(part.sidecar)
        why = ""
        if found is not None and part.path.exists():
            earlier, spans = found
            if identity.is_same_file(earlier):
                # What the disk lost is not there, whatever the sidecar says.
                size = part.path.stat().st_size
                part.spans = Spans((start, min(end, size)) for start, end in spans)
                part.identity = replace(identity, validator=earlier.validator, num_bytes=earlier.num_bytes)
                return part, ""
            why = "The file has changed at the server: starting anew."
        part.discard()
        with disk_errors(part.path):
            part.path.touch()
        return part, why

    def discard(self) -> None:
        with disk_errors(self.path):
            self.sidecar.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    @staticmethod
    def sweep(target: Path) -> None:
        """Removes the sidecar of a part that has got its name already: it was killed in the moment between."""
        part = target.with_name(f"{target.name}.part")
        if not part.exists():
            with disk_errors(part):
                part.with_name(f"{part.name}.json").unlink(missing_ok=True)

    @property
    def allocated_bytes(self) -> int:
        """What the part takes of the disk already."""
        status = self.path.stat()
        return getattr(status, "st_blocks", status.st_size // 512) * 512

    def reserve(self, num_bytes: int) -> None:
        """Takes the room of the whole file now, so that a full disk shows before hours of work and not after.

        Raises:
            DiskFullError: there is not enough.
        """
        if not hasattr(os, "posix_fallocate"):
            return
        with disk_errors(self.path), self.path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            try:
                _reserve(file.fileno(), num_bytes)
            except OSError as error:
                if error.errno in _FULL:
                    file.truncate(size)  # what was reserved before it failed goes back
                    raise  # a file system that cannot reserve is no reason not to try

    def save(self, spans: list[tuple[int, int]]) -> bool:
        """Lets the sidecar name these spans; their bytes must be written, and are synced here.

        Whether it could: where the file's own room is reserved, a full disk is no reason to stop it.
        """
        document = json.dumps({"schema": _SCHEMA, **asdict(self.identity), "finished": spans}, indent=1)
        beside = self.sidecar.with_suffix(".json.new")
        with disk_errors(self.path):
            with self.path.open("r+b") as file:
                os.fsync(file.fileno())
            try:
                with beside.open("w", encoding="utf-8") as file:
                    file.write(document)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                beside.unlink(missing_ok=True)
                return False
            beside.replace(self.sidecar)
        return True

    def finish(self, target: Path) -> None:
        """The part under its own name, for good."""
        with disk_errors(target):
            with self.path.open("r+b") as file:
                os.fsync(file.fileno())
            self.path.replace(target)
            sync_folder(target.parent)
            self.sidecar.unlink(missing_ok=True)

    def set_aside(self, target: Path) -> Path:
        """The part under a name that says that it is damaged."""
        bad = target.with_name(f"{target.name}.bad")
        with disk_errors(bad):
            self.path.replace(bad)
            self.sidecar.unlink(missing_ok=True)
        return bad


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """What the disk says, as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(f"No room on the disk for {path}: {error.strerror}.") from error
        raise DownloadError(
            f"{path} cannot be written: {error.strerror or error}.", hint="Check the folder's permissions."
        ) from error


def _read(sidecar: Path) -> tuple[Identity, list[tuple[int, int]]] | None:
    """What a sidecar says; None when there is none, or none that makes sense."""
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        if sidecar.stat().st_size > _MOST_SIDECAR_BYTES:
            return None
        document = json.loads(sidecar.read_text(encoding="utf-8"))
        spans = [(start, end) for start, end in document["finished"]]
        names = ("url", "revision", "etag", "sha256", "validator")
        if document["schema"] != _SCHEMA or not all(isinstance(document[name], str) for name in names):
            return None
        numbers = [document["num_bytes"], *(number for span in spans for number in span)]
        if not all(type(number) is int and number >= 0 for number in numbers):
            return None
        return Identity(**{name: document[name] for name in names}, num_bytes=document["num_bytes"]), spans
    return None


def _reserve(descriptor: int, num_bytes: int) -> None:
    """In steps: where a file system cannot reserve, the C library writes zeros instead, which is work for nothing."""
    for at in range(0, num_bytes, _RESERVED_AT_ONCE):
        started = time.monotonic()
        os.posix_fallocate(descriptor, at, min(_RESERVED_AT_ONCE, num_bytes - at))
        if time.monotonic() - started > _LONGEST_RESERVING_S:
            return


def _alike(one: object, other: object) -> bool:
    return not one or not other or one == other
