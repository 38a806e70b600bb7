"""A SentencePiece-style vocabulary of the project's own making, for models with random weights.

    words ─pair merges, learned─▶ pieces ─┐
    letters, bytes, names of roles ───────┴─▶ entries in order of id: text, score, type ─(wide only)─▶ filled to 32,000

The tokenizer joins the neighbours whose piece has the best score. A piece can be reached only over pieces, so each one
here is the join of two that come before it; its score is minus its rank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from string import ascii_lowercase

from gguf import TokenType

__all__ = ["CHAT_TEMPLATE", "CONTROL", "WIDE_SIZE", "Entry", "only_bytes", "small", "wide"]

UNKNOWN, BOS, EOS = "<unk>", "<s>", "</s>"
CONTROL = ("[INST]", "[/INST]")
WIDE_SIZE = 32_000
SPACE = "▁"

#: The first turns' shape of Mistral's instruction models: no system role, so its text opens the first question.
CHAT_TEMPLATE = """\
{%- if messages and messages[0]['role'] == 'system' -%}
    {%- set opening = messages[0]['content'].strip() + '\\n\\n' -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set opening = '' -%}
    {%- set turns = messages -%}
{%- endif -%}
{{- bos_token -}}
{%- for turn in turns -%}
    {%- if (turn['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{- raise_exception('Turns must go user, assistant, user, assistant, and so on.') -}}
    {%- endif -%}
    {%- if turn['role'] == 'user' -%}
        {{- '[INST] ' + (opening if loop.first else '') + turn['content'] + ' [/INST]' -}}
    {%- else -%}
        {{- ' ' + turn['content'].strip() + eos_token -}}
    {%- endif -%}
{%- endfor -%}
"""

#: Commonest first, roughly.
WORDS = """
the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one
you were all her she there would their we him been has when who will no more if out so what up its about into than
them can only other time new some could these two may first then do any like my now over such our man me even most
made after also did many before must through years where much your way well down should because each just those people
mr how too little state good very make world still see own work men day long get here both life between being under
three never know same last another while us off might great go come since against came right used take states home use
small found part once high general upon school every number war until always away something fact water less public put
think almost head hand enough far took yet government system better set told nothing night end why called eyes find
going look asked later point knew next program city business give group toward young let days room president side
social given present several order national second possible rather per face among form important often things looked
early white case large become need big four within felt children along saw best church ever least power development
light thing seemed family interest want members mind country area others turned although done open god service certain
kind problem began different door thus help sense means whole matter times result action local company market price
prices million billion percent said report reports news story source sources page claim claims section sections text
note notes question answer answers sentence sentences summary quote quotes evidence document article instruction
instructions following list item name date today week month year minister court police bank energy health research
study science data model models language word words climate change policy party election vote law trade growth rate
rates bridge river road station train ship factory worker workers union council mayor museum festival player players
team season match record write valid json object array string value key true false null
"""

#: What structured output is made of.
SNIPPETS = (
    '{" ": ", "," ["  "] "} }, {"claim": "quotes": "text": "id": "sentences": , . : ; ? ! 10 20 100 000 2024 2025 2026'
)

HAN = (
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而方後多"
    "定行學法所民得經十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本去把性好應開它合還因"
    "由其些然前外天政四日那社義事平形相全表間樣與關各重新線內數正心反你明看原又利比或但質氣第向道命此變條只沒結解問"
    "意建月公無系軍很情者最立代想已通並提直題黨程展五果料象員革位入常文總次品式活設及管特件長求老頭基資邊流路級少圖"
    "，。：；？！「」、（）"
)

SUFFIXES = (
    "s",
    "ed",
    "ing",
    "ly",
    "er",
    "ers",
    "tion",
    "tions",
    "ment",
    "ness",
    "al",
    "ity",
    "able",
    "ive",
    "est",
    "ful",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One token of the vocabulary; its id is its place."""

    text: str
    score: float
    kind: TokenType


def small(*, user_defined: tuple[str, ...] = ()) -> list[Entry]:
    """About a thousand tokens."""
    return _entries(_learned(tuple(_weighted(WORDS.split()).items())), user_defined)


def only_bytes() -> list[Entry]:
    """A token for each byte and none for more: any text can be cut into tokens in one way only."""
    return [*_begin(), *(Entry(name, 0.0, TokenType.CONTROL) for name in CONTROL)]


@cache
def wide() -> list[Entry]:
    """32,000 tokens, at which English comes to three or four characters a token."""
    words = WORDS.split()
    formed = [word + suffix for word in words if len(word) > 3 for suffix in SUFFIXES]
    pieces = list(_learned(tuple(_weighted(words + formed).items())))
    seen = set(pieces)
    room = WIDE_SIZE - len(_entries((), ()))
    for piece in _systematic():
        if len(pieces) == room:
            break
        if piece not in seen:
            seen.add(piece)
            pieces.append(piece)
    return _entries(tuple(pieces), ())


def _entries(pieces: tuple[str, ...], user_defined: tuple[str, ...]) -> list[Entry]:
    letters = [SPACE, *(chr(code) for code in range(0x21, 0x7F)), *dict.fromkeys(HAN)]
    return [
        *_begin(),
        *(Entry(name, 0.0, TokenType.CONTROL) for name in CONTROL),
        *(Entry(name, 0.0, TokenType.USER_DEFINED) for name in user_defined),
        *(Entry(piece, -float(rank), TokenType.NORMAL) for rank, piece in enumerate(pieces)),
        *(Entry(letter, -float(WIDE_SIZE + rank), TokenType.NORMAL) for rank, letter in enumerate(letters)),
    ]


def _begin() -> list[Entry]:
    return [
        Entry(UNKNOWN, 0.0, TokenType.UNKNOWN),
        Entry(BOS, 0.0, TokenType.CONTROL),
        Entry(EOS, 0.0, TokenType.CONTROL),
        *(Entry(f"<0x{byte:02X}>", 0.0, TokenType.BYTE) for byte in range(256)),
    ]


def _weighted(words: list[str]) -> Counter[str]:
    """How often each word is pretended to occur: by rank, with and without the space before it."""
    counts: Counter[str] = Counter()
    for rank, word in enumerate(words):
        counts[SPACE + word] += 1_000_000 // (rank + 10)
        counts[SPACE + word.capitalize()] += 50_000 // (rank + 10)
    for snippet in SNIPPETS.split():
        counts[snippet] += 2_000
    return counts


@cache
def _learned(words: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Pairs joined in order of frequency until nothing common is left in parts."""
    split = [(list(word), count) for word, count in words]
    pairs: Counter[tuple[str, str]] = Counter()
    holders: dict[tuple[str, str], set[int]] = {}
    for index, (parts, count) in enumerate(split):
        for pair in pairwise(parts):
            pairs[pair] += count
            holders.setdefault(pair, set()).add(index)
    pieces: dict[str, None] = {}
    while pairs:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        pieces.setdefault("".join(best))
        for index in sorted(holders[best]):
            parts, count = split[index]
            for pair in pairwise(parts):
                pairs[pair] -= count
            parts[:] = _joined(parts, best)
            for pair in pairwise(parts):
                pairs[pair] += count
                holders.setdefault(pair, set()).add(index)
        for pair in [pair for pair, count in pairs.items() if not count]:
            del pairs[pair]
    return tuple(piece for piece in pieces if len(piece) > 1)


def _joined(parts: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _systematic() -> Iterator[str]:
    """Numbers of two and three digits; pairs and triples of letters, first those that open a word; some of four."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    assert sorted(letters) == list(ascii_lowercase)
    common, consonants, vowels = letters[:20], "tnsrdlcmpb", "aeiou"
    yield from (f"{number:02}" for number in range(100))
    yield from (f"{number:03}" for number in range(1000))
    yield from (SPACE + letter for letter in letters + letters.upper())
    yield from (SPACE + first + second for first, second in product(letters, repeat=2))
    yield from map("".join, product(letters, repeat=2))
    yield from (SPACE + "".join(three) for three in product(common, repeat=3))
    yield from map("".join, product(common, repeat=3))
    yield from (SPACE + "".join(four) for four in product(consonants, vowels, consonants, vowels))
    yield from map("".join, product(vowels, consonants, vowels, consonants))
    yield from map("".join, product(letters, repeat=3))
