"""Google Play: an app's page, which holds its description as plain HTML.

Asked:  the page, in the language (`hl`) and for the country (`gl`) that the address names; else English, for the USA.
Traps:  its class names change every few years. So the text is found by what carries meaning (`data-g-id`, `itemprop`,
        JSON-LD), and where even that is gone, the description of its head is left. The date alone has only a class.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import Block, DateEvidence, DocumentKind, Role
from localdigest.sites.reading import consent_of, head_of, iso_of, parsed_html, part_of, text_of, together
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.parsing.html_head import Head
    from localdigest.records import Page

__all__ = ["GOOGLE_PLAY"]

_DEFAULTS = {"hl": "en", "gl": "US"}
_DESCRIPTION = "[data-g-id=description]"
_NEWS = "[itemprop=description]:not(meta):not([data-g-id])"
_UPDATED = ".xg1aie"
_SUFFIX = re.compile(r"\s+[-–—]\s+[^-–—]*Google Play[^-–—]*\Z")
_APP = re.compile(r"Application|VideoGame", re.IGNORECASE)


def _steps(address: SplitResult) -> tuple[Step, ...]:
    named = dict(parse_qsl(address.query))
    if address.hostname != "play.google.com" or address.path.rstrip("/") != "/store/apps/details" or "id" not in named:
        return ()
    query = urlencode({"id": named["id"], **{name: named.get(name, value) for name, value in _DEFAULTS.items()}})
    return (Step((Ask("page", f"https://play.google.com/store/apps/details?{query}"),)),)


def _read_page(answer: Page) -> Parsed | Unusable:
    if consent := consent_of(answer):
        return consent
    html = text_of(answer)
    head = head_of(answer)
    short = head.meta("description", "og:description")
    news = _part(html, _NEWS)
    updated = iso_of(" ".join(block.text for block in _part(html, _UPDATED).blocks), answer)
    return replace(
        together((Parsed((Block(short),) if short else ()), _part(html, _DESCRIPTION), _titled(news, html))),
        title=_SUFFIX.sub("", head.meta("og:title") or head.title),
        byline=_developer(head),
        published=updated,
        published_by=DateEvidence.MARKUP if updated else DateEvidence.NONE,
        site="Google Play",
        kind=DocumentKind.APP,
        language_hint=head.language,
    )


def _part(html: str, selector: str) -> Parsed:
    try:
        return parsed_html(part_of(html, selector))
    except LookupError:
        return Parsed(())


def _titled(news: Parsed, html: str) -> Parsed:
    """What is new, under the heading that the page gives it in its own language."""
    title = _part(html, f"section:has({_NEWS}) h2")
    heading = tuple(Block(block.text, Role.HEADING) for block in title.blocks[:1])
    return replace(news, blocks=(*heading, *news.blocks)) if news.blocks else news


def _developer(head: Head) -> str:
    apps = (item for item in head.json_ld if _APP.search(str(item.get("@type"))))
    authors = (item.get("author") for item in apps)
    return next((author["name"] for author in authors if isinstance(author, dict) and author.get("name")), "")


GOOGLE_PLAY: Final = Site("google_play", "Google Play", _steps, {"page": _read_page})
