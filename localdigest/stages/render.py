"""Writes the files of a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest import manifest as manifests
from localdigest.files import plain_name, write_atomically, write_together
from localdigest.render.post import draw_post

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Written", "render", "write_manifest"]


@dataclass(frozen=True, slots=True)
class Written:
    """Where the files of a digest are."""

    post: Path
    manifest: Path


def render(manifest: manifests.Manifest, folder: Path) -> Written:
    """The post and the manifest, both or neither; the manifest last: where it stands, the rest is whole.

    Raises:
        OutputError: a file could not be written.
    """
    written = Written(post=_path(manifest, folder, ".md"), manifest=_path(manifest, folder, ".json"))
    write_together(
        {
            written.post: draw_post(manifest, folder=folder).encode(),
            written.manifest: manifests.dumps(manifest).encode(),
        }
    )
    return written


def write_manifest(manifest: manifests.Manifest, folder: Path) -> Path:
    path = _path(manifest, folder, ".json")
    write_atomically(path, manifests.dumps(manifest).encode())
    return path


def _path(manifest: manifests.Manifest, folder: Path, suffix: str) -> Path:
    # A manifest may come from anybody: its words must not lead out of the folder.
    return folder / plain_name(f"{manifest.date}-{manifest.slug}{suffix}")
