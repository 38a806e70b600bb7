"""Tells a sentence that instructs an AI reader ("ignore all previous instructions and …") from one that reports on it.

A page may say what it likes; but what it says to machines is no news, and a digest that quotes it passes it on. So
such sentences are neither quoted nor shown to a model, and their page is marked. The rules are phrases
(`instructions.toml`). They find what people are known to write, also disguised (`disguises.py`) and split over
sentences; they do not find everything. What a model is made to say all the same has to stand up to its evidence.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from localdigest.text.disguises import plain, views
from localdigest.text.scripts import HAN

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["find_instructions", "instructs"]

_LOOKED_AT = 1_000  #: characters of a sentence; longer ones are looked at piece by piece
_OVERLAP = 200  #: characters that two pieces share
_REPORT_REACH = 120  #: characters before a command in which somebody may be said to give it
_REMAINDER = {"words": 3, "letters": 6}  #: less beside a quotation, and the sentence is the quotation
_SPLIT = 4  #: sentences that one command may be split over
_SPLIT_CHARACTERS = 80  #: a longer sentence is no splinter
_FOLLOWING = 3  #: sentences after a command, in its paragraph: they are what it wants said

_QUOTATION = re.compile(
    r"“[^”]{1,600}”|「[^」]{1,600}」|『[^』]{1,600}』|«[^»]{1,600}»|\"[^\"]{1,600}\"|`[^`]{1,600}`"
    r"|(?<![\w’'])[‘'](?!s\b)[^‘’']{3,600}[’'](?!\w)"
)
_WITHOUT_MARKS = dict.fromkeys(map(ord, '“”「」『』«»"`'), " ")
_HAN = re.compile(f"[{HAN}]")
_BESIDE_HAN = re.compile(f"(?<=[{HAN}]) (?=[a-z0-9])|(?<=[a-z0-9]) (?=[{HAN}])")
_WORD = re.compile(r"[^\W\d_]+")
_SOFT_END = re.compile(r"[\s.。!！?？…,，;；:：]+$")


@dataclass(frozen=True, slots=True)
class _Rules:
    """The compiled phrases of one script."""

    lead: re.Pattern[str]
    reported: re.Pattern[str]
    named: re.Pattern[str]
    anywhere: tuple[re.Pattern[str], ...]
    imperative: tuple[re.Pattern[str], ...]

    def find(self, text: str) -> bool:
        """Whether somewhere in a folded text a command is given, and not told of."""
        return any(self._counts(found) for pattern in self.anywhere for found in pattern.finditer(text)) or any(
            self._counts(found) and self.lead.search(text[: found.start()])
            for pattern in self.imperative
            for found in pattern.finditer(text)
        )

    def _counts(self, found: re.Match[str]) -> bool:
        before = found.string[max(0, found.start() - _REPORT_REACH) : found.start()]
        return not self.reported.search(before) and not self.named.search(found.string[found.end() :])


@lru_cache(maxsize=16_384)
def instructs(text: str) -> bool:
    """Whether a sentence, a title or a name speaks to an AI reader.

    What stands in quotation marks is not its own word, unless there is nothing else.
    """
    if len(text) > _LOOKED_AT:
        starts = range(0, len(text) - _OVERLAP, _LOOKED_AT - _OVERLAP)
        return any(instructs(text[start : start + _LOOKED_AT]) for start in starts)
    return any(_commands(view) for view in views(text))


def find_instructions(sentences: Sequence[str], paragraphs: Sequence[int]) -> frozenset[int]:
    """The places of sentences that instruct an AI reader, that a command was split over, and that follow one.

    Args:
        sentences: of a document, in order.
        paragraphs: the number of the paragraph of each: a command ends with its own.
    """
    found = {place for place, sentence in enumerate(sentences) if instructs(sentence)}
    found |= _split(sentences, found)
    following = {
        later
        for place in found
        for later in range(place + 1, min(place + 1 + _FOLLOWING, len(sentences)))
        if paragraphs[later] == paragraphs[place]
    }
    return frozenset(found | following)


def _split(sentences: Sequence[str], known: set[int]) -> set[int]:
    """Splinters that give a command when they are put together, and none by themselves."""
    found: set[int] = set()
    run: list[int] = []
    for place, sentence in enumerate(sentences):
        if place in known or len(sentence) > _SPLIT_CHARACTERS:
            run = []
            continue
        run = [*run[-(_SPLIT - 1) :], place]
        if len(run) > 1 and any(_is_suspect(sentences[at]) for at in run):
            for start in range(len(run) - 2, -1, -1):
                if run[start] in found:
                    break  # what the command was split over is known
                if instructs(" ".join(_SOFT_END.sub("", sentences[at]) for at in run[start:])):
                    found.update(run[start:])
                    break
    return found


@lru_cache(maxsize=1_024)
def _is_suspect(sentence: str) -> bool:
    return _may_command(plain(sentence))


def _commands(text: str) -> bool:
    """Whether a folded text gives a command to an AI reader."""
    if not _may_command(text):
        return False
    own = _QUOTATION.sub("“”", text)
    if own != text and _is_little(own):
        own = text.translate(_WITHOUT_MARKS)
    english, chinese = _rules()
    return english.find(own) or (_HAN.search(own) is not None and chinese.find(_BESIDE_HAN.sub("", own)))


def _is_little(text: str) -> bool:
    return len(_WORD.findall(text)) < _REMAINDER["words"] and len(_HAN.findall(text)) < _REMAINDER["letters"]


def _may_command(text: str) -> bool:
    """Whether a folded text has any of the words that every command has: quick, and rarely true."""
    stems, stems_beyond_ascii = _stems()
    for stem in stems:  # no `any`: half the time of the whole check
        if stem in text:
            return True
    if not text.isascii() and stems_beyond_ascii.search(text):
        return True
    return _words().search(text) is not None


@cache
def _stems() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Those in ASCII; and the others, as one pattern: few letters of a text begin one, so that it is quick."""
    lists = (str(_table()[key]).split() for key in ("stems", "stems_beyond_ascii"))
    ascii_stems, others = (tuple(stem.replace("_", " ") for stem in stems) for stems in lists)
    return ascii_stems, re.compile("|".join(map(re.escape, others)))


@cache
def _words() -> re.Pattern[str]:
    return re.compile(str(_table()["words"]))


@cache
def _rules() -> tuple[_Rules, _Rules]:
    """For scripts that part words by spaces, and for Chinese."""
    english, chinese = _table()["en"], _table()["zh"]
    return (
        _compiled(english, rf"(?:^|[^\w\s'’-])\s*(?:(?:{_unfold(english['lead'])})[\s,]+)*$"),
        _compiled(chinese, rf"(?:^|[\W_])\s*(?:{_unfold(chinese['lead'])}|\s)*$"),
    )


def _compiled(table: dict[str, Any], lead: str) -> _Rules:
    def all_of(key: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(_unfold(pattern)) for pattern in table[key])

    return _Rules(
        lead=re.compile(lead),
        reported=re.compile(_unfold(table["reported"])),
        named=re.compile(_unfold(table["named"])),
        anywhere=all_of("anywhere"),
        imperative=all_of("imperative"),
    )


def _unfold(pattern: str) -> str:
    """One line, and with the half-width punctuation that texts have in compatibility form."""
    return unicodedata.normalize("NFKC", re.sub(r"\n\s*", "", pattern))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("instructions.toml").read_text("utf-8"))
