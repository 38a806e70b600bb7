"""Refuses HTML whose mere parsing would take minutes: too deep, or a tag with thousands of attributes."""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["html_excess"]

# Lexbor and lxml take time quadratic in depth and in the attributes of one tag (20,000 levels 0.7 s, 100,000
# attributes 27 s); the deepest of 316 real pages has some 60 levels.
MAX_DEPTH = 5_000
MAX_ATTRIBUTES = 2_000

# A quotation mark opens a value only after `=`; what follows it up to its twin is no markup.
_TAG = re.compile(r"""<!--(?:[^-]|-(?!->))*+|<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:=\s*+(?:"[^"]*+"?|'[^']*+'?)|[^>])*+)""")
_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"?|'[^']*+'?)""")
_RAW_TEXT = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
#: Elements that hold nothing, or that the next of their kind closes: no depth comes from them alone.
_FLAT = re.compile(
    "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|html|head|body"
    "|p|li|dt|dd|td|th|tr|thead|tbody|tfoot|colgroup|caption|option|optgroup|rp|rt"
)


def html_excess(html: str) -> str:
    """What is too much about the page, in words; `""` when it can be parsed in time. Linear in its length."""
    if not _may_exceed(html):
        return ""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    skip_to = 0
    for match in _TAG.finditer(html):
        name = (match[2] or "").lower()
        if match.start() < skip_to or not name:
            continue
        if len(match[3]) > MAX_ATTRIBUTES * 2 and len(_VALUE.sub("", match[3]).split()) > MAX_ATTRIBUTES:
            return f"a tag with more than {MAX_ATTRIBUTES:,} attributes"
        if name in _RAW_TEXT and not match[1]:
            skip_to = _after_raw_text(html, match.end(), name)
        elif not _FLAT.fullmatch(name):
            depth += _step(opened, name, closing=bool(match[1]))
            deepest = max(deepest, depth)
    return f"elements nested more than {MAX_DEPTH:,} deep" if deepest > MAX_DEPTH else ""


def _may_exceed(html: str) -> bool:
    """Cheap counts that any page over a limit must show; most pages show none and are not scanned."""
    starts, ends = html.count("<"), html.count(">")
    return (
        starts - html.count("</") > MAX_DEPTH
        or ends - starts > MAX_ATTRIBUTES
        or max(map(len, html.split(">"))) > MAX_ATTRIBUTES * 2
    )


def _step(opened: Counter[str], name: str, *, closing: bool) -> int:
    """How much deeper the tag leads: an end tag without its start leads nowhere."""
    if not closing:
        opened[name] += 1
        return 1
    if not opened[name]:
        return 0
    opened[name] -= 1
    return -1


def _after_raw_text(html: str, at: int, name: str) -> int:
    end = re.compile(rf"</{name}", re.IGNORECASE).search(html, at)
    return end.start() if end else len(html)
