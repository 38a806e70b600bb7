"""Pages and documents as they cross to the process that parses and back: JSON, small, and checked on arrival.

A document's sentences are sent as places in its text: they are verbatim because there is no other way to say them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from localdigest.codec import decode, encode
from localdigest.records import Document, Failure, Page, Reason, Role, Sentence, Source

__all__ = ["bytes_of", "pack_page", "pack_reading", "unpack_page", "unpack_reading"]

_NO_SOURCE = Source("")


def pack_page(page: Page) -> dict[str, Any]:
    """All but its bytes, and the text of its feed, which is a page of its own where it is read."""
    source = replace(page.source, feed_html="")
    head: dict[str, Any] = encode(replace(page, body=b"", source=source, companions=()))
    del head["body"]
    if page.companions:
        head["companions"] = [{**pack_page(each), "size": len(each.body)} for each in page.companions]
    return head


def bytes_of(page: Page) -> bytes:
    """Its own, then those of its companions."""
    return b"".join((page.body, *(each.body for each in page.companions)))


def unpack_page(head: dict[str, Any], body: bytes) -> Page:
    packed = head.get("companions") or []
    end = len(body) - sum(each["size"] for each in packed)
    own, start = body[:end], end
    companions = []
    for each in packed:
        rest = {name: value for name, value in each.items() if name != "size"}
        companions.append(unpack_page(rest, body[start : start + each["size"]]))
        start += each["size"]
    return replace(decode(Page, {**head, "body": own, "companions": []}), companions=tuple(companions))


def pack_reading(reading: Document | Failure) -> dict[str, Any]:
    """Without its source, which whoever asked knows."""
    if isinstance(reading, Failure):
        failure: dict[str, Any] = encode(replace(reading, source=_NO_SOURCE))
        del failure["source"]
        return {"failure": failure}
    spans = [[each.start, len(each.text), each.paragraph, each.role.value] for each in reading.sentences]
    document: dict[str, Any] = encode(replace(reading, sentences=(), sources=()))
    return {"document": document, "sentences": spans}


def unpack_reading(data: Any, page: Page) -> Document | Failure:
    """The inverse, for the page that was asked about.

    Raises:
        ValueError, TypeError, LookupError: `pack_reading` did not make this.
    """
    if "failure" in data:
        failure = data["failure"]
        return Failure(page.source, Reason(failure["reason"]), _text(failure["detail"]), url=_text(failure["url"]))
    document = decode(Document, data["document"])
    if document.sentences or document.sources or document.number:
        raise ValueError("a document that says more than it was asked")
    sentences = tuple(_sentence(document.text, *span) for span in data["sentences"])
    return replace(document, sentences=sentences, sources=(page.source,))


def _sentence(text: str, start: int, length: int, paragraph: int, role: str) -> Sentence:
    if not 0 <= start <= start + length <= len(text) or paragraph < 0:
        raise ValueError(f"no place in a text of {len(text)} characters: {start}, {length}")
    return Sentence(text[start : start + length], start, int(paragraph), Role(role))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {type(value).__name__}")
    return value
