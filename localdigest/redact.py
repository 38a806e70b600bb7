"""Takes passwords out of addresses before anybody can print, store or publish them. Pure, and linear in the text."""

from __future__ import annotations

import re

__all__ = ["redacted", "without_credentials"]

_MASK = "***"
_WORD = re.compile(r"[^\s\"'<>`]+")
#: A path made of an address keeps one slash of the two.
_SCHEME = re.compile(r"(://|(?<=http):/|(?<=https):/)")
_END_OF_AUTHORITY = re.compile(r"[/?#]")
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::\d{1,5})?")


def redacted(text: str) -> str:
    """The text with user name and password of every address in it masked. Idempotent."""
    if "@" not in text or ":/" not in text:  # nearly always
        return text
    return _WORD.sub(lambda word: _masked(word[0]), text)


def without_credentials(url: str) -> str:
    """The address as it may be cited: it leads to the same page, for whoever may see it."""
    return redacted(url).replace(f"{_MASK}@", "")


def _masked(word: str) -> str:
    if "@" not in word:
        return word
    parts = _SCHEME.split(word)  # text, mark, address, mark, address…
    parts[2::2] = map(_masked_address, parts[2::2])
    return "".join(parts)


def _masked_address(address: str) -> str:
    """Of what follows a scheme: the last @ before the path ends the credentials, as browsers read it."""
    authority = _END_OF_AUTHORITY.split(address, maxsplit=1)[0]
    if "@" in authority:
        return _MASK + address[authority.rindex("@") :]
    # A slash in a password ends the authority too soon, and leaves a port that is no number.
    return address if _PORT.fullmatch(authority) else f"{_MASK}@"
