"""Where a citation leads: to the sentence where browsers can find it, else to the page, else to the local copy."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from localdigest.manifest import DocumentEntry

__all__ = ["document_link", "file_link", "is_web", "local_link", "sentence_link"]

_LONG_TEXT = 60  # characters; a longer sentence is named by its beginning and its end
_EDGE_WORDS = 5
_EDGE_CHARACTERS = 10  # of Chinese, which has no spaces
_MEANING_IN_FRAGMENT = re.compile(
    r"[\x00-\x2d\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+"
)  # of ASCII all but letters, digits, dot
_WEB = re.compile(r"https?://", re.IGNORECASE)
_CLAUSE = re.compile(r"[，、；：。,;:]")


def document_link(document: DocumentEntry, *, folder: Path, prefer_copy: bool = False) -> str:
    """The address of the page, or the local copy: where there is one and it is preferred, or there is no address."""
    copy = local_link(document, folder=folder)
    address = document.url if is_web(document.url) else ""
    return copy if prefer_copy and copy else address or copy


def is_web(address: str) -> bool:
    """Whether a browser opens a page there: a manifest may come from anybody, and `javascript:` is an address too."""
    return _WEB.match(address) is not None


def local_link(document: DocumentEntry, *, folder: Path) -> str:
    """The local copy, relative to the folder of the post; `""` when there is none."""
    return file_link(document.path, folder=folder) if document.path else ""


def file_link(path: str, *, folder: Path) -> str:
    """A file, relative to the folder of the post."""
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:  # another drive
        return Path(path).resolve().as_uri()
    return quote(Path(relative).as_posix())


def sentence_link(document: DocumentEntry, sentence: str, *, folder: Path, prefer_copy: bool = False) -> str:
    """The page, with a text fragment that makes browsers scroll to the sentence and mark it.

    See https://wicg.github.io/scroll-to-text-fragment/; a browser that does not know it opens the page.
    """
    link = document_link(document, folder=folder, prefer_copy=prefer_copy)
    if not sentence or urlsplit(link).path.lower().endswith((".pdf", ".txt", ".md", ".eml")):
        return link
    return f"{link}{'' if '#' in link else '#'}:~:text={_fragment(sentence)}"


def _fragment(sentence: str) -> str:
    if len(sentence) <= _LONG_TEXT:
        return _encoded(sentence)
    words = sentence.split()
    if len(words) > 2 * _EDGE_WORDS:
        return f"{_encoded(' '.join(words[:_EDGE_WORDS]))},{_encoded(' '.join(words[-_EDGE_WORDS:]))}"
    return f"{_encoded(_head(sentence))},{_encoded(_head(sentence[::-1])[::-1])}"


def _head(sentence: str) -> str:
    """The first clause, so that no word is cut: browsers match whole words, in Chinese too."""
    for found in _CLAUSE.finditer(sentence, 1):
        if found.start() >= _EDGE_CHARACTERS // 2:
            return sentence[: found.start()]
    return sentence[:_EDGE_CHARACTERS]


def _encoded(text: str) -> str:
    return _MEANING_IN_FRAGMENT.sub(lambda found: quote(found[0], safe="").replace("-", "%2D"), text)
