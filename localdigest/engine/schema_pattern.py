r"""The regular expressions in a schema that mean the same to everyone, in the compiler's syntax.

JSON Schema takes a pattern as JavaScript's, found anywhere in the string; checkers and the compiler each have their own
dialect. What is taken here: `^…$` around the whole, plain characters, `.`, classes, `\d`, `\w`, escaped punctuation,
groups, `|`, and greedy `* + ? {n} {n,} {n,m}`. Written out anew, so that nothing has a second meaning.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["whole_pattern"]

_SHORT = {"d": "0-9", "w": "0-9A-Za-z_"}
_LINE_ENDS = "\n\r\u2028\u2029"
_NUL = (0, 0)
_SURROGATES = (0xD800, 0xDFFF)  #: no character of any text
_CONTROL = {"n": "\n", "r": "\r", "t": "\t"}
_ATOM = re.compile(
    r"""
    (?P<open> \( (?: \?: )? (?! \? ) )
  | (?P<close> \) )
  | (?P<bar> \| )
  | (?P<class> \[ (?P<not> \^ )? (?P<body> (?: [^\\\[\]] | \\. )+ ) \] )
  | (?P<dot> \. )
  | \\ (?P<escape> . )
  | (?P<plain> [^\\^$.|?*+()\[\]{}] )
    """,
    re.VERBOSE | re.DOTALL,
)
_QUANTIFIER = re.compile(r"[*+?]|\{\d{1,4}(?:,(?:\d{1,4})?)?\}", re.ASCII)
_MEMBER = re.compile(r"\\(?P<escape>.)|(?P<plain>[^\\])", re.DOTALL)


def whole_pattern(pattern: object) -> str:
    """The same expression for the compiler. Raises ValueError with what stands in the way."""
    if not isinstance(pattern, str):
        raise ValueError("is no text")  # noqa: TRY004 - the caller has one kind of error for a bad pattern
    body = pattern[1:-1]
    if not (len(pattern) > 1 and pattern[0] == "^" and pattern[-1] == "$") or _ends_escaped(body):
        raise ValueError("does not describe the whole string, from ^ to $")
    translated = _translate(body)
    try:
        re.compile(body)  # groups that open and close, ranges that go up
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return f"^(?:{translated})$"


def _ends_escaped(body: str) -> bool:
    return (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _translate(body: str) -> str:
    parts: list[str] = []
    position = 0
    while position < len(body):
        atom = _ATOM.match(body, position)
        if atom is None:
            raise ValueError(f"has {body[position : position + 4]!r}, which not all read alike")
        parts.append(_atom(atom))
        position = atom.end()
        if atom["open"] or atom["bar"]:
            continue
        quantifier = _QUANTIFIER.match(body, position)
        if quantifier:
            parts.append(quantifier[0])
            position = quantifier.end()
            # A second mark would make it lazy or possessive.
    return "".join(parts)


def _atom(atom: re.Match[str]) -> str:
    if atom["open"]:
        return "(?:"
    if atom["class"]:
        return f"[{_others(atom['body']) if atom['not'] else _class(atom['body'])}]"
    if atom["dot"]:
        return f"[{_complement([(ord(end), ord(end)) for end in _LINE_ENDS])}]"
    if atom["escape"]:
        short = _SHORT.get(atom["escape"])
        return f"[{short}]" if short else _literal(_unescape(atom["escape"]))
    return _literal(atom["plain"]) if atom["plain"] else atom[0]


def _class(body: str) -> str:
    return "".join(
        member if isinstance(member, str) else f"{_literal(chr(member[0]))}-{_literal(chr(member[1]))}"
        for member in _members(body)
    )


def _others(body: str) -> str:
    taken: list[tuple[int, int]] = []
    for member in _members(body):
        if isinstance(member, str):
            raise ValueError("has a group such as \\d in a negated class, which not all read alike")  # noqa: TRY004 - a bad pattern
        taken.append(member)
    return _complement(taken)


def _complement(taken: list[tuple[int, int]]) -> str:
    """The other characters, as ranges, but never NUL: in a string llguidance takes a class with NUL for one that holds
    every escaped letter, so `[^"]` would take a quotation mark.
    """
    ranges, start = [], 0
    for first, last in sorted([*taken, _NUL, _SURROGATES]):
        if start < first:
            ranges.append(f"\\x{{{start:x}}}-\\x{{{first - 1:x}}}")
        start = max(start, last + 1)
    if start <= sys.maxunicode:
        ranges.append(f"\\x{{{start:x}}}-\\x{{{sys.maxunicode:x}}}")
    if not ranges:
        raise ValueError("has a class that no character is in")
    return "".join(ranges)


def _members(body: str) -> Iterator[str | tuple[int, int]]:
    """The groups, as they are written, and the ranges of code points of a class."""
    members = list(_MEMBER.finditer(body))
    while members:
        first = members.pop(0)
        if len(members) > 1 and members[0]["plain"] == "-":
            last = members[1]
            del members[:2]
            yield ord(_character(first)), ord(_character(last))
            if len(members) > 1 and members[0]["plain"] == "-":
                raise ValueError(f"has {last[0]!r} between two hyphens, which not all read alike")
        elif first["escape"] in _SHORT:
            yield _SHORT[first["escape"]]
        else:
            point = ord(_character(first))
            yield point, point


def _character(member: re.Match[str]) -> str:
    character: str = member["plain"] or _unescape(member["escape"])
    if character == "\0":
        raise ValueError("has the character NUL, which no text needs")
    return character


def _unescape(escaped: str) -> str:
    if escaped in _CONTROL:
        return _CONTROL[escaped]
    if escaped.isascii() and not escaped.isalnum() and escaped.isprintable():
        return escaped
    raise ValueError(f"has \\{escaped}, which not all read alike")


def _literal(character: str) -> str:
    return character if character.isalnum() else f"\\x{{{ord(character):x}}}"
