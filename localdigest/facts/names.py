"""Names in Latin letters, and known names in Chinese, as keys that are equal when they name the same."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.tokens import Name
from localdigest.text.stopwords import load_function_words, load_stopwords

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Word", "alias_keys", "bare", "find_known", "find_names", "is_ordinary", "latin_words", "word_keys"]

_L = "A-Za-zÀ-ÖØ-öø-ɏ"
#: A word in Latin letters, with the digits and joints in it: GPT-4o, 8x7B, O'Neill, AT&T, node.js, C++.
_WORD = re.compile(rf"[{_L}0-9]+(?:(?:['&+._/-]|-)[{_L}0-9]+)*(?:\+\+|#(?![{_L}0-9]))?")
_SPLIT = re.compile(rf"[^{_L}0-9]+")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;。！？：；\"“「『(（])\s*[\"“「『'(（]*\s*$")
_START_REACH = 8
_MAX_WORD = 60  #: characters; longer runs are no names
_SUFFIXES = (("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("er", ""),
             ("er", "e"), ("ers", ""), ("ers", "e"), ("ly", ""), ("ness", ""), ("ment", ""), ("or", "e"), ("ors", "e"))  # fmt: skip
#: Endings of words that begin sentences without being names.
_WORD_ENDINGS = ("ing", "ed", "ly", "tion", "tions", "sion", "sions", "ment", "ments", "ness", "ers", "ors", "ists", "ians", "ies", "ity", "ance", "ence", "ism", "ship", "ships", "age", "ages", "ful", "less", "able", "ible", "ous", "ive", "ives", "ically")  # fmt: skip
#: Short forms that every reader of news knows, and no evidence needs to hold.
_PLAIN_ACRONYMS = frozenset(
    [
        "ai",
        "ceo",
        "cto",
        "cfo",
        "coo",
        "gpu",
        "gpus",
        "cpu",
        "cpus",
        "tpu",
        "npu",
        "api",
        "apis",
        "ip",
        "it",
        "pc",
        "pcs",
        "tv",
        "llm",
        "llms",
        "ml",
        "ui",
        "ux",
        "ok",
        "faq",
        "pdf",
        "url",
        "ram",
        "usb",
        "vc",
        "ipo",
        "cv",
        "hr",
        "qa",
        "rd",
        "id",
        "am",
        "pm",
        "ad",
        "bc",
        "moe",
        "nlp",
        "sdk",
        "ide",
        "os",
        "app",
        "gb",
        "tb",
        "mb",
        "kb",
    ]
)


class Word(NamedTuple):
    """A word in Latin letters where it stands."""

    start: int
    end: int
    text: str


def latin_words(text: str) -> list[Word]:
    """The words in Latin letters of a folded text, in order."""
    words: list[Word] = []
    for match in _WORD.finditer(text):
        bare_text = match[0]
        if len(bare_text) > 2 and bare_text[-2:] in ("'s", "'S"):  # noqa: PLR2004 - a possessive
            bare_text = bare_text[:-2]
        words.append(Word(match.start(), match.start() + len(bare_text), bare_text))
    return words


def bare(text: str) -> str:
    """Letters and digits in small letters: `GPT-4o` and `gpt 4o` are one."""
    return _SPLIT.sub("", text).casefold()


def word_keys(words: list[Word]) -> frozenset[str]:
    """Everything that a name may be matched with: words, their parts, joined neighbours, initials of capitals."""
    keys: set[str] = set()
    bares = [bare(word.text) for word in words]
    for index, word in enumerate(words):
        own = bares[index]
        keys.add(own)
        if not own.isalpha() or len(own) != len(word.text):
            keys.update(part.casefold() for part in _SPLIT.split(word.text) if part)
            keys.update(_joined_parts(word.text))
        if index + 1 < len(words) and words[index + 1].start - word.end <= 2:  # noqa: PLR2004 - a space, a hyphen
            keys.add(own + bares[index + 1])
            if index + 2 < len(words) and words[index + 2].start - words[index + 1].end <= 2:  # noqa: PLR2004
                keys.add(own + bares[index + 1] + bares[index + 2])
    keys |= {key[:-1] for key in keys if len(key) > 3 and key.endswith("s") and not key.endswith("ss")}  # noqa: PLR2004 - plurals
    keys |= {key[1:] for key in keys if len(key) > 1 and key[0] == "v" and key[1].isdigit()}
    keys |= set(_initials(words))
    return frozenset(keys)


def _joined_parts(text: str) -> Iterator[str]:
    """`Mixtral-8x7B-v0.1` holds `mixtral8x7b`, `8x7bv01` and their parts."""
    parts = [part.casefold() for part in _SPLIT.split(text) if part][:8]
    for first in range(len(parts)):
        for last in range(first + 2, len(parts) + 1):
            yield "".join(parts[first:last])


def _initials(words: list[Word]) -> Iterator[str]:
    """`EU` of European Union, `BoE` of Bank of England."""
    run: list[str] = []
    end = -9
    for word in words:
        near = word.start - end <= 2  # noqa: PLR2004
        small = word.text in ("of", "and", "for", "the", "de")
        if not near or not (word.text[0].isupper() or small):
            run = []
        if word.text[0].isupper() or (run and small):
            run.append(word.text[0].casefold() if not small else "")
            run = run[-8:]
            for length in range(2, len(run) + 1):
                initials = "".join(run[-length:])
                if len(initials) > 1:
                    yield initials
        end = word.end


# ── names of a claim ─────────────────────────────────────────────────────────────────────────────────────────────────


def find_names(text: str, words: list[Word], *, spaced: bool) -> Iterator[Name]:
    """The names in Latin letters of a folded text.

    Args:
        text: the folded sentence.
        words: its `latin_words`.
        spaced: whether the sentence itself is in Latin letters; in a Chinese one every Latin word is a name or a term.
    """
    title = spaced and _is_title(words)
    for index, word in enumerate(words):
        if len(word.text) > _MAX_WORD:
            continue
        if not any(character.isalpha() for character in word.text):
            if word.text.count(".") > 1:  # a version
                yield Name(word.start, word.end, frozenset({bare(word.text)}), strict=True)
            continue
        mixed = _is_mixed(word.text)
        if not (mixed or word.text[0].isupper()):
            continue
        key = bare(word.text)
        parts = [part.casefold() for part in _SPLIT.split(word.text) if part]
        if len(key) < 2 or key in _PLAIN_ACRONYMS or all(part in _PLAIN_ACRONYMS for part in parts):  # noqa: PLR2004 - an initial
            continue
        strict = _is_strict(text, words, index, mixed=mixed, title=title) if spaced else not _is_place(key)
        yield Name(word.start, word.end, _keys_of(word.text, key), strict)


def _is_mixed(text: str) -> bool:
    """CamelCase, digits among letters, iPhone: no ordinary word looks so."""
    letters = [part for part in _SPLIT.split(text) if part]
    return any(
        (any(character.isupper() for character in part[1:]) and not part.isupper()) or _has_both(part)
        for part in letters
    ) or (any(part.isdigit() for part in letters) and any(part[0].isupper() for part in letters if part.isalpha()))


def _has_both(part: str) -> bool:
    return any(character.isdigit() for character in part) and any(character.isalpha() for character in part)


def _keys_of(text: str, key: str) -> frozenset[str]:
    keys = {key, key[:-1] if len(key) > 3 and key.endswith("s") else key}  # noqa: PLR2004 - a plural
    if len(key) > 1 and key[0] == "v" and key[1].isdigit():
        keys.add(key[1:])
    parts = [part.casefold() for part in _SPLIT.split(text) if part]
    if len(parts) > 1 and all(part.isalpha() for part in parts):
        keys.add(" ".join(parts))  # all of them, one by one
    return frozenset(keys | alias_keys(key))


def _is_strict(text: str, words: list[Word], index: int, *, mixed: bool, title: bool) -> bool:
    """Whether the word must be a name: an ordinary word may begin a sentence, or stand in a title."""
    word = words[index]
    if mixed or (word.text.isupper() and len(word.text) > 2 and not title):  # noqa: PLR2004 - IT, US
        return not _is_place(bare(word.text))
    key = bare(word.text)
    if is_ordinary(key) or any(
        is_ordinary(part.casefold()) for part in _SPLIT.split(word.text) if part and "-" in word.text
    ):
        return False
    if _is_place(key):
        return False
    if title and not word.text.isupper():
        return False
    if _starts(text, word.start):
        return _next_is_name(words, index) or not (key.endswith(_WORD_ENDINGS) or len(key) <= 3)  # noqa: PLR2004
    return True


def _next_is_name(words: list[Word], index: int) -> bool:
    return (
        index + 1 < len(words) and words[index + 1].start - words[index].end == 1 and words[index + 1].text[0].isupper()
    )


def _starts(text: str, place: int) -> bool:
    return _SENTENCE_START.search(text[max(0, place - _START_REACH) : place]) is not None if place else True


def _is_title(words: list[Word]) -> bool:
    """A Heading Like This capitalises all but the small words."""
    function = load_function_words("en")
    telling = [word.text for word in words if word.text[0].isalpha() and word.text.lower() not in function]
    small = sum(text.islower() for text in telling)
    return len(telling) > 3 and small <= 0.1 * len(telling)  # noqa: PLR2004 - a few names are no heading


@cache
def is_ordinary(word: str) -> bool:
    """Whether a word in small letters is one of the language, in some form of it."""
    words = _ordinary()
    if word in words or word in load_stopwords():
        return True
    return any(
        (word.endswith(ending) and (stem := word[: -len(ending)] + put) in words and len(stem) > 2)  # noqa: PLR2004
        or (
            word.endswith(ending)
            and len(word) - len(ending) > 3
            and word[: -len(ending)][-1:] == word[: -len(ending)][-2:-1]
            and word[: -len(ending) - 1] in words
        )
        for ending, put in _SUFFIXES
    )


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(files(__package__).joinpath("ordinary.txt").read_text("utf-8").split())


# ── names known in both languages ────────────────────────────────────────────────────────────────────────────────────


@cache
def _aliases() -> tuple[Mapping[str, str], re.Pattern[str], frozenset[str]]:
    """Latin key → id, the pattern of all Chinese forms, and the ids that are places."""
    table = tomllib.loads(files(__package__).joinpath("aliases.toml").read_text("utf-8"))
    ids: dict[str, str] = {}
    han: list[str] = []
    places: set[str] = set()
    for kind, entries in table.items():
        for entry in entries:
            forms = [form.strip() for form in entry.split(",")]
            for form in forms:
                key = form if not form.isascii() and not form[0].isascii() else bare(form)
                ids[key] = forms[0]
                if not form[0].isascii():
                    han.append(form)
            if kind == "places":
                places.add(forms[0])
    return ids, re.compile("|".join(sorted(map(re.escape, han), key=len, reverse=True))), frozenset(places)


def alias_keys(key: str) -> frozenset[str]:
    """What stands for a key in any language; empty for a name that is not in the table."""
    found = _aliases()[0].get(key)
    return frozenset({f"={found}"}) if found else frozenset()


def _is_place(key: str) -> bool:
    ids, _, places = _aliases()
    return ids.get(key) in places


def find_known(text: str, words: list[Word]) -> Mapping[str, tuple[int, int, bool]]:
    """The known names of a text: id → where it stands first, and whether it is a place."""
    ids, han, places = _aliases()
    found: dict[str, tuple[int, int, bool]] = {}
    for index, word in enumerate(words):
        for reach in (3, 2, 1):
            span = words[index : index + reach]
            if len(span) == reach and (known := ids.get(bare("".join(part.text for part in span)))):
                if word.text[0].isupper() or word.text[0].isdigit():
                    found.setdefault(known, (word.start, span[-1].end, known in places))
                break
    if not text.isascii():
        for match in han.finditer(text):
            known = ids[match[0]]
            found.setdefault(known, (match.start(), match.end(), known in places))
    return found
