"""Which letters are of which script, for classes of regular expressions."""

from __future__ import annotations

from typing import Final

__all__ = ["HAN", "HANGUL", "KANA", "LATIN", "WORD"]

HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA: Final = "\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d"
HANGUL: Final = "\uac00-\ud7a3\u1100-\u11ff"
LATIN: Final = "A-Za-z\u00c0-\u024f"

WORD: Final = r"[^\W\d_]+(?:['’][^\W\d_]+)?"  #: of any script, with its apostrophe
