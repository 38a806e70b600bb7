"""What a sentence is known by from one day to the next: equal for equal words, however they were typed."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from localdigest.text.unseen import without_unseen

__all__ = ["sentence_key"]

_BYTES = 8  #: beside a million remembered sentences a new one is taken for an old one once in 10¹³ times
_DASHES = re.compile("[‐-―−]")
#: Editors and site generators change these and nothing else. All other signs stay: "1.5" is not "15", "-5" not "5".
_TYPED = re.compile(r"[\s\"'`´‘-‟′″«»‹›「」『』]+")


def sentence_key(text: str) -> str:
    """Sixteen hexadecimal digits, without regard to case, width, white space and quotation marks."""
    folded = unicodedata.normalize("NFKC", without_unseen(text)).casefold()
    return blake2b(_TYPED.sub("", _DASHES.sub("-", folded)).encode(errors="replace"), digest_size=_BYTES).hexdigest()
