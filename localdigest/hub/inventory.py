"""What of the catalogue is on this disk, what else lies there, and whether it is still what it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.engine.layout import read_layout
from localdigest.engine.tensor_types import Cpu
from localdigest.errors import OutputError, UsageError
from localdigest.hub.library import Library, find_local, import_file, target_of, verify
from localdigest.hub.needs import needs_of
from localdigest.hub.obtain import check_file, check_files
from localdigest.hub.reference import HubFiles, LocalFile, parse_reference
from localdigest.hub.shapes import shape_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from localdigest.hub.catalog import Catalog, Entry, ModelFile
    from localdigest.hub.needs import Needs
    from localdigest.hub.reference import Reference

__all__ = [
    "Checked",
    "Held",
    "check_again",
    "files_to_remove",
    "files_to_verify",
    "held",
    "import_named",
    "inventory",
    "remove",
    "unnamed",
]


#: What a download keeps beside the file that it makes.
_PART = ".part"
_LEFTOVERS = (_PART, ".part.json", ".lock")


@dataclass(frozen=True, slots=True)
class Held:
    """An entry of the catalogue, as far as this machine goes."""

    entry: Entry
    paths: tuple[Path, ...]  #: (): it is not here
    needs: Needs | None  #: None: not known without its header


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that was read through."""

    path: Path
    sha256: str  #: as it is
    expected: str  #: "": nothing to compare with

    @property
    def is_right(self) -> bool:
        return self.expected in ("", self.sha256)


def inventory(catalog: Catalog, folder: Path, *, cpu: Cpu = Cpu.PLAIN) -> tuple[Held, ...]:
    return tuple(held(entry, folder, cpu=cpu) for entry in catalog.entries)


def held(entry: Entry, folder: Path, *, cpu: Cpu = Cpu.PLAIN) -> Held:
    paths = find_local(_reference(entry), folder=folder) or ()
    header = shape_header(entry)
    layout = read_layout(header, cpu=cpu) if header else None
    if layout is None and paths:
        layout = check_files(paths, catalog=None, cpu=cpu).layout
    return Held(entry, paths, needs_of(layout) if layout else None)


def unnamed(rows: Iterable[Held], folder: Path) -> tuple[Path, ...]:
    """Models in the folder, or registered, that no entry of the catalogue has."""
    named = {path.resolve() for row in rows for path in row.paths}
    there = {path for path in folder.rglob("*.gguf") if path.is_file()} | set(Library(folder).paths())
    return tuple(sorted(path for path in there if path.resolve() not in named))


def files_to_verify(names: Sequence[str], catalog: Catalog, folder: Path) -> list[tuple[Path, str]]:
    """Paths and the checksums to compare them with ("": none is known): of the names, or of all that is here.

    Raises:
        UsageError: a name means nothing, or is not here.
    """
    if names:
        return [pair for name in names for pair in _expected(_here(name, catalog, folder), folder)]
    rows = inventory(catalog, folder)
    pairs = [pair for row in rows if row.paths for pair in _expected((_reference(row.entry), row.paths), folder)]
    return pairs + [(path, _once(path, folder)) for path in unnamed(rows, folder)]


def check_again(
    path: Path, expected: str, *, folder: Path, on_progress: Callable[[int, int], None] | None = None
) -> Checked:
    """Reads the whole file, whatever is remembered of it."""
    Library(folder).forget(path)
    found = verify(path, "", folder=folder, on_progress=on_progress)
    if expected not in ("", found):
        Library(folder).forget(path)
    return Checked(path, found, expected)


def files_to_remove(names: Sequence[str], catalog: Catalog, folder: Path) -> tuple[Path, ...]:
    """What the names mean, in the models folder.

    Raises:
        UsageError: a name means nothing, is not here, or is of a file elsewhere.
    """
    found: list[Path] = []
    for name in names:
        inside = folder / name
        if _is_plain(name) and inside.is_file():
            paths: tuple[Path, ...] = (inside,)
        else:
            paths = _given_up(name, catalog, folder) or _here(name, catalog, folder)[1]
        for path in paths:
            if not path.absolute().is_relative_to(folder.absolute()) and not Library(folder).known(path):
                raise UsageError(
                    f"{path} is not in the models folder, {folder}.", hint="Remove it by hand, if nothing else uses it."
                )
        found += paths
    return tuple(dict.fromkeys(found))


def remove(path: Path, *, folder: Path) -> None:
    """Takes a file out of the models folder; of one that lies elsewhere only the registration.

    Raises:
        OutputError: it cannot be removed.
    """
    Library(folder).forget(path)
    if not path.absolute().is_relative_to(folder.absolute()):
        return
    for each in (path, *(path.with_name(path.name + suffix) for suffix in _LEFTOVERS)):
        try:
            each.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{each} cannot be removed: {error.strerror}.", hint="Check its permissions.") from error


def import_named(
    path: Path,
    *,
    catalog: Catalog,
    folder: Path,
    link: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Imports a file that can be used, under the catalogue's name for it where it has one.

    Raises:
        UsageError: it is not there, or cannot be used.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", hint="Paths are relative to this folder.")
    verdict = check_file(path, catalog=catalog)
    if verdict.has_flaw:
        verdict.need(path.name)
    sha256 = verify(path, "", folder=folder, on_progress=on_progress)
    file = _same(sha256, catalog)
    return import_file(path, folder=folder, link=link, name=file.basename if file else "")


def _given_up(name: str, catalog: Catalog, folder: Path) -> tuple[Path, ...]:
    """Where the files of a model would be of which only the beginning came; (): nothing did, or all."""
    entry = catalog.find(name)
    if entry is None or find_local(_reference(entry), folder=folder) is not None:
        return ()
    targets = [target_of(_reference(entry), number, folder=folder) for number in range(len(entry.files))]
    begun = [target for target in targets if target.is_file() or target.with_name(target.name + _PART).is_file()]
    return tuple(begun)


def _reference(entry: Entry) -> HubFiles:
    return HubFiles(entry.name, entry.repo, entry.files, entry.revision or "main", entry)


def _same(sha256: str, catalog: Catalog) -> ModelFile | None:
    files = (file for entry in catalog.entries for file in entry.files)
    return next((file for file in files if file.sha256 == sha256), None)


def _here(name: str, catalog: Catalog, folder: Path) -> tuple[Reference, tuple[Path, ...]]:
    inside = folder / name
    if catalog.find(name) is None and _is_plain(name) and inside.is_file():
        return LocalFile(name, inside), (inside,)
    reference = parse_reference(name, catalog=catalog)
    paths = find_local(reference, folder=folder)
    if paths is None:
        raise UsageError(f"{name} is not here.", hint="`localdigest models list --installed` shows what is.")
    return reference, paths


def _expected(found: tuple[Reference, tuple[Path, ...]], folder: Path) -> list[tuple[Path, str]]:
    reference, paths = found
    if isinstance(reference, LocalFile):
        return [(path, _once(path, folder)) for path in paths]
    return [(path, file.sha256 or _once(path, folder)) for path, file in zip(paths, reference.files, strict=True)]


def _once(path: Path, folder: Path) -> str:
    """The checksum that the file had when it was last hashed, even if it was touched since."""
    return Library(folder).last_sha256(path)


def _is_plain(name: str) -> bool:
    """The name of a file, and no path that could lead elsewhere."""
    return name == Path(name).name and name.endswith(".gguf")
