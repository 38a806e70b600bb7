"""Takes passwords out of addresses before anybody can print, store or publish them. Pure, and linear in the text."""

from __future__ import annotations

import re

__all__ = ["redacted"]

_MASK = "***"
_WORD = re.compile(r"[^\s\"'<>`]+")
_END_OF_AUTHORITY = re.compile(r"[/?#]")
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::\d{0,5})?")


def redacted(text: str) -> str:
    """The text with user name and password of every address in it masked. Idempotent."""
    if "@" not in text or "://" not in text:  # nearly always
        return text
    return _WORD.sub(lambda word: _masked(word[0]), text)


def _masked(word: str) -> str:
    scheme, *addresses = word.split("://")
    if "@" not in word:
        return word
    return "://".join((scheme, *map(_without_credentials, addresses)))


def _without_credentials(address: str) -> str:
    """Of what follows `://`: the last @ before the path ends the credentials, as browsers read it."""
    authority = _END_OF_AUTHORITY.split(address, maxsplit=1)[0]
    if "@" in authority:
        return _MASK + address[authority.rindex("@") :]
    # A slash in a password ends the authority too soon, and leaves a port that is no number.
    return address if _PORT.fullmatch(authority) else f"{_MASK}@"
