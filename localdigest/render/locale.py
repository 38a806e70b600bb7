"""The words of the templates, by language; a TOML file each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from localdigest.errors import UsageError
from localdigest.values import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Locale", "load_locale"]


@dataclass(frozen=True, slots=True)
class Locale:
    language: str  #: BCP 47
    words: Mapping[str, Any]
    headings: Mapping[str, str]

    def say(self, key: str, **facts: object) -> str:
        return str(self.words[key]).format(**facts)

    def name(self, table: str, key: str) -> str:
        """What a value is called; itself, where a later version made the manifest."""
        return str(self.words[table].get(key, key))


def load_locale(language: str, headings: Mapping[str, str] | None = None) -> Locale:
    """The words of a language, with the given headings in place of its own.

    Raises:
        UsageError: a heading that no digest has.
    """
    words = _read(language)
    own = words["headings"]
    for key in headings or {}:
        if key not in own:
            raise UsageError(f"no digest has a heading `{key}`", hint=f"The headings are: {', '.join(own)}.")
    return Locale(language, words, own | dict(headings or {}))


@cache
def _read(language: str) -> dict[str, Any]:
    assert language in LANGUAGES, language  # neither settings nor manifests let another pass
    file = resources.files("localdigest.render") / "words" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
