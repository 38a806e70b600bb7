"""What kind of page it is, by its own types and by its address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from localdigest.records import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["kind_of_page", "looks_like_paper"]

#: JSON-LD and Open Graph types (`og:…`), in lower case.
_BY_TYPE = {
    "newsarticle": DocumentKind.NEWS, "blogposting": DocumentKind.NEWS, "reportagenewsarticle": DocumentKind.NEWS,
    "analysisnewsarticle": DocumentKind.NEWS, "opinionnewsarticle": DocumentKind.NEWS,
    "scholarlyarticle": DocumentKind.PAPER, "medicalscholarlyarticle": DocumentKind.PAPER,
    "discussionforumposting": DocumentKind.FORUM, "qapage": DocumentKind.FORUM,
    "softwareapplication": DocumentKind.APP, "mobileapplication": DocumentKind.APP,
    "webapplication": DocumentKind.APP, "videogame": DocumentKind.APP,
    "techarticle": DocumentKind.DOCS, "apireference": DocumentKind.DOCS,
    "socialmediaposting": DocumentKind.SOCIAL, "profilepage": DocumentKind.REFERENCE,
    "collectionpage": DocumentKind.INDEX, "searchresultspage": DocumentKind.INDEX, "itemlist": DocumentKind.INDEX,
    "blog": DocumentKind.INDEX,
    "article": DocumentKind.NEWS, "og:article": DocumentKind.NEWS,
}  # fmt: skip
#: Types that many sites give to every page: used only where nothing else tells.
_WEAK_TYPES = {"collectionpage", "itemlist", "blog", "profilepage", "article", "og:article", "techarticle"}

#: Host, and a pattern of the path where only a part of the host is of the kind.
_BY_HOST = (
    (DocumentKind.APP, r"play\.google\.com|(?:apps|itunes)\.apple\.com|apps\.microsoft\.com|f-droid\.org"),
    (DocumentKind.SOCIAL, r"(?:.*\.)?(?:x|twitter|facebook|instagram|linkedin|weibo|tiktok|plurk)\.(?:com|cn)"),
    (DocumentKind.SOCIAL, r"(?:.*\.)?threads\.(?:com|net)|bsky\.app|mastodon\..*"),
    (DocumentKind.FORUM, r"(?:.*\.)?(?:reddit|stackoverflow|stackexchange|superuser|serverfault|quora|mobile01)\.com"),
    (DocumentKind.FORUM, r"(?:.*\.)?(?:lobste\.rs|ptt\.cc|dcard\.tw|v2ex\.com|zhihu\.com|news\.ycombinator\.com)"),
    (DocumentKind.FORUM, r"(?:forums?|discuss|discourse|community|bbs)\..*"),
    (DocumentKind.REFERENCE, r"(?:.*\.)?(?:wikipedia|wikidata|britannica|baike\.baidu|crunchbase|fandom)\.(?:org|com)"),
    (DocumentKind.PAPER, r"(?:.*\.)?(?:arxiv|openreview|aclanthology|biorxiv|medrxiv|semanticscholar)\.(?:org|net)"),
    (DocumentKind.DOCS, r"docs?\..*|developers?\..*|devdocs\.io|(?:.*\.)?(?:readthedocs\.(?:io|org)|gitbook\.io)"),
)  # fmt: skip
_BY_PATH = (
    (DocumentKind.FORUM, r"/(?:forums?|threads?|topic|viewtopic|showthread|discussions?|bbs)(?:[/.?-]|\Z)"),
    (DocumentKind.DOCS, r"/(?:docs?|documentation|manual|reference|api-docs|handbook|guide)(?:/|\Z)"),
    (DocumentKind.REFERENCE, r"/(?:wiki|encyclopedia|glossary)/"),
    (
        DocumentKind.INDEX,
        r"/(?:tags?|category|categories|archives?|topics|search)(?:/|\Z)|/(?:posts|blog|news|articles)/?\Z",
    ),
)
_HOSTS = tuple((kind, re.compile(rf"(?:www\.)?(?:{pattern})\Z")) for kind, pattern in _BY_HOST)
_PATHS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _BY_PATH)

_ABSTRACT = re.compile(r"^\W*(?:abstract|summary|摘\s*要)\b", re.IGNORECASE | re.MULTILINE)
_REFERENCES = re.compile(
    r"^\W*(?:\d{1,2}\.?\s*)?(?:references|bibliography|參考文獻|参考文献)\W*$", re.IGNORECASE | re.MULTILINE
)
_CITATION = re.compile(r"\[\d{1,3}(?:[,–-]\s?\d{1,3})*\]|\bet al\.|\(\w+ et al")
_PAPER_CITATIONS = 5  #: in text without the headings: a report cites less


def kind_of_page(types: Iterable[str], url: str) -> DocumentKind:
    """The kind that the page states, else that of its address, else news."""
    types = tuple(types)
    stated = [_BY_TYPE[kind] for kind in types if kind in _BY_TYPE and kind not in _WEAK_TYPES]
    weak = [_BY_TYPE[kind] for kind in types if kind in _WEAK_TYPES]
    by_address = _kind_of_address(url)
    return by_address or next(
        iter([*stated, *sorted(weak, key=lambda kind: kind is not DocumentKind.NEWS)]), DocumentKind.NEWS
    )


def _kind_of_address(url: str) -> DocumentKind | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    by_host = next((kind for kind, pattern in _HOSTS if pattern.match(host)), None)
    return by_host or next((kind for kind, pattern in _PATHS if host and pattern.search(parts.path)), None)


def looks_like_paper(text: str) -> bool:
    """Whether a text is built as papers are: an abstract, references, citations in brackets."""
    signs = bool(_ABSTRACT.search(text[:20_000])) + bool(_REFERENCES.search(text))
    return signs + (len(_CITATION.findall(text)) >= _PAPER_CITATIONS) >= 2
