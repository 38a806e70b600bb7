"""Which kinds of answer are worth reading, told by header and name before a byte of the body is read."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

__all__ = ["MEDIA_TYPES", "PDF", "is_readable", "media_type_of_name", "split_content_type"]

PDF = "application/pdf"

#: by suffix; the folders of `collect` admit those that are documents
MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": PDF,
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".eml": "message/rfc822",
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".opml": "text/x-opml",
    ".json": "application/json",
}

_READABLE = frozenset(MEDIA_TYPES.values()) | {
    "",  # nobody says: the parser looks at the bytes
    "text/xml",
    "text/x-markdown",
    "text/opml",
    "application/feed+json",
    "application/x-pdf",
}
_READABLE_SUFFIXES = ("+xml", "+json")
#: what servers say of a file whose kind they do not know; then the name decides
_UNKNOWN = frozenset({"application/octet-stream", "binary/octet-stream", "application/force-download"})


def split_content_type(header: str) -> tuple[str, str]:
    """`Text/HTML; Charset="utf-8"` as `("text/html", "utf-8")`."""
    media_type, *parameters = header.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip("\"'").lower()
    return media_type.strip().lower(), ""


def media_type_of_name(name: str) -> str:
    """By the suffix of a path or URL; `""` when it tells nothing."""
    path = unquote(urlsplit(name).path) if "://" in name else name
    return MEDIA_TYPES.get(PurePosixPath(path).suffix.lower(), "")


def is_readable(media_type: str, url: str) -> bool:
    """Whether an answer of this type can hold text that this program reads."""
    if media_type in _UNKNOWN:
        return media_type_of_name(url) != ""
    if media_type.startswith("image/"):  # SVG is `image/svg+xml`
        return False
    return media_type in _READABLE or media_type.endswith(_READABLE_SUFFIXES)
