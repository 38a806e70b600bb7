"""Lines of a PDF joined to a text: words that were divided are put together, and hyphens that belong there stay."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from localdigest.parsing.pdf_lines import HYPHEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.parsing.pdf_lines import Line

__all__ = ["joined", "readable", "vocabulary"]

_NO_SPACE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef\uac00-\ud7a3]")
_LIGATURES = str.maketrans(
    {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xad": None}
)
#: Second halves of compounds, which begin no syllable of a longer word.
_COMPOUND_TAILS = """
aware based bound changer changing day depth driven end free friendly grade grown heavy intensive level like lived
oriented parameter scale shot specific term time trained tuned tuning type weight wide year
"""
_PREFIXES = "be de dis en ex fore in inter mis out over pre re some sub un under up"  #: which make words with those
_TAILS = frozenset(_COMPOUND_TAILS.split())
_HEADS = frozenset(_PREFIXES.split())


def readable(text: str) -> str:
    """With ligatures as letters."""
    return text.translate(_LIGATURES)


def vocabulary(lines: Iterable[Line]) -> Counter[str]:
    """How often each word stands undivided in the text."""
    text = re.sub(rf"\S*[{HYPHEN}-]\s*\n\S*", " ", "\n".join(line.text for line in lines).lower())
    return Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text))


def joined(lines: Iterable[Line], words: Counter[str]) -> str:
    """The lines as one text."""
    text = ""
    for line in lines:
        text = _join(text, line.text.lstrip(), words)
    return " ".join(text.replace(HYPHEN, "-").split())


def _join(text: str, line: str, words: Counter[str]) -> str:
    """Puts a line after the text: divided words together, Chinese without a space, others with one."""
    if text.endswith((HYPHEN, "-")) and line[:1].islower():
        head = re.search(r"[^\W\d_]*\Z", text[:-1])
        tail = re.match(r"(?:[^\W\d_]+(?:-[^\W\d_]+)*)?", line)
        assert head
        assert tail
        return text[:-1] + ("-" if _keeps_hyphen(head[0].lower(), tail[0].lower(), words) else "") + line
    if text.endswith(HYPHEN):
        return text[:-1] + "-" + line
    glued = not text or (_NO_SPACE.match(text[-1]) and _NO_SPACE.match(line))
    return text + ("" if glued else " ") + line


def _keeps_hyphen(head: str, tail: str, words: Counter[str]) -> bool:
    """Whether the hyphen is a part of the word: as the rest of the text writes it, else if both halves are words."""
    whole, hyphened = words[head + tail], words[f"{head}-{tail}"]
    if whole or hyphened:
        return hyphened > whole
    if not head:  # after a figure or a sign: `4-bit`
        return True
    if tail in _TAILS and head not in _HEADS:
        return True
    return len(head) > 3 and len(tail) > 3 and words[head] > 0 and words[tail] > 0
