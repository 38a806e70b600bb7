"""A model's vocabulary in the shape that llguidance asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localdigest.engine.backend import VocabToken

__all__ = ["Words"]


class Words:
    """The vocabulary with the attributes that LLTokenizer asks for."""

    is_tokenizer_wrapper = True
    bos_token_id = None

    def __init__(self, vocabulary: Sequence[VocabToken], *, eos: int, tokenize: Callable[[str], Sequence[int]]) -> None:
        special = {token for token, entry in enumerate(vocabulary) if _never_text(entry)} | {eos}
        self.eos_token_id = eos
        self.tokens = [entry.text for entry in vocabulary]
        self.special_token_ids = sorted(special)
        self._special = special
        self._tokenize = tokenize
        self._longest: dict[bytes, int] = {}

    def __call__(self, text: str) -> list[int]:
        """Called from Rust, where an exception would end the process: never raises, never loses a byte."""
        data = text.encode("utf-8", "replace")
        try:
            tokens = [int(token) for token in self._tokenize(text)]
            if self._bytes(tokens) == data:
                return tokens
        except Exception:  # noqa: BLE001, S110 - see above; the longest pieces do as well, only less well
            pass
        return self._pieces(data)

    def _bytes(self, tokens: Sequence[int]) -> bytes | None:
        if any(token in self._special for token in tokens):
            return None
        return b"".join(self.tokens[token] for token in tokens)

    def _pieces(self, data: bytes) -> list[int]:
        """The longest token first, again and again; ends where no token goes on."""
        if not self._longest:
            plain = ((text, token) for token, text in enumerate(self.tokens) if text and token not in self._special)
            self._longest = dict(plain)
        tokens: list[int] = []
        while data:
            size = next((size for size in range(min(len(data), 64), 0, -1) if data[:size] in self._longest), 0)
            if not size:
                break
            tokens.append(self._longest[data[:size]])
            data = data[size:]
        return tokens


def _never_text(entry: VocabToken) -> bool:
    """Control tokens, and user-defined ones that look like them: some models mark the roles of a chat that way."""
    looks_like_a_mark = entry.user_defined and entry.text.startswith(b"<") and entry.text.endswith(b">")
    return entry.special or entry.ends or looks_like_a_mark
