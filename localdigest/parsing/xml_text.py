"""The bytes of an XML file as UTF-8, whatever their declaration says, and what kind of file they are."""

from __future__ import annotations

import codecs
import re

__all__ = ["root_name", "utf8_xml"]

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL)
_HEAD = 20_000  #: characters in which the root must begin

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: What pages declare, and the larger set that they really use.
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "iso-8859-1": "cp1252", "us-ascii": "utf-8"}


def utf8_xml(body: bytes, charset: str = "") -> bytes:
    """The same XML in UTF-8, without a declaration that says otherwise.

    Args:
        body: BOM, UTF-8 that holds, the XML declaration and `charset` are believed in this order.
        charset: from the HTTP header.
    """
    text = _decoded(body, charset)
    return _DECLARATION.sub("", text, count=1).lstrip().encode("utf-8", errors="replace")


def root_name(body: bytes) -> str:
    """Local name of the root element in lower case; `""` when the bytes are no XML."""
    text = utf8_xml(body[:_HEAD]).decode("utf-8", errors="replace")
    at = 0
    while found := _PROLOG.match(text, at):
        at = found.end()
    root = _ROOT.match(text, at)
    return root[1].lower() if root else ""


def _decoded(body: bytes, charset: str) -> str:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    declared = _ENCODING.search(body[:500])
    named = declared[1].decode("ascii").lower() if declared else ""
    for encoding in ("utf-8", named, charset.lower()):
        try:
            return body.decode(_SUPERSETS.get(encoding, encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode(_known(named) or _known(charset) or "utf-8", errors="replace")


def _known(encoding: str) -> str:
    name = _SUPERSETS.get(encoding.lower(), encoding)
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError:
        return ""
