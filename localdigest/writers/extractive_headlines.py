"""The words of a document's title that name its story."""

from __future__ import annotations

import re

from localdigest.records import Document, Statement

__all__ = ["headline"]

_SEPARATOR = re.compile(r"\s+[|·•–—»<_-]+\s+|\s*[|｜_<]\s*")
_FURNITURE = 2  #: from so many separators on, what follows the first says where the page stands on its site
_EDGES = " \t\n¶#|"  #: what documentation and feeds leave around a title
_LEAST = {"words": 3, "letters": 6}  #: a shorter title is a site's name or a section


def headline(document: Document) -> Statement | None:
    """The title without the site's name around it, word for word; None when nothing is left that says something."""
    title = _without_site(document.title.strip(_EDGES), document.site)
    return Statement(title, (document.title_id,)) if _says_something(title) else None


def _without_site(title: str, site: str) -> str:
    """Cut the first or last segment when it names the site, and a trail of several."""
    parts = list(_SEPARATOR.finditer(title))
    if len(parts) >= _FURNITURE and _says_something(title[: parts[0].start()]):
        return title[: parts[0].start()]
    if parts and _names(title[parts[-1].end() :], site):
        title = title[: parts[-1].start()].rstrip()
        parts.pop()
    if parts and _names(title[: parts[0].start()], site):
        title = title[parts[0].end() :].lstrip()
    return title


def _names(segment: str, site: str) -> bool:
    """Whether a segment of a title is the site's name, or its address without the ending."""
    one, other = _letters(segment), _letters(site.removeprefix("www."))
    if not one or not other:
        return False
    return one == other or (len(one) >= 3 and (other.startswith(one) or one.startswith(other)))  # noqa: PLR2004 - "X" is in everything


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _says_something(title: str) -> bool:
    return len(title.split()) >= _LEAST["words"] or (len(title) >= _LEAST["letters"] and not title.isascii())
