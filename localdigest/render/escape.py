r"""Makes scraped text inert: in Markdown of any flavour, in front matter, in addresses.

A post passes through a template engine (Liquid, Nunjucks, Go templates), a Markdown reader (kramdown, goldmark,
CommonMark) and a browser. Text from a page must mean nothing to any of them.
Entities are used where flavours disagree on backslashes: kramdown knows no `\~`, for one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["address", "inert", "markdown", "single_line", "yaml_string"]

#: C0 and C1 controls, surrogates, bidirectional overrides, zero-width and tag characters, non-characters: nothing that
#: a reader sees, everything that a trick needs.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f]+")

_INLINE = {
    "\\": "\\\\",
    "`": "\\`",
    "*": "\\*",
    "[": "\\[",
    "]": "\\]",
    "|": "\\|",  # kramdown takes any line with a bar for a table
    "<": "&lt;",
    "~": "&#126;",
    "{": "&#123;",  # Liquid, Nunjucks, kramdown's attribute lists
    "}": "&#125;",
}
_ENTITY = re.compile(r"&(?=#\d|#[xX]|[A-Za-z][A-Za-z0-9]*;)")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # between two letters it is no emphasis
_DOUBLE_DOLLAR = re.compile(r"\$(?=\$)|(?<=\$)\$")
_SCHEME = re.compile(r"(?<=[A-Za-z])://")  # what follows would become a link by itself
_WWW = re.compile(r"\b(www)\.", re.IGNORECASE)
_MAIL = re.compile(r"(?<=\w)@(?=\w)")
#: A bare name of a host, which some readers make a link: the endings that are no ordinary word and no unit.
_HOST = re.compile(
    r"(?<=[A-Za-z0-9])\.(?=(?:com|net|org|edu|gov|info|biz|pro|shop|app|dev|xyz|top|site|online|club|io|ai|co|me|tv|cc|tk|ru|cn"
    r"|tw|hk|jp|kr|uk|de|fr|eu|us|in|ly|gg|sh)(?![\w-]))",
    re.IGNORECASE,
)
_BLOCK_START = re.compile(r"^([#>+\-=:])")
_ORDERED_START = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")

#: Of ASCII all but what RFC 3986 allows, less `*` and brackets, which Markdown would read. Other scripts stay as they
#: are: browsers encode them themselves, and a person can read the file.
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\"<>\\^`{|}*\[\]\x7f]|\s|%(?=%)")  # `%%` begins a comment in Obsidian


def single_line(text: str) -> str:
    """The text without what cannot be seen, each run of white space one space, in normal form C."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()


def markdown(text: str, *, also: Mapping[str, str] | None = None) -> str:
    """The text as one line of Markdown that any reader shows as it is, wherever in a line it stands.

    Args:
        text: of a page.
        also: signs that mean something to one reader more, with what is written for them.
    """
    text = single_line(text)
    text = _ENTITY.sub("&amp;", text)
    signs = {**_INLINE, **(also or {})}
    text = "".join(signs.get(sign, sign) for sign in text)
    text = _UNDERSCORE.sub(r"\\_", text)
    text = _DOUBLE_DOLLAR.sub("&#36;", text)
    text = _SCHEME.sub("&#58;//", text)
    text = _WWW.sub(r"\1&#46;", text)
    text = _MAIL.sub("&#64;", text)
    text = _HOST.sub("&#46;", text)
    text = _BLOCK_START.sub(r"\\\1", text)
    return _ORDERED_START.sub(r"\1\\\2", text)


def inert(text: str) -> str:
    """The text for places that decode nothing and escape nothing: front matter, titles of links.

    A theme may put it between tags, into an attribute, or through its template engine; so the signs that would act
    give way to signs that look like them.
    """
    text = single_line(text).replace("<", "‹").replace(">", "›").replace('"', "”").replace("\\", "＼")
    text = re.sub(r"(?<=[{}%#])(?=[{}%#])|(?<=\{)(?=:)", " ", text)
    return re.sub(r"(?<=\])(?=[(\[:])|(?<=!)(?=\[)", " ", text)  # a theme may take it for Markdown: no link, no image


def yaml_string(text: str) -> str:
    """A double-quoted YAML scalar that every YAML 1.1 and 1.2 reader takes for this very text."""
    return '"' + single_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def address(url: str) -> str:
    """The address as Markdown can carry it between angle brackets; the same address to a browser."""
    return _UNSAFE_IN_ADDRESS.sub(lambda found: quote(found[0], safe=""), _INVISIBLE.sub("", url))
