"""What a sentence puts between quotation marks, and whether it stands word for word in a source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.facts.fold import squeeze
from localdigest.facts.tokens import Quotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["find_quotations", "stands_in"]

_CLOSING = {"「": "」", "『": "』", "“": "”", "«": "»", "《": "》", "〈": "〉", '"': '"'}
_OPENER = re.compile("[" + "".join(_CLOSING) + "]")
_REACH = 1_500  #: characters in which a quotation must end
_LONG_WORDS = 3  #: of a quotation in Latin letters; a shorter one may be a term or a name
_LONG_HAN = 6  #: the same in Chinese characters
_HAN = re.compile(r"[\u3400-\u9fff]")
_GAP = re.compile(r"\[[^\[\]]{0,80}\]|…+|\.{3,}|⋯+")  #: left out or put in by whoever quotes
_LEAST_PART = 2


def find_quotations(text: str) -> Iterator[Quotation]:
    """The quotations of a folded text, outermost only."""
    at = 0
    while match := _OPENER.search(text, at):
        start = match.end()
        at = start
        if match[0] == '"' and start - 2 >= 0 and (text[start - 2].isdigit() or text[start - 2].isalpha()):
            continue  # inches, or a closing mark that lost its opening one
        end = text.find(_CLOSING[match[0]], start, start + _REACH)
        if end < 0:
            continue
        inner = text[start:end]
        at = end + 1
        if squeeze(inner):
            yield Quotation(start, end, match[0] not in "《〈" and _is_long(inner))


def _is_long(inner: str) -> bool:
    han = len(_HAN.findall(inner))
    return han >= _LONG_HAN or len(inner.split()) >= _LONG_WORDS + (1 if han else 0)


def stands_in(inner: str, squeezed: Sequence[str]) -> bool:
    """Whether every part of a quotation stands in one of the texts, in its order; letters and digits decide."""
    parts = [part for raw in _GAP.split(inner) if len(part := squeeze(raw)) >= _LEAST_PART or raw == inner]
    if not parts:
        return True
    return any(_in_order(parts, text) for text in (*squeezed, "".join(squeezed)))


def _in_order(parts: Sequence[str], text: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
