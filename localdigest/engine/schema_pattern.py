r"""The regular expressions in a schema that mean the same to everyone, in the compiler's syntax.

JSON Schema takes a pattern as JavaScript's, found anywhere in the string; checkers and the compiler each have their own
dialect. What is taken here: `^…$` around the whole, plain characters, `.`, classes, `\d`, `\w`, escaped punctuation,
groups, `|`, and greedy `* + ? {n} {n,} {n,m}`. Written out anew, so that nothing has a second meaning.
"""

from __future__ import annotations

import re

__all__ = ["whole_pattern"]

_SHORT = {"d": "0-9", "w": "0-9A-Za-z_"}
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
        return f"[{'^' if atom['not'] else ''}{_class(atom['body'], negated=bool(atom['not']))}]"
    if atom["dot"]:
        return r"[^\n\r\x{2028}\x{2029}]"
    if atom["escape"]:
        short = _SHORT.get(atom["escape"])
        return f"[{short}]" if short else _literal(_unescape(atom["escape"]))
    return _literal(atom["plain"]) if atom["plain"] else atom[0]


def _class(body: str, *, negated: bool) -> str:
    members = list(_MEMBER.finditer(body))
    parts: list[str] = []
    while members:
        first = members.pop(0)
        if len(members) > 1 and members[0]["plain"] == "-":
            last = members[1]
            del members[:2]
            parts.append(f"{_member(first)}-{_member(last)}")
            if len(members) > 1 and members[0]["plain"] == "-":
                raise ValueError(f"has {last[0]!r} between two hyphens, which not all read alike")
        elif first["escape"] in _SHORT:
            if negated:
                raise ValueError(f"has {first[0]} in a negated class, which not all read alike")
            parts.append(_SHORT[first["escape"]])
        else:
            parts.append(_member(first))
    return "".join(parts)


def _member(member: re.Match[str]) -> str:
    return _literal(member["plain"] or _unescape(member["escape"]))


def _unescape(escaped: str) -> str:
    if escaped in _CONTROL:
        return _CONTROL[escaped]
    if escaped.isascii() and not escaped.isalnum() and escaped.isprintable():
        return escaped
    raise ValueError(f"has \\{escaped}, which not all read alike")


def _literal(character: str) -> str:
    return character if character.isalnum() else f"\\x{{{ord(character):x}}}"
