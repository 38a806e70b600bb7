"""Where the files of a digest go: all into one folder, or the post and its pictures into those of a site.

Page and manifest stay in the folder of `out`: a generator would publish them, or take them for pages of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.errors import UsageError
from localdigest.render.flavours import AUTO, FLAVOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Layout", "Places", "places"]

_HUGO_FILES = ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json")
_HUGO_SETTINGS = re.compile(rb"^\s*[\"']?baseurl\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Layout:
    """Of a kind of site. Folders are relative to the site's."""

    name: str
    marks: tuple[str, ...]  #: patterns of what stands in such a site and in no other
    posts: str
    pictures: str
    address: str  #: of the pictures' folder, as a post of the site names it
    is_published: bool = True  #: its readers have no other files of this machine


#: By flavour. The site's own path (Jekyll's `baseurl`, Hugo's `baseURL`, Eleventy's `pathPrefix`) is put before the
#: addresses by the theme: `relative_url` and `absolute_url`, `relURL` and `absURL`, `url`. Hugo's do so only where an
#: address does not begin with a slash.
LAYOUTS: Mapping[str, Layout] = {
    "jekyll": Layout(
        "Jekyll", ("_config.yml", "_config.yaml"), "_posts", "assets/images/digests", "/assets/images/digests"
    ),
    "hugo": Layout(
        "Hugo",
        (*_HUGO_FILES, *(f"config/_default/{name}" for name in _HUGO_FILES)),
        "content/posts",
        "static/images/digests",
        "images/digests",
    ),
    "eleventy": Layout(
        "Eleventy",
        ("eleventy.config.*", ".eleventy.js"),
        "posts",
        "assets/images/digests",
        "/assets/images/digests",
    ),
    "obsidian": Layout("Obsidian", (".obsidian",), "", "attachments", "attachments", is_published=False),
}


@dataclass(frozen=True, slots=True)
class Places:
    out: Path  #: of page and manifest
    posts: Path
    pictures: Path
    address: str = ""  #: of the pictures' folder, as the post names it; `""`: beside it
    flavour: str = next(iter(FLAVOURS))
    is_published: bool = False  #: the post is part of a site that others read


def places(out: Path, *, flavour: str = AUTO, site: str = "") -> Places:
    """Where the files go, and the flavour of the post.

    Args:
        out: folder of the digests.
        flavour: one of `FLAVOURS`, or `AUTO`.
        site: folder of a site; `""` for none.

    Raises:
        UsageError: there is no such site, nobody knows of which kind it is, or there is no such flavour.
    """
    if flavour not in (AUTO, *FLAVOURS):
        raise UsageError(f"There is no flavour {flavour[:20]!r}", hint=f"There are {', '.join(FLAVOURS)}.")
    if not site:
        return Places(out, out, out) if flavour == AUTO else Places(out, out, out, flavour=flavour)
    folder = Path(site)
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}", hint="`--site` names the folder of a site that is there.")
    kind = _recognised(folder) if flavour == AUTO else flavour
    layout = LAYOUTS.get(kind)
    if layout is None:
        raise UsageError(f"A {kind} post belongs to no site", hint="Leave out `--site`, or name another flavour.")
    return Places(out, folder / layout.posts, folder / layout.pictures, layout.address, kind, layout.is_published)


def _recognised(folder: Path) -> str:
    kinds = [kind for kind, layout in LAYOUTS.items() if any(any(folder.glob(mark)) for mark in layout.marks)]
    if "hugo" not in kinds and _has_old_hugo_settings(folder):
        kinds.append("hugo")
    # The folder may be one within a vault.
    if not kinds and any((parent / ".obsidian").is_dir() for parent in folder.resolve().parents):
        kinds.append("obsidian")
    if len(kinds) > 1:
        names = " and ".join(LAYOUTS[kind].name for kind in kinds)
        raise UsageError(f"{folder} looks like several sites: {names}", hint=f"Say which: `--flavour {kinds[0]}`.")
    if not kinds:
        known = ", ".join(f"{layout.name} ({layout.marks[0]})" for layout in LAYOUTS.values())
        raise UsageError(
            f"{folder} is no site that is known: {known}",
            hint="Name the folder that holds the site's settings, or say what it is with `--flavour`.",
        )
    return kinds[0]


def _has_old_hugo_settings(folder: Path) -> bool:
    """`config.toml` was Hugo's name for them until 2023. Others have a file of that name too."""
    return any(
        path.is_file() and _HUGO_SETTINGS.search(path.read_bytes()) is not None
        for path in (folder / "config.toml", folder / "config" / "_default" / "config.toml")
    )
