"""Finds the digests of a folder, and draws their pages where they are missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest import manifest as manifests
from localdigest.errors import UsageError
from localdigest.files import read_text, write_atomically
from localdigest.render.page import draw_page, is_page_of

if TYPE_CHECKING:
    from pathlib import Path

    from localdigest.manifest import Manifest

__all__ = ["manifest_files", "newest_manifest", "page_of", "page_of_manifest"]

_NAME = re.compile(r"\d{4}-\d\d-\d\d-.+\.json")
_ENDINGS = (".json", ".md", ".html")


def manifest_files(folder: Path) -> list[Path]:
    """What by its name is a manifest, in the order of names."""
    if not folder.is_dir():
        return []
    # What is no regular file may never end.
    return sorted(path for path in folder.glob("*.json") if _NAME.fullmatch(path.name) and path.is_file())


def newest_manifest(folder: Path) -> Path:
    """The one that was written last, whatever date its digest has.

    Raises:
        UsageError: there is none.
    """
    found = manifest_files(folder)
    if not found:
        raise UsageError(
            f"There is no digest in {folder}", hint="`localdigest run` writes one; `--out` names its folder."
        )
    return max(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def page_of(named: Path) -> Path:
    """The page of a digest that is named by any of its files, drawn anew unless it shows what the manifest holds.

    Raises:
        UsageError: there is no such digest.
        OutputError: the page cannot be written.
    """
    path = named if named.suffix in _ENDINGS else named.with_name(f"{named.name}.json")
    manifest = path.with_suffix(".json")
    if not manifest.exists() and path.suffix == ".html" and path.is_file():
        return path  # that of another folder, or one that was sent
    return page_of_manifest(manifest, manifests.loads(read_text(manifest), path=str(manifest)))


def page_of_manifest(path: Path, manifest: Manifest) -> Path:
    """The page beside the manifest, which is written only where it is missing or shows another manifest.

    Links to local files are relative to the folder in which the digest was made; they are right where this runs there.

    Raises:
        OutputError: it cannot be written.
    """
    page = path.with_suffix(".html")
    if not (page.is_file() and is_page_of(page.read_text(encoding="utf-8", errors="replace"), manifest)):
        write_atomically(page, draw_page(manifest, folder=page.parent).encode())
    return page
