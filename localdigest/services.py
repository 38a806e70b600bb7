"""The services that discovery can ask, by name, and the value of the setting that chooses among them. Pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from localdigest import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["DEFAULT", "ON_REQUEST", "TITLES", "found_by", "services", "via"]

#: Name → what people call it, in the order in which they are asked.
TITLES: Final[Mapping[str, str]] = {
    "hacker-news": "Hacker News",
    "arxiv": "arXiv",
    "hugging-face": "Hugging Face",
    "dev": "DEV",
    "reddit": "Reddit",
    "gdelt": "GDELT",
    "google-news": "Google News",
}
#: Not among `all`: GDELT turns most away (429), Google News gives no addresses and is meant for personal use only.
ON_REQUEST: Final = ("gdelt", "google-news")
DEFAULT: Final = tuple(name for name in TITLES if name not in ON_REQUEST)

_ALL, _NONE = "all", "none"
_VIA = "discovery "


def services(raw: Any) -> tuple[str, ...]:
    """The value of the setting: names, `all` for those that are asked by default, `none`; `-name` takes one away.

    Raises:
        ValueError: what would be right.
    """
    chosen: dict[str, None] = {}
    for text in values.texts(raw):
        for word in values.texts(text.lower()):
            name = word.removeprefix("-")
            named = {_ALL: DEFAULT, _NONE: ()}.get(name) if word == name else None
            if named is None:
                named = (_known(name),)
            for each in named:
                chosen[each] = None
                if word != name:
                    del chosen[each]
    return tuple(name for name in TITLES if name in chosen)


def via(names: Iterable[str]) -> str:
    """How a source came to be known, as `Source.via` has it."""
    return _VIA + ", ".join(names)


def found_by(text: str) -> tuple[str, ...]:
    """The names in a `via`; none where it was not discovery."""
    return tuple(text.removeprefix(_VIA).split(", ")) if text.startswith(_VIA) else ()


def _known(name: str) -> str:
    if name in TITLES:
        return name
    nearest = difflib.get_close_matches(name, TITLES, n=1)
    told = f"did you mean {nearest[0]}?" if nearest else f"there is {', '.join((_ALL, _NONE, *TITLES))}"
    raise ValueError(f"there is no service {name!r}; {told}")
