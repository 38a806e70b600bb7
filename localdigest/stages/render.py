"""Writes the files of a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest import manifest as manifests
from localdigest.files import plain_name, prepare_folder, write_atomically, write_together
from localdigest.render.links import document_link, is_web
from localdigest.render.page import draw_page
from localdigest.render.post import draw_post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from localdigest.manifest import Manifest
    from localdigest.render.sites import Places

__all__ = ["Written", "file_paths", "prepare", "render", "write_manifest"]


def _post(manifest: Manifest, places: Places, picture: str) -> bytes:
    return draw_post(
        manifest, folder=places.posts, picture=picture, flavour=places.flavour, pictures_at=places.address
    ).encode()


def _page(manifest: Manifest, places: Places, _: str) -> bytes:
    return draw_page(manifest, folder=places.out).encode()


#: What is drawn of a digest: the name that `--json` gives the file → how its name ends, and who draws it. The last
#: argument is the name of the picture's file, empty where there is none.
_DRAWN: Mapping[str, tuple[str, Callable[[Manifest, Places, str], bytes]]] = {
    "post": (".md", _post),
    "page": (".html", _page),
}
#: Those that show it at a glance; a digest is whole without them.
_PICTURES = {"infographic": "-infographic.png", "card": "-card.png"}
_MANIFEST = ".json"


@dataclass(frozen=True, slots=True)
class Written:
    """Where the files of a digest are."""

    files: Mapping[str, Path]  #: by their names in `--json`; the manifest is the last
    notes: tuple[str, ...] = ()  #: what whoever publishes them should know

    @property
    def post(self) -> Path:
        return self.files["post"]

    @property
    def page(self) -> Path:
        return self.files["page"]

    @property
    def manifest(self) -> Path:
        return self.files["manifest"]


def prepare(places: Places, *, pictures: bool) -> None:
    """Makes the folders, and proves that the files of a digest can be put there.

    Raises:
        OutputError: they cannot.
    """
    for folder in dict.fromkeys((*((places.pictures,) if pictures else ()), places.posts, places.out)):
        prepare_folder(folder)


def render(manifest: Manifest, places: Places) -> Written:
    """All files of a digest, or none; the manifest last: where it stands, the rest is whole.

    Raises:
        OutputError: a file could not be written.
        UsageError: the manifest is damaged.
    """
    pictures, notes = _pictures(manifest)
    paths = file_paths(manifest.date, manifest.slug, places, pictures=bool(pictures))
    picture = paths["infographic"].name if pictures else ""
    contents = {paths[name]: content for name, content in pictures.items()}
    contents |= {paths[name]: draw(manifest, places, picture) for name, (_, draw) in _DRAWN.items()}
    write_together({**contents, paths["manifest"]: manifests.dumps(manifest).encode()})
    return Written(paths, (*notes, *_links_that_lead_nowhere(manifest, places)))


def _links_that_lead_nowhere(manifest: Manifest, places: Places) -> tuple[str, ...]:
    """A file is linked by its path here, which is nothing to the readers of a site."""
    prefer_copy = manifest.settings.get("cite") == "copy"
    links = [document_link(each, folder=places.posts, prefer_copy=prefer_copy) for each in manifest.documents]
    count = sum(1 for link in links if link and not is_web(link))
    if not places.is_published or not count:
        return ()
    what = f"Files of this machine among the sources: {count}. On the site links to them lead nowhere"
    return (f"{what}; a `url` for each, or `--cite address`, helps.",)


def _pictures(manifest: Manifest) -> tuple[Mapping[str, bytes], tuple[str, ...]]:
    """The pictures by the names of their files, and what is to be said of them. A run does not fail for them."""
    if not manifest.settings.get("pictures", True):
        return {}, ()
    try:
        # Who draws no picture need not have the libraries for it, nor wait for them.
        from localdigest.render.picture.draw import draw_pictures  # noqa: PLC0415 - see above

        drawn = draw_pictures(manifest)
    except (ImportError, OSError, ValueError) as error:
        return {}, (f"No pictures: {error}",)
    return {"infographic": drawn.infographic, "card": drawn.card}, drawn.notes


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    path = folder / _name(manifest.date, manifest.slug, _MANIFEST)
    write_atomically(path, manifests.dumps(manifest).encode())
    return path


def file_paths(date: str, slug: str, places: Places, *, pictures: bool) -> dict[str, Path]:
    """Where the files of a digest go, in the order in which they are put there.

    Raises:
        UsageError: date and slug make no name. A manifest may come from anybody: it must not lead out of the folder.
    """
    endings = dict(_PICTURES) if pictures else {}
    endings |= {name: ending for name, (ending, _) in _DRAWN.items()} | {"manifest": _MANIFEST}
    folders = dict.fromkeys(_PICTURES, places.pictures) | {"post": places.posts}
    return {name: folders.get(name, places.out) / _name(date, slug, ending) for name, ending in endings.items()}


def _name(date: str, slug: str, ending: str) -> str:
    return plain_name(f"{date}-{slug}{ending}")
