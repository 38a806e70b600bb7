"""All services, and what an answer of one says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.discovery.arxiv import ARXIV
from localdigest.discovery.dev import DEV
from localdigest.discovery.gdelt import GDELT
from localdigest.discovery.google_news import GOOGLE_NEWS
from localdigest.discovery.hacker_news import HACKER_NEWS
from localdigest.discovery.hugging_face import HUGGING_FACE
from localdigest.discovery.reddit import REDDIT
from localdigest.discovery.service import Hit, Hits, Service

if TYPE_CHECKING:
    from localdigest.records import Page

__all__ = ["MOST_ENTRIES", "SERVICES", "hits_of", "service_named"]

#: In the order of `localdigest.services`.
SERVICES: tuple[Service, ...] = (HACKER_NEWS, ARXIV, HUGGING_FACE, DEV, REDDIT, GDELT, GOOGLE_NEWS)
_ODD = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
_TOLD = 200  #: characters of what was odd about an answer
MOST_ENTRIES = 250  #: no service is asked for more than 100
_LONGEST_URL = 2_000


def service_named(name: str) -> Service:
    return next(service for service in SERVICES if service.name == name)


def hits_of(name: str, answer: Page) -> Hits | str:
    """What an answer says, or what is wrong with it: one odd entry does not spoil the others.

    It comes from a stranger: more entries than anybody asked for, and endless addresses, are counted as odd.
    """
    service = service_named(name)
    hits: list[Hit] = []
    try:
        entries = tuple(service.entries(answer))
    except _ODD as error:
        return f"the answer of {service.title} is built otherwise than expected ({_told(error, answer)})"
    num_odd = len(entries[MOST_ENTRIES:])
    for entry in entries[:MOST_ENTRIES]:
        try:
            hit = service.read(entry, answer)
        except _ODD:
            num_odd += 1
            continue
        if hit is None:
            continue
        if isinstance(hit.url, str) and len(hit.url) <= _LONGEST_URL:
            hits.append(hit)
        else:
            num_odd += 1
    if entries and num_odd == len(entries):
        return f"the answer of {service.title} is built otherwise than expected (in each of its {num_odd} entries)"
    return Hits(tuple(hits), num_odd)


def _told(error: Exception, answer: Page) -> str:
    if answer.body.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        return "it is a web page"
    told = " ".join(str(error).split())[:_TOLD]
    return "".join(letter for letter in told if letter.isprintable())
