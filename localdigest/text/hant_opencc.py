"""The door to OpenCC, whose phrase tables know which Traditional character a Simplified one stands for."""

from __future__ import annotations

from functools import cache

from opencc import OpenCC

__all__ = ["taiwan_reading"]


def taiwan_reading(han: str) -> str:
    """What Taiwan writes for a stretch of Han characters in either script: as many characters, each in its place.

    The way leads over Simplified, so that a word of which only one half is Simplified is found in the tables too.
    """
    to_simplified, to_taiwan = _converters()
    made: str = to_taiwan.convert(to_simplified.convert(han))
    if len(made) == len(han):
        return made
    # No entry of the tables changes the length; should one ever do, characters are read one by one.
    return "".join(to_taiwan.convert(char)[:1] or char for char in han)


@cache
def _converters() -> tuple[OpenCC, OpenCC]:
    return OpenCC("t2s"), OpenCC("s2tw")
