"""Names that are known in English and in Chinese."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.words import Word, bare

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["alias_key", "find_known", "forms_of", "in_latin", "is_place"]

_MOST_WORDS = 3  #: of a known name


class _Aliases(NamedTuple):
    ids: Mapping[str, str]  #: form, or the key of one in Latin letters → id
    han: re.Pattern[str]  #: any Chinese form
    places: frozenset[str]  #: ids
    forms: Mapping[str, tuple[str, ...]]  #: id → all its forms


@cache
def _aliases() -> _Aliases:
    table = tomllib.loads(files(__package__).joinpath("aliases.toml").read_text("utf-8"))
    entries = [[form.strip() for form in entry.split(",")] for kind in table.values() for entry in kind]
    ids = {bare(form) or form: forms[0] for forms in entries for form in forms}
    han = sorted((form for form in ids if not form[0].isascii()), key=len, reverse=True)
    places = frozenset(entry.split(",")[0].strip() for entry in table["places"])
    all_forms = {forms[0]: tuple(forms) for forms in entries}
    return _Aliases(ids, re.compile("|".join(map(re.escape, han))), places, all_forms)


def alias_key(key: str) -> frozenset[str]:
    """What stands for a key in any language; empty for a name that is not in the table."""
    found = _aliases().ids.get(key)
    return frozenset({f"={found}"}) if found else frozenset()


def forms_of(known: str) -> tuple[str, ...]:
    """All ways to write the known name with this id, the id first."""
    return _aliases().forms[known]


def in_latin(text: str) -> str:
    """The text with the known names in Latin letters that it has in Chinese ones."""
    aliases = _aliases()
    return " ".join(aliases.han.sub(lambda found: f" {aliases.ids[found[0]]} ", text).split())


def is_place(key: str) -> bool:
    """Whether it names a country, its people, or a city."""
    aliases = _aliases()
    return aliases.ids.get(key) in aliases.places


def find_known(text: str, words: list[Word]) -> Mapping[str, tuple[int, int, bool]]:
    """The known names of a folded text: id → where it stands first, and whether it is a place."""
    aliases = _aliases()
    found: dict[str, tuple[int, int, bool]] = {}
    for index, word in enumerate(words):
        if not (word.text[0].isupper() or word.text[0].isdigit()):
            continue
        for reach in range(_MOST_WORDS, 0, -1):
            span = words[index : index + reach]
            if len(span) == reach and (known := aliases.ids.get("".join(part.key for part in span))):
                found.setdefault(known, (word.start, span[-1].end, known in aliases.places))
                break
    for match in () if text.isascii() else aliases.han.finditer(text):
        known = aliases.ids[match[0]]
        found.setdefault(known, (match.start(), match.end(), known in aliases.places))
    return found
