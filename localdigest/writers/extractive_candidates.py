"""Which sentences of the documents may stand in a digest."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.origin import origin_of
from localdigest.records import Document, Role, Sentence
from localdigest.text.instructions import find_instructions
from localdigest.text.stopwords import load_function_words
from localdigest.text.tokens import content_tokens, han_share
from localdigest.writers.lexicon import SentencePatterns, is_boilerplate, sentence_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Candidate", "find_candidates", "for_people", "instructing", "reading_length", "script_of"]

# Lengths in words, or in characters for Chinese: shorter says nothing, longer is no digest sentence.
# All limits below were set by reading what they keep and drop of the real pages beside this repository.
_SHORTEST = {"en": 8, "zh": 14}
_LONGEST = {"en": 48, "zh": 130}
_HAN_TEXT = 0.3  #: a sentence with more Han letters is judged as Chinese
_FUNCTION_SHARE = {"en": 0.2, "zh": 0.02}  #: less is a list of names or a heading
_CAPITALS = 0.45  #: more capitalised words is a heading
_OPENING, _OPENING_CAPITALS = 8, 5  #: more capitals among so many first words is a heading run into the sentence
_DIGITS = 0.25  #: more of the characters is a table row

_MOST_REMEMBERED = 65_536  #: texts, at a hundred bytes each

_READABLE = frozenset({Role.TEXT, Role.ITEM, Role.QUOTE})
_END = re.compile(r"[.!。！…](?:[”’」』）)\"'】\]]|\[\d+\])*$")
_QUESTION = re.compile(r"[?？][”’」』\"')）]*$|[?？]")
# Marks of layout, line breaks, lost characters, a shout, a Chinese word broken by a space, a label or number in front.
_SYMBOLS = re.compile(
    r"[\n|•►▶→»›#*_=<>{}\\~^\ufffd]|\.{4,}|…{2,}|[!！]{2}|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])"
    r"|^[^\W\d_a-z]{4,}[:：]|^[\u4e00-\u9fff]{1,8}[:：]|^[①-⑳]|^[一二三四五六七八九十]{1,3}、|^\(?[0-9]{1,2}(?:[)、]|\.(?!\d))"
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_START = re.compile(r"[\"'“‘「『《（(\[]*[^\W_]")
_PAIRS = (("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("（", "）"), ("(", ")"), ("[", "]"), ("【", "】"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted."""

    identifier: str
    text: str
    document: int  #: its number
    index: int  #: among the document's sentences, from 0
    depth: int  #: how many candidates of the document come before it
    script: str  #: `zh` or `en`: which rules it was judged by
    terms: tuple[str, ...]
    leaning: bool  #: it needs the sentence before it to be understood
    voice: bool  #: it speaks as "I", "we" or "you"
    copies: tuple[str, ...] = ()  #: ids of the same words in other documents


def find_candidates(documents: Sequence[Document]) -> list[Candidate]:
    """In document and reading order; of sentences that several documents share, the first, which knows its copies."""
    furniture = _furniture(documents)
    found: dict[str, Candidate] = {}
    copies: defaultdict[str, list[str]] = defaultdict(list)
    for document in documents:
        depth = 0
        site = origin_of(document)
        left_out = instructing(document).union(document.told)
        for index, sentence in enumerate(document.sentences):
            if (
                index in left_out
                or (sentence.text, site) in furniture
                or not is_quotable(sentence)
                or _goes_on(document, index)
            ):
                continue
            if sentence.text in found:
                copies[sentence.text].append(document.id_of(index))
                continue
            found[sentence.text] = _candidate(document, index, depth)
            depth += 1
    return [_with_copies(candidate, copies.get(candidate.text, [])) for candidate in found.values()]


def instructing(document: Document) -> frozenset[int]:
    """The indexes of its sentences that speak to AI readers: they are neither quoted nor shown to a model."""
    return _INSTRUCTING.of(document)


class _Remembered:
    """What was found in a text, by a digest of it: whoever writes asks twice or more, and it takes a quarter of the
    time. Holds no document.
    """

    def __init__(self) -> None:
        self._found: dict[bytes, frozenset[int]] = {}

    def of(self, document: Document) -> frozenset[int]:
        texts = [sentence.text for sentence in document.sentences]
        paragraphs = [sentence.paragraph for sentence in document.sentences]
        said = "\0".join((*texts, *map(str, paragraphs))).encode("utf-8", "surrogatepass")
        key = hashlib.blake2b(said, digest_size=16).digest()
        if key not in self._found:
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            self._found[key] = find_instructions(texts, paragraphs)
        return self._found[key]


_INSTRUCTING = _Remembered()


def for_people(document: Document) -> Document:
    """The document without the sentences that speak to AI readers, for what needs no numbers of sentences."""
    left_out = instructing(document)
    if not left_out:
        return document
    kept = tuple(sentence for index, sentence in enumerate(document.sentences) if index not in left_out)
    return replace(document, sentences=kept)


def is_quotable(sentence: Sentence) -> bool:
    """Whether it reads as one full sentence of a story: no heading, fragment, question or furniture."""
    text = sentence.text
    script = script_of(text)
    return (
        sentence.role in _READABLE
        and _SHORTEST[script] <= reading_length(text, script) <= _LONGEST[script]
        and _is_whole(text)
        and not _QUESTION.search(text)
        and not _SYMBOLS.search(text)
        and (_is_english_prose(text) if script == "en" else _is_chinese_prose(text))
        and not is_boilerplate(text, script)
        and not _is_odd(text, sentence_patterns(script))
    )


def _goes_on(document: Document, index: int) -> bool:
    """Whether a Chinese sentence begins in the block before (hard line ends); English shows it by case."""
    if not index:
        return False
    before, sentence = document.sentences[index - 1], document.sentences[index]
    return (
        before.paragraph != sentence.paragraph
        and before.role is sentence.role is Role.TEXT
        and script_of(before.text) == script_of(sentence.text) == "zh"
        and len(before.text) >= _SHORTEST["zh"]
        and before.text[-1].isalnum()
    )


def script_of(text: str) -> str:
    """`zh` for text in Han characters, `en` for everything else."""
    return "zh" if han_share(text) > _HAN_TEXT else "en"


def reading_length(text: str, script: str) -> int:
    """Words, or characters without spaces for Chinese."""
    return len(text.split()) if script == "en" else len("".join(text.split()))


def _candidate(document: Document, index: int, depth: int) -> Candidate:
    text = document.sentences[index].text
    script = script_of(text)
    patterns = sentence_patterns(script)
    return Candidate(
        identifier=document.id_of(index),
        text=text,
        document=document.number,
        index=index,
        depth=depth,
        script=script,
        terms=tuple(content_tokens(text)),
        leaning=_leans(text, patterns),
        voice=patterns.voice.search(_without_quotations(text)) is not None,
    )


def _with_copies(candidate: Candidate, copies: Iterable[str]) -> Candidate:
    return replace(candidate, copies=tuple(copies))


def _is_whole(text: str) -> bool:
    """Begins like a sentence, ends like one, and closes what it opens."""
    return (
        _START.match(text) is not None
        and not _first_letter(text).islower()
        and _END.search(text) is not None
        and all(text.count(left) == text.count(right) for left, right in _PAIRS)
        and text.count('"') % 2 == 0
        and not (text[0] in "(（[【" and text[-1] in ")）]】")
    )


def _first_letter(text: str) -> str:
    return next((letter for letter in text if letter.isalnum()), "a")


def _is_english_prose(text: str) -> bool:
    words = _WORD.findall(text)
    if not words or _digit_share(text) > _DIGITS:
        return False
    function = load_function_words("en")
    bound = sum(word.casefold() in function for word in words)
    capitals = sum(word[0].isupper() for word in words)
    foreign = not text.isascii() and bound == 0
    if sum(word[0].isupper() for word in words[:_OPENING]) > _OPENING_CAPITALS:
        return False
    return foreign or (bound >= _FUNCTION_SHARE["en"] * len(words) and capitals <= _CAPITALS * len(words) + 1)


def _is_chinese_prose(text: str) -> bool:
    function = load_function_words("zh")
    bound = sum(letter in function for letter in text)
    return bound >= max(1, _FUNCTION_SHARE["zh"] * len(text)) and _digit_share(text) <= _DIGITS


def _digit_share(text: str) -> float:
    return sum(map(str.isdigit, text)) / len(text)


def _is_odd(text: str, patterns: SentencePatterns) -> bool:
    """It points at the page around it, or tells the reader what to do."""
    return patterns.deictic.search(text) is not None or patterns.imperative.search(text) is not None


def _leans(text: str, patterns: SentencePatterns) -> bool:
    if patterns.leaning.search(text) or patterns.bare_surname.search(text):
        return True
    person = patterns.person.search(text)
    return person is not None and patterns.name_before.search(text[: person.start()]) is None


_QUOTATION = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"]*\"")


def _without_quotations(text: str) -> str:
    return _QUOTATION.sub("", text)


def _furniture(documents: Sequence[Document]) -> set[tuple[str, str]]:
    """Sentences that several documents of one site share."""
    seen: set[tuple[str, str]] = set()
    shared: set[tuple[str, str]] = set()
    for document in documents:
        site = origin_of(document)
        own = {(sentence.text, site) for sentence in document.sentences}
        shared |= own & seen
        seen |= own
    return shared
