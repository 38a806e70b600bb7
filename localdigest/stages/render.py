"""Writes the files of a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest import manifest as manifests
from localdigest.files import plain_name, write_atomically, write_together
from localdigest.render.page import draw_page
from localdigest.render.post import draw_post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from localdigest.manifest import Manifest

__all__ = ["Written", "file_paths", "render", "write_manifest"]

#: What is drawn of a digest: the name that `--json` gives the file → how its name ends, and who draws it. The last
#: argument is the name of the picture beside it, empty where there is none.
_DRAWN: Mapping[str, tuple[str, Callable[[Manifest, Path, str], bytes]]] = {
    "post": (".md", lambda manifest, folder, picture: draw_post(manifest, folder=folder, picture=picture).encode()),
    "page": (".html", lambda manifest, folder, _: draw_page(manifest, folder=folder).encode()),
}
#: Those that show it at a glance; a digest is whole without them.
_PICTURES = {"infographic": "-infographic.png", "card": "-card.png"}
_MANIFEST = ".json"


@dataclass(frozen=True, slots=True)
class Written:
    """Where the files of a digest are."""

    files: Mapping[str, Path]  #: by their names in `--json`; the manifest is the last
    notes: tuple[str, ...] = ()  #: what a reader of the pictures should know

    @property
    def post(self) -> Path:
        return self.files["post"]

    @property
    def page(self) -> Path:
        return self.files["page"]

    @property
    def manifest(self) -> Path:
        return self.files["manifest"]


def render(manifest: Manifest, folder: Path) -> Written:
    """All files of a digest, or none; the manifest last: where it stands, the rest is whole.

    Raises:
        OutputError: a file could not be written.
        UsageError: the manifest is damaged.
    """
    pictures, notes = _pictures(manifest)
    paths = file_paths(manifest.date, manifest.slug, folder, pictures=bool(pictures))
    picture = paths["infographic"].name if pictures else ""
    contents = {paths[name]: content for name, content in pictures.items()}
    contents |= {paths[name]: draw(manifest, folder, picture) for name, (_, draw) in _DRAWN.items()}
    write_together({**contents, paths["manifest"]: manifests.dumps(manifest).encode()})
    return Written(paths, notes)


def _pictures(manifest: Manifest) -> tuple[Mapping[str, bytes], tuple[str, ...]]:
    """The pictures by the names of their files, and what is to be said of them. A run does not fail for them."""
    if not manifest.settings.get("pictures", True):
        return {}, ()
    try:
        # Who draws no picture need not have the libraries for it, nor wait for them.
        from localdigest.render.picture.draw import draw_pictures  # noqa: PLC0415

        drawn = draw_pictures(manifest)
    except (ImportError, OSError, ValueError) as error:
        return {}, (f"No pictures: {error}",)
    return {"infographic": drawn.infographic, "card": drawn.card}, drawn.notes


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    path = file_paths(manifest.date, manifest.slug, folder, pictures=False)["manifest"]
    write_atomically(path, manifests.dumps(manifest).encode())
    return path


def file_paths(date: str, slug: str, folder: Path, *, pictures: bool) -> dict[str, Path]:
    """Where the files of a digest go, in the order in which they are put there.

    Raises:
        UsageError: date and slug make no name. A manifest may come from anybody: it must not lead out of the folder.
    """
    endings = dict(_PICTURES) if pictures else {}
    endings |= {name: ending for name, (ending, _) in _DRAWN.items()} | {"manifest": _MANIFEST}
    return {name: folder / plain_name(f"{date}-{slug}{ending}") for name, ending in endings.items()}
