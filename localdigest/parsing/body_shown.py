"""Marks what a reader does not see of a tree, before anything reads it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml.etree import XPath

from localdigest.parsing.body_names import OPENABLE_ROLES, is_for_screen_readers, is_hidden
from localdigest.parsing.body_sheets import Rules, ground_of, rules_of
from localdigest.parsing.body_styles import colours_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element
    from lxml.html import HtmlElement

    from localdigest.parsing.body_styles import Colour

__all__ = ["NOTHING_UNSEEN", "Unseen", "mark_hidden"]

_TEXTS = XPath("descendant-or-self::*[not(self::script or self::style)]/text()")
_SHEETS = XPath("//style[not(@media) or @media='' or @media='all' or contains(@media, 'screen')]/text()")
_SUSPECTS = XPath(
    "//body//*[@hidden or @style or @class or @id or @popover or @color or self::template or self::dialog"
    " or self::noscript]"
)
_ALL = XPath("//body//*")
_MOST_TEXT: Final = 20_000  #: characters of what was taken out that are kept, to be looked at
_WHITE: Final = (255, 255, 255)
_WHITE_TEXT: Final = "white"  #: on a ground that the page does not tell
_MOST_WHITE: Final = 0.1  #: of the text: a page with more white text has a dark ground
#: Elements that no browser shows, but for those with this attribute.
_SHOWN_BY: Final = {"template": "shadowrootmode", "dialog": "open", "noscript": "shown"}
_LABEL: Final = 30  #: characters of what screen readers are told of a sign or a price; longer is a text
_NEAR: Final = 12  #: of 255, in each colour: the eye sees no difference


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a page keeps from its readers."""

    text: str = ""  #: what was taken out, as far as it is kept
    left: int = 0  #: characters that were left in: they are so much of the page that its script must show them


NOTHING_UNSEEN: Final = Unseen()


def mark_hidden(tree: HtmlElement, *, max_share: float) -> tuple[Unseen, list[HtmlElement]]:
    """Give every element that is not seen the attribute `hidden`, and return these elements.

    Those of one kind and class are judged together: the closed parts of one accordion, the pages of one carousel. Where
    they hold so much of the page that its script must show them, they stay as they are. How much is measured against
    what is seen, so that one kind's verdict does not hang on another's.
    """
    sheets = _SHEETS(tree)
    rules = rules_of(sheets)
    judge = _Judge(rules, ground_of(sheets) or _WHITE, rules.found_in(tree))
    groups: dict[str, list[HtmlElement]] = defaultdict(list)
    unseen: set[_Element] = set()
    for element in judge.suspects(tree):
        if (why := judge.why_unseen(element)) and unseen.isdisjoint(element.iterancestors()):
            groups[why].append(element)
            unseen.add(element)
    if not groups:
        return NOTHING_UNSEEN, []
    texts = {why: list(map(_text_of, elements)) for why, elements in groups.items()}
    lengths = {why: sum(map(len, found)) for why, found in texts.items()}
    seen = len(_text_of(tree)) - sum(lengths.values())
    shares = {why: length / max(1, length + seen) for why, length in lengths.items()}
    gone = [why for why in groups if shares[why] <= (_MOST_WHITE if why == _WHITE_TEXT else max_share)]
    elements = [element for why in gone for element in groups[why]]
    for element in elements:
        element.set("hidden", "")
        element.attrib.pop("id", None)  # an id of React's would say that its script shows it
    left = sum(lengths[why] for why in groups if why not in gone and why not in (_WHITE_TEXT, "noscript"))
    taken = "\n".join(filter(None, (text for why in gone for text in texts[why])))
    return Unseen(taken[:_MOST_TEXT], left), elements


def _text_of(element: HtmlElement) -> str:
    return "\n".join(filter(None, map(str.strip, _TEXTS(element))))


@dataclass(frozen=True, slots=True)
class _Judge:
    """Knows what the page's style sheets say."""

    rules: Rules
    ground: Colour  #: of the page
    found: Mapping[HtmlElement, str]  #: what rules for more than a name hide

    def suspects(self, tree: HtmlElement) -> list[HtmlElement]:
        """What may be unseen, in the page's order."""
        suspects: list[HtmlElement] = _SUSPECTS(tree)
        if not self.found:
            return suspects
        wanted = {*suspects, *self.found}
        return [element for element in _ALL(tree) if element in wanted]

    def why_unseen(self, element: HtmlElement) -> str:
        """What keeps an element from being seen, with the class that it shares with others; `""` when nothing does."""
        tag, get = element.tag, element.get
        if tag in _SHOWN_BY:
            return "" if _SHOWN_BY[tag] in element.attrib else tag
        if get("role") in OPENABLE_ROLES:
            return ""
        if is_hidden(element) or "popover" in element.attrib:
            return f"hidden {get('class', '')}"
        if is_for_screen_readers(element) and len(_text_of(element)) > _LABEL:
            return "for screen readers"
        if name := self.rules.hiding(get("class", ""), get("id", "")) or self.found.get(element, ""):
            return f"rule {name}"
        return self.melting(element)

    def melting(self, element: HtmlElement) -> str:
        """Whether its text has the colour of its ground: of the nearest that is told, else of a white page."""
        style, attribute = element.get("style", ""), element.get("color", "")
        if not style and not attribute:
            return ""
        colours = colours_of(style)
        if colours.is_clear:
            return "clear"
        colour = colours.text or colours_of(f"color:{attribute}").text
        if colour is None or any(
            colours_of(inner.get("style", "")).text not in (None, colour) for inner in element.iterdescendants()
        ):
            return ""
        ground, is_told = self.ground_of(element)
        if ground is None or any(abs(one - other) > _NEAR for one, other in zip(colour, ground, strict=True)):
            return ""
        return "colour of its ground" if is_told else _WHITE_TEXT

    def ground_of(self, element: HtmlElement) -> tuple[Colour | None, bool]:
        """The colour behind an element, None where nobody knows it; and whether the page tells it."""
        around: list[HtmlElement] = [element, *element.iterancestors()]
        for outer in around:
            colours = colours_of(outer.get("style", ""))
            if colours.has_ground:
                return colours.ground, True
            if outer.get("bgcolor"):
                return colours_of(f"color:{outer.get('bgcolor')}").text, True
            if outer.get("background"):
                return None, True
        return self.ground, self.ground != _WHITE
