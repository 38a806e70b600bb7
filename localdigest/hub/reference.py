"""What a user may write where a model is asked for, and which of five things it means. Pure but for a look at the disk.

mixtral-8x7b-q4                           a name or alias of the catalogue
hf:owner/repo/file.gguf[@revision]        a file on the hub
https://huggingface.co/…/resolve/…        the same, as a browser shows it
https://…/file.gguf                       a file anywhere else
./file.gguf                               a file on this disk
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from localdigest.errors import UsageError
from localdigest.hub.catalog import Entry, ModelFile
from localdigest.hub.remote import split_names
from localdigest.urls import flaw_of_url

if TYPE_CHECKING:
    from localdigest.hub.catalog import Catalog

__all__ = ["HubFiles", "LocalFile", "Reference", "WebFiles", "parse_reference"]

_HUB_PREFIX = "hf:"
_HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_NEWEST = "main"
_PART = re.compile(r"[\w.-]+")
_REVISION = re.compile(r"[\w.-]+(/[\w.-]+)*")
_SUFFIX = ".gguf"
_FORMS = (
    "A model is a name (`localdigest models list`), `hf:owner/repo/file.gguf`, an https address, or a path to a .gguf."
)


@dataclass(frozen=True, slots=True)
class HubFiles:
    """Files of one repository on the hub."""

    text: str  #: as it was written
    repo: str
    files: tuple[ModelFile, ...]  #: more than one: the parts of a split GGUF
    revision: str = _NEWEST
    entry: Entry | None = None  #: of the catalogue, where it has them

    @property
    def source(self) -> str:
        """One text for what is meant, however it was written."""
        return f"{_HUB_PREFIX}{self.repo}/{self.files[0].name}@{self.revision}"


@dataclass(frozen=True, slots=True)
class WebFiles:
    """A file at an address; the parts of a split GGUF lie beside it."""

    text: str
    urls: tuple[str, ...]
    files: tuple[ModelFile, ...]

    @property
    def source(self) -> str:
        return self.urls[0]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this disk, with the parts beside it if it is one of several."""

    text: str
    path: Path

    @property
    def source(self) -> str:
        return str(self.path)

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self.path.with_name(name) for name in split_names(self.path.name))


Reference = HubFiles | WebFiles | LocalFile


def parse_reference(text: str, *, catalog: Catalog) -> Reference:
    """What the user means.

    Raises:
        UsageError: none of the five; with the nearest names.
    """
    written = text.strip()
    if entry := catalog.find(written):
        return HubFiles(written, entry.repo, entry.files, entry.revision or _NEWEST, entry)
    if written.lower().startswith(_HUB_PREFIX):
        return _known(_on_hub(written), catalog)
    if "://" in written:
        return _at_address(written, catalog)
    path = Path(written).expanduser()
    if written and (_is_file(path) or "/" in written or "\\" in written or written.lower().endswith(_SUFFIX)):
        return LocalFile(written, path)
    close = catalog.nearest(written)
    hint = f"Did you mean {' or '.join(f'`{name}`' for name in close)}? {_FORMS}" if close else _FORMS
    raise UsageError(f"There is no model {written!r}.", hint=hint)


def _on_hub(text: str) -> HubFiles:
    path, _, revision = text[len(_HUB_PREFIX) :].partition("@")
    parts = path.split("/")
    if len(parts) < 3 or ("@" in text and not revision):  # noqa: PLR2004 - owner, repository, file
        raise UsageError(f"{text!r} names no file on the hub.", hint="As in `hf:owner/repo/file.gguf@revision`.")
    return _hub_files(text, f"{parts[0]}/{parts[1]}", "/".join(parts[2:]), revision or _NEWEST)


def _hub_files(text: str, repo: str, name: str, revision: str) -> HubFiles:
    parts = [*repo.split("/"), *name.split("/")]
    if not all(_PART.fullmatch(part) and part.strip(".") for part in parts) or not name.lower().endswith(_SUFFIX):
        raise UsageError(f"{text!r} names no GGUF file on the hub.", hint="As in `hf:owner/repo/file.gguf@revision`.")
    if not _REVISION.fullmatch(revision) or ".." in revision:
        raise UsageError(f"{revision!r} is no revision.", hint="It is a branch, a tag, or the hash of a commit.")
    folder, _, basename = name.rpartition("/")
    prefix = f"{folder}/" if folder else ""
    return HubFiles(text, repo, tuple(ModelFile(prefix + each) for each in split_names(basename)), revision)


def _known(reference: HubFiles, catalog: Catalog) -> HubFiles:
    """With the catalogue's sizes and checksums, where it has the same files at the same revision."""
    names = [file.name for file in reference.files]
    for entry in catalog.entries:
        same = entry.repo == reference.repo and [file.name for file in entry.files] == names
        if same and reference.revision in (entry.revision, _NEWEST):
            pinned = reference.revision if reference.revision == entry.revision else ""
            files = entry.files if pinned or not entry.revision else reference.files
            return replace(reference, files=files, entry=entry)
    return reference


def _at_address(text: str, catalog: Catalog) -> Reference:
    if text.lower().startswith("file://"):
        raise UsageError(f"{text} is an address of a file here.", hint="Name its path instead.")
    if flaw := flaw_of_url(text):
        raise UsageError(f"{text} cannot be fetched: {flaw}.", hint=_FORMS)
    parts = urlsplit(text)
    if (parts.hostname or "").lower() in _HUB_HOSTS:
        return _known(_of_hub_page(text, parts.path), catalog)
    folder, _, basename = parts.path.rpartition("/")
    name = unquote(basename)
    if not _PART.fullmatch(name) or not name.lower().endswith(_SUFFIX):
        raise UsageError(f"{text} does not end in the name of a GGUF file.", hint=_FORMS)
    names = split_names(name)
    paths = [f"{folder}/{basename if len(names) == 1 else each}" for each in names]
    urls = tuple(urlunsplit(parts._replace(path=path, fragment="")) for path in paths)
    return WebFiles(text, urls, tuple(ModelFile(each) for each in names))


def _of_hub_page(text: str, path: str) -> HubFiles:
    parts = [unquote(part) for part in path.strip("/").split("/")]
    # owner / repository / resolve / revision / file
    if len(parts) < 5 or parts[2] not in ("resolve", "blob"):  # noqa: PLR2004 - the five above
        raise UsageError(
            f"{text} is no file of the hub.", hint="Open the file's own page there, or write `hf:owner/repo/file.gguf`."
        )
    return _hub_files(text, f"{parts[0]}/{parts[1]}", "/".join(parts[4:]), parts[3])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False
