"""From what the user wrote to files that can be loaded: the one way that every command goes.

    reference ─▶ on this disk? ─yes─▶ checksum ─▶ header ─▶ paths
                     └─no─▶ hub ─▶ header by range ─▶ may it come? ─▶ download, verified ─▶ paths

Nothing is downloaded before its header was read and found usable, and before the caller agreed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from localdigest.engine.tensor_types import Cpu
from localdigest.errors import UsageError
from localdigest.files import prepare_folder
from localdigest.hub.check import check_header, check_parts
from localdigest.hub.download import download
from localdigest.hub.errors import DownloadError, HubError, HubOfflineError
from localdigest.hub.library import Library, find_local, parts_missing, target_of, verify
from localdigest.hub.reference import HubFiles, LocalFile, WebFiles, parse_reference
from localdigest.hub.transfer import read_range, url_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from localdigest.engine.gguf import Header
    from localdigest.engine.layout import ModelLayout
    from localdigest.hub.catalog import Catalog, Entry, ModelFile
    from localdigest.hub.check import Verdict
    from localdigest.hub.download import Progress
    from localdigest.hub.reference import Reference
    from localdigest.hub.remote import RemoteFile
    from localdigest.net.guard import Guard

__all__ = [
    "Obtained",
    "Tell",
    "check_file",
    "check_files",
    "check_remote",
    "check_remotes",
    "locate",
    "look",
    "obtain",
    "present",
]

#: Told of what is going on: stage (`check`, `download`, `verify`), done, total (0: not known), note.
#: Of downloads and checksums done and total are megabytes.
Tell = Callable[[str, int, int, str], None]
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Obtained:
    """A model that is here, whole and checked."""

    reference: Reference
    paths: tuple[Path, ...]  #: the first is what llama.cpp is given
    sha256: tuple[str, ...]  #: of each path
    source: str  #: `hf:…@commit`, an address, or a path
    header: Header
    layout: ModelLayout
    was_downloaded: bool

    @property
    def entry(self) -> Entry | None:
        return self.reference.entry if isinstance(self.reference, HubFiles) else None


def obtain(
    reference: Reference,
    *,
    folder: Path,
    catalog: Catalog,
    guard: Guard,
    offline: bool = False,
    on_event: Tell = lambda *_: None,
    approve: Callable[[ModelLayout], None] = lambda _: None,
    cpu: Cpu = Cpu.PLAIN,
) -> Obtained:
    """The model's files, from this disk or from the network.

    Args:
        reference: what the user asked for.
        folder: of the models; made when something is put there.
        catalog: to name a file that works where this one does not.
        guard: the run's.
        offline: ask nobody.
        on_event: see `Tell`.
        approve: called with the layout before anything is downloaded; raises to forbid it.
        cpu: of the machine that is to run it; the layout depends on it.

    Raises:
        UsageError: there is no such model, or it can never be loaded. HubError and its kind: it cannot be had now.
    """
    way = _Way(folder, catalog, cpu, guard, on_event)
    paths = find_local(reference, folder=folder)
    if paths is not None:
        return way.obtained(reference, paths, check_files(paths, catalog=catalog, cpu=cpu))
    if isinstance(reference, LocalFile):
        raise _no_file(reference)
    if offline:
        raise _not_here(reference)
    on_event("check", 0, 1, reference.files[0].basename)
    tell = partial(on_event, "check", 0, 1)
    remotes = [locate(reference, number, guard=guard, on_note=tell) for number in range(len(reference.files))]
    verdict = check_remotes(remotes, catalog=catalog, guard=guard, cpu=cpu)
    layout = verdict.need(remotes[0].name)
    on_event("check", 1, 1, remotes[0].name)
    approve(layout)
    paths = tuple(way.fetch(reference, number, remote) for number, remote in enumerate(remotes))
    # Only now is the size known for sure, and that the file begins as its server said.
    verdict = check_files(paths, catalog=catalog, cpu=cpu)
    return way.obtained(reference, paths, verdict, commit=remotes[0].revision, was_downloaded=True)


@dataclass(frozen=True, slots=True)
class _Way:
    """What one call of `obtain` works with."""

    folder: Path
    catalog: Catalog
    cpu: Cpu
    guard: Guard
    on_event: Tell

    def fetch(self, reference: HubFiles | WebFiles, number: int, remote: RemoteFile) -> Path:
        target = target_of(reference, number, folder=self.folder)
        prepare_folder(target.parent)
        path = download(remote, target, on_progress=self._tell_progress, guard=self.guard)
        if remote.sha256:  # then it was compared while it came
            Library(self.folder).remember(path, remote.sha256, source=reference.source)
        return path

    def obtained(
        self,
        reference: Reference,
        paths: tuple[Path, ...],
        verdict: Verdict,
        *,
        commit: str = "",
        was_downloaded: bool = False,
    ) -> Obtained:
        layout = verdict.need(paths[0].name)
        assert verdict.header is not None, "a layout comes of a header"
        sums = []
        for number, path in enumerate(paths):
            expected = "" if isinstance(reference, LocalFile) else reference.files[number].sha256
            tell = partial(self._tell_hashed, path.name)
            sums.append(verify(path, expected, folder=self.folder, on_progress=tell))
        named = replace(reference, revision=commit) if commit and isinstance(reference, HubFiles) else reference
        return Obtained(reference, paths, tuple(sums), named.source, verdict.header, layout, was_downloaded)

    def _tell_progress(self, progress: Progress) -> None:
        self.on_event("download", progress.done_bytes // _MB, progress.total_bytes // _MB, _about(progress))

    def _tell_hashed(self, name: str, done_bytes: int, total_bytes: int) -> None:
        self.on_event("verify", done_bytes // _MB, total_bytes // _MB, name)


def look(
    reference: Reference,
    *,
    folder: Path,
    catalog: Catalog,
    guard: Guard,
    offline: bool = False,
    cpu: Cpu = Cpu.PLAIN,
) -> Verdict:
    """Whether the model could be used, from its header alone; nothing is kept.

    Raises:
        UsageError, HubError: as `obtain`.
    """
    if paths := find_local(reference, folder=folder):
        return check_files(paths, catalog=catalog, cpu=cpu)
    if isinstance(reference, LocalFile):
        raise _no_file(reference)
    if offline:
        raise _not_here(reference)
    remotes = [locate(reference, number, guard=guard) for number in range(len(reference.files))]
    return check_remotes(remotes, catalog=catalog, guard=guard, cpu=cpu)


def present(text: str, *, folder: Path, catalog: Catalog) -> Path:
    """The file of a model that is on this disk; of a split one the first part.

    Raises:
        UsageError, HubOfflineError: there is no such model, or it is not here.
    """
    reference = parse_reference(text, catalog=catalog)
    if paths := find_local(reference, folder=folder):
        return paths[0]
    raise _no_file(reference) if isinstance(reference, LocalFile) else _not_here(reference)


def locate(
    reference: HubFiles | WebFiles,
    number: int,
    *,
    guard: Guard,
    on_note: Callable[[str], None] | None = None,
) -> RemoteFile:
    """The file on the network, with what is promised of it: its server is asked.

    Args:
        reference: its repository or its address.
        number: of the file among the reference's.
        guard: the run's.
        on_note: told of each retry.

    Raises:
        HubError: the hub has another file than the catalogue names.
    """
    file = reference.files[number]
    if isinstance(reference, WebFiles):
        return url_file(reference.urls[number], guard=guard)
    from localdigest.hub.huggingface import remote_file  # noqa: PLC0415 - half a second, for those who need it

    remote = remote_file(reference.repo, file.name, revision=reference.revision, guard=guard, on_note=on_note)
    _refuse_other(file, remote, reference)
    return replace(remote, num_bytes=remote.num_bytes or file.num_bytes, sha256=remote.sha256 or file.sha256)


def check_remotes(
    remotes: Sequence[RemoteFile], *, catalog: Catalog | None, guard: Guard, cpu: Cpu = Cpu.PLAIN
) -> Verdict:
    """What the headers of a model's files say together."""
    verdicts = [check_remote(remote, catalog=catalog, guard=guard, cpu=cpu) for remote in remotes]
    return check_parts(verdicts, catalog=catalog, cpu=cpu)


def check_remote(remote: RemoteFile, *, catalog: Catalog | None, guard: Guard, cpu: Cpu = Cpu.PLAIN) -> Verdict:
    """What its header says; a few megabytes are fetched at the most."""

    def read(start: int, num_bytes: int) -> bytes:
        try:
            return read_range(remote, start=start, num_bytes=num_bytes, guard=guard)
        except DownloadError:
            if not start:
                raise
            # A server that knows no ranges sends the beginning again.
            return read_range(remote, start=0, num_bytes=start + num_bytes, guard=guard)[start:]

    return check_header(read, file_size=remote.num_bytes, catalog=catalog, cpu=cpu)


def check_files(paths: Sequence[Path], *, catalog: Catalog | None, cpu: Cpu = Cpu.PLAIN) -> Verdict:
    """What the headers of a model's files on this disk say together. Raises UsageError where one cannot be read."""
    return check_parts([check_file(path, catalog=catalog, cpu=cpu) for path in paths], catalog=catalog, cpu=cpu)


def check_file(path: Path, *, catalog: Catalog | None, cpu: Cpu = Cpu.PLAIN) -> Verdict:
    """The same of a file here.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:

            def read(start: int, num_bytes: int) -> bytes:
                file.seek(start)
                return file.read(num_bytes)

            return check_header(read, file_size=path.stat().st_size, catalog=catalog, cpu=cpu)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint="Check name and permissions.") from error


def _about(progress: Progress) -> str:
    """Speed and time left, or what the user should know."""
    if progress.note:
        return progress.note
    rate = f"{progress.bytes_per_second / _MB:.1f} MB/s" if progress.bytes_per_second else ""
    left = "" if progress.eta_s is None else f"{progress.eta_s // 60:.0f} min {progress.eta_s % 60:.0f} s left"
    return ", ".join(filter(None, (rate, left)))


def _refuse_other(file: ModelFile, remote: RemoteFile, reference: HubFiles) -> None:
    pairs = ((file.num_bytes, remote.num_bytes, "bytes"), (file.sha256, remote.sha256, "sha256"))
    for expected, found, what in pairs:
        if expected and found and expected != found:
            raise HubError(
                f"The hub has another file than the catalogue: {file.name} has {what} {found}, not {expected}.",
                hint=f"To take it all the same, name it: `hf:{reference.repo}/{file.name}@{reference.revision}`.",
            )


def _not_here(reference: Reference) -> HubOfflineError:
    return HubOfflineError(
        f"{reference.text} is not on this disk, and the network may not be used.",
        hint=f"Fetch it first: `localdigest models pull {reference.text}`.",
    )


def _no_file(reference: LocalFile) -> UsageError:
    missing = parts_missing(reference.path)
    if reference.path.is_file() and missing:
        return UsageError(
            f"{reference.path} is one part of a model, and {missing[0]} is not beside it.",
            hint="Put all parts into one folder.",
        )
    if reference.path.is_dir():
        return UsageError(f"{reference.path} is a folder.", hint="Name the .gguf file in it.")
    return UsageError(
        f"There is no model file at {reference.path}.",
        hint="Paths are relative to this folder; `localdigest models list` shows the models that have a name.",
    )
