"""Title, byline, date, site and address of an HTML page: JSON-LD, then meta tags, then markup, then a marked guess."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from localdigest.parsing.byline import clean_byline, written_byline
from localdigest.parsing.dates import iso_date, stamped_date
from localdigest.parsing.dates_guess import guess_date
from localdigest.records import DateEvidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from localdigest.parsing.html_head import Head, JsonObject

__all__ = ["Dated", "Metadata", "guess_published", "read_metadata"]

# The order of each list is the order of trust, by how often the value agreed with the hand-made answers of the mixed
# set (scripts/eval_metadata.py prints the shares). Retune there.
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "parsely-title", "citation_title", "headline")
_DATE_METAS = (
    "article:published_time", "datepublished", "og:published_time", "parsely-pub-date", "sailthru.date",
    "citation_publication_date", "citation_online_date", "dc.date.issued", "dcterms.created", "dc.date", "pubdate",
    "publishdate", "publish-date", "publish_date", "published_time", "article.published", "publication_date",
    "cxenseparse:recs:publishtime", "date", "apub:time", "weibo: article:create_at",
)  # fmt: skip
_AUTHOR_METAS = (
    "author", "article:author", "parsely-author", "sailthru.author", "citation_author", "dc.creator",
    "dcterms.creator", "byl",
)  # fmt: skip
_SITE_METAS = ("og:site_name", "application-name", "apple-mobile-web-app-title")
#: JSON-LD types that describe the text of the page rather than its site, its breadcrumbs or its video player.
_TEXT_TYPES = re.compile(
    r"Article|Posting|Report|WebPage|Book|Recipe|Review|Question|Product|Application|Event", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s+[|–—\-:»·•/]+\s+|\s*[|｜_]+\s*|\s*::\s*|(?<=[\u4e00-\u9fff])[-–—]+(?=[\u4e00-\u9fff])")
_SAME = 0.85  #: similarity from which a heading and a piece of `<title>` are the same words
_MIN_HEADING = 4  #: letters: a shorter heading inside a title proves nothing
_TITLE_LIMIT = 300  #: characters
_TITLE_SHARE = 0.4  #: of a `<title>`: a shorter piece is not the title
_SITE_SHARE = 0.3  #: of a `<title>`: a last piece that is shorter is the site's name
_SITE_LIMIT = 60  #: characters: a longer "name" is a slogan


@dataclass(frozen=True, slots=True)
class Dated:
    """A published date and how it was found."""

    published: str = ""
    by: DateEvidence = DateEvidence.NONE


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about itself; `""` where it says nothing."""

    title: str
    byline: str
    dated: Dated
    site: str
    url: str
    types: tuple[str, ...]  #: lower-case JSON-LD types and the `og:type`


def read_metadata(head: Head, *, url: str = "", not_after: str = "") -> Metadata:
    """The page's own statements. `not_after` is when it was read: later dates are mistakes."""
    about = tuple(item for item in head.json_ld if any(map(_TEXT_TYPES.search, _types(item))))
    site = _site(head, about, url)
    title = _title(head, about, site)
    return Metadata(
        title=title,
        byline=_byline(head, about, site),
        dated=_dated(head, about, not_after),
        site=site,
        url=canonical_url(head, url),
        types=tuple(kind.lower() for item in head.json_ld for kind in _types(item)) + _og_type(head),
    )


def guess_published(head: Head, html: str, *, url: str = "", not_after: str = "") -> Dated:
    """The last resort: a day found in the page's visible words."""
    found = stamped_date(head.visible, not_after=not_after) or guess_date(html, url=url, not_after=not_after)
    return Dated(found, DateEvidence.TEXT) if found else Dated()


def canonical_url(head: Head, url: str) -> str:
    """The canonical address, if it is a page of the same site; else the page's own.

    A file has no site: one saved by hand is the page that it says it is.
    """
    link = head.canonical or head.meta("og:url")
    try:
        full = urljoin(url, link) if link else ""
        same = url.startswith("file:") or _site_of(full) == _site_of(url)
        is_page = urlsplit(full).scheme in ("http", "https") and bool(urlsplit(full).hostname)
    except ValueError:  # a bracket that is no IPv6 address
        return url
    return full if same and is_page and not _leads_home(full, url) else url


def _site_of(url: str) -> str:
    """The host without the names that stand for the same site."""
    return re.sub(r"\A(?:(?:www|m|mobile|amp)\.)+", "", urlsplit(url).hostname or "")


def _leads_home(full: str, url: str) -> bool:
    """A canonical link to the front page from every page is a template's mistake."""
    return not urlsplit(full).path.strip("/") and bool(urlsplit(url).path.strip("/"))


def _types(item: JsonObject) -> list[str]:
    kinds = item.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _og_type(head: Head) -> tuple[str, ...]:
    kind = head.meta("og:type").lower()
    return (f"og:{kind}",) if kind else ()


def _words(value: object) -> str:
    """A JSON value as one line of text: escaped mark-up undone, white space collapsed."""
    if not isinstance(value, str):
        return ""
    plain = re.sub(r"<[^<>]{0,200}>", "", entities.unescape(value))
    return " ".join(plain.split())


# ── title ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _title(head: Head, about: Iterable[JsonObject], site: str) -> str:
    """The heading that the page's title repeats, else JSON-LD, a meta tag, the title without the site's name."""
    if heading := _repeated_heading(head, site):
        return heading[:_TITLE_LIMIT]
    headlines = {words: None for item in about if (words := _words(item.get("headline")))}
    stated = next(iter(headlines)) if len(headlines) == 1 else ""  # several are the entries of a list
    candidates = [stated, head.meta(*_TITLE_METAS), head.title, *head.headings]
    return next((cut for title in candidates if (cut := _without_site(title, site))), "")[:_TITLE_LIMIT]


def _repeated_heading(head: Head, site: str) -> str:
    """The heading that a title begins with, else one that it holds: the site's name may be a heading too."""
    titles = [title for title in (head.meta("og:title"), head.title) if title]
    headings = [heading for heading in head.headings if _plain(heading) != _plain(site)]
    beginnings = [_SEPARATOR.split(title)[0] for title in titles]
    for wanted in (beginnings, titles):
        for heading in headings:
            if any(_repeats(title, heading) for title in wanted):
                return heading
    return ""


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _repeats(title: str, heading: str) -> bool:
    whole, part = _plain(title), _plain(heading)
    if len(part) < _MIN_HEADING or len(part) > _TITLE_LIMIT:
        return False
    return part in whole or SequenceMatcher(None, part, whole).ratio() >= _SAME


def _without_site(title: str, site: str) -> str:
    """The longest piece of a title, the site's name left out."""
    title = " ".join(title.split())
    pieces = [piece for piece in _SEPARATOR.split(title) if piece.strip()]
    if len(pieces) < 2:
        return title
    named = [piece for piece in pieces if _plain(piece) != _plain(site)]
    if len(named) == len(pieces) - 1 and named:
        start = title.find(named[0])
        return title[start : title.find(named[-1], start) + len(named[-1])]
    if len(pieces) > 2 and len(pieces[-1]) < len(title) * _SITE_SHARE:
        return title[: title.rfind(pieces[-1])].rstrip(" |–—-:»·•/_｜")
    longest = max(pieces, key=len)
    return longest if len(longest) > len(title) * _TITLE_SHARE else title


# ── byline ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _byline(head: Head, about: Iterable[JsonObject], site: str) -> str:
    stated = (clean_byline(", ".join(dict.fromkeys(_names(item.get("author"))))) for item in about)
    metas = (clean_byline(", ".join(dict.fromkeys((head.metas or {}).get(name, ())))) for name in _AUTHOR_METAS)
    marked = map(clean_byline, head.bylines)
    for group in (stated, metas, marked, [written_byline(head.visible)]):
        for name in group:
            if name and _plain(name) != _plain(site):
                return name
    return ""


def _names(author: object) -> Iterator[str]:
    for item in author if isinstance(author, list) else [author]:
        name = item.get("name") if isinstance(item, dict) else item
        yield from (words for part in (name if isinstance(name, list) else [name]) if (words := _words(part)))


# ── date, site ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _dated(head: Head, about: Iterable[JsonObject], not_after: str) -> Dated:
    metas = head.metas or {}
    found: list[tuple[DateEvidence, Iterable[str]]] = [
        (DateEvidence.JSON_LD, (_words(item.get(key)) for key in ("datePublished", "dateCreated") for item in about)),
        (DateEvidence.META, (value for name in _DATE_METAS for value in metas.get(name, ()))),
        (DateEvidence.MARKUP, (*head.times, *head.dates)),
    ]
    for evidence, values in found:
        for value in values:
            if value and (day := iso_date(value, not_after=not_after)):
                return Dated(day, evidence)
    return Dated()


def _site(head: Head, about: Iterable[JsonObject], url: str) -> str:
    publishers = (_names(item.get("publisher")) for item in about)
    stated = head.meta(_SITE_METAS[0]) or next((name for names in publishers for name in names), "")
    name = _SEPARATOR.split(" ".join((stated or head.meta(*_SITE_METAS)).split()))[0].strip()
    return name if 0 < len(name) <= _SITE_LIMIT and "://" not in name else site_of_url(url)


def site_of_url(url: str) -> str:
    """The host, as the name of a site that gives itself none."""
    try:
        return re.sub(r"\Awww\.", "", urlsplit(url).hostname or "")
    except ValueError:
        return ""
