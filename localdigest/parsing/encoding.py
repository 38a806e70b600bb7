"""Bytes into text: byte order mark, plain UTF-8, what is declared, what it looks like, in that order of trust."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache

from charset_normalizer import from_bytes

__all__ = ["Decoded", "decode"]

_HEAD = 2048  #: bytes in which a page may declare its charset (1,024 in the HTML standard; some put comments first)
_SAMPLE = 64 * 1024  #: bytes that the detector sees: it is slow, and a charset shows early
# Both were set by reasoning: a page in another charset breaks UTF-8 at nearly every letter that is not ASCII, one in
# UTF-8 with a broken piece pasted in breaks it here and there.
_MAX_BROKEN_SHARE = 0.02
_MAX_TAIL = 3  #: bytes of a last character that was cut off

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: What a label means in practice (WHATWG Encoding standard), with the superset that Python has.
_ALIASES = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252",
    "us-ascii": "cp1252", "windows-1252": "cp1252", "iso-8859-9": "cp1254", "tis-620": "cp874",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "utf8": "utf-8", "unicode": "utf-8",
    "utf-16": "utf-8", "utf-16le": "utf-8",  # in a meta tag it cannot be true: the tag was readable
}  # fmt: skip
_SINGLE_BYTE = re.compile(r"cp(?:125\d|874)|iso-?8859|koi8|mac")

#: Code pages of the Latin script differ in a few letters, and a detector errs on short texts. The page's language
#: decides; without one, few letters are no evidence against the commonest by far (the HTML standard's default).
_LATIN = re.compile(r"cp(?:1250|1254|1257|1258|437|775|850|852|858|861|863|865)|iso8859-(?:[23459]|1[03456])$|mac-")
_LATIN_DEFAULT = "cp1252"
_OTHER_LATIN_LANGUAGES = ("cs", "et", "hr", "hu", "lt", "lv", "pl", "ro", "sk", "sl", "sq", "tr", "vi")
_FEW_LETTERS = 24  #: not ASCII; set by reasoning
_LANG = re.compile(rb"<html[^<>]{0,300}?\blang\s*=\s*[\"']?([A-Za-z]{2})", re.IGNORECASE)

_META = re.compile(rb"<meta[^<>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"\A\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the charset that gave it, and what went wrong on the way."""

    text: str
    charset: str
    warnings: tuple[str, ...] = ()


def decode(body: bytes, *, charset: str = "") -> Decoded:
    """Text of `body`; `charset` is what the HTTP header declared. Line ends become line feeds, NUL is dropped."""
    decoded = _decode(body, charset)
    text = decoded.text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(text, decoded.charset, decoded.warnings)


def _decode(body: bytes, charset: str) -> Decoded:
    for bom, name in _BOMS.items():
        if body.startswith(bom):
            return _replacing(body, name)
    if _looks_like_utf16(body):
        return _replacing(body, "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be")
    if _is_utf8(body):
        return Decoded(body.decode("utf-8"), "utf-8")
    for name in _declared(body, charset):
        if (text := _strict(body, name)) is not None and _believable(body, name):
            return Decoded(text, name)
    if _is_nearly_utf8(body):
        return _replacing(body, "utf-8")
    return _by_looks(body, charset)


def _declared(body: bytes, charset: str) -> list[str]:
    """Python's names of the charsets declared, the header's first; unknown ones left out."""
    head = body[:_HEAD]
    found = [match[1].decode("ascii") for pattern in (_META, _XML) if (match := pattern.search(head))]
    return [name for label in (charset, *found) if label and (name := _known(label))]


@cache
def _known(label: str) -> str:
    label = label.strip().strip("\"'").lower()
    try:
        name = codecs.lookup(_ALIASES.get(label, label)).name if label.isascii() else ""
        b"a".decode(name or "ascii")  # refuses codecs that are no charsets: base64, rot13
    except (LookupError, ValueError, AssertionError):
        return ""
    return name


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        cut_off = error.start >= len(body) - _MAX_TAIL
        return body[: error.start].decode(name) if cut_off else None
    except ValueError:  # codecs with rules of their own: idna, punycode
        return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf8(body: bytes) -> bool:
    """Plainly UTF-8, with a few bytes that are not: a cut last character, a piece pasted in from elsewhere."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return broken <= max(1, foreign * _MAX_BROKEN_SHARE) and foreign > broken


def _looks_like_utf16(body: bytes) -> bool:
    """`<` and its neighbours with a NUL beside each, and no byte order mark."""
    head = body[:64]
    return len(head) >= 8 and (not any(head[1::2]) or not any(head[::2])) and any(head)


def _believable(body: bytes, name: str) -> bool:
    """A single-byte charset decodes any bytes: where most are not ASCII, the detector has a say."""
    if not _SINGLE_BYTE.match(name):
        return True
    sample = body[:_SAMPLE]
    if len(_NOT_ASCII.findall(sample)) < len(sample) // 10 or name not in ("cp1252", "cp1254"):
        return True
    guess = _detect(sample)
    return not guess or bool(_SINGLE_BYTE.match(guess))


@cache
def _detect(sample: bytes) -> str:
    best = from_bytes(sample).best()
    return _known(best.encoding) if best else ""


def _by_looks(body: bytes, charset: str) -> Decoded:
    guess = _detect(body[:_SAMPLE]) or next(iter(_declared(body, charset)), "utf-8")
    if _LATIN.match(guess) and _strict(body, _LATIN_DEFAULT) is not None and _is_western(body):
        guess = _LATIN_DEFAULT
    decoded = _replacing(body, guess)
    warning = f"the charset was guessed to be {guess}"
    return Decoded(decoded.text, guess, (warning, *decoded.warnings))


def _is_western(body: bytes) -> bool:
    found = _LANG.search(body[:_HEAD])
    if found is None:
        return len(_NOT_ASCII.findall(body[:_SAMPLE])) < _FEW_LETTERS
    return found[1].decode("ascii").lower() not in _OTHER_LATIN_LANGUAGES


def _replacing(body: bytes, name: str) -> Decoded:
    text = body.decode(name, "replace")
    broken = text.count("\ufffd")
    warning = (f"{broken} character{'s' * (broken > 1)} could not be decoded as {name}",) if broken else ()
    return Decoded(text, name, warning)
