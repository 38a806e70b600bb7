"""What a model wrote, made fit to be shown: one line, no invisible characters, no ids of its prompt in the prose."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["cleaned"]

# Models write spaces that nobody sees, which upset YAML, search and comparison: U+200B, U+2060, U+FEFF and their like.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_ID = r"\[?D\d+\.(?:S\d+|T)\]?|\[S?\d{1,3}\]"
_CITED = re.compile(rf"\s*[(（]?\s*(?:{_ID})(?:\s*[,，、;；]\s*(?:{_ID}))*\s*[)）]?(?=$|[\s,.;:!?，。；：！？、)）])")


def cleaned(text: str) -> str:
    """The sentence, in composed characters, with single spaces; its citations stand elsewhere."""
    seen = "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter) not in _UNSEEN)
    line = " ".join(unicodedata.normalize("NFC", seen).split())
    return _CITED.sub("", line).strip()
