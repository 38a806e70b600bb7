"""Which clause a word stands in, and whether that clause denies something."""

from __future__ import annotations

import re

__all__ = ["ENGLISH_NOT", "HAN_NOT", "clause_around", "denies"]

ENGLISH_NOT = re.compile(
    r"\b(?:not(?! only| just| least| to mention)|never|no longer|neither|nor|without|cannot|[a-z]+n't|no"
    r"|(?:fail(?:s|ed)?|refus(?:e|es|ed)|declin(?:e|es|ed)) to|den(?:y|ies|ied))\b",
    re.IGNORECASE,
)
#: 未 and 不 also begin words that deny nothing: 未來, 不過.
HAN_NOT = re.compile(
    "並未|并未|從未|从未|尚未|未曾|未能|未再|沒有|没有|不再|不會|不会|不能|不得|不予|不是|並非|并非|無法|无法|無需|毋須|無須"
    "|拒絕|拒绝|否認|否认|並不|并不|絕不"
    "|未(?![來来必婚知滿達免雨])|[沒没](?![收落入])"
    "|不(?![過过僅仅只但斷断同少論论管久等到如足及便料錯错滿满安幸單独獨符銹鏽約外已免明]|可思議|動產|动产|景氣|一樣|一定|得不)"
)
_END = re.compile(r"[,;。；，！？!?]|\. |\b(?:while|whereas|but|although|and)\b|而|但|同時|並")
_REACH = 60  #: characters to either side in which a clause is looked for


def clause_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause of a span, as far as marks and connectives tell."""
    low = max(0, start - _REACH)
    first = low
    for match in _END.finditer(text, low, start):
        first = match.end()
    last = _END.search(text, end, end + _REACH)
    return first, last.start() if last else min(len(text), end + _REACH)


def denies(text: str, start: int, end: int) -> bool:
    """Whether a negation stands in a span."""
    return (HAN_NOT.search(text, start, end) or ENGLISH_NOT.search(text, start, end)) is not None
