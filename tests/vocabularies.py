"""A small vocabulary in the manner of the real ones: bytes, pieces that overlap, and tokens that are no text."""

from __future__ import annotations

from localdigest.engine.backend import VocabToken
from localdigest.engine.constraint import ConstraintFactory

_JSON_PIECES = r"""
    { } [ ] : , " {" ": ":" "," "} "}, "}] }] ", [" ":[ ":{" "], true tr ue false fal null nu ll -1 10 12 00 0. .5 e5
    \n \u00 \" \\
"""
_WORD_PIECES = """
    name na me am title tit id ids s0 s1 s12 the he in er on head headline line abc ab bc aa aaa aaaa é ñ 😀
    中 文 中文 新聞 聞
"""
_PIECES = f"{_JSON_PIECES} {_WORD_PIECES}".split()
_SPACED = [" ", "  ", " a", " the", " 中", ", ", ": ", '": ', "\n", "\n\n", "\t"]

TEXTS: list[bytes] = [bytes([value]) for value in range(256)] + [piece.encode() for piece in (*_PIECES, *_SPACED)]
EOS = len(TEXTS)
END_OF_TURN = EOS + 1
ROLE = EOS + 2
EMPTY = EOS + 3

VOCABULARY: list[VocabToken] = [VocabToken(text, special=False, user_defined=False, ends=False) for text in TEXTS] + [
    VocabToken(b"</s>", special=True, user_defined=False, ends=True),
    VocabToken(b"<|end|>", special=True, user_defined=False, ends=True),
    VocabToken(b"<|user|>", special=False, user_defined=True, ends=False),
    VocabToken(b"", special=False, user_defined=False, ends=False),
    VocabToken(b"a", special=False, user_defined=False, ends=False),  # twice, as bytes are in some vocabularies
]


def tokenize(text: str) -> list[int]:
    """The longest piece first."""
    data, tokens = text.encode(), []
    while data:
        token = max((token for token in range(EOS) if data.startswith(TEXTS[token])), key=lambda at: len(TEXTS[at]))
        tokens.append(token)
        data = data[len(TEXTS[token]) :]
    return tokens


def written(tokens: list[int]) -> bytes:
    return b"".join(VOCABULARY[token].text for token in tokens if not VOCABULARY[token].ends)


def factory() -> ConstraintFactory:
    return ConstraintFactory(VOCABULARY, eos=EOS, tokenize=tokenize)
