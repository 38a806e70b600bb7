"""Writes the files of a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest import manifest as manifests
from localdigest.files import write_atomically
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
    """The post, then the manifest: where the manifest stands, the rest is whole.

    Raises:
        OutputError: a file could not be written.
    """
    post = folder / f"{manifest.date}-{manifest.slug}.md"
    write_atomically(post, draw_post(manifest, folder=folder).encode())
    return Written(post=post, manifest=write_manifest(manifest, folder))


def write_manifest(manifest: manifests.Manifest, folder: Path) -> Path:
    path = folder / f"{manifest.date}-{manifest.slug}.json"
    write_atomically(path, manifests.dumps(manifest).encode())
    return path
