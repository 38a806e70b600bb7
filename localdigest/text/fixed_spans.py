"""Stretches of a text that no rule of language or typography may change: addresses, code, markup, citations, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Span", "find_fixed_spans"]

Span = tuple[int, int]  #: start and end, as in a slice

# Every alternative is linear: it begins with a rare character or a look-behind, and cannot run over its own beginning.
_MARKUP = re.compile(
    r"""
    ```.*?(?:```|\Z)                                             # a block of code, closed or not
    | ``(?!`)[^\n]+?``(?!`) | `[^`\n]+`                          # code in a line
    | ^\[D\d+\.(?:S\d+|T)\]:[^\n]*                               # where a citation leads
    | \[(?:\\\[)?\d+(?:\\\])?\]\[D\d+\.(?:S\d+|T)\]              # a citation: [\[3\]][D3.S17]
    | \[D\d+\.(?:S\d+|T)\]                                       # its id alone
    | (?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\ "[^"\n]*")?\)  # the target of a Markdown link
    | </?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]*)?/?>                 # a tag
    | &(?:\#\d{1,7}|\#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});    # an entity
    | (?<![A-Za-z])(?:(?:https?|ftp|file)://|mailto:|www\.)       # an address, Han letters in its path too;
      [!\#-'*-;=?-_a-~]                                           #   what ends a sentence after it is no part of it
      (?:[^\s()<>"`\u00ad\u200b\u2060\ufeff\u3000-\u303f\uff01-\uff65]|\([^\s()<>"`]*\))*(?<![.,;:!?])
    | (?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+    # an e-mail address
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def find_fixed_spans(text: str, *, keep: Sequence[str] = (), also: re.Pattern[str] | None = None) -> list[Span]:
    """The spans of markup, of each string to keep, and of what `also` matches: in order, none overlapping."""
    spans = [match.span() for match in _MARKUP.finditer(text)]
    if also:
        spans += [match.span() for match in also.finditer(text)]
    for words in set(keep):
        spans += _occurrences(text, words)
    return list(_merged(span for span in sorted(spans) if span[0] < span[1]))


def _occurrences(text: str, words: str) -> Iterator[Span]:
    start = text.find(words) if words else -1
    while start >= 0:
        yield start, start + len(words)
        start = text.find(words, start + 1)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Overlapping spans as one."""
    start, end = 0, 0
    for first, last in spans:
        if first < end:
            end = max(end, last)
            continue
        if start < end:
            yield start, end
        start, end = first, last
    if start < end:
        yield start, end
