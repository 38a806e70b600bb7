"""Reads a page that a site generator made, as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["BuiltPage", "bare"]


@dataclass
class BuiltPage(HTMLParser):
    """What a browser would find in a page."""

    text: str
    tags: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)  #: addresses of the links that are a number in brackets
    pictures: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    acts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: tuple[str, str] | None = None
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.acts |= {name for name in values if name.startswith("on") or name == "style"}
        self.links += [values["href"]] if tag == "a" else []
        self.pictures += [values["src"]] if tag == "img" else []
        self._open = (tag, values.get("href", ""))

    def handle_data(self, data: str) -> None:
        match self._open:
            case ("a", href) if re.fullmatch(r"\[\d+\]", data):
                self.citations.append(href)
            case ("h2", _):
                self.headings.append(data)

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open = None


def bare(link: str) -> str:
    """An address to compare with others, however a generator spells it."""
    return re.sub(r"%[0-9A-Fa-f]{2}|[^\w.:/-]", "", link.partition("#")[0])
