"""Characters that nobody sees: what a page's text is without them, and how many there were.

They part words that are one to a reader, turn the order of a line about, or carry a message of their own: tag
characters and runs of variation selectors spell any text without a trace on the screen.
"""

from __future__ import annotations

import re

__all__ = ["smuggled", "without_unseen"]

_TAGS = "\U000e0000-\U000e007f"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
#: Never a part of a word: soft hyphen, zero-width space, marks and overrides of direction, invisible operators, fillers
#: of Hangul, annotations, tags.
_NEVER = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    f"\uffa0\ufff0-\ufffb{_TAGS}]"
)
#: Joiners belong between two letters of Persian or Indic scripts, or two emoji, one at a time.
_JOINERS = re.compile("[\u200c\u200d]+")
_JOINABLE = re.compile(f"[\u0600-\u1fff\u2190-\u2bff\ufb50-\ufdff\ufe70-\ufefe{_SELECTORS}\U0001f000-\U0001faff]")
#: One selector chooses the shape of the character before it; a second chooses nothing.
_SELECTOR_RUN = re.compile(f"[{_SELECTORS}]{{2,}}")
#: Controls but for tab and line feed: a terminal acts on them, and nothing shows them.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: Tags that people write: the flag of a region, an emoji that ends in a cancel tag.
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
_SMUGGLED = re.compile(f"[{_TAGS}]|[{_SELECTORS}]{{2,}}|[\u200b-\u200d\u2060-\u2064]{{4,}}|[\u202d\u202e]")


def without_unseen(text: str) -> str:
    """The text without characters that show nothing; the joiners and selectors that shape what is shown stay."""
    if not text.isprintable():  # line feeds, too
        text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))
    if text.isascii():
        return text
    text = _NEVER.sub("", text)
    text = _SELECTOR_RUN.sub(lambda run: run[0][0], text)
    return _JOINERS.sub(_joiner, text)


def smuggled(text: str) -> int:
    """How many characters of the text are unseen and of the kinds that carry a message or turn the text about."""
    if text.isascii():
        return 0
    return sum(len(found) for found in _SMUGGLED.findall(_FLAG.sub("", text)))


def _joiner(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 1) : found.start()]
    after = found.string[found.end() : found.end() + 1]
    return found[0][0] if _shapes(before) and _shapes(after) else ""


def _shapes(character: str) -> bool:
    return bool(character) and _JOINABLE.match(character) is not None
