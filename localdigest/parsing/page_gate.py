"""Tells a page that is no article (wall, stub, error, empty shell) from a page that is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.parsing import gate_phrases as phrases
from localdigest.parsing.parsed import Unusable
from localdigest.records import Reason, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.parsing.html_head import Head
    from localdigest.records import Block

__all__ = ["judge_page", "size_of"]

# Sizes are in words; a Chinese character counts as half a word. Set on hand-written walls (tests/test_page_gate.py),
# checked for false alarms on 316 real pages; a page about walls is longer than a wall: that is what tells them apart.
_ENOUGH = 250  #: an article of this size is no wall, whatever else the page shows
_STUB = 160  #: a text before "subscribe" is shorter
_SHELL = 60  #: less text than this, and the whole page's words are searched for the reason
_TOO_SHORT = 25  #: less is no source for a summary, even with no phrase that tells why
_TAIL = 60  #: words at the end of a stub that say what follows
_LEAD = 1_500  #: characters at the start of a page's visible words in which a wall says what it is
_CONSENT_SHARE = 0.06  #: of all words
_CONSENT_KINDS = 5  #: different terms
_CONSENT_SIZE = 900  #: consent pages list purposes at length
_DETAIL = 100  #: characters of the phrase that is shown


def _any_of(patterns: Sequence[str], *, whole: bool = False) -> re.Pattern[str]:
    joined = "|".join(patterns)
    return re.compile(rf"\W*(?:{joined})\W*" if whole else joined, re.IGNORECASE)


_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_WORD = re.compile(r"[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
_TITLES = tuple((reason, _any_of(kinds, whole=True)) for reason, kinds in phrases.TITLES)
_PHRASES = tuple((reason, _any_of(kinds)) for reason, kinds in phrases.PHRASES)
_FORM_WORDS = _any_of(phrases.FORM_WORDS)
_TERMS = _any_of(phrases.CONSENT_TERMS)
_TO_COMMENT = re.compile(
    r"(?:(?:you )?(?:must|need to|have to|please) )?(?:be )?(?:log(?:ged)?|sign(?:ed)?)[ -]?in"
    r" (?:or (?:register|sign up) )?to"
    r" (?:post|leave|comment|reply|vote|add|write|submit|join the (?:discussion|conversation))\b"
    r"|(?:請|请)?(?:先)?(?:登入|登录|登錄)(?:後|后)?(?:才能|可以?|即可)?(?:發表|发表|參與|参与|进行)?(?:評論|评论|留言|回覆|回复)",
    re.IGNORECASE,
)
_TITLE_END = re.compile(r"\s+[|–—\-·:]\s+|\s*[|｜_]\s*")


@dataclass(frozen=True, slots=True)
class _Seen:
    """The words that a page shows, by how far they can be trusted to be its own."""

    title: str
    article: str  #: what the extractor took for the text
    visible: str  #: everything in view
    noscript: str
    asks_password: bool
    is_shell: bool

    @property
    def size(self) -> float:
        return size_of(self.article)


def size_of(text: str) -> float:
    """How much a text says, in words."""
    return len(_WORD.findall(text)) + len(_CJK.findall(text)) / 2


def judge_page(head: Head, blocks: Sequence[Block]) -> Unusable | None:
    """Why the page is no article, with the phrase that gave it away; None where it is one."""
    prose = [block.text for block in blocks if block.role is not Role.CODE]
    article = _normal("\n".join(prose))
    size = size_of(article)
    if size >= _CONSENT_SIZE:
        return None
    if size >= _ENOUGH:
        return _consent_by_terms(article)
    seen = _Seen(
        _normal(head.title), article, _normal(head.visible), _normal(head.noscript), head.asks_password, head.is_shell
    )
    return _by_title(seen) or _by_phrase(seen) or _consent_by_terms(article) or _by_size(seen)


def _normal(text: str) -> str:
    """One line, straight apostrophes, without the line under an article that asks to log in for a comment."""
    return _TO_COMMENT.sub(" ", " ".join(text.replace("’", "'").split()))


def _unusable(reason: Reason, text: str, match: re.Match[str]) -> Unusable:
    """The reason with the sentence part around the phrase."""
    start = max(match.start() - 20, 0)
    return Unusable(reason, f"it says “{text[start : start + _DETAIL].strip()}”")


def _by_title(seen: _Seen) -> Unusable | None:
    """A title that is nothing but the name of a wall, over little text."""
    if seen.size >= _STUB:
        return None
    for piece in (seen.title, *_TITLE_END.split(seen.title)[:1]):
        for reason, pattern in _TITLES:
            if piece and pattern.fullmatch(piece):
                return Unusable(reason, f"its title is “{piece[:_DETAIL]}”")
    return None


def _by_phrase(seen: _Seen) -> Unusable | None:
    """A phrase in the text itself, at its end if it is a stub, anywhere on the page if there is hardly any text."""
    if seen.size < _SHELL:
        return _found(seen.article) or _shell(seen)
    return _found(_tail(seen.article), only=() if seen.size < _STUB else (Reason.PAYWALL,))


def _tail(text: str) -> str:
    """The last words; a Chinese character is half of one."""
    letters = text[-_TAIL * 7 :]
    return letters if len(_CJK.findall(letters)) < len(letters) // 2 else text[-_TAIL * 2 :]


def _shell(seen: _Seen) -> Unusable | None:
    """Hardly any text was extracted: what the page shows at its start says why."""
    some_text = seen.size >= _TOO_SHORT
    if some_text and size_of(seen.visible) >= _ENOUGH:
        return None
    shown = seen.visible if size_of(seen.visible) < _ENOUGH else seen.visible[:_LEAD]
    found = _found(shown) or (None if some_text else _form(seen, shown))
    return found or _consent_by_terms(seen.visible[: _LEAD * 4]) or _unfilled(seen)


def _form(seen: _Seen, shown: str) -> Unusable | None:
    """A page that is little more than a form to log in."""
    if match := _FORM_WORDS.search(shown):
        return _unusable(Reason.LOGIN_WALL, shown, match)
    if seen.asks_password and 0 < size_of(seen.visible) < _STUB:
        return Unusable(Reason.LOGIN_WALL, "it holds a form that asks for a password, and hardly any text")
    return None


def _unfilled(seen: _Seen) -> Unusable | None:
    """A page that its scripts were to fill."""
    if seen.is_shell and seen.size < _TOO_SHORT:
        return Unusable(Reason.NEEDS_SCRIPT, "it shows nothing until its scripts run")
    return _found(seen.noscript, only=(Reason.NEEDS_SCRIPT,)) if size_of(seen.visible) < _SHELL else None


def _found(text: str, only: Sequence[Reason] = ()) -> Unusable | None:
    for reason, pattern in _PHRASES:
        if (not only or reason in only) and (match := pattern.search(text)):
            return _unusable(reason, text, match)
    return None


def _consent_by_terms(text: str) -> Unusable | None:
    """A text that talks of nothing but cookies, partners and consent."""
    terms = [match[0].lower() for match in _TERMS.finditer(text)]
    if len(set(terms)) < _CONSENT_KINDS or len(terms) < size_of(text) * _CONSENT_SHARE:
        return None
    match = _TERMS.search(text)
    assert match
    return _unusable(Reason.CONSENT_WALL, text, match)


def _by_size(seen: _Seen) -> Unusable | None:
    if seen.size >= _TOO_SHORT:
        return None
    if not seen.article and not seen.visible:
        return Unusable(Reason.EMPTY, "the page holds no text")
    words = round(seen.size)
    return Unusable(Reason.TOO_SHORT, f"it holds {words} word{'s' * (words != 1)} of text")
