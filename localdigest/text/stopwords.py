"""Words that carry no meaning of their own, per language, as data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["load_function_words", "load_stopwords"]


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("stopwords.toml").read_text("utf-8"))


@cache
def load_stopwords() -> frozenset[str]:
    """Stop words of every language: English words, and the Chinese pairs and single characters."""
    return frozenset(word for language in _table().values() for words in language.values() for word in words.split())


@cache
def load_function_words(language: str) -> frozenset[str]:
    """The words that bind a sentence together (`en`: words, `zh`: characters)."""
    return frozenset(_table()[language]["function"].split())
