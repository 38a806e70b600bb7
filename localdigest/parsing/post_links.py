"""The links of a page that lead to its posts: the largest run of links that are built alike, furniture left out."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from localdigest.parsing.body_candidates import HEADINGS
from localdigest.parsing.body_names import Place, place_of
from localdigest.parsing.dates import iso_date, url_date
from localdigest.parsing.html_tree import content_of
from localdigest.parsing.results import Post
from localdigest.urls import canonical_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

__all__ = ["FEW", "PostLinks", "find_post_links"]

FEW = 3  #: links: less is no list
_MAX_LINKS = 3_000  #: looked at; pages have some hundreds
_RUNS = 8  #: looked at more closely
_LETTERS = 80  #: of a headline that count
_MAX_DEPTH = 60  #: levels of a path by which links are told alike
_TITLE = (10, 200)  #: characters of a headline; half as many in Chinese
_WORDS = 3  #: a shorter link is a category, a name or a button
_MOSTLY = 0.6  #: of a run
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_LEAST = 6  #: characters
_LONGEST = 1_000  #: characters with white space
_MOMENT = 40  #: characters: a shorter link that holds a date is one
_AGO = re.compile(r"\b\d+ \w+ ago\b|\d+ ?(?:分鐘|分钟|小時|小时|天)前")
_DATED = 400  #: characters of a card in which its date stands
_HEADING_BONUS = 2.0  #: headlines stand in headings, and so do few other links
_DATE_BONUS = 1.5

_FURNITURE = (Place.FURNITURE, Place.AROUND, Place.COMMENTS, Place.HIDDEN)
#: Addresses of lists, people, files and doors, none of which is a post.
_NO_POST = re.compile(
    r"/(?:tags?|categor(?:y|ies)|topics?|authors?|users?|members?|people|search|page|feed|rss|login|signin|signup|register"
    r"|subscribe|account|cart|privacy[\w-]*|terms[\w-]*|about(?:-us)?|contact(?:-us)?|careers|jobs)(?:/|\Z)"
    r"|\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|rss|atom|ics)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PostLinks:
    """What was found, in page order."""

    posts: tuple[Post, ...] = ()
    in_headings: int = 0  #: how many of them
    card_texts: tuple[str, ...] = ()  #: what the page says of each


@dataclass(frozen=True, slots=True)
class _Link:
    element: HtmlElement
    url: str
    key: str  #: the same for all spellings of the address
    title: str
    in_heading: bool


def find_post_links(tree: HtmlElement, *, url: str, not_after: str = "") -> PostLinks:
    """The page's posts with title and date as far as it shows them; the tree is left as it is."""
    groups: defaultdict[tuple[str, ...], dict[str, _Link]] = defaultdict(dict)
    for path, link in _links(tree, url):
        groups[path].setdefault(link.key, link)
    best = PostLinks()
    best_value = 0.0
    runs = [run for group in groups.values() if len(run := _run(tuple(group.values()))) >= FEW]
    runs.sort(key=lambda run: _letters(link.title for link in run), reverse=True)
    for run in runs[:_RUNS]:
        found = _post_links(run, not_after)
        value = _value(found)
        if value > best_value:
            best, best_value = found, value
    return best


def _run(links: tuple[_Link, ...]) -> tuple[_Link, ...]:
    """Those that read like headlines; among many of them a short one is a headline too."""
    headlines = tuple(link for link in links if _is_headline(link.title))
    return links if len(headlines) >= _MOSTLY * len(links) else headlines


def _value(found: PostLinks) -> float:
    count = len(found.posts)
    value = float(_letters(post.title for post in found.posts))
    value *= _HEADING_BONUS if 2 * found.in_headings > count else 1
    return value * (_DATE_BONUS if 2 * sum(bool(post.published) for post in found.posts) > count else 1)


def _letters(titles: Iterable[str]) -> int:
    return sum(min(len(title), _LETTERS) for title in titles)


# ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _links(tree: HtmlElement, url: str) -> Iterator[tuple[tuple[str, ...], _Link]]:
    """Links to other pages of the site, with the path of what they stand in."""
    site, own = site_of(url), canonical_url(url)
    base = _joined(url, next(iter(tree.xpath("//head/base/@href")), "")) or url
    looked_at = 0
    for element in content_of(tree).iter("a"):
        looked_at += 1
        if looked_at > _MAX_LINKS:
            return
        address = _joined(base, element.get("href") or "")
        heading = next(element.iter(*HEADINGS), None) if address else None
        title = _words(element if heading is None else heading) if address else ""
        path = urlsplit(address).path
        if not _is_name(title) or site_of(address) != site or not path.strip("/") or _NO_POST.search(path):
            continue
        key = canonical_url(address)
        around = list(_around(element))
        if key != own and not _in_furniture(around):
            in_heading = heading is not None or any(each.tag in HEADINGS for each in around[:3])
            yield tuple(str(each.tag) for each in around), _Link(element, address, key, title, in_heading)


def _words(element: HtmlElement) -> str:
    """The text, as much of it as a headline may have."""
    text = ""
    for part in element.itertext():
        text += part
        if len(text) > _LONGEST:
            break
    return " ".join(text.split())


def _joined(base: str, href: str) -> str:
    """An address of the web, or `""`."""
    try:
        found = urljoin(base, href.strip()).partition("#")[0]
        return found if urlsplit(found).scheme in ("http", "https") else ""
    except ValueError:  # a bracket that is no IPv6 address
        return ""


def _is_name(title: str) -> bool:
    """Whether it may be what something is called: neither nothing nor a date."""
    return 1 < len(title) <= _TITLE[1] and not (len(title) < _MOMENT and (_AGO.search(title) or iso_date(title)))


def _is_headline(title: str) -> bool:
    if _CJK.search(title):
        return _CJK_LEAST <= len(title) <= _TITLE[1]
    return _TITLE[0] <= len(title) <= _TITLE[1] and len(title.split()) >= _WORDS


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    for depth, each in enumerate(element.iterancestors()):
        if depth == _MAX_DEPTH or each.tag == "body":
            return
        yield each


def _in_furniture(around: Sequence[HtmlElement]) -> bool:
    """Whether a link is one of navigation, sidebars, footers: a header within a post is none."""
    places = [place_of(each) for each in around]
    if any(place in _FURNITURE for place in places):
        return True
    edges = [at for at, place in enumerate(places) if place is Place.EDGE]
    return bool(edges) and not any(place in (Place.ARTICLE, Place.MAIN) for place in places[edges[0] :])


# ── cards ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _post_links(links: Sequence[_Link], not_after: str) -> PostLinks:
    cards = list(_cards(links))
    texts = tuple(" ".join(card.text_content().split()) for card in cards)
    posts = (
        Post(link.title, link.url, _date(card, text, link, not_after))
        for link, card, text in zip(links, cards, texts, strict=True)
    )
    return PostLinks(tuple(posts), sum(link.in_heading for link in links), texts)


def _cards(links: Sequence[_Link]) -> Iterable[HtmlElement]:
    """For each link the largest element that holds none of the others."""
    held: defaultdict[HtmlElement, int] = defaultdict(int)
    for link in links:
        for each in link.element.iterancestors():
            held[each] += 1
    for link in links:
        card = link.element
        while (outer := card.getparent()) is not None and held[outer] == 1 and outer.tag != "body":
            card = outer
        yield card


def _date(card: HtmlElement, text: str, link: _Link, not_after: str) -> str:
    for time in card.iter("time"):
        if found := iso_date(time.get("datetime") or time.text_content(), not_after=not_after):
            return found
    written = text.replace(link.title, " ")[:_DATED]
    return iso_date(written, not_after=not_after) or url_date(link.url, not_after=not_after)
