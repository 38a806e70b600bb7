"""The models on this disk: where a file is, whether it is whole, and what was imported.

    reference ─▶ models folder · what was imported · Hugging Face's cache ─▶ paths, or None

The models folder holds the files and `index.json`: for each file its checksum as it was when the file had this size,
time and inode, so that 28 GB are hashed once and not at each start, and where it came from. The index may be lost at
any time; that costs hashing. What it does not do: ask the network, or take away a file that it did not bring.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.errors import OutputError, UsageError
from localdigest.files import prepare_folder, write_atomically
from localdigest.hub.errors import DamagedFileError
from localdigest.hub.reference import HubFiles, LocalFile, Reference, WebFiles
from localdigest.hub.remote import split_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.hub.catalog import ModelFile

__all__ = ["Known", "Library", "find_local", "import_file", "parts_missing", "remembered", "target_of", "verify"]

INDEX = "index.json"
_SCHEMA = "localdigest/library/1"
_BLOCK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Known:
    """What the index holds of one file. It counts only while size, time and inode are the same."""

    num_bytes: int
    mtime_ns: int
    inode: int
    sha256: str
    source: str = ""  #: `hf:…`, an address, or the path that it was imported from


class Library:
    """The index of one models folder, as it is now. Writing puts a whole new one in its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = _read_index(folder / INDEX)

    def known(self, path: Path) -> Known | None:
        """What is known of the file as it lies there now; None: nothing, or it changed."""
        found = self.files.get(_key(path, self.folder))
        return found if found and _signature(path) == (found.num_bytes, found.mtime_ns, found.inode) else None

    def last_sha256(self, path: Path) -> str:
        """What the file was when it was last hashed, whatever happened to it since."""
        found = self.files.get(_key(path, self.folder))
        return found.sha256 if found else ""

    def remember(self, path: Path, sha256: str, *, source: str = "") -> None:
        signature = _signature(path)
        if signature is None:
            return
        self.files = _read_index(self.folder / INDEX)  # another process may have written meanwhile
        key = _key(path, self.folder)
        before = self.files.get(key)
        self.files[key] = Known(*signature, sha256, source or (before.source if before else ""))
        self._write()

    def forget(self, path: Path) -> None:
        self.files = _read_index(self.folder / INDEX)
        if self.files.pop(_key(path, self.folder), None):
            self._write()

    def paths(self) -> tuple[Path, ...]:
        """Every file that the index names and that is there."""
        paths = (self.folder / key for key in self.files)
        return tuple(path for path in paths if path.is_file())

    def _write(self) -> None:
        rows = {key: asdict(known) for key, known in sorted(self.files.items())}
        prepare_folder(self.folder)
        text = json.dumps({"schema": _SCHEMA, "files": rows}, indent=1, ensure_ascii=False)
        write_atomically(self.folder / INDEX, (text + "\n").encode())


def find_local(reference: Reference, *, folder: Path) -> tuple[Path, ...] | None:
    """All files of the model, first part first, where they lie on this disk; None: one is missing.

    A file of another size than the catalogue says, or that came from elsewhere under the same name, is not the one.
    """
    if isinstance(reference, LocalFile):
        return reference.paths if all(path.is_file() for path in reference.paths) else None
    library = Library(folder)
    found = [_find(reference, number, library) for number in range(len(reference.files))]
    paths = tuple(path for path in found if path is not None)
    return paths if len(paths) == len(found) else None


def target_of(reference: HubFiles | WebFiles, number: int, *, folder: Path) -> Path:
    """Where the file is to be put: beside the others, or in a folder of its own where its name is taken."""
    plain, apart = _places(reference, reference.files[number], folder)
    if not plain.exists() or _is(plain, reference, number, Library(folder)):
        return plain
    return apart


def remembered(path: Path, *, folder: Path) -> str:
    """The file's sha256, if it was hashed as it lies there now; "" else."""
    known = Library(folder).known(path)
    return known.sha256 if known else ""


def verify(path: Path, sha256: str, *, folder: Path, on_progress: Callable[[int, int], None] | None = None) -> str:
    """The file's sha256, from memory where it can be, compared with the one expected ("": any).

    Raises:
        DamagedFileError: it is another one.
        UsageError: the file cannot be read.
    """
    found = remembered(path, folder=folder)
    if not found:
        found = _hash(path, on_progress)
        if not sha256 or found == sha256:
            with suppress(OutputError):  # a memory that cannot be kept is made again
                Library(folder).remember(path, found)
    if sha256 and found != sha256:
        raise DamagedFileError(
            f"{path} is damaged, or another file: its sha256 is {found}, and {sha256} was expected.",
            path=path,
            hint="Remove it, and `localdigest models pull` brings it anew.",
        )
    return found


def import_file(
    path: Path,
    *,
    folder: Path,
    link: bool = True,
    name: str = "",
    on_progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Makes a file of this disk one of the library. It is never moved and never changed.

    Args:
        path: the file.
        folder: of the models.
        link: as a hard link, which takes no room; on another file system it stays where it is and is only registered.
            False: as a copy.
        name: what it is called in the folder; its own name if not given.
        on_progress: told of the bytes hashed.

    Raises:
        UsageError: it is not there, or its name is taken by another file.
        OutputError: the folder cannot be written.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", hint="Paths are relative to this folder.")
    prepare_folder(folder)
    target = folder / (name or path.name)
    sha256 = verify(path, "", folder=folder, on_progress=on_progress)
    if target.exists() and not target.samefile(path):
        if verify(target, "", folder=folder, on_progress=on_progress) != sha256:
            raise UsageError(
                f"{target} is there already, and is another file.",
                hint=f"`localdigest models rm {target.name}` removes it; or rename the one to import.",
            )
    elif not target.exists():
        target = _bring(path.resolve(), target, link=link)
    library = Library(folder)
    library.remember(target, sha256, source=str(path.resolve()))
    if _key(path, folder) != _key(target, folder):
        library.forget(path)
    return target


def _bring(path: Path, target: Path, *, link: bool) -> Path:
    """The file as the library has it: linked, copied, or where it was."""
    if link:
        try:
            os.link(path, target)
        except OSError:
            return path  # another file system, or one without links: registered where it is
        return target
    partial = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(path, partial)
        partial.replace(target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def _find(reference: HubFiles | WebFiles, number: int, library: Library) -> Path | None:
    file = reference.files[number]
    for path in _places(reference, file, library.folder):
        if _is(path, reference, number, library):
            return path
    for path in library.paths():
        known = library.known(path)
        if known and file.sha256 and known.sha256 == file.sha256:
            return path
    if isinstance(reference, HubFiles):
        from localdigest.hub.huggingface import cached_file  # noqa: PLC0415 - imports the library only if it must

        cached = cached_file(reference.repo, file.name, revision=reference.revision)
        if cached is not None and file.num_bytes in (0, cached.stat().st_size):
            return cached
    return None


def _places(reference: HubFiles | WebFiles, file: ModelFile, folder: Path) -> tuple[Path, Path]:
    """Where the models folder may have it."""
    if isinstance(reference, HubFiles):
        owner = reference.repo.replace("/", "--")
    else:
        owner = hashlib.sha256(reference.urls[0].encode()).hexdigest()[:12]
    return folder / file.basename, folder / owner / file.basename


def _is(path: Path, reference: HubFiles | WebFiles, number: int, library: Library) -> bool:
    """Whether the file at the path is the one that is meant, as far as can be told without hashing it."""
    if not path.is_file():
        return False
    file, known = reference.files[number], library.known(path)
    if file.sha256 and known:
        return known.sha256 == file.sha256
    if file.num_bytes:
        return path.stat().st_size == file.num_bytes
    # Nothing is known of the file but its name: it is the one unless it is known to come from elsewhere.
    return known is None or known.source in ("", reference.source) or not known.source.startswith(("hf:", "http"))


def _hash(path: Path, on_progress: Callable[[int, int], None] | None) -> str:
    digest = hashlib.sha256()
    done = 0
    try:
        total = path.stat().st_size
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                done += len(block)
                if on_progress:
                    on_progress(done, total)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint="Check name and permissions.") from error
    return digest.hexdigest()


def _key(path: Path, folder: Path) -> str:
    """Inside the folder relative to it, so that the folder can be moved; else in full."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - links are not followed: each name has its own line
    base = Path(os.path.abspath(folder))  # noqa: PTH100 - as above
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else str(whole)


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _read_index(path: Path) -> dict[str, Known]:
    """What can be read of it: an index is a memory, and a lost memory costs an hour of hashing and no more."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        rows = table["files"] if table["schema"] == _SCHEMA else {}
        return {str(key): Known(**row) for key, row in rows.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def parts_missing(path: Path) -> tuple[str, ...]:
    """Names of the parts of a split model that do not lie beside this one."""
    return tuple(name for name in split_names(path.name) if not path.with_name(name).is_file())
