"""Parses HTML into a tree of bounded size and depth."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

__all__ = ["content_of", "parse_html"]

MAX_CHARACTERS: Final = 10 * 1024 * 1024  #: what the fetch lets through at most
#: Elements that mean nothing by themselves. libxml2 drops all that stands deeper than 255 levels; without these, a page
#: whose depth comes from them (never closed, or generated) keeps its text.
NEUTRAL: Final = "div|span|font|b|i|em|strong|u|small|big|center|section|a|ul|ol|table|tbody|tr|td"

#: A longer tag carries data, or is an attack: libxml2 takes quadratic time over its attributes.
MAX_TAG_CHARACTERS: Final = 65_536

#: What a head may hold. libxml2 leaves an element that it does not know (`article`, `main`) in the head of a page whose
#: tags `</head>` and `<body>` were left out, as HTML allows.
OF_HEAD: Final = frozenset(("title", "meta", "link", "style", "script", "base", "noscript", "template"))

#: lxml.html asks Python for the class of every element that is touched; one class for all is decided in C.
_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)

# XML knows no other control characters, and lone surrogates have no encoding.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_GIANT_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{MAX_TAG_CHARACTERS},}}>")
_BODY_TAG = re.compile(r"<body\s[^<>]{0,2000}>", re.IGNORECASE)
_GROUND = re.compile(r"""(?<=\s)(bgcolor|background)\s*=\s*["']?([^\s"'<>]+)""", re.IGNORECASE)
_NEUTRAL_TAG = re.compile(rf"</?(?:{NEUTRAL})(?:\s[^<>]*)?>", re.IGNORECASE)


def parse_html(html: str) -> HtmlElement | None:
    """The page's root element; None where it holds no element."""
    text = _GIANT_TAG.sub("", _FORBIDDEN.sub("", html[:MAX_CHARACTERS]))
    tree, is_too_deep = _parse(text)
    if is_too_deep:
        tree, _ = _parse(_NEUTRAL_TAG.sub("\n<br>\n", text))
    if tree is not None:
        _empty_head(tree)
        _keep_ground(tree, text)
    return tree


def content_of(tree: HtmlElement) -> HtmlElement:
    """The body; a fragment or a frameset has none."""
    body = tree.body
    return tree if body is None else body


def _parse(text: str) -> tuple[HtmlElement | None, bool]:
    """The tree, and whether a part of the page was too deep for it."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        tree = document_fromstring(text.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None, _says_too_deep(parser)
    return tree, _says_too_deep(parser)


def _empty_head(tree: HtmlElement) -> None:
    """Moves what is no part of a head to the beginning of the body."""
    for head in tree.findall("head"):
        stray = next((at for at, child in enumerate(head) if child.tag not in OF_HEAD), None)
        if stray is not None:
            body = tree.find("body")
            if body is None:
                body = etree.SubElement(tree, "body")
            for at, child in enumerate(head[stray:]):
                body.insert(at, child)


def _keep_ground(tree: HtmlElement, text: str) -> None:
    """Gives the body the colour of its tag, which libxml2 loses where something stands between it and the head."""
    if tree.body is not None and (tag := _BODY_TAG.search(text)) and (ground := _GROUND.search(tag[0])):
        name = ground[1].lower()
        tree.body.set(name, tree.body.get(name, ground[2]))


def _says_too_deep(parser: etree.HTMLParser) -> bool:
    return any("depth" in entry.message for entry in parser.error_log)
