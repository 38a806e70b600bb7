"""What an HTML page says about itself, as plain values: the one module of its kind that holds a Lexbor tree."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from selectolax.lexbor import LexborNode

__all__ = ["Head", "JsonObject", "read_head"]

JsonObject = Mapping[str, Any]

_MAX_VALUE = 1_000  #: characters of one value: a title or a name is shorter
_MAX_OBJECTS = 500  #: JSON-LD objects looked at
_MAX_VISIBLE = 20_000  #: characters of visible text kept: what tells a wall from an article shows in the first few
_MAX_NODES = 40  #: elements read for each selector

_TIMES = (
    "[itemprop=datePublished], time[pubdate], time.published, time.entry-date, .published time, .entry-date time,"
    " abbr.published, article header time, [class*=publish] time, [class*=post-date] time, [class*=date] time,"
    " article time, main time"
)
_BYLINES = (
    "[itemprop=author] [itemprop=name], [itemprop=author], [rel=author], .byline .author, .author-name,"
    " .byline-name, .c-byline__author-name, .author__name, .p-author, .vcard .fn, .byline, .post-author, .entry-author,"
    " [class*=author-name], [class*=authorName], [class*=byline], [class*=author] a"
)
_DATE_TEXTS = (
    "[class*=publish], [class*=pubdate], [class*=pub-date], [class*=post-date], [class*=entry-date], [id*=pubtime]"
)


@dataclass(frozen=True, slots=True)
class Head:
    """Facts of one page, as they stand in it: nothing is judged here. Lists are in page order."""

    title: str = ""  #: the `<title>`
    headings: tuple[str, ...] = ()  #: the `<h1>` elements
    metas: Mapping[str, tuple[str, ...]] | None = None  #: lower-case name, property or itemprop → contents
    json_ld: tuple[JsonObject, ...] = ()  #: every object, the nested ones too
    canonical: str = ""
    language: str = ""  #: the `lang` of `<html>`
    times: tuple[str, ...] = ()  #: machine-readable times in elements that mark the publication
    dates: tuple[str, ...] = ()  #: the words of elements that mark the publication
    bylines: tuple[str, ...] = ()  #: the words of elements that mark an author
    visible: str = ""  #: visible text, its white space collapsed
    noscript: str = ""  #: what is shown only to browsers without JavaScript
    asks_password: bool = False
    is_shell: bool = False  #: its scripts are to fill an element that is empty, or the whole body

    def meta(self, *names: str) -> str:
        """The first value of the first of these names that has one."""
        return next((value for name in names for value in (self.metas or {}).get(name, ())), "")


def read_head(html: str) -> Head:
    """The facts of a page. The caller has made sure that it may be parsed (`html_limits`)."""
    tree = LexborHTMLParser(html)
    root = tree.root
    if root is None:
        return Head()
    return Head(
        title=_text(tree.css_first("head > title") or tree.css_first("title")),
        headings=tuple(_texts(tree.css("h1")[:_MAX_NODES])),
        metas=_metas(tree),
        json_ld=tuple(_json_ld(tree)),
        canonical=_attribute(tree.css_first("link[rel=canonical]"), "href"),
        language=_attribute(tree.css_first("html"), "lang"),
        times=tuple(_times(tree)),
        dates=tuple(_texts(tree.css(_DATE_TEXTS)[:_MAX_NODES])),
        bylines=tuple(_texts(tree.css(_BYLINES)[:_MAX_NODES])),
        asks_password=tree.css_first("input[type=password]") is not None,
        is_shell=_is_shell(tree),
        noscript=" ".join(_texts(tree.css("noscript")[:_MAX_NODES])),
        visible=_visible(tree),
    )


def _is_shell(tree: LexborHTMLParser) -> bool:
    if tree.css_first("script, link[rel=modulepreload], link[as=script]") is None:
        return False
    roots = tree.css("#app, #root, #__next, #__nuxt, #svelte, #main, [data-reactroot], app-root") or tree.css("body")
    return not any(_text(root) for root in roots)


def _visible(tree: LexborHTMLParser) -> str:
    """The words of the body. Last of all: it changes the tree."""
    tree.strip_tags(["script", "style", "noscript", "template", "svg", "head", "iframe", "select"])
    body = tree.body
    return " ".join(body.text(separator=" ").split())[:_MAX_VISIBLE] if body else ""


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text(separator=" ").split())[:_MAX_VALUE] if node else ""


def _texts(nodes: Iterable[LexborNode]) -> list[str]:
    return [text for node in nodes if (text := _text(node))]


def _attribute(node: LexborNode | None, name: str) -> str:
    return " ".join((node.attributes.get(name) or "").split())[:_MAX_VALUE] if node else ""


def _metas(tree: LexborHTMLParser) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node in tree.css("meta"):
        value = _attribute(node, "content")
        for kind in ("property", "name", "itemprop"):
            if value and (name := _attribute(node, kind).lower()):
                found[name] = (*found.get(name, ()), value)
    return found


def _times(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css(_TIMES)[:_MAX_NODES]:
        value = _attribute(node, "datetime") or _attribute(node, "content") or _attribute(node, "title")
        if value or node.tag == "time":
            yield value or _text(node)


def _json_ld(tree: LexborHTMLParser) -> Iterator[JsonObject]:
    left = _MAX_OBJECTS
    for script in tree.css('script[type="application/ld+json"]')[:_MAX_NODES]:
        for found in _objects(_loads(script.text())):
            if left == 0:
                return
            left -= 1
            yield found


def _loads(text: str) -> object:
    """The JSON of a script, with the comment marks and raw line ends that pages put into it; None when it is broken."""
    cleaned = re.sub(r"\A\s*(?://)?\s*<!(?:--|\[CDATA\[)|(?:-->|(?://)?\s*\]\]>)\s*\Z", "", text).strip().rstrip(";")
    try:
        return json.loads(cleaned, strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: object) -> Iterator[JsonObject]:
    """Every object in the value, outer before inner, without recursion."""
    waiting = [value]
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, dict):
            yield current
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current[:_MAX_OBJECTS])
