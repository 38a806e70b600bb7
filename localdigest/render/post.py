"""Draws the Markdown post from a manifest, in the flavour of who publishes it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.render import escape
from localdigest.render.context import Context, Escapes
from localdigest.render.flavours import FLAVOURS
from localdigest.render.templating import draw_markdown
from localdigest.render.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localdigest.manifest import Manifest
    from localdigest.render.shown import Citation, Conflict, Part, Section, Source

__all__ = ["draw_post"]

_NOT_READ_SHOWN = 30  # the rest is counted, and listed in the manifest
_CONFLICTS_SHOWN = 3  # of one news item or list; the same


@dataclass(frozen=True, slots=True)
class _Post:
    """What stands in the post and in no other file."""

    flavour: str
    title: str
    tagline: str
    heading: str  #: the title, and the tagline, for the body
    subheading: str
    day_start: str
    written_at: str
    model: str
    writer: str  #: for the body
    writer_name: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    image: str  #: address of the picture; empty where there is none
    image_alt: str
    picture_alt: str  #: for the body
    shows_picture: bool
    summary: str
    summary_markdown: str
    brackets: tuple[str, str]
    citations: tuple[Citation, ...]
    sources: tuple[Source, ...]
    num_more_sources: int
    not_read_shown: int = _NOT_READ_SHOWN
    conflicts_shown: int = _CONFLICTS_SHOWN


def draw_post(
    manifest: Manifest, *, folder: Path, picture: str = "", flavour: str = "jekyll", pictures_at: str = ""
) -> str:
    """The post's text.

    Args:
        manifest: of the digest.
        folder: that the post will stand in; links to local files are relative to it.
        picture: name of the file that shows the digest at a glance; empty where there is none.
        flavour: a key of `FLAVOURS`.
        pictures_at: address of the pictures' folder, where the settings name none; `""`: beside the post.

    Raises:
        UsageError: the manifest is damaged.
    """
    kind = FLAVOURS[flavour]
    view = View(Context(manifest, folder, Escapes(text=kind.text, title=kind.value)))
    summary = " ".join(statement.text for statement in manifest.digest.summary)
    image = _image(manifest, picture, pictures_at)
    day_start, written_at = _moments(manifest)
    citations = _unique(view.sections)
    sources, others = view.sources_beside([citation.id for citation in citations])
    post = _Post(
        flavour=flavour,
        title=kind.value(view.title),
        tagline=kind.value(view.tagline),
        heading=kind.text(view.title),
        subheading=kind.text(view.tagline),
        day_start=day_start,
        written_at=written_at,
        model=kind.value(manifest.writer) if manifest.uses_model else "none",
        writer=kind.text(manifest.writer),
        writer_name=kind.value(manifest.writer),
        categories=(manifest.slug, *view.words.words["categories"]),
        tags=tuple(filter(None, map(kind.tag, manifest.digest.tags))),
        image=image,
        image_alt=kind.value(summary) or kind.value(view.title),
        picture_alt=kind.text(summary) or kind.text(view.title),
        shows_picture=kind.shows_picture and bool(image),
        summary=kind.value(summary),
        summary_markdown=kind.text(summary),
        brackets=kind.brackets,
        citations=citations,
        sources=sources,
        num_more_sources=len(others),
    )
    return draw_markdown("post.md.j2", manifest=manifest, words=view.words, view=view, post=post)


def _moments(manifest: Manifest) -> tuple[str, str]:
    """The beginning of the digest's day, and when it was made. Generators hide what is dated in the future: the day
    begins where the run was made, not at Greenwich.
    """
    day = _moment(manifest.date)
    made = _moment(manifest.run.started_at) or day
    if day is None or made is None:  # a manifest of nobody's making
        return "", ""
    made = made if made.tzinfo else made.replace(tzinfo=dt.UTC)
    return day.replace(tzinfo=made.tzinfo).isoformat(), made.isoformat(timespec="seconds")


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _image(manifest: Manifest, picture: str, pictures_at: str) -> str:
    """Where the post finds its picture: beside it, or where its site serves pictures from."""
    prefix = str(manifest.settings.get("assets") or pictures_at).rstrip("/")
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
