"""Writes the files of a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest import manifest as manifests
from localdigest.files import plain_name, write_atomically, write_together
from localdigest.render.post import draw_post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from localdigest.manifest import Manifest

__all__ = ["Written", "file_paths", "render", "write_manifest"]

#: What is drawn of a digest: the name that `--json` gives the file → how its name ends, and who draws it.
_DRAWN: Mapping[str, tuple[str, Callable[[Manifest, Path], bytes]]] = {
    "post": (".md", lambda manifest, folder: draw_post(manifest, folder=folder).encode()),
}
_MANIFEST = ".json"


@dataclass(frozen=True, slots=True)
class Written:
    """Where the files of a digest are."""

    files: Mapping[str, Path]  #: by their names in `--json`; the manifest is the last

    @property
    def post(self) -> Path:
        return self.files["post"]

    @property
    def manifest(self) -> Path:
        return self.files["manifest"]


def render(manifest: Manifest, folder: Path) -> Written:
    """All files of a digest, or none; the manifest last: where it stands, the rest is whole.

    Raises:
        OutputError: a file could not be written.
        UsageError: the manifest is damaged.
    """
    paths = file_paths(manifest.date, manifest.slug, folder)
    contents = {paths[name]: draw(manifest, folder) for name, (_, draw) in _DRAWN.items()}
    write_together({**contents, paths["manifest"]: manifests.dumps(manifest).encode()})
    return Written(paths)


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    path = file_paths(manifest.date, manifest.slug, folder)["manifest"]
    write_atomically(path, manifests.dumps(manifest).encode())
    return path


def file_paths(date: str, slug: str, folder: Path) -> dict[str, Path]:
    """Where the files of a digest go, in the order in which they are put there.

    Raises:
        UsageError: date and slug make no name. A manifest may come from anybody: it must not lead out of the folder.
    """
    endings = {name: ending for name, (ending, _) in _DRAWN.items()} | {"manifest": _MANIFEST}
    return {name: folder / plain_name(f"{date}-{slug}{ending}") for name, ending in endings.items()}
