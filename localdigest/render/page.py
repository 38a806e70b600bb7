"""Draws the reading page: one HTML file that runs no script and asks for nothing.

A citation is a link to the sentence in the list of sources, and the style sheet shows that source beside the text while
the sentence is the target. So a sentence stands once however often it is cited, the list is printed as notes, Enter
opens and Back closes, an address leads to a single sentence, and a browser that knows no style sheet still goes there.
A `<details>` at each citation could do none of that, and would end its paragraph.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest import manifest as manifests
from localdigest.manifest import RunRecord
from localdigest.render import escape
from localdigest.render.context import Context, Escapes
from localdigest.render.dropped import dropped
from localdigest.render.making import making, settings
from localdigest.render.passages import passages
from localdigest.render.templating import draw_html
from localdigest.render.view import View
from localdigest.text.instructions import instructs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from localdigest.manifest import Manifest
    from localdigest.render.shown import Citation, Statement

__all__ = ["draw_page", "html_language", "is_page_of", "without_template_signs"]

#: Some site generators run a template engine over whatever HTML they find.
_TEMPLATE_SIGN = re.compile(r"\{(?=[{%#])")
_TOOLTIP = 40  #: characters; there is one at every citation
_ODD_SHOWN = 100  #: of what was odd about feeds; the rest is in the manifest
_CONFLICTS_SHOWN = 100  #: of one news item or list; the same


def draw_page(manifest: Manifest, *, folder: Path) -> str:
    """The page's text.

    Args:
        manifest: of the digest.
        folder: that the page will stand in; links to local files are relative to it.

    Raises:
        UsageError: the manifest is damaged.
    """
    context = Context(manifest, folder, Escapes(text=escape.single_line, title=_tooltip))
    view = View(context, conflicts_shown=_CONFLICTS_SHOWN)
    summary = view.summary  # first: citations are numbered as they come, and the page begins with it
    places = _places(view)
    listed, folded = view.sources_beside(places)
    page = draw_html(
        "page.html.j2",
        manifest=manifest,
        words=view.words,
        view=view,
        language=html_language(manifest.language),
        fingerprint=_fingerprint(manifest),
        title=escape.single_line(view.title),
        tagline=escape.single_line(view.tagline),
        writer=escape.single_line(manifest.writer),
        public_servers=context.listed(map(escape.single_line, _public_servers(manifest))),
        description=" ".join(statement.text for statement in summary),
        tags=tuple(filter(None, map(escape.single_line, manifest.digest.tags))),
        places=places,
        listed=listed,
        folded=folded,
        passages=passages(manifest.evidence),
        documents=context.documents,
        dropped=dropped(context),
        groups=making(context),
        settings=settings(context),
        odd=tuple(escape.single_line(each) for each in manifest.warnings[:_ODD_SHOWN] if not instructs(each)),
    )
    return without_template_signs(page)


def _public_servers(manifest: Manifest) -> tuple[str, ...]:
    """To whom beyond the network of whoever made the digest what was read was sent."""
    return manifest.model.server.public if manifest.model and manifest.model.server else ()


def _tooltip(name: str) -> str:
    """Enough to tell a source by; its whole name is one step away."""
    name = escape.single_line(name)
    return name if len(name) <= _TOOLTIP else f"{name[: _TOOLTIP - 1]}…"


def without_template_signs(page: str) -> str:
    """The page, in which no template engine finds anything to do; a browser shows the same."""
    return _TEMPLATE_SIGN.sub("&#123;", page)


def html_language(language: str) -> str:
    """A digest's language as HTML names it."""
    return "zh-Hant-TW" if language == "zh-TW" else language


def is_page_of(page: str, manifest: Manifest) -> bool:
    """Whether the page was drawn from this manifest, whenever it was run."""
    return f'content="{_fingerprint(manifest)}"' in page


def _fingerprint(manifest: Manifest) -> str:
    return hashlib.sha256(manifests.dumps(replace(manifest, run=RunRecord())).encode()).hexdigest()


def _places(view: View) -> Mapping[str, tuple[Citation, ...]]:
    """The citations of each sentence."""
    found: defaultdict[str, list[Citation]] = defaultdict(list)
    for statement in (*view.summary, *_statements(view)):
        for citation in statement.citations:
            found[citation.id].append(citation)
    return {id_: tuple(places) for id_, places in found.items()}


def _statements(view: View) -> Iterator[Statement]:
    for section in view.sections:
        for part in section.parts:
            yield from (part.headline,) if part.headline else ()
            yield from part.statements
            for conflict in part.conflicts:
                yield from conflict.statements
