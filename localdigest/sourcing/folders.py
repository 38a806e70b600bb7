"""The documents of a folder, and why each other file is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.net.media import MEDIA_TYPES
from localdigest.records import Failure, Reason, Source
from localdigest.sourcing.notes import SUFFIX, noted
from localdigest.sourcing.paths import flaw_of_name, real_path, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["documents_of", "files_of", "is_document"]

_DOCUMENTS = frozenset({".html", ".htm", ".xhtml", ".pdf", ".md", ".markdown", ".txt", ".text", ".eml"})
_LISTS = frozenset(MEDIA_TYPES) - _DOCUMENTS
_OURS = ".localdigest-"  #: what this program puts into folders for itself
_COMPANION = "_files"  #: `Page_files`, which browsers write beside a saved `Page.html`


def is_document(path: str) -> bool:
    """Whether the name says that there is text to read, rather than a list or who knows what."""
    return Path(path).suffix.lower() in _DOCUMENTS


def documents_of(folder: Source) -> Iterator[Source | Failure]:
    """Every file below a folder, in the order of the names: a source, or a failure that says why not."""
    found = list(files_of(folder))
    yield from found
    if not any(isinstance(item, Source) for item in found):
        yield Failure(folder, Reason.EMPTY, "the folder holds no documents")


def files_of(folder: Source) -> Iterator[Source | Failure]:
    """The same for a folder that may be empty. What a note beside a file tells of it goes with it."""
    return _below(folder, Path(folder.locator))


def _below(folder: Source, path: Path) -> Iterator[Source | Failure]:
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        yield Failure(_named(folder, path), Reason.FORBIDDEN, f"the folder cannot be read: {error.strerror}")
        return
    names = {entry.name for entry in entries}
    home = real_path(folder.locator)
    for entry in entries:
        inner = Path(entry.path)
        if entry.name.startswith(_OURS) or _is_note(entry.name, names):
            continue
        flaw = _flaw(entry, names) or _leads_out(entry, home)
        if flaw:
            yield Failure(_named(folder, Path(shown_name(entry.path))), Reason.UNSUPPORTED, flaw)
        elif entry.is_dir():
            yield from _below(folder, inner)
        else:
            yield noted(_named(folder, inner))


def _is_note(name: str, siblings: set[str]) -> bool:
    stem = name.removesuffix(SUFFIX)
    return stem != name and stem in siblings and is_document(stem)


def _leads_out(entry: os.DirEntry[str], home: str) -> str:
    """A folder may come from anybody, and what lies in it is published: it shall not reach for the rest of the disk."""
    if not entry.is_symlink() or Path(real_path(entry.path)).is_relative_to(home):
        return ""
    return "a link out of the folder; name the file itself to have it read"


def _flaw(entry: os.DirEntry[str], siblings: set[str]) -> str:
    if flaw := flaw_of_name(entry.name):
        return flaw
    stem, suffix = os.path.splitext(entry.name)  # noqa: PTH122 - a name, not a path
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_dir():
        if entry.is_symlink():
            return "a link to a folder, which may lead in a circle"
        is_companion = stem.endswith(_COMPANION) and f"{stem.removesuffix(_COMPANION)}.html" in siblings
        return "the pictures and scripts of a saved page" if is_companion else ""
    if suffix.lower() in _LISTS:
        return "a list or data; name the file itself to have it read as feed or outline"
    return (
        ""
        if suffix.lower() in _DOCUMENTS
        else f"{suffix or 'a file without suffix'} is no kind of document that is read"
    )


def _named(folder: Source, path: Path) -> Source:
    return Source(str(path), via=f"folder {folder.locator}")
