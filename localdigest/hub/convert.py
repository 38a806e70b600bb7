"""Turns a Mixtral file of 2023 into today's layout, in little memory, whatever happens on the way.

old file ─header─▶ plan ─▶ pieces ─copy─▶ <target>.part ─check, rename─▶ target
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from localdigest.engine.errors import ModelFileError
from localdigest.engine.model_file import read_file_header
from localdigest.errors import LocalDigestError, OutputError, UsageError
from localdigest.files import prepare_folder
from localdigest.hub.gguf_rewrite import Span, Zeros, plan_rewrite
from localdigest.hub.part_file import open_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import FileIO
    from pathlib import Path

    from localdigest.engine.gguf import Header
    from localdigest.hub.gguf_rewrite import Piece, Rewrite

__all__ = ["convert"]

BUFFER_BYTES = 4 << 20
#: A disk takes about a second for so much: what a kill costs, and seldom enough that waiting for the disk costs little.
CHECKPOINT_BYTES = 256 << 20
_SCHEMA = "localdigest/convert/1"


def convert(
    source: Path,
    target: Path,
    *,
    on_progress: Callable[[int, int], None],
    overwrite: bool = False,
    buffer_bytes: int = BUFFER_BYTES,
    checkpoint_bytes: int = CHECKPOINT_BYTES,
) -> Path:
    """The model of `source`, at `target`, in the layout that llama.cpp loads. Goes on where an earlier call was killed.

    Args:
        source: A GGUF file with each expert in a tensor of its own.
        target: Where to. Its folder is made where it is missing.
        on_progress: Called with the bytes that are written and those that there will be. The first call tells what was
            kept from an earlier one.
        overwrite: Replace a file that is at `target`, and a part that was made from something else.
        buffer_bytes: Read and written at a time.
        checkpoint_bytes: How much may have to be written again after a kill.

    Raises:
        UsageError: The source is no such file, or is damaged; or the target is there.
        OutputError: There is no room, or room ran out; what was written is kept.
    """
    origin = _about_file(source)
    header = _header_of(source)
    rewrite = plan_rewrite(header, name=source.name)
    _refuse_no_target(source, target)
    prepare_folder(target.parent)
    with _reading(source) as old:
        _refuse_change(old, origin, source)
        made_from = {"schema": _SCHEMA, "source": origin, "plan": _digest(old, header, rewrite)}
        with open_part(
            target, made_from=made_from, num_bytes=rewrite.num_bytes, checkpoint_bytes=checkpoint_bytes
        ) as part:
            if part.is_finished():
                part.sidecar.unlink()
                on_progress(rewrite.num_bytes, rewrite.num_bytes)
                return target
            if target.exists() and not overwrite:
                raise UsageError(f"{target} is there already.", hint="Name another target, or add `--overwrite`.")
            part.begin(discard=overwrite)
            on_progress(part.position, rewrite.num_bytes)
            for data in _chunks(rewrite.pieces, old, start=part.position, buffer=memoryview(bytearray(buffer_bytes))):
                part.write(data)
                on_progress(part.position, rewrite.num_bytes)
            part.checkpoint()
            _refuse_change(old, origin, source)
            _prove(part.path, rewrite)
            part.put_in_place()
    return target


def _chunks(pieces: Iterable[Piece], old: FileIO, *, start: int, buffer: memoryview) -> Iterator[memoryview]:
    """The new file from `start` on, in `buffer`: each is gone when the next is asked for."""
    begin = 0
    for piece in pieces:
        end = begin + (len(piece) if isinstance(piece, bytes) else piece.num_bytes)
        if isinstance(piece, Span) and start < end:
            old.seek(piece.offset + max(start - begin, 0))
        for at in range(max(begin, start), end, len(buffer)):
            data = buffer[: min(len(buffer), end - at)]
            _fill(data, piece, old, at=at - begin)
            yield data
        begin = end


def _fill(data: memoryview, piece: Piece, old: FileIO, *, at: int) -> None:
    match piece:
        case Span():
            _read_into(data, old)
        case Zeros():
            data[:] = bytes(len(data))
        case bytes():
            data[:] = piece[at : at + len(data)]


def _read_into(data: memoryview, old: FileIO) -> None:
    with _explained(old.name):
        while data:
            if not (num_read := old.readinto(data)):
                raise _changed(old.name)
            data = data[num_read:]


def _digest(old: FileIO, header: Header, rewrite: Rewrite) -> str:
    """Of all that decides the new bytes but the weights themselves: the old header, and the pieces."""
    digest = hashlib.sha256()
    old.seek(0)
    left = header.data_offset
    with _explained(old.name):
        while left and (data := old.read(min(left, 1 << 20))):
            digest.update(data)
            left -= len(data)
    for piece in rewrite.pieces:
        digest.update(repr(piece).encode())
    return digest.hexdigest()


# ── what is wrong with the files ─────────────────────────────────────────────


def _about_file(path: Path) -> dict[str, int]:
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise UsageError(f"There is no model file at {path}.", hint="Paths are relative to this folder.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint="Check name and permissions.") from error
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{path} is no file.", hint="Name the GGUF file itself.")
    return _identity(found)


def _identity(found: os.stat_result) -> dict[str, int]:
    return {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "inode": found.st_ino}


def _header_of(path: Path) -> Header:
    try:
        return read_file_header(path, any_layout=True)
    except ModelFileError as error:
        raise UsageError(error.message, hint=error.hint) from error


@contextmanager
def _reading(path: Path) -> Iterator[FileIO]:
    with _explained(str(path)):
        file = path.open("rb", buffering=0)
    with file:
        yield file


@contextmanager
def _explained(name: Any) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LocalDigestError(
            f"{name} cannot be read: {error.strerror or error}.", hint="Check its disk, then run it again."
        ) from error


def _refuse_change(old: FileIO, origin: dict[str, int], path: Path) -> None:
    if _identity(os.fstat(old.fileno())) != origin:
        raise _changed(path)


def _changed(name: Any) -> LocalDigestError:
    return LocalDigestError(
        f"{name} was changed while it was converted.",
        hint="Wait until it is whole, then run it again with `--overwrite`, which begins anew.",
    )


def _refuse_no_target(source: Path, target: Path) -> None:
    try:
        if target.is_dir():
            raise UsageError(f"{target} is a folder.", hint="Name the file that is to be made.")
        if target.exists() and target.samefile(source):
            raise UsageError(f"{target} is the file that is to be converted.", hint="Name another target.")
    except OSError as error:
        raise OutputError(f"{target} cannot be made: {error.strerror}.", hint="Name another target.") from error


def _prove(path: Path, rewrite: Rewrite) -> None:
    """What llama.cpp would refuse is never given out as a model."""
    try:
        read_file_header(path)
    except ModelFileError as error:
        raise LocalDigestError(
            f"The converted file is not right: {error.message}",
            hint="This is a fault of localdigest: please report it.",
        ) from error
    if path.stat().st_size != rewrite.num_bytes:
        raise LocalDigestError(f"{path} was changed while it was written.", hint="Run it again with `--overwrite`.")
