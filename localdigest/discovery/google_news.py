"""Google News: headlines, and who published them.

Asked:  `rss/search`, some 100 headlines in the language of the digest.
Limits: its links lead to Google alone, and no program is told where from there. What can be read is what the sites
        of the headlines show under the same title themselves (`sourcing/headlines.py`).
        Its feed says that it is for personal, non-commercial use in a feed reader; so it is asked only when named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from localdigest.discovery.reading import line_of, xml_of
from localdigest.discovery.service import Hit, Kind, Query, Question, Service, Span
from localdigest.sites.reading import iso_of

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from localdigest.records import Page

__all__ = ["GOOGLE_NEWS"]

_SEARCH = "https://news.google.com/rss/search"
_WHEN = {Span.DAY: "1d", Span.WEEK: "7d", Span.MONTH: "30d", Span.YEAR: "1y"}
_EDITIONS = {
    "zh-TW": {"hl": "zh-TW", "gl": "TW", "ceid": "TW:zh-Hant"},
    "en": {"hl": "en-US", "gl": "US", "ceid": "US:en"},
}


def _ask(query: Query) -> Question:
    asked = {"q": f"{query.words} when:{_WHEN[query.span]}", **_EDITIONS[query.language]}
    return Question(f"{_SEARCH}?{urlencode(asked, safe=':')}", query.words)


def _entries(answer: Page) -> list[ET.Element]:
    channel = xml_of(answer).find("channel")
    if channel is None:
        raise ValueError("no RSS")
    return channel.findall("item")


def _read(item: ET.Element, answer: Page) -> Hit:
    source = item.find("source")
    site = line_of(source.text) if source is not None else ""
    return Hit(
        title=line_of(item.findtext("title")).removesuffix(f" - {site}"),
        url="",
        published=iso_of(item.findtext("pubDate"), answer),
        site=line_of(source.get("url")) or site if source is not None else "",
        opens=line_of(item.findtext("link")),
    )


GOOGLE_NEWS: Final = Service(
    "google-news",
    Kind.NEWS,
    "the topic's words, the span, the digest's language",
    _ask,
    _entries,
    _read,
)
