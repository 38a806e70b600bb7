"""A mail message: subject, sender, date, and the part that holds its text."""

from __future__ import annotations

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from typing import TYPE_CHECKING

from localdigest.parsing.dates import iso_date
from localdigest.parsing.encoding import decode
from localdigest.parsing.html import read_fragment
from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.parsing.plain import read_plain
from localdigest.records import DateEvidence, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_mail"]

_MAX_PARTS = 200  #: parts looked at: a newsletter has two, a bomb thousands
_SIGNATURE = re.compile(r"\n-- ?\n[\s\S]{0,2000}\Z")
_QUOTED_TAIL = re.compile(r"\n(?:>[^\n]*(?:\n|\Z))+\s*\Z")
_FLOWED = re.compile(r"(?<=\S) \n(?=\S)")


def read_mail(body: bytes, *, not_after: str = "") -> Parsed | Unusable:
    """The message's text: its plain part, unless the HTML part says clearly more."""
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(body)
    bodies = list(_readable_parts(message))
    if not bodies:
        return Unusable(Reason.EMPTY, "the message holds no text")
    parsed = max(bodies, key=_letters)
    published = iso_date(_field(message, "date"), not_after=not_after)
    name, address = parseaddr(_field(message, "from"))
    return Parsed(
        parsed.blocks,
        title=_field(message, "subject"),
        byline=name or address.partition("@")[0],
        published=published,
        published_by=DateEvidence.DOCUMENT if published else DateEvidence.NONE,
        site=address.rpartition("@")[2],
        warnings=parsed.warnings,
        hidden=parsed.hidden,
    )


def _field(message: EmailMessage, name: str) -> str:
    """A header's value in one line; the standard parser raises on some broken ones."""
    try:
        return " ".join(str(message[name] or "").split())
    except (ValueError, TypeError, AttributeError, IndexError, LookupError):
        return ""


def _readable_parts(message: EmailMessage) -> Iterator[Parsed]:
    for index, part in enumerate(message.walk()):
        if index >= _MAX_PARTS:
            return
        kind = part.get_content_type()
        if part.is_attachment() if isinstance(part, EmailMessage) else False:
            continue
        if kind in ("text/plain", "text/html") and isinstance(parsed := _part(part, kind), Parsed):
            yield parsed


def _part(part: object, kind: str) -> Parsed | Unusable:
    assert isinstance(part, EmailMessage)
    payload = part.get_payload(decode=True)
    decoded = decode(payload if isinstance(payload, bytes) else b"", charset=part.get_content_charset() or "")
    if kind == "text/html":
        return read_fragment(decoded.text)
    flowed = part.get_param("format") == "flowed"
    return read_plain(_own_words(_FLOWED.sub(" ", decoded.text) if flowed else decoded.text))


def _own_words(text: str) -> str:
    """Without the signature and the message that it answers."""
    return _QUOTED_TAIL.sub("\n", _SIGNATURE.sub("", text))


def _letters(parsed: Parsed) -> int:
    return sum(char.isalnum() for block in parsed.blocks for char in block.text)
