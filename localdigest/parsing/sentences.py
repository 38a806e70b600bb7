"""Blocks of text into sentences: spans that together cover every character but white space."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from localdigest.parsing import sentence_rules as rules
from localdigest.records import Block, Role, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["join_blocks", "split_sentences"]

Span = tuple[int, int]  # [start, end)

# Tuned on tests/data/parsing/sentences.toml (figures there). Longer quotations are split inside: a sentence is what a
# digest cites, and a page-long one proves nothing.
_QUOTE_REACH = 320  #: characters up to which a quotation or bracket stays in one piece, Latin script
_QUOTE_REACH_CJK = 120  #: the same in Chinese or Japanese, which says more in a character
_SENTENCE_LIMIT = 1_600  #: text without any stop (lists, lyrics, broken pages) is cut at a softer mark near here
_WRAP_COLUMNS = 45  #: a line this wide was wrapped by a program; a shorter one was ended by a person
_ELLIPSIS_CLAUSE = 6  #: `我……我不知道` is a stutter, a longer clause before `……` may be a sentence

_STOP = re.escape(rules.HARD_STOPS + rules.SOFT_STOPS)
_NOTE = r"\[[0-9a-z]{1,4}\]|[⁰¹²³⁴-⁹]"  # a footnote mark after the stop belongs to the sentence
_CANDIDATE = re.compile(rf"[{_STOP}](?:[{_STOP}{re.escape(rules.CLOSERS)}]|{_NOTE})*|\n\s*")
_PAIRS = rules.QUOTES | rules.BRACKETS | {'"': '"'}
_OPENER = re.compile("[" + re.escape("".join(_PAIRS)) + "]")
_CJK = re.compile(r"[\u3005\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_ATTRIBUTION = re.compile(
    rf"[ \t]*(?:[他她它我你您咱]们?們?|[^{rules.NO_NAME}\W\d]{{0,4}}?)(?:在[^{rules.NO_NAME}]{{1,14}}[上中裡里])?"
    rf"(?<![{rules.NO_SPEECH_AFTER}])(?:{'|'.join(sorted(rules.ATTRIBUTION, key=len, reverse=True))})"
    rf"(?![{rules.NO_SPEECH}])"
)
_SPEAKER = re.compile(r"\s+(?:[A-Z][\w.'’-]{0,30}\s+){1,3}([a-z]+)")
_WORD_BEFORE = re.compile(r"[^\s(\[“\"‘'—–/\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+\Z")
_NEXT_WORD = re.compile(r"[\"'“‘(\[«„]*([^\W_][\w'’-]*)")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]\Z")
_MARKER = re.compile(
    r"(?:[-*•·▪◦●○■□◆▶►➤✓✔]\s|\(?[0-9]{1,3}[.)、]|[（(][一二三四五六七八九十0-9]{1,3}[）)]|[一二三四五六七八九十]{1,3}、)"
)
_BREAK = re.compile(r"\n\s*")
_SOFT_BREAK = re.compile(r"[；;，,、]|\s")
_LOOK_BEHIND = 40  # characters: the longest word that the abbreviation rules need to see
_NUMBER_LENGTH = 4  # `1.` to `viii.`: longer ones number nothing
_MONTH_LENGTH = 5  # `Sept.`, `Thurs` is in full when it ends a sentence


def join_blocks(blocks: Iterable[Block]) -> tuple[str, tuple[Sentence, ...]]:
    """The text of a document (blocks joined by blank lines) and its sentences."""
    kept = [Block(text, block.role) for block in blocks if (text := block.text.strip())]
    sentences: list[Sentence] = []
    offset = 0
    for index, block in enumerate(kept):
        for start, end in _spans(block):
            sentences.append(Sentence(block.text[start:end], offset + start, index, block.role))
        offset += len(block.text) + len("\n\n")
    return "\n\n".join(block.text for block in kept), tuple(sentences)


def split_sentences(text: str) -> list[str]:
    """The sentences of one paragraph."""
    return [text[start:end] for start, end in _prose_spans(text)]


def _spans(block: Block) -> Iterator[Span]:
    """A listing is one unit, a table one a row, a heading one a line; the rest is prose."""
    if block.role is Role.CODE:
        return iter([(0, len(block.text))])
    if block.role in (Role.TABLE, Role.HEADING):
        return _cut(block.text, [match.end() for match in re.finditer(r"\n", block.text)])
    return _prose_spans(block.text)


def _prose_spans(text: str) -> Iterator[Span]:
    return _cut(text, list(_with_soft_cuts(text, _ends(text))))


def _cut(text: str, ends: Sequence[int]) -> Iterator[Span]:
    """Spans between the ends, without the white space around them, blank ones left out."""
    for start, end in pairwise([0, *ends, len(text)]):
        piece = text[start:end]
        if stripped := piece.strip():
            begin = start + piece.index(stripped[0])
            yield begin, begin + len(stripped)


def _with_soft_cuts(text: str, ends: Iterable[int]) -> Iterator[int]:
    """The ends, and between two that are too far apart cuts at the last comma or space in reach."""
    start = 0
    for end in [*ends, len(text)]:
        while end - start > _SENTENCE_LIMIT:
            marks = [
                mark.end() for mark in _SOFT_BREAK.finditer(text, start + _SENTENCE_LIMIT // 2, start + _SENTENCE_LIMIT)
            ]
            start = marks[-1] if marks else start + _SENTENCE_LIMIT
            yield start
        yield end
        start = end


def _ends(text: str) -> Iterator[int]:
    """Where sentences end: each candidate is judged once, with a bounded look around it."""
    whole = _whole_ranges(text)
    upcoming = iter(whole)
    inside: Span = next(upcoming, (len(text), len(text)))
    start = 0
    for match in _CANDIDATE.finditer(text):
        at, end = match.span()
        while inside[1] <= at:
            inside = next(upcoming, (len(text), len(text)))
        if inside[0] < at and end < inside[1]:
            continue  # in the middle of a quotation or bracket that stays in one piece
        mid_bracket = start < inside[0] < at and bool(text[start : inside[0]].strip()) if at < inside[1] else False
        if _is_end(text, at, end, start, mid_bracket=mid_bracket):
            yield end
            start = end


def _whole_ranges(text: str) -> list[Span]:
    """Quotations and brackets short enough to stay in one piece, outermost only, in order."""
    ranges: list[Span] = []
    done = 0
    for match in _OPENER.finditer(text):
        at = match.start()
        if at < done or not _opens(text, at):
            continue
        cjk = _CJK.match(text, at + 1) is not None
        close = text.find(_PAIRS[match[0]], at + 1, at + (_QUOTE_REACH_CJK if cjk else _QUOTE_REACH))
        if close > 0 and "\n\n" not in text[at:close]:
            done = close + 1
            ranges.append((at, done))
    return ranges


def _opens(text: str, at: int) -> bool:
    """Whether a mark opens something: the straight quote does so only before a word and after none."""
    if text[at] != '"':
        return True
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return bool(after.strip()) and (not before.strip() or not (before.isalnum() or before in ".!?,;\"'"))


# ── one candidate ────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_end(text: str, at: int, end: int, start: int, *, mid_bracket: bool) -> bool:
    """Whether the stop (or line break) in `text[at:end]` ends the sentence that began at `start`."""
    run = text[at:end]
    if run.isspace():
        return _line_ends(text, at, end, start)
    after = text[end : end + 1]
    if not after or (after == "\n" and _breaks(text, end)):
        return True
    if after in rules.CONTINUATION:
        return _CJK.match(after) is not None and run[-1] in rules.HARD_STOPS
    if run[-1] in rules.TITLE_MARKS and not after.isspace():
        return False
    if any(stop in rules.HARD_STOPS for stop in run):
        return _hard_end(text, run, end, mid_bracket=mid_bracket)
    return _soft_end(text, run, at, end, start)


def _line_ends(text: str, at: int, end: int, start: int) -> bool:
    """Whether a line break ends a sentence: a blank line, a list marker, a short line do; a wrapped line does not."""
    if _breaks(text, at):
        return True
    if text[end : end + 1].islower():
        return False
    line_start = max(text.rfind("\n", start, at) + 1, start)
    line = text[line_start : min(at, line_start + _WRAP_COLUMNS)]
    return len(line) + len(_CJK.findall(line)) < _WRAP_COLUMNS


def _breaks(text: str, at: int) -> bool:
    """Whether the line break at `at` is a blank line or comes before a list marker."""
    match = _BREAK.match(text, at)
    return match is not None and (match[0].count("\n") > 1 or _MARKER.match(text, match.end()) is not None)


def _hard_end(text: str, run: str, end: int, *, mid_bracket: bool) -> bool:
    """A full-width stop ends the sentence, unless its quotation or bracket is a part of a longer one."""
    if run[-1] in rules.HARD_STOPS or run[-1] in rules.SOFT_STOPS:
        return True
    if _ATTRIBUTION.match(text, end) or text[end : end + _LOOK_BEHIND].lstrip()[:1].islower():
        return False
    return not (mid_bracket and run[-1] in "）)")


def _soft_end(text: str, run: str, at: int, end: int, start: int) -> bool:
    """A stop that has other uses: what stands before and after it decides."""
    after = text[end]
    if not after.isspace():
        return _ends_before(text, run, at, end, start)
    following = text[end : end + _LOOK_BEHIND].lstrip()
    if not following:
        return True
    word = match[1] if (match := _NEXT_WORD.match(following)) else ""
    if word[:1].islower() and not (word[1:2].isupper() or word == "i"):
        return False
    if run[-1] in rules.CLOSERS and (_ATTRIBUTION.match(text, end) or _names_speaker(text, run, end)):
        return False
    if any(stop in "!?" for stop in run):
        return not (run == "!" and word not in rules.STARTERS and _word_before(text, at, start).lower() in rules.BRANDS)
    return run != "." + run[1:] or run.startswith("..") or not _abbreviates(text, at, start, word)


def _ends_before(text: str, run: str, at: int, end: int, start: int) -> bool:
    """A soft stop right before a letter: only Chinese text goes on without a space."""
    if not (_CJK.match(text, end) or text[end] in rules.QUOTES):
        return False
    if run[0] in "…‥" or run.startswith(".."):
        return _ellipsis_ends(text, run, at, end, start)
    if run[0] in "!?":
        return _ATTRIBUTION.match(text, end) is None or run[-1] in "!?"
    before = text[at - 1 : at]
    return not before.isdigit() and (bool(_CJK.match(before)) or not _abbreviates(text, at, start, ""))


def _ellipsis_ends(text: str, run: str, at: int, end: int, start: int) -> bool:
    """`……` before more text: an end after a quotation, before one, and before a pronoun that begins a new clause."""
    if run[-1] in rules.CLOSERS:
        return _ATTRIBUTION.match(text, end) is None
    if len(run) == 1:
        return False
    return text[end] in rules.QUOTES or (at - start >= _ELLIPSIS_CLAUSE and text[end] in rules.ELLIPSIS_STARTERS)


def _names_speaker(text: str, run: str, end: int) -> bool:
    if "!" not in run and "?" not in run:
        return False
    match = _SPEAKER.match(text, end, end + 120)
    return match is not None and match[1] in rules.SPEAKING


def _word_before(text: str, at: int, start: int) -> str:
    found = _WORD_BEFORE.search(text[max(start, at - _LOOK_BEHIND) : at])
    return found[0] if found else ""


def _abbreviates(text: str, at: int, start: int, following: str) -> bool:
    """Whether the full stop at `at` belongs to an abbreviation or a list number, not to the sentence."""
    word = _word_before(text, at, start)
    lower = word.lower()
    if lower in rules.NEVER_END:
        return True
    begins = following in rules.STARTERS
    if word.isdigit() or (len(word) <= _NUMBER_LENGTH and set(lower) <= set("ivx")):
        return _numbers(text, at - len(word), start, word) or (word.isdigit() and following.lower() in rules.MONTHS)
    if lower in rules.NUMBERED and following[:1].isdigit():
        return True
    if lower in rules.MONTHS and len(word) <= _MONTH_LENGTH:
        return following[:1].isdigit()
    if lower in rules.ENDABLE or _DOTTED.match(word):
        return not begins
    return len(word) == 1 and word.isalpha() and word.isascii() and not begins


def _numbers(text: str, at: int, start: int, word: str) -> bool:
    """Whether the number opens its sentence or line, as that of a list item does."""
    return len(word) <= _NUMBER_LENGTH and not text[max(start, at - _LOOK_BEHIND) : at].strip(" \t\n(（")
