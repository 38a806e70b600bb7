"""Draws the Markdown post from a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.render import escape
from localdigest.render.context import Context, Escapes
from localdigest.render.templating import draw_markdown
from localdigest.render.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localdigest.manifest import Manifest
    from localdigest.render.shown import Citation, Conflict, Part, Section

__all__ = ["draw_post"]

_NOT_READ_SHOWN = 30  # the rest is counted, and listed in the manifest
_CONFLICTS_SHOWN = 3  # of one news item or list; the same


@dataclass(frozen=True, slots=True)
class _Post:
    """What stands in the post and in no other file."""

    title: str
    tagline: str
    model: str
    writer: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    image: str  #: address of the picture; empty where there is none
    image_alt: str
    summary: str
    citations: tuple[Citation, ...]
    not_read_shown: int = _NOT_READ_SHOWN
    conflicts_shown: int = _CONFLICTS_SHOWN


def draw_post(manifest: Manifest, *, folder: Path, picture: str = "") -> str:
    """The post's text.

    Args:
        manifest: of the digest.
        folder: that the post will stand in; links to local files are relative to it.
        picture: name of the file that shows the digest at a glance; empty where there is none.

    Raises:
        UsageError: the manifest is damaged.
    """
    view = View(Context(manifest, folder, Escapes(text=escape.markdown, title=escape.inert)))
    summary = escape.inert(" ".join(statement.text for statement in manifest.digest.summary))
    post = _Post(
        title=escape.inert(view.title),
        tagline=escape.inert(view.tagline),
        model=escape.inert(manifest.writer) if manifest.uses_model else "none",
        writer=escape.markdown(manifest.writer),
        categories=(manifest.slug, *view.words.words["categories"]),
        tags=tuple(filter(None, map(escape.inert, manifest.digest.tags))),
        image=_image(manifest, picture),
        image_alt=summary or escape.inert(view.title),
        summary=summary,
        citations=_unique(view.sections),
    )
    return draw_markdown("post.md.j2", manifest=manifest, words=view.words, view=view, post=post)


def _image(manifest: Manifest, picture: str) -> str:
    """Where the post finds its picture: beside it, or where its site serves pictures from."""
    prefix = str(manifest.settings.get("assets") or "").rstrip("/")
    return escape.inert(escape.address(f"{prefix}/{picture}" if prefix else picture)) if picture else ""


def _unique(sections: tuple[Section, ...]) -> tuple[Citation, ...]:
    """Every citation once, in the order in which the post names them."""
    found: dict[str, Citation] = {}
    for section in sections:
        for part in section.parts:
            for citation in _citations(part):
                found.setdefault(citation.id, citation)
    return tuple(found.values())


def _citations(part: Part) -> Iterator[Citation]:
    shown: tuple[Conflict, ...] = part.conflicts[:_CONFLICTS_SHOWN]
    disputed = (statement for conflict in shown for statement in conflict.statements)
    for statement in (*((part.headline,) if part.headline else ()), *part.statements, *disputed):
        yield from statement.citations
