"""Draws what lists all digests of a folder: a page, an Atom feed and a JSON Feed.

The page holds the words of all of them, so that a browser's own search finds them. It runs one script, which is known
by its hash and hides what does not hold the words asked for; it reads what stands on the page, so that nothing of a
digest is ever part of a script.
"""

from __future__ import annotations

import json
import uuid
import xml.etree.ElementTree as ET
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from localdigest import __version__
from localdigest.render.context import short
from localdigest.render.escape import single_line
from localdigest.render.locale import load_locale
from localdigest.render.page import html_language, without_template_signs
from localdigest.render.templating import draw_html, own_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from localdigest.manifest import Manifest

__all__ = ["ARCHIVE", "Entry", "draw_archive", "entry_of"]

#: The files, by what they are.
ARCHIVE = {"index": "index.html", "atom": "feed.xml", "json_feed": "feed.json"}
_ATOM = "http://www.w3.org/2005/Atom"
_FEED_ENTRIES = 50  #: the newest; the page lists all


@dataclass(frozen=True, slots=True)
class Entry:
    """One digest in the lists."""

    date: str
    title: str
    summary: tuple[str, ...]
    tags: tuple[str, ...]
    headlines: tuple[str, ...]  #: of its news
    sources: tuple[str, ...]  #: titles of what it cites, with their sites
    read: int
    statements: int
    language: str  #: as HTML names it
    href: str  #: of its page, relative to the folder
    updated: str  #: RFC 3339
    id: str

    @property
    def month(self) -> str:
        return self.date[:7]


def entry_of(manifest: Manifest, *, page: str) -> Entry:
    """Of a digest whose page has this name in the folder."""
    words = load_locale(manifest.language)
    return Entry(
        date=single_line(manifest.date),
        title=single_line(f"{manifest.topic} {words.say('daily')} - {manifest.date}"),
        summary=tuple(single_line(statement.text) for statement in manifest.digest.summary),
        tags=tuple(filter(None, map(single_line, manifest.digest.tags))),
        headlines=tuple(_headlines(manifest)),
        sources=tuple(_sources(manifest)),
        read=manifest.counts.read,
        statements=manifest.counts.statements,
        language=html_language(manifest.language),
        href=quote(page),
        updated=single_line(manifest.run.started_at or f"{manifest.date}T00:00:00Z"),
        id=uuid.uuid5(uuid.NAMESPACE_URL, f"localdigest:{manifest.date}-{manifest.slug}").urn,
    )


def _headlines(manifest: Manifest) -> Iterator[str]:
    for section in manifest.digest.sections:
        yield from (single_line(part.headline.text) for part in section.parts if part.headline)


def _sources(manifest: Manifest) -> Iterator[str]:
    for document in manifest.documents:
        if document.cited_sentences:
            site = f" ({short(single_line(document.site))})" if document.site else ""
            yield short(single_line(document.title)) + site


def draw_archive(entries: Iterable[Entry], *, language: str, site: str = "") -> dict[str, str]:
    """The text of each file, by its name.

    Args:
        entries: in any order.
        language: of the page's own words.
        site: the address that the folder has on the web, ending in a slash. Without one the feeds' links are relative,
            which only some readers understand.
    """
    newest_first = sorted(entries, key=lambda entry: (entry.date, entry.href), reverse=True)
    return {
        ARCHIVE["index"]: _page(newest_first, language),
        ARCHIVE["atom"]: _atom(newest_first, language, site),
        ARCHIVE["json_feed"]: _json_feed(newest_first[:_FEED_ENTRIES], language, site),
    }


def _page(entries: Sequence[Entry], language: str) -> str:
    script = own_file("archive.js")
    months = [(month, tuple(each)) for month, each in groupby(entries, key=lambda entry: entry.month)]
    page = draw_html(
        "archive.html.j2",
        words=load_locale(language),
        language=html_language(language),
        months=months,
        count=len(entries),
        files=ARCHIVE,
        generator=f"localdigest {__version__}",
        script=script,
        script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
    )
    return without_template_signs(page)


def _atom(entries: Sequence[Entry], language: str, site: str) -> str:
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    ids = "\n".join(entry.id for entry in entries[-1:])  # of the oldest: it stays while others come
    _put(feed, "id", uuid.uuid5(uuid.NAMESPACE_URL, site or ids or "localdigest").urn)
    _put(feed, "title", load_locale(language).say("archive_title"))
    _put(feed, "updated", max((entry.updated for entry in entries), default="1970-01-01T00:00:00Z"))
    _put(feed, "generator", "localdigest", version=__version__)
    _put(ET.SubElement(feed, f"{{{_ATOM}}}author"), "name", "localdigest")
    _put(feed, "link", rel="self", href=f"{site}{ARCHIVE['atom']}", type="application/atom+xml")
    _put(feed, "link", rel="alternate", href=f"{site}{ARCHIVE['index']}", type="text/html")
    for entry in entries[:_FEED_ENTRIES]:
        element = ET.SubElement(
            feed, f"{{{_ATOM}}}entry", {"{http://www.w3.org/XML/1998/namespace}lang": entry.language}
        )
        _put(element, "id", entry.id)
        _put(element, "title", entry.title)
        _put(element, "updated", entry.updated)
        _put(element, "link", rel="alternate", href=f"{site}{entry.href}", type="text/html")
        _put(element, "summary", "\n".join(entry.summary))
        for tag in entry.tags:
            _put(element, "category", term=tag)
    ET.indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _put(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = text


def _json_feed(entries: Sequence[Entry], language: str, site: str) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": load_locale(language).say("archive_title"),
        "authors": [{"name": "localdigest"}],
        "language": language,
        **({"home_page_url": f"{site}{ARCHIVE['index']}", "feed_url": f"{site}{ARCHIVE['json_feed']}"} if site else {}),
        "items": [
            {
                "id": entry.id,
                "url": f"{site}{entry.href}",
                "title": entry.title,
                "content_text": "\n".join(entry.summary),
                "date_published": entry.updated,
                "language": entry.language,
                "tags": list(entry.tags),
            }
            for entry in entries
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"
