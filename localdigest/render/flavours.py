"""What differs between the programs that a post may be for; its front matter is `templates/front/<flavour>.j2`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.render import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["AUTO", "FLAVOURS", "Flavour"]

AUTO = "auto"  #: that of the site; Jekyll's without one


def _hugo_text(text: str) -> str:
    r"""Sites with formulas hand `\[`, `\(` and `$` to a typesetter before Markdown sees them: no backslashes, then."""
    return escape.markdown(text, also={"\\": "&#92;", "[": "&#91;", "]": "&#93;", "$": "&#36;"})


def _obsidian_text(text: str) -> str:
    """Nor tags, comments, highlights, formulas and names of blocks. The editor hides backslashes, entities it shows."""
    return escape.markdown(text, also={sign: f"\\{sign}" for sign in "#%=$^"})


def _obsidian_value(text: str) -> str:
    """Nor links to notes, which Obsidian knows in properties too."""
    return re.sub(r"(?<=\[)(?=\[)|(?<=\])(?=\])", " ", escape.inert(text)).replace("#", "＃")


def _obsidian_tag(tag: str) -> str:
    """Of letters, digits, hyphens and slashes; digits alone are none."""
    name = re.sub(r"[^\w/]+", "-", escape.inert(tag)).strip("-/")
    return name if re.search(r"[^\d_/-]", name) else ""


def _eleventy_tag(tag: str) -> str:
    """A tag is a collection there, and one name is taken."""
    name = escape.inert(tag)
    return "" if name == "all" else name


@dataclass(frozen=True, slots=True)
class Flavour:
    """How one of them makes somebody else's text inert, and what it shows of a post."""

    text: Callable[[str], str] = escape.markdown  #: in the body
    value: Callable[[str], str] = escape.inert  #: in front matter and titles of links
    tag: Callable[[str], str] = escape.inert  #: `""` for what can be none
    brackets: tuple[str, str] = ("\\[", "\\]")  #: around the number of a source
    shows_picture: bool = False  #: in the text, since nobody else draws it


FLAVOURS: Mapping[str, Flavour] = {
    "jekyll": Flavour(),
    "hugo": Flavour(text=_hugo_text, brackets=("&#91;", "&#93;")),
    "eleventy": Flavour(tag=_eleventy_tag),
    "obsidian": Flavour(text=_obsidian_text, value=_obsidian_value, tag=_obsidian_tag, shows_picture=True),
    "plain": Flavour(shows_picture=True),
}
