"""`localdigest view`: the reading page of a digest, or the list of all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.options import settings_flags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.render.archive import Entry

__all__ = ["view"]

_HEAD = 2_000  #: characters within which a file names the program that wrote it

DigestFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIGEST",
        help="The .html, .md or .json file of a digest; the one written last when none is named.",
        show_default=False,
    ),
]
Archive = Annotated[
    bool, typer.Option("--archive", help="Write and open a list of all digests, with an Atom feed and a JSON Feed.")
]
Print = Annotated[bool, typer.Option("--print", "-p", help="Print the path of the page, and open nothing.")]
Site = Annotated[
    str,
    typer.Option(
        metavar="URL", help="With --archive: the address of the folder on the web, for the links of the feeds."
    ),
]


@settings_flags("out", "lang")
def view(
    digest: DigestFile = None,
    *,
    archive: Archive = False,
    print_only: Print = False,
    site: Site = "",
    flags: dict[str, Any],
) -> None:
    """Open the reading page of a digest in the browser. Writes the page where it is missing.

    Example: localdigest view output/2025-12-30-mistral.json
    """
    from localdigest.cli.digests import newest_manifest, page_of
    from localdigest.cli.layers import settle_common
    from localdigest.errors import UsageError

    if archive and digest:
        raise UsageError("--archive lists a whole folder", hint="Leave out the digest; `--out` names the folder.")
    if site and not archive:
        raise UsageError("--site is for the feeds of --archive", hint="Add --archive.")
    settings = settle_common(flags=flags).settings
    folder = Path(settings.out)
    if archive:
        page = _write_archive(folder, language=settings.lang, site=_address(site))
    else:
        page = page_of(digest or newest_manifest(folder))
    print(page)
    if not print_only:
        _open(page)


def _write_archive(folder: Path, *, language: str, site: str) -> Path:
    """The page of the list; the feeds lie beside it."""
    from localdigest.files import write_together
    from localdigest.render.archive import ARCHIVE, draw_archive

    for name in ARCHIVE.values():
        _refuse_strange(folder / name)
    files = draw_archive(_entries(folder), language=language, site=site)
    write_together({folder / name: text.encode() for name, text in files.items()})
    return folder / ARCHIVE["index"]


def _refuse_strange(path: Path) -> None:
    """The folder may be that of a site, which has an index of its own."""
    from localdigest.errors import UsageError
    from localdigest.files import read_text

    if path.exists() and "localdigest" not in read_text(path)[:_HEAD]:
        raise UsageError(f"{path} is somebody else's", hint="Move it, or name another folder with `--out`.")


def _entries(folder: Path) -> Iterator[Entry]:
    """What cannot be read is told and left out: one damaged file must not hide the others."""
    from localdigest import manifest as manifests
    from localdigest.cli.digests import manifest_files, newest_manifest, page_of_manifest
    from localdigest.errors import UsageError
    from localdigest.files import read_text
    from localdigest.render.archive import entry_of

    newest_manifest(folder)  # an empty folder is a mistake
    for path in manifest_files(folder):
        try:
            manifest = manifests.loads(read_text(path), path=str(path))
            yield entry_of(manifest, page=page_of_manifest(path, manifest).name)
        except UsageError as error:
            print(f"Left out: {error.message}", file=sys.stderr)


def _address(site: str) -> str:
    """The folder's address, ending in a slash; `""` for none."""
    from localdigest.errors import UsageError
    from localdigest.render.links import is_web

    if site and not is_web(site):
        raise UsageError(f"{site} is no address of a site", hint="It begins with https://.")
    return site and site.rstrip("/") + "/"


def _open(page: Path) -> None:
    import webbrowser

    if not webbrowser.open(page.absolute().as_uri()):
        print(f"No browser could be started here: open {page} in one.", file=sys.stderr)
