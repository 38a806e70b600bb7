"""Other forms of a page that the page itself names in its head: as data, as Markdown, as AMP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from localdigest.parsing.html_limits import html_excess

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["alternates_of"]

#: WordPress names a post's data, and that of lists and pictures too, which are no form of the page.
_WORDPRESS = re.compile(r"/wp/v2/(?:posts|pages)/\d+/?(?:&|\Z)")
#: Generators of documentation that give each page as Markdown under its address and `.md`.
_MOST: Final = 4  #: each that cannot be read costs a request, and up to half a minute
_MARKDOWN_BESIDE: Final = ("gitbook", "mintlify")


def alternates_of(html: str, *, url: str) -> tuple[tuple[str, str], ...]:
    """Kinds (`wordpress`, `markdown`, `amp`) and addresses, best first; the page may be any.

    Args:
        html: the whole page.
        url: its address.
    """
    if html_excess(html):
        return ()
    tree = LexborHTMLParser(html)
    base = tree.css_first("base[href]")
    base_url = _joined(url, (base.attributes.get("href") or "") if base else "")
    found = [(kind, _joined(base_url, link)) for kind, link in _links(tree)]
    if _is_beside(tree) and (beside := _beside(url)):
        found.append(("markdown", beside))
    order = ("wordpress", "markdown", "amp")
    wanted = sorted(dict.fromkeys(found), key=lambda each: order.index(each[0]))
    return tuple((kind, address) for kind, address in wanted if address and address != url)[:_MOST]


def _links(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("link[rel][href]"):
        rel = (node.attributes.get("rel") or "").lower().split()
        kind = (node.attributes.get("type") or "").lower().partition(";")[0].strip()
        link = node.attributes.get("href") or ""
        if "amphtml" in rel:
            yield "amp", link
        elif "alternate" in rel and kind == "application/json" and _WORDPRESS.search(link):
            yield "wordpress", link
        elif "alternate" in rel and kind in ("text/markdown", "text/x-markdown"):
            yield "markdown", link


def _is_beside(tree: LexborHTMLParser) -> bool:
    generators = tree.css("meta[name=generator]")
    return any((node.attributes.get("content") or "").lower().startswith(_MARKDOWN_BESIDE) for node in generators)


def _beside(url: str) -> str:
    """The address with `.md`; `""` for a front page, which has none."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{path}.md", "", "")) if path else ""


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()).partition("#")[0]
    except ValueError:  # a bracket that is no IPv6 address
        return ""
