"""A sentence that a model wrote for readers in Taiwan: its characters, words and type; quotations stay as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.text.hant import to_taiwan
from localdigest.text.typography import typeset

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["written_for_taiwan"]

_QUOTED = re.compile(r"「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|\"([^\"]+)\"")


def written_for_taiwan(text: str, evidence: Sequence[str]) -> str:
    """The sentence converted and set.

    Args:
        text: one sentence.
        evidence: what it rests on; a quotation that stands there word for word is not touched.
    """
    quoted = ("".join(groups) for groups in _QUOTED.findall(text))
    kept = tuple(each for each in quoted if any(each in source for source in evidence))
    return typeset(to_taiwan(text, keep=kept), language="zh-TW", keep=kept)
