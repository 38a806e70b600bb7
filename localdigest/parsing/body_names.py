"""What an element's name, role, class, id and style say about its place on a page."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from localdigest.parsing.body_styles import hides

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["OPENABLE_ROLES", "Place", "is_for_screen_readers", "is_hidden", "place_of"]


class Place(Enum):
    """The place that an element opens. Whether it is left out depends also on what it holds: class names lie."""

    PLAIN = auto()  #: says nothing
    MAIN = auto()  #: the page's main part, by its own word
    ARTICLE = auto()
    EDGE = auto()  #: header or footer: of the page, unless it stands in an article
    FURNITURE = auto()  #: strong sign: navigation, consent, readers' reviews, other products
    AROUND = auto()  #: weak sign: sidebar, pop-up, advertising, related pages, sharing
    HIDDEN = auto()
    COMMENTS = auto()


TAGS: Final[dict[str, Place]] = {
    "main": Place.MAIN,
    "article": Place.ARTICLE,
    **dict.fromkeys(("header", "footer"), Place.EDGE),
    "nav": Place.FURNITURE,
    **dict.fromkeys(("aside", "dialog", "noscript"), Place.AROUND),
}
ARIA_ROLES: Final[dict[str, Place]] = {
    "main": Place.MAIN,
    "article": Place.ARTICLE,
    **dict.fromkeys(("navigation", "contentinfo", "banner"), Place.FURNITURE),
    **dict.fromkeys(("search", "dialog", "alertdialog", "complementary", "menu", "menubar"), Place.AROUND),
    **dict.fromkeys(("toolbar", "alert", "status", "tooltip", "listbox"), Place.AROUND),
}
#: Whole words of class names and ids, in lower case. Words of layout ("hidden", "top", "right") are not among them:
#: frameworks write them on everything.
NAMES: Final[tuple[tuple[Place, tuple[str, ...]], ...]] = (
    (
        Place.FURNITURE,
        (
            *(r"cookie\w*", "consent", "gdpr", "ccpa", "onetrust", "reviews", "judgeme", "yotpo", "bazaarvoice"),
            *(r"up-?sells?", r"cross-?sells?", "recirculation", "also-?like", "recently-?viewed"),
        ),
    ),
    (
        Place.AROUND,
        (
            *("nav", "navbar", "navigation", "menu", "submenu", "breadcrumbs?", "footer", "sidebar", "masthead"),
            *("topbar", "toolbar", "pagination", "pager", "skip", "toc", "filters?", "facets?"),
            *("popup", "modal", "overlay", "drawer", "toast", "tooltip", "newsletter", "subscribe", "subscription"),
            *("signup", "login", r"mini-?cart", r"cart-?drawer", "wishlist", "share", "sharing", "social", "related"),
            *(r"recommend\w*", r"advert\w*", "ads?", r"sponsor\w*", "promo"),
            *("sr-only", "visually-?hidden", r"screen-reader\w*", "offscreen"),
        ),
    ),
    (Place.COMMENTS, ("comments?", "disqus", "respond")),
)
#: Closed until the reader opens them, but part of what the page says.
OPENABLE_ROLES: Final = frozenset(("tabpanel", "region"))

_PATTERNS: Final = tuple((place, re.compile(rf"(?<![a-z])(?:{'|'.join(words)})(?![a-z])")) for place, words in NAMES)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: Frameworks' names for what is moved out of sight and read out: labels, and whatever a page wants nobody to see.
_FOR_SCREEN_READERS = re.compile(
    r"(?<![\w-])(?:sr-only|visually-?hidden|screen-reader(?:s|-text|-only)?|offscreen)(?![\w-])"
)
_STREAMED = re.compile(r"[SB]:[0-9a-f]+$")  #: React sends late parts hidden, and its script moves them into place


def place_of(element: _Element) -> Place:
    """The place that an element opens."""
    attributes = element.attrib
    place = TAGS.get(element.tag, Place.PLAIN)
    if not attributes or place is Place.MAIN:
        return place
    role = attributes.get("role", "").strip().lower()
    place = ARIA_ROLES.get(role, place)
    if role not in OPENABLE_ROLES and (attributes.get("aria-hidden") == "true" or is_hidden(element)):
        return Place.HIDDEN
    if "articleBody" in attributes.get("itemprop", ""):
        return Place.MAIN
    if place in (Place.PLAIN, Place.EDGE):
        return _place_by_names(f"{attributes.get('class', '')} {attributes.get('id', '')}", place)
    return place


def is_hidden(element: _Element) -> bool:
    """Whether the element's own attributes keep it from being shown."""
    attributes = element.attrib
    if "hidden" in attributes and not _is_streamed(element):
        return True
    return hides(attributes.get("style", ""))


def _is_streamed(element: _Element) -> bool:
    """Whether a script of the page moves the element into its place."""
    id_ = element.get("id", "")
    if not _STREAMED.match(id_):
        return False
    return any(f'"{id_}"' in (script.text or "") for script in element.getroottree().iter("script"))


def is_for_screen_readers(element: _Element) -> bool:
    """Whether the element's class says that it is out of sight."""
    return _names_screen_readers(element.get("class", ""))


@lru_cache(maxsize=4096)
def _names_screen_readers(classes: str) -> bool:
    return _FOR_SCREEN_READERS.search(classes.lower()) is not None


@lru_cache(maxsize=4096)
def _place_by_names(names: str, default: Place) -> Place:
    words = _CAMEL.sub("-", names).lower()
    return next((place for place, pattern in _PATTERNS if pattern.search(words)), default)
