"""Takes out of Markdown what its readers do not see: comments, and HTML that hides itself. Listings stay whole."""

from __future__ import annotations

import re
from typing import Final

from localdigest.parsing.body_styles import hides

__all__ = ["without_hidden_markup"]

_SILENT: Final = frozenset(("script", "style", "template", "noscript", "textarea", "iframe", "object", "svg", "dialog"))
_CLOSES_ITSELF: Final = frozenset(("p", "li", "td", "th", "dd", "dt"))  #: at the next block, where no end tag stands
_VOID: Final = frozenset(("br", "hr", "img", "input", "link", "meta", "area", "base", "col", "embed", "source", "wbr"))

_DEEPEST: Final = 100  #: elements of one name within each other

#: A fenced listing (kept), the start of a comment, or that of an element.
_PART = re.compile(
    r"(?P<fence>^[ ]{0,3}(?P<mark>```+|~~~+)[^\n]*\n.*?(?:^[ ]{0,3}(?P=mark)[`~]*[ \t]*$|\Z))"
    r"|(?P<block>^[ ]{0,3})?(?P<comment><!--)"
    r"|<(?P<tag>[a-zA-Z][a-zA-Z0-9-]*)(?P<attributes>(?:\s[^<>]{0,2000})?)>",
    re.DOTALL | re.MULTILINE,
)
_STYLE = re.compile(r"""\bstyle\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:^|\s)hidden(?:\s|=|/|$)", re.IGNORECASE)
_REFERENCE_COMMENT = re.compile(r"^[ ]{0,3}\[//\]:[ \t]*#?[^\n]*$", re.MULTILINE)
_NEXT_BLOCK = re.compile(r"\n[ \t]*\n|\Z")


def without_hidden_markup(text: str) -> tuple[str, str]:
    """The text as its readers see it, and the words that were taken out."""
    shown: list[str] = []
    hidden: list[str] = []
    at = 0
    last_comment_end = text.rfind("-->")  # looked for once: a text may open comments without end
    while found := _PART.search(text, at):
        end = found.end()
        is_closed = found["comment"] and end <= last_comment_end
        if is_closed or found["block"] is not None:  # a comment that begins a block may lack its end
            close = text.find("-->", end) if is_closed else len(text)
            hidden.append(text[end:close])
            end = min(close + 3, len(text))
        elif found["tag"] and _is_hidden(found["tag"].lower(), found["attributes"]):
            end = _end_of(text, found["tag"].lower(), found.end())
            hidden.append(text[found.end() : end])
        else:
            shown.append(text[at:end])
            at = end
            continue
        shown.append(text[at : found.start()])
        at = end
    rest = "".join((*shown, text[at:]))
    hidden += _REFERENCE_COMMENT.findall(rest)
    return rest, "\n".join(" ".join(words.split()) for words in hidden)


def _is_hidden(tag: str, attributes: str) -> bool:
    if tag in _VOID:
        return False
    style = _STYLE.search(attributes)
    return (
        tag in _SILENT
        or _HIDDEN.search(attributes) is not None
        or (style is not None and hides(style[style.lastindex or 1]))
    )


def _end_of(text: str, tag: str, at: int) -> int:
    """Behind the end tag of an element whose start tag ends at `at`."""
    depth = 1
    for found in re.compile(rf"<(/?){tag}\b[^<>]*>", re.IGNORECASE).finditer(text, at):
        depth += -1 if found[1] else 1
        if not depth:
            return found.end()
        if depth > _DEEPEST:
            break
    block = _NEXT_BLOCK.search(text, at)
    return block.start() if tag in _CLOSES_ITSELF and block else len(text)
