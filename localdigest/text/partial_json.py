"""What of a JSON text is whole, when it may have been cut off."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["read_json"]

_CLOSERS = {"{": "}", "[": "]"}
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}]|"', re.DOTALL)  # a whole string, a bracket, a string without its end


def read_json(text: str) -> tuple[Any, bool]:
    """The value of a text and whether the text is whole.

    Of a text that breaks off, the value holds everything up to the last object, array or string of an array that is
    complete; None when there is no such thing, or when the text is no JSON at all.
    """
    try:
        return json.loads(text), True
    except (ValueError, RecursionError):
        pass
    for end, closers in reversed(_whole_ends(text)):
        try:
            return json.loads(text[:end] + closers), False
        except (ValueError, RecursionError):
            continue
    return None, False


def _whole_ends(text: str) -> list[tuple[int, str]]:
    """Each place where a value has just ended, with what closes the brackets that are open there."""
    ends: list[tuple[int, str]] = []
    opened: list[str] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece in _CLOSERS:
            opened.append(piece)
        elif piece in _CLOSERS.values():
            if not opened or _CLOSERS[opened.pop()] != piece:
                break
            ends.append((match.end(), _closing(opened)))
        elif piece == '"':  # nothing behind it is known
            break
        elif opened and opened[-1] == "[":
            ends.append((match.end(), _closing(opened)))
    return ends


def _closing(opened: list[str]) -> str:
    return "".join(_CLOSERS[letter] for letter in reversed(opened))
