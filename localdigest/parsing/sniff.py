"""What the bytes are, by looking at them: headers and file names only break ties."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath
from urllib.parse import urlsplit

__all__ = ["BodyType", "describe_binary", "sniff"]

_HEAD = 4_096
_BINARY_SHARE = 0.05  #: of control characters, above which bytes are no text in any charset


class BodyType(StrEnum):
    HTML = "html"
    PDF = "pdf"
    MAIL = "mail"
    MARKDOWN = "markdown"
    TEXT = "text"
    BINARY = "binary"


#: First bytes of what cannot be read, and what it is in words.
_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a WebP image, or sound or video"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound or video file"),
    (b"\x00\x00\x00", "a video"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "an RTF document"),
)
_TEXT_MAGIC = (b"GIF8", b"RIFF", b"MZ", b"ID3", b"OggS", b"Rar!", b"PK")  # could begin a text: need a control byte too

_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|script|div|article|section|p|h[1-6]|table|ul|ol|a|span|main)\b",
    re.IGNORECASE,
)
_XML = re.compile(rb"\A\s*<(?:\?xml|[a-zA-Z!])")
_MAIL = re.compile(
    rb"\A(?:From [^\n]{1,200}\n)?(?:[A-Za-z][A-Za-z0-9-]{0,60}:[ \t][^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,40}){2}"
)
_MAIL_FIELDS = re.compile(rb"^(?:from|subject|date|message-id|mime-version|received|to):", re.IGNORECASE | re.MULTILINE)
_MARKDOWN = re.compile(
    rb"\A---\r?\n[\s\S]{0,3000}?\r?\n---\r?\n|^#{1,6} \S|^```|^\s{0,3}[-*+] \S[^\n]*\n\s{0,3}[-*+] \S|\]\(https?://",
    re.MULTILINE,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SUFFIXES = {".md": BodyType.MARKDOWN, ".markdown": BodyType.MARKDOWN, ".eml": BodyType.MAIL, ".txt": BodyType.TEXT}
_MEDIA_TYPES = {
    "text/markdown": BodyType.MARKDOWN,
    "text/x-markdown": BodyType.MARKDOWN,
    "message/rfc822": BodyType.MAIL,
    "text/plain": BodyType.TEXT,
}
_MAIL_FIELD_COUNT = 3


def sniff(body: bytes, *, media_type: str = "", url: str = "") -> BodyType:
    """The type of a body that is not empty."""
    head = body[:_HEAD]
    if b"%PDF-" in head[:1_024] and not _is_page(head):
        return BodyType.PDF
    if describe_binary(body):
        return BodyType.BINARY
    if (named := _named(media_type, url)) and not _is_page(head):
        return named
    if _is_mail(head):
        return BodyType.MAIL
    return BodyType.HTML if _is_markup(body, media_type) else _kind_of_text(head)


def _is_markup(body: bytes, media_type: str) -> bool:
    head = body[:_HEAD]
    declared = media_type.endswith(("html", "xml")) and b"<" in body
    return declared or _is_page(head) or (_XML.match(head) is not None and b"</" in head)


def _kind_of_text(head: bytes) -> BodyType:
    return BodyType.MARKDOWN if _MARKDOWN.search(head) else BodyType.TEXT


def describe_binary(body: bytes) -> str:
    """What the bytes are if they are no text, in words; `""` for text and PDF."""
    head = body[:_HEAD].lstrip(b"\xef\xbb\xbf")
    controls = len(_CONTROL.findall(head))
    for magic, words in _MAGIC:
        if head.startswith(magic) and (controls or magic not in _TEXT_MAGIC) and not _is_utf16(head):
            return words
    if head[4:8] == b"ftyp":
        return "a video"
    return "an unknown binary format" if controls > len(head) * _BINARY_SHARE and not _is_utf16(head) else ""


def _is_utf16(head: bytes) -> bool:
    return head[:2] in (b"\xff\xfe", b"\xfe\xff") or (
        len(head) > 8 and not (any(head[1:64:2]) and any(head[:64:2])) and any(head[:64])
    )


def _is_page(head: bytes) -> bool:
    """Markup right at the start, where a text about markup has words."""
    match = _HTML.search(head)
    before = head[: match.start()] if match else head
    return match is not None and (
        not before.strip(b"\xef\xbb\xbf \t\r\n") or before.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    )


def _is_mail(head: bytes) -> bool:
    return bool(_MAIL.match(head)) and len(set(_MAIL_FIELDS.findall(head))) >= _MAIL_FIELD_COUNT


def _named(media_type: str, url: str) -> BodyType | None:
    try:
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        suffix = ""
    by_type = _MEDIA_TYPES.get(media_type)
    by_name = _SUFFIXES.get(suffix)
    return by_name if by_type in (None, BodyType.TEXT) and by_name else by_type
